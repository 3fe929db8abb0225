# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestRemittance(SettlementCommon, MailCommon):
    """Which invoices were paid from which document, told to the payer and to its branches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()
        cls.payment = cls._payment(cls.hq, 4000.0, memo="Wire 77")

    def settle(self):
        return self.reconcile(self.payment, self.invoices)

    def get_rows(self, settlement, **context):
        """Return the advice's rows as text."""
        report = self.env["ir.actions.report"].with_context(**context)
        content, _type = report._render_qweb_html("customer_org.report_remittance", settlement.ids)
        rows = html.fromstring(content).xpath("//table[hasclass('o_main_table')]//tbody/tr")
        return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]

    def test_report(self):
        """Per branch: invoice, dates, the document it was paid from, amount; and a total."""
        name = self.payment.name
        self.assertEqual(
            self.get_rows(self.settle()),
            [
                [
                    self.invoice_n.name,
                    "01/01/2026",
                    "01/10/2026",
                    f"{name} (Wire 77)",
                    "01/31/2026",
                    "$ 3,000.00",
                ],
                ["Total of Acme N", "$ 3,000.00"],
                [
                    self.invoice_s.name,
                    "01/01/2026",
                    "01/15/2026",
                    f"{name} (Wire 77)",
                    "01/31/2026",
                    "$ 1,000.00",
                ],
                ["Total of Acme S", "$ 1,000.00"],
            ],
        )

    def test_part_of_one_branch(self):
        """A branch sees its own part, nothing of the others."""
        settlement = self.settle()
        rows = self.get_rows(settlement, customer_settlement_branch_id=self.south.id)
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[1], ["Total of Acme S", "$ 1,000.00"])

    def test_after_undo_of_one(self):
        """What was taken back is not in the advice any more."""
        settlement = self.settle()
        self._receivable_lines(self.invoice_n).matched_credit_ids.unlink()
        self.assert_ledger()
        rows = self.get_rows(settlement)
        self.assertEqual([row[0] for row in rows], [self.invoice_s.name, "Total of Acme S"])

    def test_foreign_currency(self):
        """The invoice's amount is in its own currency, the total in the company's."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=euro.id)
        payment = self._payment(self.hq, 100.0, currency_id=euro.id)
        rows = self.get_rows(self.reconcile(payment, invoice))
        self.assertIn("100.00", rows[0][-1])
        self.assertIn("€", rows[0][-1])
        self.assertEqual(rows[1][-1], "$ 200.00")

    def test_send_to_payer(self):
        """The mail goes to the payer's invoice contact, with the advice attached."""
        settlement = self.settle()
        action = settlement.action_send_remittance()
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        self.assertEqual(composer.partner_ids, self.contact)
        self.assertIn("4,000.00", composer.body)
        self.assertEqual(len(composer.attachment_ids), 1)
        with self.mock_mail_gateway():
            composer.action_send_mail()
        message = settlement.message_ids[0]
        self.assertEqual(message.partner_ids, self.contact)
        self.assertTrue(message.attachment_ids)

    def test_send_to_branches(self):
        """Each branch gets its own part; who has no address is named."""
        settlement = self.settle()
        with self.mock_mail_gateway():
            action = settlement.action_send_branch_remittances()
        self.assertIn("Acme S", action["params"]["message"])
        self.assertIn("No e-mail address", action["params"]["message"])
        mail = self._new_mails
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.north)
        self.assertIn("3,000.00", mail.body_html)
        self.assertNotIn("4,000.00", mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertIn("Acme N", settlement.message_ids[0].body)

    def refuse(self):
        """Let the mail server refuse everything."""
        server = type(self.env["ir.mail_server"])
        return patch.object(server, "send_email", side_effect=SMTPRecipientsRefused({}))

    def retry(self, day):
        """Run what tries failed mails again, and the mail queue, on a day; return the mails."""
        cron = self.env.ref("customer_org.cron_customer_statement_mail")
        with freeze_time(day), self.mock_mail_gateway(), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            self.env.invalidate_all()
            mails = self._new_mails.filtered("attachment_ids")
            self.env["mail.mail"].sudo().process_email_queue(mails.ids)
        return mails

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_refused_by_the_mail_server(self):
        """A receipt that was refused is not called sent; it is tried again the next day, once."""
        settlement = self.settle()
        with freeze_time("2026-03-02"), self.mock_mail_gateway(), self.refuse():
            settlement.action_send_branch_remittances()
        self.assertFalse("sent to" in "".join(settlement.message_ids.mapped("body")))
        self.assertEqual(self.north.activity_ids.summary, "Settlement receipt not sent")
        self.assertIn("was not sent", self.north.message_ids[0].body)
        self.assertEqual(self.retry("2026-03-03").recipient_ids, self.north)
        self.assertIn("sent to Acme N", settlement.message_ids[0].body)
        self.assertFalse(self.north.activity_ids)
        self.assertFalse(self.retry("2026-03-04"))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_refused_receipt_of_the_payer(self):
        """What was written with the composer is watched as well, and tried again."""
        action = self.settle().action_send_remittance()
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        with freeze_time("2026-03-02"), self.mock_mail_gateway(), self.refuse():
            composer.action_send_mail()
        self.assertTrue(self.hq.activity_ids)
        mail = self.retry("2026-03-03")
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("4,000.00", mail.body_html)
        self.assertFalse(self.retry("2026-03-04"))

    def test_readers_send_nothing(self):
        """An auditor who may only read sends no receipt."""
        settlement = self.settle()
        auditor = new_test_user(
            self.env, "auditor", "base.group_user,account.group_account_readonly"
        )
        settlement = settlement.with_user(auditor)
        with self.assertRaises(AccessError):
            settlement.action_send_remittance()
        with self.assertRaises(AccessError):
            settlement.action_send_branch_remittances()
