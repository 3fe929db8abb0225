# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_remittance import RemittanceCommon
from .common_remittance_mail import RemittanceMailCommon

MAIL_WITH_TWO = """From: payables@example.com
To: remittances@{domain}
Subject: Our payments
Message-Id: <two@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

Please find our lists attached.

--x
Content-Type: image/png; name="logo.png"
Content-Disposition: attachment; filename="logo.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=

--x
Content-Type: text/csv; name="march.csv"
Content-Disposition: attachment; filename="march.csv"

{first}
--x
Content-Type: text/csv; name="april.csv"
Content-Disposition: attachment; filename="april.csv"

{second}
--x--
"""


@tagged("post_install", "-at_install")
class TestRemittanceBankLines(RemittanceCommon):
    """Bank lines as banks write them, and what is done with them afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.remittance = cls._announce((cls.invoice_n, 3000.0), (cls.invoice_s, 2500.0))
        cls.reference = cls.remittance.communication

    @classmethod
    def _announce(cls, *lines, **values):
        remittance = cls.env["customer.remittance"].create(
            {
                "partner_id": cls.hq.id,
                "kind": "wire",
                "date_expected": "2026-03-05",
                "line_ids": [
                    Command.create({"move_id": move.id, "amount": amount}) for move, amount in lines
                ],
                **values,
            }
        )
        remittance.action_match()
        remittance.action_confirm()
        return remittance

    def get_activities(self, remittance=None):
        return "".join(
            str(note) for note in (remittance or self.remittance).activity_ids.mapped("note")
        )

    def test_reference_in_many_places(self):
        """Twice in one text and again in others, it is one reference and settles once."""
        line = self.receive(
            f"{self.reference} / {self.reference.lower()}",
            narration=f"<p>/RFB/{self.reference}</p>",
            transaction_details={"refs": [self.reference, "NOTPROVIDED"]},
        )
        self.assertEqual((self.remittance.state, line.remittance_problem), ("settled", False))
        self.assertEqual(len(self.remittance.settlement_ids), 1)

    def test_texts_around_the_reference(self):
        """Text right before and behind, other punctuation, and a line end within it."""
        reference = self.reference
        for text in (
            f"SEPA+{reference}+ACME",
            f"ref:{reference}EREF:4711",
            f"{reference[:9]}\n{reference[9:]}",
            "-".join(reference),
        ):
            with self.subTest(text), self.taken_back():
                self.receive(text)
                self.assertEqual(self.remittance.state, "settled")

    def test_other_references(self):
        """A reference with a digit less or of somebody else names nothing, and asks nobody."""
        for text in (
            self.reference[:-1],
            "RF18539007547034",
            "RF",
            "RF1",
            f"X{self.reference[1:]}",
        ):
            with self.subTest(text):
                line = self.receive(text)
                self.assertFalse(line.remittance_id or line.remittance_problem)
        self.assertEqual(self.remittance.state, "waiting")

    def test_money_out(self):
        """What we pay back with the payer's reference settles nothing."""
        line = self.receive(self.reference, -5500.0)
        self.assertFalse(line.remittance_id)
        self.assertEqual(self.remittance.state, "waiting")

    def test_two_of_one_sum(self):
        """Of two announcements of one sum each line settles the one that it names."""
        first = self._announce((self.invoice_e, 1500.0))
        second = self._announce((self.invoice_w, 1500.0))
        self.receive(second.communication, 1500.0)
        self.assertEqual((first.state, second.state), ("waiting", "settled"))
        self.receive(first.communication, 1500.0)
        self.assertEqual(first.state, "settled")
        self.assert_open(HQ=0.0, E=250.0, W=0.0)

    def test_amount_corrected(self):
        """A line that was short and is corrected settles, and its reason is gone."""
        line = self.receive(self.reference, 5480.0)
        self.assertIn("20.00 short", line.remittance_problem)
        line.amount = 5500.0
        self.assert_ledger()
        self.assertEqual((self.remittance.state, line.remittance_problem), ("settled", False))

    def test_told_once(self):
        """The cron tries again each time, and asks for the same reason once."""
        line = self.receive(self.reference, 5480.0)
        for _time in range(3):
            self.env["account.bank.statement.line"]._cron_settle_remittances()
        self.assertEqual(len(self.remittance.activity_ids), 1)
        self.reconcile(self.invoice_s, self._payment(self.south, 20.0))
        self.env["account.bank.statement.line"]._cron_settle_remittances()
        self.assertEqual(self.remittance.state, "waiting")
        self.assertIn("20.00 short", line.remittance_problem)

    def test_settled_by_hand(self):
        """A short line that an accountant books on the payer and settles with less by hand."""
        line = self.receive(self.reference, 5480.0)
        credit = line._book_on_payer(self.hq)
        self.remittance.line_ids[1].amount = 2480.0
        self.remittance.credit_line_ids = credit
        self.settle(self.remittance)
        self.assert_open(HQ=0.0, N=0.0, S=20.0)
        self.env["account.bank.statement.line"]._cron_settle_remittances()
        self.assertEqual(len(self.remittance.settlement_ids), 1)

    def test_booked_already(self):
        """A line that was booked as something else stays as it is, whatever it names later."""
        line = self.receive("deposit")
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.company_data["default_account_revenue"]
        line.narration = self.reference
        self.assertTrue(line.is_reconciled)
        self.assertFalse(line.remittance_id)
        self.assertEqual(self.remittance.state, "waiting")

    def test_other_currency(self):
        """Money in another currency than the announcement's is queued."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        line = self.receive(
            self.reference, 5500.0, foreign_currency_id=euro.id, amount_currency=5000.0
        )
        self.assertIn("another currency", line.remittance_problem)
        self.assertIn("another currency", self.get_activities())

    def test_euro(self):
        """An announcement in euro is settled by the euro of the line, whatever it is worth."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        invoice = self._invoice(self.north, 1000.0, due="2026-01-10", currency_id=euro.id)
        remittance = self._announce((invoice, 1000.0), currency_id=euro.id)
        line = self.receive(
            remittance.communication, 1100.0, foreign_currency_id=euro.id, amount_currency=1000.0
        )
        self.assertEqual((remittance.state, line.remittance_problem), ("settled", False))
        self.assertEqual(invoice.payment_state, "paid")

    def test_several_lines_at_once(self):
        """A whole statement in one call: each line for itself, and the rest is left alone."""
        other = self._announce((self.invoice_e, 1750.0))
        lines = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self.company_data["default_journal_bank"].id,
                    "date": "2026-03-04",
                    "payment_ref": text,
                    "amount": amount,
                }
                for text, amount in (
                    (self.reference, 5500.0),
                    (f"again {self.reference}", 5500.0),
                    ("nothing", 10.0),
                    (other.communication, 1750.0),
                )
            ]
        )
        self.assert_ledger()
        self.assertEqual(lines.mapped("is_reconciled"), [True, False, False, True])
        self.assertIn("settled", lines[1].remittance_problem)
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0)

    def test_branch_left(self):
        """A branch that has left since the announcement stops it: the line waits for a person."""
        self.south.billing_parent_id = False
        line = self.receive(self.reference)
        self.assertFalse(line.is_reconciled)
        self.assertIn("not ready", line.remittance_problem)
        self.assert_open(N=3000.0, S=2500.0)

    def test_undone_and_cancelled(self):
        """Settled by the bank, undone and cancelled: the line is the payer's credit."""
        line = self.receive(self.reference)
        self.remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5500.0, N=3000.0, S=2500.0)
        self.remittance.action_cancel()
        self.env["account.bank.statement.line"]._cron_settle_remittances()
        line.narration = f"{self.reference} again"
        self.assert_open(HQ=-5500.0, N=3000.0, S=2500.0)
        self.assertEqual(self.remittance.state, "cancelled")


@tagged("post_install", "-at_install")
class TestRemittancePromises(RemittanceCommon):
    """Promised days, days of grace, and what comes after them."""

    def announce(self, days):
        remittance = self.create_matched((self.invoice_n, 3000.0))
        remittance.date_expected = fields.Date.today() + timedelta(days=days)
        remittance.action_confirm()
        return remittance

    def test_reminded_once(self):
        """Who has looked at a late promise is not asked again, but when a new one is late."""
        remittance = self.announce(-10)
        remittances = self.env["customer.remittance"]
        remittances._cron_remind_of_late()
        remittance.activity_ids.action_feedback(feedback="They will pay.")
        remittances._cron_remind_of_late()
        self.assertFalse(remittance.activity_ids)
        remittance.date_expected = fields.Date.today() + timedelta(days=2)
        with freeze_time(fields.Date.today() + timedelta(days=10)):
            remittances._cron_remind_of_late()
        self.assertEqual(len(remittance.activity_ids), 1)

    def test_asked_for_another_reason(self):
        """A question from before the promise was late does not keep the reminder back."""
        remittance = self.announce(2)
        remittance._ask_person("Which branch?")
        remittance.activity_ids.action_feedback()
        with freeze_time(fields.Date.today() + timedelta(days=10)):
            self.env["customer.remittance"]._cron_remind_of_late()
        self.assertIn("promised", str(remittance.activity_ids.note))

    def test_last_day_of_grace(self):
        """Announced on the last day of grace, not the day after, by field, search and automat."""
        self.company.sudo().remittance_grace_days = 3
        self.announce(0)
        announced = self.env["account.move"]
        for days, is_announced in ((3, True), (4, False)):
            with freeze_time(fields.Date.today() + timedelta(days=days)):
                self.env.invalidate_all()
                self.assertEqual(self.invoice_n.is_announced, is_announced)
                found = announced.search([("is_announced", "=", True)])
                self.assertEqual(self.invoice_n in found, is_announced)
                debts = announced.search([("is_announced", "=", False)])
                self.assertEqual(self.invoice_n in debts, not is_announced)

    def test_no_day(self):
        """What waits without a day announces nothing, and is never late."""
        remittance = self.create_matched((self.invoice_n, 3000.0))
        remittance.action_confirm()
        self.assertFalse(self.invoice_n.is_announced or remittance.date_grace)
        self.env["customer.remittance"]._cron_remind_of_late()
        self.assertFalse(remittance.activity_ids)

    def test_line_left_out(self):
        """What is left out is not announced; a draft announces nothing either."""
        remittance = self.announce(2)
        self.assertTrue(self.invoice_n.is_announced)
        remittance.line_ids.left_out = True
        self.env.invalidate_all()
        self.assertFalse(self.invoice_n.is_announced)
        remittance.line_ids.left_out = False
        remittance.action_draft()
        self.env.invalidate_all()
        self.assertFalse(self.invoice_n.is_announced)


@tagged("post_install", "-at_install")
class TestRemittanceMails(RemittanceMailCommon):
    """More mails than those with one list of one contact."""

    def test_two_lists(self):
        """A mail with two lists and a picture: the first is read, the second asked for by name."""
        second = f"Invoice;Paid\n{self.invoice_s.name};2500.00\n"
        mail = MAIL_WITH_TWO.format(
            domain=self.mail_alias_domain.name, first=self.content, second=second
        )
        self.env["mail.thread"].sudo().message_process(None, mail)
        remittance = self.env["customer.remittance"].search([], order="id desc", limit=1)
        self.assertEqual(remittance.line_ids.move_id, self.invoice_n)
        note = str(remittance.activity_ids.note)
        self.assertIn("april.csv", note)
        self.assertNotIn("logo.png", note)

    def test_branchs_contact(self):
        """The list of a branch's contact is the branch's: its head office's invoice is none."""
        own = self._invoice(self.hq, 70.0, due="2026-01-10")
        content = f"Invoice;Paid\n{self.invoice_n.name};3000.00\n{own.name};70.00\n"
        remittance = self.receive(content, sender="north@example.com")
        self.assertEqual(remittance.partner_id, self.north)
        self.assertEqual(self.get_statuses(remittance), ["ok", "other_customer"])

    def test_our_own_user(self):
        """A list that our own accountant forwards has no payer: who sends it does not pay."""
        accountant = self.env["res.users"].create(
            {"name": "Bob", "login": "bob_accounts", "email": "bob@ours.example.com"}
        )
        self.hq.write({"child_ids": [Command.link(accountant.partner_id.id)]})
        remittance = self.receive(self.content, sender="bob@ours.example.com")
        self.assertFalse(remittance.partner_id or remittance.line_ids)

    def test_unreadable_row(self):
        """A row that can't be read keeps the whole list out; the row is told."""
        remittance = self.receive("Invoice;Paid\nINV/1;5,00\nINV/2;abc\n")
        self.assertFalse(remittance.line_ids)
        self.assertIn("Row 3", str(remittance.activity_ids.note))

    def test_address_taken_away(self):
        """Without its name the address takes no list any more; another name is another address."""
        company = self.company.sudo()
        alias = company.remittance_alias_id
        company.remittance_alias_name = "payments"
        self.assertEqual((company.remittance_alias_id, alias.alias_name), (alias, "payments"))
        company.remittance_alias_name = False
        self.assertFalse(alias.alias_name)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(other.remittance_alias_name or other.remittance_alias_id)
