# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_org.tests.common import AcmeCommon
from odoo.addons.customer_org.tests.common_portal import PortalCommon


class CreditLimitSaleCommon(AcmeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.company.account_use_credit_limit = True
        cls.hq.write({"billing_share_credit_limit": True, "credit_limit": 50000})
        cls.product = cls.env["product.product"].create(
            {"name": "Widget", "list_price": 1000, "invoice_policy": "order", "taxes_id": False}
        )
        cls._invoice(cls.hq, 5000, due="2026-01-05")
        cls._invoice(cls.north, 20000, due="2026-01-10")
        cls.south.credit_limit = 30000
        cls._invoice(cls.south, 18000, due="2026-01-15")

    @classmethod
    def _quotation(cls, partner, quantity, **values):
        return partner.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "product_uom_qty": quantity})
                ],
                **values,
            }
        )

    def _get_warning(self, document):
        self.env.flush_all()
        self.env.invalidate_all()
        return document.partner_credit_warning.replace("\N{NO-BREAK SPACE}", "")

    def _salesperson(self, groups="sales_team.group_sale_salesman_all_leads"):
        return new_test_user(self.env, "credit seller", groups=groups)


@tagged("post_install", "-at_install")
class TestCreditLimitSale(CreditLimitSaleCommon):
    """A head office's limit on quotations of its branches."""

    def test_scenario_17(self):
        order = self._quotation(self.south, 8)
        warning = self._get_warning(order)
        for part in ("Acme HQ", "$50,000.00", "exceeded by $1,000.00", "$51,000.00"):
            self.assertIn(part, warning)
        self.assertNotIn("Acme S", warning)
        self.assertEqual(self._get_warning(self._quotation(self.south, 7)), "")
        # Who sells sees the warning, though not what customers owe.
        seen = order.with_user(self._salesperson()).partner_credit_warning
        self.assertIn("Acme HQ", seen)

    def test_orders_to_invoice_count_once(self):
        order = self._quotation(self.south, 8)
        order.action_confirm()
        self.assertIn("$52,000.00", self._get_warning(self._quotation(self.north, 1)))
        invoice = order._create_invoices()
        self.assertIn("$51,000.00", self._get_warning(invoice))
        invoice.action_post()
        self.assertIn("$52,000.00", self._get_warning(self._quotation(self.north, 1)))

    def test_order_of_a_branch_invoiced_to_the_head_office(self):
        self.south.billing_order_invoicing = "head_office"
        order = self._quotation(self.south, 8)
        self.assertEqual(order.partner_invoice_id, self.hq)
        self.assertIn("$51,000.00", self._get_warning(order))
        order.action_confirm()
        self.assertIn("$52,000.00", self._get_warning(self._quotation(self.north, 1)))

    def test_block(self):
        self.company.credit_limit_block = True
        seller = self._salesperson()
        order = self._quotation(self.south, 8)
        with self.assert_refused(UserError, f"{order.name} can't be confirmed.\nThe credit limit"):
            order.with_user(seller).action_confirm()
        self.assertEqual(order.state, "draft")
        self._quotation(self.south, 7).with_user(seller).action_confirm()

    def test_block_several_at_once(self):
        """Each alone would pass; together they do not."""
        self.company.credit_limit_block = True
        orders = self._quotation(self.south, 4) | self._quotation(self.north, 4)
        with self.assert_refused(UserError, "Acme HQ"):
            orders.with_user(self._salesperson()).action_confirm()
        self.assertEqual(set(orders.mapped("state")), {"draft"})

    def test_block_overridden_and_logged(self):
        self.company.credit_limit_block = True
        manager = self._salesperson("sales_team.group_sale_manager")
        order = self._quotation(self.south, 8)
        order.with_user(manager).action_confirm()
        self.assertEqual(order.state, "sale")
        notes = order.message_ids.filtered(lambda m: "beyond the credit limit" in (m.body or ""))
        self.assertEqual(notes.author_id, manager.partner_id)
        # What is delivered must be invoiced: it was counted before.
        invoice = order._create_invoices()
        user = new_test_user(self.env, "credit clerk", groups="account.group_account_invoice")
        invoice.with_user(user).action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertNotIn(
            "beyond", "".join(body or "" for body in invoice.message_ids.mapped("body"))
        )

    def test_block_of_raising_a_confirmed_order(self):
        """What was confirmed within the limit can't be raised beyond it, by no way of editing."""
        self.company.credit_limit_block = True
        order = self._quotation(self.south, 1).with_user(self._salesperson())
        order.action_confirm()
        line = order.order_line
        with self.assert_refused(UserError, "Acme HQ"), self.env.cr.savepoint():
            line.product_uom_qty = 50
        with self.assert_refused(UserError, "Acme HQ"), self.env.cr.savepoint():
            order.order_line = [
                Command.create({"product_id": self.product.id, "product_uom_qty": 49})
            ]
        self.env.invalidate_all()
        line.product_uom_qty = 7
        line.product_uom_qty = 2
        self.assertEqual(order.amount_total, 2000)
        with self.assert_refused(UserError, "Acme HQ"), self.env.cr.savepoint():
            self._quotation(self.south.with_user(self._clerk()), 50, state="sale")

    def _clerk(self):
        return new_test_user(self.env, "credit seller 2", groups="sales_team.group_sale_salesman")

    def test_limit_of_who_is_invoiced(self):
        """Also where the head office does not share it: it will owe what the branch orders."""
        self.company.credit_limit_block = True
        self.hq.billing_share_credit_limit = False
        self.south.billing_order_invoicing = "head_office"
        order = self._quotation(self.south, 50)
        self.assertEqual(order.partner_invoice_id, self.hq)
        self.assertIn("Acme HQ has reached its credit limit", self._get_warning(order))
        with self.assert_refused(UserError, "Acme HQ has reached"):
            order.with_user(self._salesperson()).action_confirm()

    def test_down_payments_count_once(self):
        order = self._quotation(self.south, 6)
        order.action_confirm()
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create({"advance_payment_method": "percentage", "amount": 50}).create_invoices()
        deposit = order.invoice_ids
        self.assertEqual(self._get_warning(deposit), "")
        deposit.action_post()
        self.assertEqual(deposit.amount_total, 3000)
        # 43,000 and the 6,000 of the order, in whatever part they are invoiced.
        self.assertEqual(self._get_warning(self._quotation(self.north, 1)), "")
        self.assertIn("$51,000.00", self._get_warning(self._quotation(self.north, 2)))
        final = order._create_invoices(final=True)
        self.assertEqual(final.amount_total, 3000)
        self.assertEqual(self._get_warning(final), "")

    def test_own_limit_blocks_an_ordinary_customer(self):
        """The company's choice holds for core's own limits too."""
        self.company.credit_limit_block = True
        ordinary = self._create_customer("Ordinary", credit_limit=5000)
        order = self._quotation(ordinary, 6).with_user(self._salesperson())
        with self.assert_refused(UserError, "Ordinary has reached its credit limit"):
            order.action_confirm()


@tagged("post_install", "-at_install")
class TestCreditLimitPortal(PortalCommon):
    def test_signing_beyond_the_limit(self):
        """Who signs confirms, and can't beyond a limit that blocks; the limit stays unsaid."""
        self.company.write({"account_use_credit_limit": True, "credit_limit_block": True})
        self.north.credit_limit = 10
        product = self.env["product.product"].create({"name": "Widget", "list_price": 1000})
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.north.id,
                    "require_signature": True,
                    "require_payment": False,
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
        )
        order.action_quotation_sent()
        token = order._portal_ensure_token()
        params = {
            "access_token": token,
            "name": "North",
            "signature": "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
        }
        answer = self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params)
        self.assertEqual(
            answer, {"error": "This quotation can't be confirmed online. Please contact us."}
        )
        self.assertEqual(order.state, "sent")
        self.assertFalse(order.signature)
        self.company.credit_limit_block = False
        answer = self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params)
        self.assertTrue(answer.get("force_refresh"))
        self.assertEqual(order.state, "sale")
