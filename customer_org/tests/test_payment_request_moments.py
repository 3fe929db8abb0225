# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_payment_request import PaymentRequestCommon


@tagged("post_install", "-at_install")
class TestPaymentRequestMoments(PaymentRequestCommon):
    """What happens to a request between asking and being paid."""

    def test_head_office_and_branch_chosen(self):
        """Chosen together, the head office is asked once, for its branch as well."""
        requests = self.open_requests((self.hq | self.north).action_request_payment())
        self.assertEqual(requests.partner_id, self.hq)
        self.assertEqual((len(requests), requests.amount_total), (1, 8750.0))

    def test_branch_alone(self):
        """A branch is asked for its own only, and its head office then for the rest."""
        own = self.open_requests(self.north.action_request_payment())
        self.assertEqual((own.partner_id, own.amount_total), (self.north, 3000.0))
        own.action_confirm()
        rest = self.open_requests(self.hq.action_request_payment())
        self.assertEqual(rest.amount_total, 5750.0)

    def test_contact_chosen(self):
        """A contact of the head office stands for it."""
        request = self.open_requests(self.contact.action_request_payment())
        self.assertEqual((request.partner_id, request.amount_total), (self.hq, 8750.0))

    def test_branch_leaves(self):
        """Who is not billed under the payer any more is not asked for by it again."""
        request = self.create_waiting()
        self.north.billing_parent_id = False
        with self.assert_refused(UserError, self.invoice_n.name), self.env.cr.savepoint():
            self.send(request)
        line = request.line_ids.filtered(lambda line: line.move_id == self.invoice_n)
        line.left_out = True
        self.send(request)
        self.assertEqual(request._get_transfer_amount(), 5750.0)
        own = self.request(self.invoice_n)
        self.assertEqual(own.partner_id, self.north)
        own.action_confirm()
        self.assertEqual(own.state, "waiting")

    def test_blocked_meanwhile(self):
        """What was blocked meanwhile is not asked for again."""
        request = self.create_waiting()
        self.invoice_n.action_toggle_block_payment()
        with self.assert_refused(UserError, self.invoice_n.name):
            self.send(request)

    def test_left_out_is_free(self):
        """What is left out of a waiting request may be asked for by another one."""
        first = self.create_waiting(self.invoice_n, self.invoice_s)
        line = first.line_ids.filtered(lambda line: line.move_id == self.invoice_n)
        line.left_out = True
        self.assertFalse(line.is_requested)
        second = self.create_waiting(self.invoice_n)
        with self.assert_refused(UserError, second.name), self.env.cr.savepoint():
            line.left_out = False
        second.action_cancel()
        line.left_out = False
        self.assertTrue(line.is_requested)

    def test_deleted_line_is_free(self):
        """A line that is deleted asks for nothing any more."""
        first = self.create_waiting(self.invoice_n, self.invoice_s)
        first.line_ids.filtered(lambda line: line.move_id == self.invoice_n).unlink()
        self.assertEqual(self.create_waiting(self.invoice_n).state, "waiting")
        self.assertEqual(first._get_transfer_amount(), 2500.0)

    def test_other_document_on_a_line(self):
        """Another document on a line of a waiting request is asked for instead of the first one."""
        request = self.create_waiting(self.invoice_n)
        request.line_ids.write({"move_id": self.invoice_s.id, "amount": 2500.0})
        self.assertEqual(request.line_ids.amount_requested, 2500.0)
        self.assertEqual(self.create_waiting(self.invoice_n).state, "waiting")
        with self.assert_refused(UserError, request.name):
            self.request(self.invoice_s)

    def test_cancelled_and_sent_again(self):
        """Cancelled, made a draft and confirmed again it asks for what is open by then."""
        request = self.create_waiting(self.invoice_n)
        reference = request.communication
        request.action_cancel()
        self.pay_itself(self.invoice_n, 1000.0)
        request.action_draft()
        request.action_confirm()
        self.assertEqual((request.amount_total, request.amount_requested), (2000.0, 2000.0))
        self.assertEqual(request.communication, reference)

    def test_less_than_open_is_asked_for(self):
        """Of an invoice a part is asked for: what its customer pays is of that part."""
        request = self.request(self.invoice_n)
        request.line_ids.amount = 1200.0
        request.action_confirm()
        self.assertEqual(request._get_transfer_amount(), 1200.0)
        self.pay_itself(self.invoice_n, 200.0)
        self.assertEqual(request._get_transfer_amount(), 1000.0)
        self.receive(request.communication, 1000.0)
        self.assertEqual((request.state, self.invoice_n.payment_state), ("settled", "partial"))
        self.assertEqual(self.invoice_n.amount_residual, 1800.0)

    def test_credit_note_used_meanwhile(self):
        """A credit note that was asked for and is used meanwhile lowers the request no more."""
        note = self._invoice(self.north, 500.0, due="2026-01-10", move_type="out_refund")
        request = self.create_waiting(note, self.invoice_s)
        self.assertEqual(request._get_transfer_amount(), 2000.0)
        self._receivable_lines(note | self.invoice_n).reconcile()
        self.assertEqual(request._get_transfer_amount(), 2500.0)
        self.receive(request.communication, 2500.0)
        self.assertEqual(request.state, "settled")

    def test_paid_by_the_payer_itself(self):
        """Matched by hand with the head office's payment, all of it: the request is settled."""
        request = self.create_waiting(self.invoice_n, self.invoice_s)
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.assertEqual(request.state, "waiting")
        self.reconcile(self._payment(self.hq, 2500.0), self.invoice_s)
        self.assertEqual(request.state, "settled")
        self.assertFalse(request.settlement_ids)

    def test_undo_of_what_was_paid_by_other_ways(self):
        """A request that others' payments settled is opened again by its undo, if they are gone."""
        request = self.create_waiting(self.invoice_n)
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.last_settlement().action_undo()
        request.action_undo()
        self.assertEqual(request.state, "draft")
        request.action_confirm()
        self.assertEqual(request._get_transfer_amount(), 3000.0)

    def test_promised_day(self):
        """A day that the payer named announces it; late, an accountant is asked."""
        request = self.create_waiting(self.invoice_n)
        request.date_expected = fields.Date.today() - timedelta(days=10)
        self.env["customer.remittance"]._cron_remind_of_late()
        self.assertIn("promised", str(request.activity_ids.note))
        self.pay_itself(self.invoice_n, 3000.0)
        self.env["customer.remittance"]._cron_remind_of_late()
        self.assertEqual(request.state, "settled")

    def test_list_pays_what_is_requested(self):
        """The payer answers a request by a list of its own: both come to an end."""
        request = self.create_waiting(self.invoice_n, self.invoice_s)
        remittance = self.create_matched((self.invoice_n, 3000.0), (self.invoice_s, 2500.0))
        self.settle(remittance, self._payment(self.hq, 5500.0))
        self.assertEqual((remittance.state, request.state), ("settled", "settled"))
        line = self.receive(request.communication, 5500.0)
        self.assertIn("settled", line.remittance_problem)
        self.assert_open(HQ=0.0, N=0.0, S=0.0)

    def test_copy(self):
        """A copy is a draft with a reference of its own; what waits already stops it."""
        request = self.create_waiting(self.invoice_n)
        copy = request.copy()
        self.assertEqual((copy.state, copy.kind, copy.amount_total), ("draft", "request", 3000.0))
        self.assertNotEqual(copy.communication, request.communication)
        self.assertFalse(copy.line_ids.is_requested or copy.line_ids.amount_requested)
        with self.assert_refused(UserError, request.name):
            copy.action_confirm()

    def test_asked_for_by_program(self):
        """What is asked for can't be typed, by whatever way."""
        request = self.create_waiting(self.invoice_n)
        for values in ({"amount_requested": 1.0}, {"is_requested": False}, {"amount_beside": 1.0}):
            with self.subTest(values), self.assertRaises(AccessError), self.env.cr.savepoint():
                request.line_ids.write(values)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env["customer.remittance"].create(
                {
                    "partner_id": self.hq.id,
                    "kind": "request",
                    "line_ids": [
                        Command.create({"move_id": self.invoice_s.id, "is_requested": True})
                    ],
                }
            )

    def test_wrong_ones_are_not_sent(self):
        """Lists, transfers and what is settled are not sent; each says which it is."""
        advice = self.create_matched((self.invoice_n, 3000.0))
        with self.assert_refused(UserError, advice.name):
            advice.action_send_request()
        request = self.create_waiting(self.invoice_s)
        request.action_cancel()
        with self.assert_refused(UserError, request.name):
            request.action_send_request()
        self.assertFalse(request.delivery_ids or advice.delivery_ids)
        self.assertFalse(request.mail_status)

    def test_paper_in_two_languages(self):
        """The paper is in the language of who gets it, also where the user has another one."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.contact.lang = "fr_FR"
        request = self.create_waiting(self.invoice_n)
        self.assertEqual(request._get_request_lang(), "fr_FR")
        self.assertEqual(request._get_request_recipients(), self.contact)
