# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext

from odoo.addons.mail.tests.common import MailCommon

from .common_ledger import CoreCommon
from .test_bank_payer import BankPayerCommon


@tagged("post_install", "-at_install")
class TestBankPayerCases(BankPayerCommon, CoreCommon):
    """Who paid by a bank line, in the cases between the plain ones."""

    def rows(self):
        return {
            (row.payer_id.name, row.partner_id.name): self.usd.round(row.amount)
            for row in self.report()
        }

    def test_contact_of_the_payer(self):
        """The bank knows the head office by a contact of it: the customer has paid."""
        contact = self.env["res.partner"].create({"name": "Payables", "parent_id": self.hq.id})
        self.book(contact, self.invoice_n)
        self.assertEqual(self.labels(self.invoice_n), ["by Acme HQ"])
        self.assertEqual(self.rows(), {("Acme HQ", "Acme N"): 3000.0})

    def test_branch_pays_upwards(self):
        """N's wire pays the head office's own invoice, and S's: N is named in both."""
        own = self._invoice(self.hq, 100.0, due="2026-01-05")
        self.book(self.north, own | self.invoice_s)
        self.assertEqual(self.labels(own) + self.labels(self.invoice_s), ["by Acme N"] * 2)
        self.assertEqual(self.rows(), {("Acme N", "Acme HQ"): 100.0, ("Acme N", "Acme S"): 2500.0})

    def test_payer_is_corrected(self):
        """The bank line's customer turns out to be S: taken back first, as core has it."""
        wire = self.book(self.hq, self.invoice_n)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            wire.partner_id = self.south
        self.env.invalidate_all()
        self.assertEqual(self.labels(self.invoice_n), ["by Acme HQ"])
        wire.action_undo_reconciliation()
        wire.partner_id = self.south
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(self.rows(), {})
        self.assertEqual(self.invoice_n.payment_state, "not_paid")

    def test_re_dated(self):
        """The posted line gets another date: the report follows, with the later of both dates."""
        wire = self.book(self.hq, self.invoice_n)
        wire.date = "2026-03-04"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual([str(row.date) for row in self.report()], ["2026-03-04"])
        self.assertEqual(self.labels(self.invoice_n), ["by Acme HQ"])

    def test_branch_leaves(self):
        """N leaves: the two are strangers, and what a stranger's line paid is core's affair."""
        self.book(self.hq, self.invoice_n)
        self.north.billing_parent_id = False
        self.env.invalidate_all()
        self.assertEqual(self.labels(self.invoice_n), [None])
        self.assertEqual(self.rows(), {})
        self.assert_ledger()

    def test_in_euros(self):
        """An invoice in EUR: the receipt says euros, the report what that was in dollars."""
        invoice = self.bill(self.north, self.eur, 90.0, "2026-01-05")
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-01-10",
                "payment_ref": "Euros",
                "partner_id": self.hq.id,
                "amount": 100.0,
                "foreign_currency_id": self.eur.id,
                "amount_currency": 90.0,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        counterpart = suspense.with_context(skip_account_move_synchronization=True)
        counterpart.write({"account_id": self.receivable.id, "partner_id": self.north.id})
        (counterpart | self.lines(invoice)).reconcile()
        self.assert_ledger()
        self.assertEqual(self.rows(), {("Acme HQ", "Acme N"): 100.0})
        [part] = line._get_remittance_parts()
        [row] = part["rows"]
        self.assertEqual(
            (part["partner"], part["amount"], row["currency"], row["amount"]),
            (self.north, 100.0, self.eur, 90.0),
        )

    def test_beside_a_settlement(self):
        """One invoice paid half by a bank line, half by a settlement: both say who."""
        wire = self.book(self.hq, self.invoice_n | self.invoice_w)
        [counterpart] = wire.move_id.line_ids.filtered(
            lambda item: item.partner_id == self.west and item.account_id == self.receivable
        )
        counterpart.remove_move_reconcile()
        payment = self._payment(self.hq, 600.0)
        self.reconcile(payment, self.invoice_w)
        (counterpart | self.lines(self.invoice_w)).reconcile()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(sorted(self.labels(self.invoice_w)), ["by Acme HQ"] * 2)
        self.assertEqual(self.invoice_w.payment_state, "paid")
        self.assertEqual(counterpart.amount_residual, -600.0)
        rows = [row for row in self.report() if row.partner_id == self.west]
        self.assertEqual(sorted(row.amount for row in rows), [600.0, 900.0])


@tagged("post_install", "-at_install")
class TestBankReceiptMail(BankPayerCommon, MailCommon):
    """The receipt of a bank line goes by e-mail as a settlement's does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()

    def setUp(self):
        super().setUp()
        self.wire = self.book(self.hq, self.invoice_n | self.invoice_s)
        self.row = self.report()[0]

    def compose(self, action):
        """Send what the composer of an action proposes; return the mails."""
        composer = self.env["mail.compose.message"].with_context(**action["context"]).create({})
        with self.mock_mail_gateway():
            composer._action_send_mail()
        return self._new_mails

    def get_notes(self):
        return [html2plaintext(message.body) for message in self.wire.move_id.message_ids]

    def test_to_the_payer(self):
        """*Send* opens the mail to the payer's invoice contact, with all that was paid."""
        action = self.row.action_send_receipt()
        self.assertEqual(action["name"], "Send Settlement Receipt")
        mail = self.compose(action)
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn(self.wire.move_id.name, mail.subject)
        self.assertIn("$\xa05,500.00", html2plaintext(mail.body_html))
        self.assertIn("Transfer", html2plaintext(mail.body_html))
        [attachment] = mail.attachment_ids
        self.assertIn(b"Acme N", attachment.raw)
        self.assertIn(b"Acme S", attachment.raw)
        delivery = self.env["customer.mail.delivery"].search([], limit=1)
        self.assertEqual(
            (delivery.kind, delivery.partner_id, delivery.statement_line_id, delivery.state),
            ("receipt", self.hq, self.wire, "sent"),
        )
        self.assertIn("Settlement receipt sent to Acme HQ, Payables.", self.get_notes())

    def test_to_branches(self):
        """Each branch gets its own part; who has no address is named."""
        with self.mock_mail_gateway():
            result = self.row.action_send_branch_receipts()
        self.assertEqual(
            result["params"]["message"],
            "Queued for 1 branches. No e-mail address: Acme S. Add one to their invoice contact "
            "and send again.",
        )
        mail = self._new_mails
        self.assertEqual(mail.recipient_ids, self.north)
        [attachment] = mail.attachment_ids
        self.assertIn(self.invoice_n.name.encode(), attachment.raw)
        self.assertNotIn(self.invoice_s.name.encode(), attachment.raw)
        self.assertIn("$\xa03,000.00", html2plaintext(mail.body_html))

    def test_of_a_settlement(self):
        """The same button of a settlement's row opens the settlement's own mail."""
        settlement = self.reconcile(self._payment(self.hq, 1750.0), self.invoice_e)
        [row] = self.report().filtered("settlement_id")
        action = row.action_send_receipt()
        self.assertEqual(action["context"]["default_model"], "customer.settlement")
        self.assertEqual(action["context"]["default_res_ids"], settlement.ids)

    def test_rights(self):
        """Auditors read the list and send nothing; nobody sends of what he may not read."""
        auditor = new_test_user(self.env, "auditor", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.row.with_user(auditor).action_send_receipt()
        with self.assertRaises(AccessError):
            self.wire.with_user(auditor).action_send_branch_remittances()
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        self.wire.journal_id.company_id.flush_recordset()
        action = self.wire.with_user(clerk).action_send_remittance()
        self.assertEqual(action["res_model"], "mail.compose.message")

    def test_nothing_to_tell(self):
        """A bank line that pays nobody else has no receipt."""
        own = self.book(self.east, self.invoice_e)
        with self.assert_refused(UserError, "pays for nobody but its own customer"):
            own.action_send_remittance()

    def test_line_is_deleted(self):
        """The bank line goes, and with it what was noted of its mails."""
        self.compose(self.row.action_send_receipt())
        self.wire.action_undo_reconciliation()
        self.wire.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.env["customer.mail.delivery"].search([("kind", "=", "receipt")]))
        self.assertEqual(self.invoice_n.payment_state, "not_paid")
