# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger

from .common_payment_request import PaymentRequestCommon


@tagged("post_install", "-at_install")
class TestPaymentRequestPaid(PaymentRequestCommon):
    """What becomes of a request: sent, paid, sent again with what is left, settled."""

    def test_sent_again_with_what_is_left(self):
        """Scenario 43: 8,750 sent, W pays by itself, sent again with 7,250."""
        request = self.request()
        mail = self.send(request)
        self.assertEqual(request.state, "waiting")
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("8,750.00", mail.body_html)
        self.pay_itself(self.invoice_w, 1500.0)
        again = self.send(request)
        self.assertIn("7,250.00", again.body_html)
        self.assertNotIn("8,750.00", again.body_html)
        self.assertEqual(request.amount_total, 7250.0)
        self.assertEqual(request.amount_requested, 8750.0)
        line = request.line_ids.filtered(lambda line: line.move_id == self.invoice_w)
        self.assertEqual((line.status, line.amount, line.amount_requested), ("paid", 0.0, 1500.0))
        self.assertEqual(request.to_check_count, 0)

    def test_paid_in_part(self):
        """What a branch pays of an invoice lowers what is left of it; taken back, it is back."""
        request = self.create_waiting(self.invoice_n)
        payment = self.pay_itself(self.invoice_n, 1000.0)
        self.assertEqual(request._get_transfer_amount(), 2000.0)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(request._get_transfer_amount(), 3000.0)

    def test_paper(self):
        """The PDF has subtotals by branch, the reference, and what was paid meanwhile."""
        request = self.create_waiting()
        text = html2plaintext(self.render(request))
        for part in ("Acme N", "Acme W", request.communication, "8,750.00", self.invoice_n.name):
            self.assertIn(part, text)
        self.assertNotIn("Paid", text)
        self.pay_itself(self.invoice_w, 1500.0)
        text = html2plaintext(self.render(request))
        self.assertIn("7,250.00", text)
        self.assertIn("Paid", text)

    def test_draft_on_paper(self):
        """A draft is printed as it would be sent."""
        self.assertIn("8,750.00", html2plaintext(self.render(self.request())))

    def test_attachment(self):
        """The mail has the paper, and links that hold no token."""
        mail = self.send(self.request())
        self.assertIn("Payment Request - REM", mail.attachment_ids.name)
        self.assertNotIn("access_token", mail.body_html)

    def test_called_sent_once_it_was(self):
        """The chatter says sent once the mail server took it; a refusal is an activity."""
        request = self.request()
        refuse = patch.object(
            type(self.env["ir.mail_server"]), "send_email", side_effect=SMTPRecipientsRefused({})
        )
        with refuse, mute_logger("odoo.addons.mail.models.mail_mail"), self.mock_mail_gateway():
            request.action_send_request()
            self.env["mail.mail"].sudo().browse(self._new_mails.ids).send()
        self.assertEqual(request.delivery_ids.state, "failed")
        self.assertIn("Payment request not sent", self.hq.activity_ids.mapped("summary"))
        self.send(request)
        self.assertEqual(request.delivery_ids.sorted("id")[-1].state, "sent")
        self.assertIn("sent to", html2plaintext(request.message_ids[0].body))

    def test_no_address(self):
        """Nothing is half done where nobody has an address."""
        (self.hq | self.contact).email = False
        request = self.request()
        with self.assert_refused(UserError, "has no e-mail address"), self.env.cr.savepoint():
            request.action_send_request()
        self.assertEqual(request.state, "draft")
        self.assertFalse(request.delivery_ids)

    def test_bank_line(self):
        """A bank line with the reference settles what is left; the rest is the payer's credit."""
        request = self.create_waiting()
        self.pay_itself(self.invoice_w, 1500.0)
        line = self.receive(f"thanks {request.communication}", 8750.0)
        self.assertEqual(request.state, "settled")
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(line.remittance_id, request)
        self.assert_open(HQ=-1500.0, N=0.0, W=0.0)
        self.assert_ledger()

    def test_bank_line_of_what_is_left(self):
        """A payer who knows what its branch paid need not wait for another mail."""
        request = self.create_waiting()
        self.pay_itself(self.invoice_w, 1500.0)
        self.receive(request.communication, 7250.0)
        self.assertEqual(request.state, "settled")
        self.assert_open(HQ=0.0, S=0.0)

    def test_bank_line_is_short(self):
        """Less than what is left waits for a person, with what is missing."""
        request = self.create_waiting()
        line = self.receive(request.communication, 8700.0)
        self.assertEqual(request.state, "waiting")
        self.assertIn("50.00", line.remittance_problem)
        self.assertTrue(request.activity_ids)

    def test_undo(self):
        """Undone, it is a draft that can be sent again."""
        request = self.create_waiting()
        payment = self._payment(self.hq, 8750.0)
        self.settle(request, payment)
        self.assertEqual(request.state, "settled")
        self.assertFalse(any(request.line_ids.mapped("is_requested")))
        request.action_undo()
        self.assertEqual(request.state, "draft")
        self.assert_open(HQ=-8750.0, N=3000.0)
        request.action_confirm()
        self.assertEqual(request.amount_total, 8750.0)

    def test_undo_where_a_day_is_promised(self):
        """Undone, it waits again where a day is promised, and nobody else asks for the same."""
        request = self.create_waiting(self.invoice_n)
        request.date_expected = fields.Date.today() + timedelta(days=3)
        self.settle(request, self._payment(self.hq, 3000.0))
        request.action_undo()
        self.assertEqual(request.state, "waiting")
        with self.assert_refused(UserError, request.name):
            self.request(self.invoice_n)

    def test_settled_by_another_settlement(self):
        """Paid by a settlement of another way, as in the portal, the request is settled."""
        request = self.create_waiting(self.invoice_n, self.invoice_s)
        self.reconcile(self._payment(self.hq, 5500.0), self.invoice_n, self.invoice_s)
        self.assertEqual(request.state, "settled")
        self.assertFalse(request.settlement_ids)

    def test_settled_by_the_branches(self):
        """Paid by the branches themselves, the request is settled when it is looked at."""
        request = self.create_waiting(self.invoice_n, self.invoice_s)
        self.pay_itself(self.invoice_n, 3000.0)
        self.env["customer.remittance"]._cron_remind_of_late()
        self.assertEqual(request.state, "waiting")
        self.pay_itself(self.invoice_s, 2500.0)
        self.env["customer.remittance"]._cron_remind_of_late()
        self.assertEqual(request.state, "settled")

    def test_send_again_what_is_paid(self):
        """Where nothing is left nobody is bothered: the request is settled, and we say so."""
        request = self.create_waiting(self.invoice_n)
        self.pay_itself(self.invoice_n, 3000.0)
        with self.mock_mail_gateway():
            action = request.action_send_request()
        self.assertFalse(self._new_mails)
        self.assertEqual(request.state, "settled")
        self.assertIn("paid already", action["params"]["message"])

    def test_nothing_to_settle(self):
        """Settling what is paid already is refused, and says why."""
        request = self.create_waiting(self.invoice_n)
        self.pay_itself(self.invoice_n, 3000.0)
        self.assert_not_settled(request, "paid already")

    def test_cancelled(self):
        """A cancelled request asks for nothing: its bank line waits for a person."""
        request = self.create_waiting(self.invoice_n)
        request.action_cancel()
        line = self.receive(request.communication, 3000.0)
        self.assertIn("cancelled", line.remittance_problem)
        self.assertEqual(self.request(self.invoice_n).amount_total, 3000.0)
