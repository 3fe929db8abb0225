# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import tagged

from .group_common import GroupCommon


@tagged("post_install", "-at_install")
class TestGroupsPointOfSale(GroupCommon):
    """What members buy on account at the point of sale is due by the group's terms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "pos.order" not in cls.env:
            raise SkipTest("Point of Sale is not installed")
        cls.env.user.group_ids |= cls.env.ref("point_of_sale.group_pos_manager")
        cls.config = cls.env["pos.config"].create({"name": "Shop"})
        cls.cash = cls.config.payment_method_ids.filtered(lambda method: method.type == "cash")
        cls.on_account = cls.env["pos.payment.method"].create({"name": "Customer Account"})
        cls.config.payment_method_ids |= cls.on_account
        cls.config.open_ui()
        cls.member.write(
            {"customer_group_id": cls.resellers.id, "property_payment_term_id": cls.days_30.id}
        )

    def _sell(self, partner, method):
        """Sell a pump at the point of sale, and return the invoice."""
        order = self.env["pos.order"].create(
            {
                "session_id": self.config.current_session_id.id,
                "partner_id": partner.id,
                "amount_tax": 0,
                "amount_total": 100,
                "amount_paid": 0,
                "amount_return": 0,
                "to_invoice": True,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1,
                            "price_unit": 100,
                            "price_subtotal": 100,
                            "price_subtotal_incl": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order.add_payment({"pos_order_id": order.id, "amount": 100, "payment_method_id": method.id})
        order.action_pos_order_paid()
        order._generate_pos_order_invoice()
        return order.account_move

    def test_on_account(self):
        self.assertEqual(
            self._sell(self.member, self.on_account).invoice_payment_term_id, self.days_45
        )
        self.member.property_payment_term_id = False
        self.assertEqual(
            self._sell(self.member, self.on_account).invoice_payment_term_id, self.days_45
        )
        self.resellers.application = "manual"
        self.assertFalse(self._sell(self.member, self.on_account).invoice_payment_term_id)

    def test_paid_at_once(self):
        self.assertFalse(self._sell(self.member, self.cash).invoice_payment_term_id)

    def test_ordinary_customer(self):
        self.ordinary.property_payment_term_id = self.days_30
        self.assertEqual(
            self._sell(self.ordinary, self.on_account).invoice_payment_term_id, self.days_30
        )
