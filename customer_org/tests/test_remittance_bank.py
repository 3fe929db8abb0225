# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from stdnum import iso11649

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceBank(RemittanceCommon):
    """A bank line with the reference settles just its remittance, or waits with the reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.remittance = cls._announce(cls.invoice_n, cls.invoice_s)

    @classmethod
    def _announce(cls, *moves, **values):
        remittance = cls.env["customer.remittance"].create(
            {
                "partner_id": cls.hq.id,
                "kind": "wire",
                "date_expected": "2026-03-05",
                "line_ids": [
                    Command.create({"move_id": move.id, "amount": move.amount_residual})
                    for move in moves
                ],
                **values,
            }
        )
        remittance.action_match()
        remittance.action_confirm()
        return remittance

    def assert_queued(self, line, *messages, remittance=None):
        """Expect that nothing was posted, and that an accountant is told why."""
        remittance = remittance or self.remittance
        self.assertFalse(line.is_reconciled)
        self.assertEqual(line.remittance_id, remittance)
        for message in messages:
            self.assertIn(message, line.remittance_problem)
            self.assertIn(message, "".join(str(n) for n in remittance.activity_ids.mapped("note")))

    def test_reference(self):
        """Announced transfers have a reference of ISO 11649, their own."""
        self.assertTrue(iso11649.is_valid(self.remittance.communication))
        other = self._announce(self.invoice_e)
        self.assertNotEqual(self.remittance.communication, other.communication)

    def test_exact(self):
        """Scenario 40: the reference anywhere, any case, blanks between; both are paid by HQ."""
        reference = self.remittance.communication.lower()
        spaced = " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))
        line = self.receive(f"ref {spaced} thank you")
        self.assertEqual(self.remittance.state, "settled")
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, self.hq)
        self.assertEqual((line.remittance_id, line.remittance_problem), (self.remittance, False))

    def test_other_texts(self):
        """The reference may stand in other texts of the line."""
        for values in (
            {"narration": f"<p>{self.remittance.communication}</p>"},
            {"transaction_details": {"EndToEndId": self.remittance.communication}},
            {"partner_name": f"HQ {self.remittance.communication}"},
        ):
            with self.taken_back():
                self.receive("thanks", **values)
                self.assertEqual(self.remittance.state, "settled", values)

    def test_more(self):
        """More than the sum: the rest is the payer's credit."""
        self.receive(self.remittance.communication, 5600.0)
        self.assertEqual(self.remittance.state, "settled")
        self.assert_open(HQ=-100.0, N=0.0, S=0.0)

    def test_less(self):
        """Scenario 41: 20.00 short, nothing posted, queued."""
        line = self.receive(self.remittance.communication, 5480.0)
        self.assert_queued(line, "20.00 short")
        self.assert_open(N=3000.0, S=2500.0)

    def test_second_transfer_completes(self):
        """The second of two transfers: the activity says that both fit."""
        self.receive(self.remittance.communication, 5480.0)
        line = self.receive(self.remittance.communication, 20.0)
        self.assert_queued(line, "both fit")

    def test_customer_of_the_line(self):
        """The payer or somebody below it is fine, anybody else is queued."""
        for partner in (self.hq, self.south):
            with self.taken_back():
                line = self.receive(self.remittance.communication, partner_id=partner.id)
                self.assertEqual(self.remittance.state, "settled")
                self.assertEqual(line.partner_id, self.hq)
        stranger = self._create_customer("Stranger")
        line = self.receive(self.remittance.communication, partner_id=stranger.id)
        self.assert_queued(line, "Stranger", "Acme HQ")

    def test_corrected_line(self):
        """A line that is corrected settles then."""
        line = self.receive("wire 4711")
        self.assertFalse(line.is_reconciled)
        line.payment_ref = f"wire {self.remittance.communication}"
        self.assert_ledger()
        self.assertEqual(self.remittance.state, "settled")

    def test_several(self):
        """A line that names two is queued."""
        other = self._announce(self.invoice_e)
        line = self.receive(f"{self.remittance.communication} {other.communication}", 7250.0)
        self.assert_queued(line, "several", other.name)
        self.assertEqual(other.state, "waiting")

    def test_cancelled(self):
        """A cancelled one is queued."""
        self.remittance.action_cancel()
        line = self.receive(self.remittance.communication)
        self.assert_queued(line, "cancelled")

    def test_never_twice(self):
        """The same line again, or the first one reset and posted again, settles nothing more."""
        first = self.receive(self.remittance.communication)
        second = self.receive(self.remittance.communication)
        self.assert_queued(second, "settled")
        first.move_id.button_draft()
        first.move_id.action_post()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertEqual(len(self.remittance.settlement_ids), 1)

    def test_taken_back_by_the_bank_line(self):
        """Undoing the bank line opens the remittance again, and the line may settle it anew."""
        line = self.receive(self.remittance.communication)
        line.action_undo_reconciliation()
        self.assert_ledger()
        self.assertEqual(self.remittance.state, "waiting")
        self.env["account.bank.statement.line"]._cron_settle_remittances()
        self.assert_ledger()
        self.assertEqual(self.remittance.state, "settled")
        self.assert_open(HQ=0.0, N=0.0, S=0.0)

    def test_line_before_the_announcement(self):
        """A line that came first settles by the cron, once the remittance waits."""
        remittance = self._announce(self.invoice_e)
        remittance.action_draft()
        line = self.receive(remittance.communication, 1750.0)
        self.assert_queued(line, "draft", remittance=remittance)
        remittance.action_confirm()
        self.env["account.bank.statement.line"]._cron_settle_remittances()
        self.assertEqual(remittance.state, "settled")
        self.assertFalse(line.remittance_problem)

    def test_paid_meanwhile(self):
        """An invoice that was paid meanwhile: nothing is posted, the reason is told."""
        self.reconcile(self.invoice_s, self._payment(self.south, 2500.0))
        line = self.receive(self.remittance.communication)
        self.assert_queued(line, "not ready")
        self.assert_open(N=3000.0)

    def test_ordinary_line(self):
        """A line without a reference costs no query."""
        line = self.receive("invoice 4711")
        line.invalidate_recordset()
        line._get_remittance_keys()
        with self.assertQueryCount(0):
            line._settle_remittances()


@tagged("post_install", "-at_install")
class TestRemittanceAnnounced(RemittanceCommon):
    """Announced invoices say so and are left to their announcement, until the grace has passed."""

    def announce(self, days):
        remittance = self.create_matched((self.invoice_n, 3000.0))
        remittance.date_expected = fields.Date.today() + timedelta(days=days)
        remittance.action_confirm()
        return remittance

    def test_automatic_settlement(self):
        """Scenario 42: the nightly settlement leaves it alone, and pays the others."""
        remittance = self.announce(2)
        self._payment(self.hq, 8750.0)
        self.hq._auto_settle()
        self.assert_open(N=3000.0, S=0.0, HQ=-3000.0)
        self.assertTrue(self.invoice_n.is_announced)
        self.assertIn("Announced by Acme HQ for", self.invoice_n.announcement)
        self.assertEqual(
            self.env["account.move"].search([("is_announced", "=", True)]), self.invoice_n
        )
        remittance.action_cancel()
        self.hq._auto_settle()
        self.assert_open(N=0.0)

    def test_grace(self):
        """Within the company's days of grace it is still announced, after them no more."""
        self.announce(-3)
        self.assertTrue(self.invoice_n.is_announced)
        self.company.sudo().remittance_grace_days = 2
        self.env.invalidate_all()
        self.assertFalse(self.invoice_n.is_announced)
        self._payment(self.hq, 8750.0)
        self.hq._auto_settle()
        self.assert_open(N=0.0)

    def test_due_as_ever(self):
        """It counts in what is due."""
        due = self.hq.billing_total_due
        self.announce(2)
        self.env.invalidate_all()
        self.assertEqual(self.hq.billing_total_due, due)

    def test_late(self):
        """A promise whose grace has passed asks an accountant, once."""
        remittance = self.announce(-10)
        for _night in range(2):
            self.env["customer.remittance"]._cron_remind_of_late()
        self.assertEqual(len(remittance.activity_ids), 1)
        self.assertIn("promised", str(remittance.activity_ids.note))
