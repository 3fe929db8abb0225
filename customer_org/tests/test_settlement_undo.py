# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementUndo(SettlementCommon):
    """Undoing gives the credit back to its own document, exactly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 10000.0)

    def setUp(self):
        super().setUp()
        self.settlement = self.reconcile(self.payment, self.invoices)

    def remove_match(self, invoice):
        """Remove the matches of an invoice from its payments widget, as a user does."""
        for values in invoice.invoice_payments_widget["content"]:
            invoice.js_remove_outstanding_partial(values["partial_id"])
        self.assert_ledger()

    @property
    def payment_line(self):
        return self._receivable_lines(self.payment.move_id)

    def test_scenario_06_remove_one_match(self):
        """Three times over: S is open, HQ's payment is open by the same, nothing else moves."""
        for _round in range(3):
            self.remove_match(self.invoice_s)
            self.assert_open(HQ=-3750.0, N=0.0, S=2500.0, E=0.0, W=0.0)
            self.assertEqual(self.payment_line.amount_residual, -3750.0)
            self.assertEqual(self.invoice_s.payment_state, "not_paid")
            self.assertEqual(self.invoice_n.payment_state, "paid")
            self.assertEqual(self.settlement.amount, 6250.0)
            self.assertNotIn(self.invoice_s, self.payment.reconciled_invoice_ids)
            self.assertIn(self.invoice_n, self.payment.reconciled_invoice_ids)
            again = self.reconcile(self.payment, self.invoice_s)
            self.assertEqual(again.amount, 2500.0)
            self.assert_open(HQ=-1250.0, N=0.0, S=0.0, E=0.0, W=0.0)
            self.assertIn(self.invoice_s, self.payment.reconciled_invoice_ids)

    def test_remove_one_of_two_invoices_of_a_leg(self):
        """Two invoices of one branch share a leg: only the one that was freed opens."""
        second = self._invoice(self.north, 777.77, due="2026-01-11")
        settlement = self.reconcile(self._payment(self.hq, 777.77), second)
        self.remove_match(self.invoice_n)
        self.remove_match(second)
        payment = self._payment(self.hq, 4000.0)
        settlement = self.reconcile(payment, self.invoice_n, second)
        self.assertEqual(len(settlement.line_ids.debtor_leg_id), 1)
        self.remove_match(second)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(second.amount_residual, 777.77)
        self.assertEqual(settlement.amount, 3000.0)
        self.remove_match(self.invoice_n)
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(self._receivable_lines(payment.move_id).amount_residual, -4000.0)

    def test_remove_all_one_by_one(self):
        """With the last match gone the settlement is cancelled, with all its entries."""
        for invoice in self.invoices:
            self.assertEqual(self.settlement.state, "posted")
            self.remove_match(invoice)
        self.assertEqual(self.settlement.state, "cancelled")
        self.assertEqual(self.settlement.amount, 0.0)
        entries = self.env["account.move"].search(
            [("customer_settlement_id", "=", self.settlement.id)]
        )
        self.assertEqual(set(entries.mapped("state")), {"cancel"})
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertFalse(self.payment.reconciled_invoice_ids)

    def test_scenario_07_cancel_payment(self):
        """HQ's payment is cancelled: all four are open again, HQ owes nothing."""
        self.payment.action_draft()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.payment.action_cancel()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.settlement.state, "cancelled")

    def test_delete_payment(self):
        """Deleting the payment frees its invoices too."""
        self.payment.action_draft()
        self.payment.unlink()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    def test_reject_payment(self):
        """A bounced payment pays nobody."""
        self.payment.action_reject()
        self.assert_ledger()
        self.assert_open(N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.settlement.state, "cancelled")

    def test_cancel_invoice(self):
        """A branch's invoice is cancelled: the credit is HQ's again."""
        self.invoice_s.button_draft()
        self.assertEqual(self.payment_line.amount_residual, -1250.0)
        self.invoice_s.button_cancel()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, N=0.0, S=0.0)

    def test_edit_invoice(self):
        """Reset to draft keeps the match; a changed amount frees it."""
        self.invoice_s.button_draft()
        self.invoice_s.invoice_line_ids.price_unit = 2600.0
        self.invoice_s.action_post()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, N=0.0, S=2600.0)

    def test_reverse_invoice(self):
        """A credit note that cancels a branch's invoice frees the head office's credit."""
        self.invoice_s._reverse_moves([{"invoice_date": "2026-02-01"}], cancel=True)
        self.assert_ledger()
        self.assertEqual(self.invoice_s.payment_state, "reversed")
        self.assert_open(HQ=-3750.0, N=0.0, S=0.0)

    def test_unreconcile_in_list(self):
        """The list action on S's item frees S, on HQ's item all that HQ paid."""
        line = self._receivable_lines(self.invoice_s)
        line.with_context(active_ids=line.ids).action_unreconcile_match_entries()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, N=0.0, S=2500.0)
        line = self.payment_line
        line.with_context(active_ids=line.ids).action_unreconcile_match_entries()
        self.assert_ledger()
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.settlement.state, "cancelled")

    def test_unmatch_legs(self):
        """Unmatching a leg undoes what it carries; a leg and its reversal stay together."""
        self.settlement.line_ids[1].debtor_leg_id.remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, N=0.0, S=2500.0)
        self.settlement.line_ids[1].debtor_leg_id.remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, N=0.0, S=2500.0)
        self.settlement.line_ids.payer_leg_id.remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0)

    def test_context_of_undo_is_not_for_users(self):
        """Who sends the context of an undo gets the same as who does not."""
        sent = {"customer_settlement_undo": True, "bypass_lock_check": True}
        entry = self.settlement.move_id.with_context(**sent)
        for change in (
            entry.button_draft,
            entry._reverse_moves,
            lambda: entry.write({"date": "2026-03-01"}),
            lambda: entry.line_ids[0].write({"partner_id": self.west.id}),
        ):
            with self.assert_refused(UserError, "belongs to the settlement"):
                change()
        debtor_leg = self.settlement.line_ids[0].debtor_leg_id.with_context(**sent)
        debtor_leg.remove_move_reconcile()
        self.assert_ledger()

    def test_undo_button(self):
        """One click posts, one click undoes; a second click says that nothing is left."""
        self.settlement.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.settlement.move_id.state, "cancel")
        with self.assert_refused(Exception, "already cancelled"):
            self.settlement.action_undo()

    def test_two_settlements_of_one_payment(self):
        """Undoing one settlement leaves the payment's other one alone."""
        late = self._invoice(self.west, 500.0, due="2026-03-01", date="2026-02-20")
        second = self.reconcile(self.payment, late)
        self.settlement.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-9500.0, N=3000.0, W=1500.0)
        self.assertEqual(second.state, "posted")
        self.assertEqual(self.payment.reconciled_invoice_ids, late)

    def test_two_payers_of_one_invoice(self):
        """An invoice paid from two credits: each match gives back to its own document."""
        invoice = self._invoice(self.north, 3000.0, due="2026-01-11")
        first, second = self._payment(self.hq, 1000.0), self._payment(self.hq, 2000.0)
        settlement = self.reconcile(first, second, invoice)
        values = invoice.invoice_payments_widget["content"]
        partial = next(v for v in values if v["account_payment_id"] == first.id)
        invoice.js_remove_outstanding_partial(partial["partial_id"])
        self.assert_ledger()
        self.assertEqual(self._receivable_lines(first.move_id).amount_residual, -1000.0)
        self.assertEqual(self._receivable_lines(second.move_id).amount_residual, 0.0)
        self.assertEqual(settlement.amount, 2000.0)

    def test_scenario_08_locked_period(self):
        """January is locked: the undo is booked in the first open month, January stays."""
        self.company.fiscalyear_lock_date = "2026-01-31"
        january = [("date", "<=", "2026-01-31"), ("parent_state", "=", "posted")]
        items = self.env["account.move.line"]
        before = items._read_group(january, ["account_id", "partner_id"], ["balance:sum"])
        self.settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(
            items._read_group(january, ["account_id", "partner_id"], ["balance:sum"]), before
        )
        reversal = self.settlement.move_id.reversal_move_ids
        self.assertEqual(reversal.date.isoformat()[:7], "2026-02")
        self.assertEqual(self.settlement.state, "cancelled")
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.payment_line.amount_residual, -10000.0)

    def test_locked_period_one_invoice(self):
        """In a locked period one invoice is freed by a pair in the first open month."""
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.remove_match(self.invoice_s)
        self.assert_open(HQ=-3750.0, N=0.0, S=2500.0)
        reversal = self.settlement.move_id.reversal_move_ids
        self.assertEqual(reversal.date.isoformat()[:7], "2026-02")
        self.settlement.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    def test_hashed_journal(self):
        """A hashed entry is reversed, never touched."""
        self.settlement.action_undo()
        self.settlement.move_id.journal_id.restrict_mode_hash_table = True
        settlement = self.reconcile(self.payment, self.invoices)
        self.remove_match(self.invoice_s)
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(settlement.move_id.state, "posted")
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    def test_scenario_14_undo_after_unlinking(self):
        """S left HQ: undoing the old settlement returns the credit to HQ."""
        self.south.billing_parent_id = False
        self.remove_match(self.invoice_s)
        self.assert_open(HQ=-3750.0, S=2500.0)
        self.assertEqual(self.payment_line.amount_residual, -3750.0)
        self.assertFalse(self.invoice_s.invoice_outstanding_credits_debits_widget)

    def test_credit_note_undo(self):
        """A credit note that was used opens again."""
        self.settlement.action_undo()
        credit_note = self._invoice(self.hq, 3000.0, due="2026-01-20", move_type="out_refund")
        self.reconcile(credit_note, self.invoice_n)
        self.remove_match(self.invoice_n)
        self.assertEqual(credit_note.payment_state, "not_paid")
        self.assertEqual(credit_note.amount_residual, 3000.0)
        self.assertEqual(self.invoice_n.payment_state, "not_paid")

    def test_draft_becomes_another_customers(self):
        """What was settled of an invoice, or by a payment, is taken back with its customer."""
        payment = self.payment
        for document, other in ((self.invoice_n, self.west), (payment, self.north)):
            with self.subTest(document=document.display_name), self.taken_back():
                move = document if document == self.invoice_n else document.move_id
                if move == document:
                    move.button_draft()
                else:
                    document.action_draft()
                self.assertEqual(self.invoice_n.payment_state, "paid", "as in core")
                document.partner_id = other
                move.action_post()
                self.assert_ledger()
                self.assertEqual(self.invoice_n.payment_state, "not_paid")
                if document == payment:
                    self.assert_open(HQ=0.0, N=-7000.0, S=2500.0, E=1750.0, W=1500.0)
                else:
                    self.assert_open(HQ=-4250.0, N=0.0, S=0.0, E=0.0, W=3000.0)
