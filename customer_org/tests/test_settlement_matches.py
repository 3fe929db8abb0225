# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_ledger import CoreCommon


@tagged("post_install", "-at_install")
class TestSettlementMatches(CoreCommon):
    """A match takes, and gives back when it is undone, what it would inside one customer."""

    def test_line_is_a_match(self):
        """A line names its debt, its credit and what both lose, also once it is undone."""
        payment = self._payment(self.hq, 900.0, date="2026-01-20", currency_id=self.eur.id)
        invoice = self.bill(self.north, self.eur, 1000.0, "2026-01-05")
        settlement = self.reconcile(payment, invoice, self.invoice_s)
        line = settlement.line_ids
        self.assertEqual(line.debt_line_id, self.lines(invoice))
        self.assertEqual(line.credit_line_id, self.lines(payment.move_id))
        self.assertEqual((line.amount, line.amount_settled), (1125.0, 1125.0))
        self.assertEqual((line.credit_amount, line.credit_amount_currency), (1125.0, 900.0))
        self.assertEqual((line.debt_amount, line.debt_amount_currency), (1000.0, 900.0))
        self.assertEqual(settlement.name, settlement.move_id.name)
        self.lines(invoice).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual((line.amount, line.amount_settled), (0.0, 1125.0))
        self.assertEqual(line.debt_name, invoice.name)

    def test_message_of_undo(self):
        """The chatter tells which invoice was paid by how much from where, and by whom undone."""
        payment = self._payment(self.hq, 10000.0)
        settlement = self.reconcile(payment, self.invoices)
        self.lines(self.invoice_s).remove_move_reconcile()
        body = settlement.message_ids[0].body
        for text in (self.invoice_s.name, "Acme S", payment.name, "2,500.00"):
            self.assertIn(text, body)
        self.assertNotIn(self.invoice_n.name, body)

    def test_credit_given_back_at_its_own_rate(self):
        """EUR pays USD 400 of N (5 Jan) and of S (20 Jan): what N's match took comes back."""

        def run(n, s, hq):
            credit = self.opening_item(hq, self.eur, -1000.0, -1250.0, "2026-01-25")
            first = self.bill(n, self.usd, 400.0, "2026-01-05")
            second = self.bill(s, self.usd, 400.0, "2026-01-20")
            steps = []
            self.lines(credit, first, second).reconcile()
            for freed in (first, second):
                steps += [self.residuals(credit, first, second), self.exchange()]
                self.lines(freed).remove_move_reconcile()
            return [*steps, self.residuals(credit, first, second), self.exchange()]

        self.assert_same_as_core(run)

    def test_credit_is_never_spent_beyond_its_amount(self):
        """A credit note of 1,000 EUR pays 1,000 EUR, whatever was undone in between."""
        credit = self.bill(self.hq, self.eur, 1000.0, "2026-01-10", move_type="out_refund")
        first = self.bill(self.north, self.usd, 400.0, "2026-01-20")
        second = self.bill(self.north, self.eur, 300.0, "2026-01-20")
        self.reconcile(credit, first, second)
        self.lines(first).remove_move_reconcile()
        third = self.bill(self.north, self.eur, 3000.0, "2026-01-10")
        self.reconcile(credit, third)
        paid = 300.0 + third.amount_total - third.amount_residual
        self.assertEqual(self.eur.round(paid), 1000.0)

    def test_other_invoices_stay_as_they_are(self):
        """GBP pays two EUR invoices of N of different rates: undoing one leaves the other paid."""

        def run(n, _s, hq):
            before = self.exchange()
            first = self.bill(n, self.eur, 1000.0, "2026-01-05")
            second = self.bill(n, self.eur, 1000.0, "2026-01-20")
            payment = self._payment(hq, 5000.0, date="2026-01-25", currency_id=self.gbp.id)
            moves = (payment.move_id, first, second)
            self.lines(*moves).reconcile()
            steps = [self.residuals(*moves)]
            self.assertEqual(self.exchange(), before, "a gain and a loss out of nothing")
            self.lines(first).remove_move_reconcile()
            return [*steps, self.residuals(*moves), self.exchange()]

        self.assert_same_as_core(run)

    def test_difference_unmatched_alone(self):
        """Removing only the match of an exchange difference doesn't book the gain twice."""

        def run(n, _s, hq):
            before = self.env["account.move"].search([])
            invoice = self.bill(n, self.eur, 1000.0, "2026-01-05")
            payment = self._payment(hq, 1000.0, date="2026-01-20", currency_id=self.eur.id)
            self.lines(invoice, payment.move_id).reconcile()
            moves = self.env["account.move"].search([]) - before
            exchange = moves.filtered("exchange_diff_partial_ids")
            self._receivable_lines(exchange).remove_move_reconcile()
            return self.exchange()

        self.assert_same_as_core(run)

    def test_difference_goes_with_its_own_match(self):
        """One debt, two credits, a difference with the second only: each undo takes its own."""
        invoice = self.bill(self.north, self.eur, 1000.0, "2026-01-05")
        same_rate = self.opening_item(self.hq, self.eur, -400.0, -444.44, "2026-01-06")
        other_rate = self.opening_item(self.hq, self.eur, -600.0, -600.0, "2026-01-25")
        start = self.exchange()
        self.reconcile(invoice, same_rate, other_rate)
        difference = [after - before for after, before in zip(self.exchange(), start, strict=True)]
        self.assertTrue(any(difference))
        self.lines(same_rate).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.residuals(invoice, same_rate), [(444.44, 400.0), (-444.44, -400.0)])
        self.lines(other_rate).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.exchange(), start)
        self.assertEqual(self.residuals(invoice, other_rate), [(1111.11, 1000.0), (-600.0, -600.0)])

    def test_tie_of_due_dates(self):
        """Debts due on one day are paid in the order in which core pays them."""

        def run(n, _s, hq):
            first = self.bill(n, self.gbp, 333.33, "2026-01-25")
            second = self.bill(n, self.eur, 1000.0, "2026-01-25")
            payment = self._payment(hq, 100.0, date="2026-01-20").move_id
            self.lines(first, second, payment).reconcile()
            return self.residuals(first, second)

        self.assert_same_as_core(run)

    def test_reconciled_payments(self):
        """Core's questions about an invoice's payments are answered for the original credit."""
        payment = self._payment(self.hq, 3000.0)
        self.reconcile(payment, self.invoice_n)
        self.assertEqual(self.invoice_n._get_reconciled_payments(), payment)
        note = self.bill(self.hq, self.usd, 2500.0, "2026-01-20", move_type="out_refund")
        self.reconcile(note, self.invoice_s)
        self.assertEqual(self.invoice_s._get_reconciled_invoices(), note)
        self.assertEqual(note._get_reconciled_invoices(), self.invoice_s)
        self.lines(self.invoice_n).remove_move_reconcile()
        self.assertFalse(self.invoice_n._get_reconciled_payments())
