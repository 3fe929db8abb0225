# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementBank(SettlementCommon):
    """A head office's bank statement line pays its branches' invoices."""

    def setUp(self):
        super().setUp()
        self.statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-02",
                "payment_ref": "Transfer of Acme HQ",
                "partner_id": self.hq.id,
                "amount": 8750.0,
            }
        )

    def match(self, lines):
        """Put the statement line's counterpart on the receivable account and reconcile it."""
        _liquidity, suspense, _other = self.statement_line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.account_id = self.receivable
        (suspense | lines).reconcile()
        self.assert_ledger()

    def test_match_and_undo(self):
        """The counterpart is HQ's, the settlement moves it to the branches; undo frees all."""
        self.match(self._receivable_lines(self.invoices))
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0, W=0.0)
        self.assertTrue(self.statement_line.is_reconciled)
        self.statement_line.action_undo_reconciliation()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(self.last_settlement().state, "cancelled")

    def test_remove_one_match(self):
        """One invoice is freed: the statement line's counterpart is open by as much."""
        self.match(self._receivable_lines(self.invoices))
        for values in self.invoice_s.invoice_payments_widget["content"]:
            self.invoice_s.js_remove_outstanding_partial(values["partial_id"])
        self.assert_ledger()
        self.assert_open(HQ=-2500.0, N=0.0, S=2500.0)

    def test_journal_items_action(self):
        """Core's *Reconcile* on chosen journal items."""
        payment = self._payment(self.hq, 8750.0)
        lines = self._receivable_lines(payment.move_id | self.invoices)
        lines.with_context(active_ids=lines.ids, active_model="account.move.line").reconcile()
        self.assert_ledger()
        self.assertTrue(all(line.reconciled for line in lines))
