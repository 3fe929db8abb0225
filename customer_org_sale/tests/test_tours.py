# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestGroupTours(HttpCase):
    """What a person clicks, in a browser; skipped where there is none."""

    def test_create_group_add_customer_and_quote(self):
        self.env["product.pricelist"].create(
            {
                "name": "Resellers -20 %",
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 20})],
            }
        )
        self.env["account.payment.term"].create(
            {"name": "45 days", "line_ids": [Command.create({"nb_days": 45})]}
        )
        self.env["product.product"].create({"name": "Pump", "list_price": 100, "taxes_id": False})
        new_test_user(
            self.env,
            "seller",
            "sales_team.group_sale_manager,base.group_partner_manager,"
            "product.group_product_pricelist",
        )
        groups = self.env.ref("customer_org.action_customer_group")
        self.start_tour(f"/odoo/action-{groups.id}", "customer_org_sale_group", login="seller")
        customer = self.env["res.partner"].search([("name", "=", "Tour Customer")])
        self.assertEqual(customer.customer_group_id.name, "Wholesale")
        quotations = self.env.ref("sale.action_quotations")
        self.start_tour(
            f"/odoo/action-{quotations.id}/new", "customer_org_sale_quotation", login="seller"
        )
        order = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        self.assertEqual(order.amount_untaxed, 76)
