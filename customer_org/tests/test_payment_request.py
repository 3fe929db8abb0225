# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_payment_request import PaymentRequestCommon


@tagged("post_install", "-at_install")
class TestPaymentRequest(PaymentRequestCommon):
    """Which documents are asked for, by whom, and only once."""

    def test_all_that_is_due(self):
        """From the head office: what is due of it and its branches, with a reference to write."""
        self._invoice(self.west, 100.0, fields.Date.today() + timedelta(days=5))
        request = self.request()
        self.assertEqual(request.line_ids.move_id, self.invoices)
        self.assertEqual(request.amount_total, 8750.0)
        self.assertEqual(request.kind, "request")
        self.assertEqual(request.partner_id, self.hq)
        self.assertEqual(request.state, "draft")
        self.assertRegex(request.communication, "^RF")
        self.assertFalse(request.mail_status)

    def test_chosen(self):
        """From the list of invoices: those, of their head office."""
        request = self.request(self.invoice_n, self.invoice_s)
        self.assertEqual(request.partner_id, self.hq)
        self.assertEqual(request.line_ids.move_id, self.invoice_n | self.invoice_s)
        self.assertEqual(request.amount_total, 5500.0)

    def test_credit_note(self):
        """A credit note that is chosen lowers what is asked for."""
        note = self._invoice(self.north, 500.0, "2026-01-05", move_type="out_refund")
        request = self.request(self.invoice_n, note)
        self.assertEqual(request.amount_total, 2500.0)
        request.action_confirm()
        self.assertEqual(set(self.get_statuses(request)), {"ok"})

    def test_several_head_offices(self):
        """Invoices of several hierarchies become a request each."""
        other = self._create_customer("Globex")
        invoice = self._invoice(other, 70.0, "2026-01-05")
        requests = self.request(self.invoice_n, invoice)
        self.assertEqual(requests.partner_id, self.hq | other)
        self.assertEqual(sorted(requests.mapped("amount_total")), [70.0, 3000.0])

    def test_what_is_paid_is_refused(self):
        """Nobody is asked to pay what is paid, blocked, or no invoice."""
        self.pay_itself(self.invoice_w, 1500.0)
        self.invoice_e.action_toggle_block_payment()
        for invoice in (self.invoice_w, self.invoice_e):
            with self.assert_refused(UserError, invoice.name):
                self.request(self.invoice_n, invoice)

    def test_no_entry(self):
        """A request is no entry: it changes no ledger and no invoice."""
        before = self.invoices.read(["write_date", "amount_residual", "payment_reference"])
        moves = self.env["account.move"].search_count([])
        self.send(self.request())
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        after = self.invoices.read(["write_date", "amount_residual", "payment_reference"])
        self.assertEqual(after, before)

    def test_one_waiting_request(self):
        """What is asked for already can't be asked for again; the other request is named."""
        first = self.create_waiting(self.invoice_n)
        with self.assert_refused(UserError, first.name):
            self.request(self.invoice_n, self.invoice_s)
        self.assertNotIn(self.invoice_n, self.request().line_ids.move_id)

    def test_two_drafts(self):
        """Of two drafts the second to be confirmed is refused."""
        first, second = self.request(self.invoice_n), self.request(self.invoice_n)
        first.action_confirm()
        with self.assert_refused(UserError, first.name), self.env.cr.savepoint():
            second.action_confirm()
        first.action_cancel()
        second.action_confirm()
        self.assertEqual(second.state, "waiting")

    def test_added_line(self):
        """What is added to a waiting request is asked for, and checked as well."""
        first, second = self.create_waiting(self.invoice_n), self.create_waiting(self.invoice_s)
        line = {"remittance_id": second.id, "amount": 1.0}
        with self.assert_refused(UserError, first.name), self.env.cr.savepoint():
            self.env["customer.remittance.line"].create({**line, "move_id": self.invoice_n.id})
        added = self.env["customer.remittance.line"].create(
            {**line, "move_id": self.invoice_e.id, "amount": 750.0}
        )
        self.assertTrue(added.is_requested)
        self.assertEqual(second._get_transfer_amount(), 3250.0)

    def test_index_decides(self):
        """At the same time: the database lets one request have it."""
        self.create_waiting(self.invoice_n)
        second = self.request(self.invoice_s)
        line = second.line_ids.with_env(second._with_change().env)
        line.move_id = self.invoice_n
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(Exception) as catcher,
            self.env.cr.savepoint(),
        ):
            line.is_requested = True
            line.flush_recordset()
        self.assertIn("customer_remittance_line_requested_uniq", str(catcher.exception))

    def test_disputed_and_announced_are_left_out(self):
        """Who has announced a payment, or disputes one, is not asked for it."""
        wire = self.create_matched(
            (self.invoice_n, 3000.0),
            kind="wire",
            date_expected=fields.Date.today() + timedelta(days=3),
        )
        wire.action_confirm()
        self.assertEqual(self.request().amount_total, 5750.0)

    def test_nothing_is_due(self):
        """Where nothing is left the message names the request that waits."""
        request = self.create_waiting()
        with self.assert_refused(UserError, request.name):
            self.request()
        with self.assert_refused(UserError, "Nothing of Globex is due"):
            self._create_customer("Globex").action_request_payment()

    def test_a_request_promises_nothing(self):
        """What is asked for is not announced, until the payer names a day."""
        request = self.create_waiting(self.invoice_n)
        self.assertFalse(self.invoice_n.is_announced)
        request.date_expected = fields.Date.today() + timedelta(days=3)
        self.env.invalidate_all()
        self.assertTrue(self.invoice_n.is_announced)

    def test_rights(self):
        """Who may only read accounting asks nobody; nor do others."""
        for group in ("account.group_account_readonly", "base.group_user"):
            user = new_test_user(self.env, f"user-{group}", group)
            with self.assertRaises(AccessError):
                self.hq.with_user(user).action_request_payment()
        with self.assertRaises(AccessError):
            self.create_waiting(self.invoice_n).line_ids.is_requested = False

    def test_from_statement(self):
        """The statement's screen asks for what is due of its customer."""
        wizard = (
            self.env["customer.statement.wizard"]
            .with_context(active_model="res.partner", active_ids=self.hq.ids)
            .create({})
        )
        request = self.open_requests(wizard.action_request_payment())
        self.assertEqual(request.amount_total, 8750.0)

    def test_currencies(self):
        """Invoices in another currency become a request of their own."""
        euro = self.setup_other_currency("EUR")
        invoice = self._invoice(self.north, 100.0, "2026-01-05", currency_id=euro.id)
        requests = self.request(self.invoice_n, invoice)
        self.assertEqual(len(requests), 2)
        self.assertEqual(requests.currency_id, euro | self.company.currency_id)

    def test_installments(self):
        """Of an invoice in installments what is due is asked for; paying it leaves nothing."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half later",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 3650}),
                ],
            }
        )
        customer = self._create_customer("Globex")
        self._invoice(customer, 1000.0, False, invoice_payment_term_id=term.id)
        request = self.open_requests(customer.action_request_payment())
        self.assertEqual(request.amount_total, 500.0)
        request.action_confirm()
        invoice = request.line_ids.move_id
        payment = self._payment(customer, 200.0)
        self._receivable_lines(invoice | payment.move_id).reconcile()
        self.assertEqual(request._get_transfer_amount(), 300.0)

    def test_wrong_document(self):
        """A draft with a document that is nobody's can't be confirmed."""
        request = self.create_remittance(("NOPE", 5.0), kind="request")
        with self.assert_refused(UserError, "NOPE"):
            request.action_confirm()

    def test_ordinary_customer(self):
        """A customer without a hierarchy is asked for its own."""
        customer = self._create_customer("Globex")
        invoice = self._invoice(customer, 70.0, "2026-01-05")
        request = self.request(invoice)
        self.assertEqual(request.partner_id, customer)
        with self.assert_refused(UserError, "can't be paid"), self.env.cr.savepoint():
            self.request(invoice).line_ids.move_id = self.invoice_n
