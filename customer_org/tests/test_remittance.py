# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import html

from odoo.tests import Form, tagged

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
