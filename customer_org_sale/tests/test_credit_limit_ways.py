# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_credit_limit_sale import CreditLimitSaleCommon


@tagged("post_install", "-at_install")
class TestCreditLimitWays(CreditLimitSaleCommon):
    """The less usual ways to owe more: 43,000 of the 50,000 that Acme shares are used."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_limit_block = True
        cls.seller = new_test_user(
            cls.env,
            "credit ways",
            groups="sales_team.group_sale_salesman_all_leads,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.tax = cls.env["account.tax"].create({"name": "Half more", "amount": 50})

    def _confirmed(self, partner, quantity, **values):
        order = self._quotation(partner.with_user(self.seller), quantity, **values)
        order.action_confirm()
        self._forget()
        return order

    def _forget(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _assert_blocked(self, act, message="Acme HQ"):
        with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
            act()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_new_taxes(self):
        """*Update Taxes* of a confirmed order, after a fiscal position that makes it dearer."""
        self.product.taxes_id = self.tax.copy({"amount": 0, "name": "Nothing"})
        position = self.env["account.fiscal.position"].create({"name": "Dearer"})
        self.tax.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.set(self.product.taxes_id.ids)],
            }
        )
        order = self._confirmed(self.south, 7)
        order.fiscal_position_id = position
        self._assert_blocked(order.action_update_taxes)
        self.assertEqual(order.amount_total, 7000)

    def test_new_prices(self):
        """*Update Prices* of a confirmed order, after the product became dearer."""
        order = self._confirmed(self.south, 7)
        self.product.list_price = 1001
        self._assert_blocked(order.action_update_prices)
        self.assertEqual(order.amount_total, 7000)
        self.product.list_price = 999
        order.action_update_prices()
        self.assertEqual(order.amount_total, 6993)

    def test_confirmed_again(self):
        """An order that was cancelled makes room; confirmed again it has to fit again."""
        order = self._confirmed(self.south, 7)
        order._action_cancel()
        order.action_draft()
        self._forget()
        other = self._confirmed(self.north, 5)
        self._assert_blocked(order.action_confirm)
        self.assertEqual(order.state, "draft")
        other._action_cancel()
        self._forget()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_comes_back_from_the_customer(self):
        """A quantity that is taken off makes room for another order of the family."""
        order = self._confirmed(self.south, 7)
        self._assert_blocked(self._quotation(self.north.with_user(self.seller), 1).action_confirm)
        order.order_line.product_uom_qty = 6
        self._forget()
        self._confirmed(self.north, 1)

    def test_limit_of_zero(self):
        """0 is no limit, neither an own nor a shared one."""
        self.hq.credit_limit = 0
        self.south.credit_limit = 0
        self._forget()
        self.assertEqual(self._confirmed(self.south, 1000).state, "sale")

    def test_limit_that_is_not_shared(self):
        """A head office's own limit says nothing about its branches."""
        self.hq.billing_share_credit_limit = False
        self._forget()
        self.assertEqual(self._confirmed(self.south, 12).state, "sale", "30,000 of its own")
        self._assert_blocked(
            self._quotation(self.south.with_user(self.seller), 1).action_confirm, "Acme S"
        )

    def test_both_limits(self):
        """The branch's own limit applies as well as the shared one, whichever is nearer."""
        self.south.credit_limit = 20000
        self._forget()
        quotation = self._quotation(self.south.with_user(self.seller), 3)
        self._assert_blocked(quotation.action_confirm, "Acme S has reached its credit limit")
        quotation.order_line.product_uom_qty = 2
        quotation.action_confirm()
        self.assertEqual(quotation.state, "sale")

    def test_moved_out_of_the_hierarchy(self):
        """What a branch owes counts with its head office of today."""
        self.north.billing_parent_id = False
        self._forget()
        self.assertEqual(self._confirmed(self.south, 12).state, "sale", "23,000 + 12,000")

    def test_customer_of_a_confirmed_order(self):
        """Another customer who is invoiced owes it from then on."""
        outsider = self._create_customer("Outsider")
        order = self._confirmed(outsider, 8)
        self._assert_blocked(
            lambda: order.write({"partner_id": self.south.id, "partner_invoice_id": self.south.id})
        )
        self.assertEqual(order.partner_id, outsider)

    def test_import_of_confirmed_orders(self):
        """An import that brings an order as confirmed is judged like a click."""
        result = (
            self.env["sale.order"]
            .with_user(self.seller)
            .load(
                [
                    "partner_id/.id",
                    "state",
                    "order_line/product_id/.id",
                    "order_line/product_uom_qty",
                ],
                [[str(self.south.id), "sale", str(self.product.id), "8"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("Acme HQ", result["messages"][0]["message"])

    def test_many_at_once(self):
        """Orders of several branches that are confirmed together are added up."""
        orders = self.env["sale.order"].with_user(self.seller)
        for branch in (self.south, self.north, self.east, self.west):
            orders |= self._quotation(branch.with_user(self.seller), 2)
        self._assert_blocked(orders.action_confirm)
        self.assertEqual(set(orders.mapped("state")), {"draft"}, "all of it or nothing")
        orders[:3].action_confirm()
        self.assertEqual(set(orders[:3].mapped("state")), {"sale"})

    def test_invoice_of_a_confirmed_order(self):
        """Billing what was confirmed raises nothing, also where the limit was lowered since."""
        order = self._confirmed(self.south, 7)
        self.hq.credit_limit = 1000
        self._forget()
        invoice = order._create_invoices().with_user(self.seller)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit += 1
        self._forget()
        self._assert_blocked(invoice.action_post)

    def test_block_turned_off(self):
        """Where limits only warn everything passes, and the form says so."""
        self.company.credit_limit_block = False
        order = self._quotation(self.south.with_user(self.seller), 100)
        self.assertIn("Acme HQ", self._get_warning(order))
        order.action_confirm()
        order.order_line.product_uom_qty = 200
        self.assertEqual(order.state, "sale")
        self.company.write({"credit_limit_block": True, "account_use_credit_limit": False})
        self._forget()
        self._quotation(self.south.with_user(self.seller), 100).action_confirm()
