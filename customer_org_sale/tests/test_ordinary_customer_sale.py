# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.customer_org.tests.common import AcmeCommon


@tagged("post_install", "-at_install")
class TestOrdinaryCustomerSale(AcmeCommon):
    """A customer in no hierarchy and no group does not notice that the addon is there."""

    def test_fields(self):
        """All that we add to its orders is empty, save its own root, and nobody talks to it."""
        self.env.user.group_ids |= self.env.ref("sales_team.group_sale_manager")
        ordinary = self._create_customer("Ordinary")
        order = self.env["sale.order"].create(
            {
                "partner_id": ordinary.id,
                "order_line": [Command.create({"product_id": self.product_a.id, "discount": 5})],
            }
        )
        quotation = order.copy()
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        records = [ordinary, quotation, order, *quotation.order_line, *order.order_line, invoice]
        self.assertEqual(
            self._get_values_of_addon("customer_org_sale", records), {"billing_root_id": ordinary}
        )
        self.assertEqual(order.partner_invoice_id, ordinary)
        self.assertFalse(order.message_ids.filtered("body"))
