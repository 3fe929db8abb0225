# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_ledger import CashBasisCommon, CoreCommon


class RedatedCommon(CashBasisCommon, CoreCommon):
    def redate(self, document, date):
        """Correct the date of an invoice or a payment, in draft."""
        if document._name == "account.payment":
            document.action_draft()
            document.date = date
            document.action_post()
        else:
            document.button_draft()
            document.invoice_date = date
            document.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()

    def wire(self, amount, date, **values):
        return self._wire(self.hq, amount, date, **values)

    def get_dates(self):
        """Return ``{date: amount}`` of the settlements in force."""
        settlements = self.env["customer.settlement"].search([("state", "=", "posted")])
        return {str(one.date): self.usd.round(one.amount) for one in settlements}


@tagged("post_install", "-at_install")
class TestSettlementRedated(RedatedCommon):
    """What depends on the date of a settlement moves with it: differences, taxes, numbers."""

    def test_tax_of_a_redated_invoice(self):
        """The tax was due in January; the invoice is of February now, and so is its tax."""
        invoice = self.taxed_invoice(self.north)
        payment = self._payment(self.hq, 1100.0, date="2026-01-20")
        self.reconcile(invoice, payment)
        self.assertEqual(self.due_tax(), {"2026-01-20": 100.0})
        self.redate(invoice, "2026-02-03")
        by_month = defaultdict(float)
        for day, amount in self.due_tax().items():
            by_month[day[:7]] += amount
        self.assertEqual(by_month, {"2026-01": 0.0, "2026-02": 100.0})
        self.assertEqual(self.get_dates(), {"2026-02-03": 1100.0})
        self.assertEqual(invoice.payment_state, "paid")

    def test_difference_of_a_redated_wire(self):
        """The exchange difference follows a wire of another month, at the amounts as matched."""
        invoice = self.bill(self.north, self.eur, 900.0, "2026-01-05")
        wire = self.wire(1200.0, "2026-01-20")
        self.lines(invoice, wire.move_id).reconcile()
        before = self.residuals(invoice, wire.move_id), self.exchange()
        wire.date = "2026-02-10"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual((self.residuals(invoice, wire.move_id), self.exchange()), before)
        self.assertEqual(list(self.get_dates()), ["2026-02-10"])
        moves = self.env["account.move"].search(
            [("exchange_diff_partial_ids", "!=", False), ("state", "=", "posted")]
        )
        in_force = moves.filtered(lambda move: not move.reversal_move_ids)
        self.assertEqual({f"{move.date:%Y-%m}" for move in in_force}, {"2026-02"})

    def test_one_of_two(self):
        """Of two invoices on one settlement one is re-dated: two settlements, nothing open."""
        payment = self._payment(self.hq, 5500.0, date="2026-01-12")
        settlement = self.reconcile(payment, self.invoice_n, self.invoice_s)
        self.redate(self.invoice_s, "2026-01-28")
        self.assertEqual(self.get_dates(), {"2026-01-12": 3000.0, "2026-01-28": 2500.0})
        self.assertEqual(
            settlement.line_ids.filtered("is_undone").debt_line_id.move_id, self.invoice_s
        )
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.lines(payment.move_id).remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-5500.0, N=3000.0, S=2500.0)

    def test_nothing_depends_on_it(self):
        """Re-dated below the other document's date: the settlement is not touched at all."""
        payment = self._payment(self.hq, 3000.0, date="2026-01-31")
        settlement = self.reconcile(payment, self.invoice_n)
        entry, number = settlement.move_id, settlement.name
        self.redate(self.invoice_n, "2026-01-15")
        self.assertEqual((settlement.state, settlement.name), ("posted", number))
        self.assertEqual(self.env["customer.settlement"].search_count([]), 1)
        self.assertEqual(entry.state, "posted")

    def test_into_a_closed_month(self):
        """January is closed meanwhile: core refuses the date, and the settlement stays as it is."""
        payment = self._payment(self.hq, 3000.0, date="2026-02-10")
        settlement = self.reconcile(payment, self.invoice_n)
        self.company.hard_lock_date = "2026-01-31"
        payment.action_draft()
        payment.date = "2026-01-20"
        payment.action_post()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertGreater(str(payment.move_id.date), "2026-01-31")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        wire = self.wire(2500.0, "2026-02-10")
        self.lines(wire.move_id, self.invoice_s).reconcile()
        settlement = self.last_settlement()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            wire.date = "2026-01-20"
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual((str(settlement.date), settlement.state), ("2026-02-10", "posted"))

    def test_hashed_journal(self):
        """The settlement's journal is hashed: reversed on its day, and booked on the new one."""
        self.company._ensure_customer_settlement_journal().restrict_mode_hash_table = True
        payment = self._payment(self.hq, 3000.0, date="2026-01-12")
        settlement = self.reconcile(payment, self.invoice_n)
        self.redate(payment, "2026-02-10")
        self.assertEqual(self.get_dates(), {"2026-02-10": 3000.0})
        entries = self.env["account.move"].search([("customer_settlement_id", "=", settlement.id)])
        self.assertEqual(set(entries.mapped("state")), {"posted"})
        self.assertEqual(len(entries), 2)
        self.assertEqual(sum(entries.line_ids.mapped("amount_residual")), 0.0)

    def test_payment_of_each_door(self):
        """Re-dated, then bounced: the new settlement is taken back like the first."""
        payment = self._payment(self.hq, 3000.0, date="2026-01-12")
        self.reconcile(payment, self.invoice_n)
        self.redate(payment, "2026-02-10")
        payment.action_reject()
        self.assert_ledger()
        self.assertEqual(self.get_dates(), {})
        self.assert_open(N=3000.0)

    def test_chatter_says_why(self):
        """What the first settlement had paid stays readable, on itself and in its chatter."""
        payment = self._payment(self.hq, 3000.0, date="2026-01-12")
        settlement = self.reconcile(payment, self.invoice_n)
        self.redate(payment, "2026-02-10")
        [line] = settlement.line_ids
        self.assertEqual((line.amount, line.amount_settled, line.is_undone), (0.0, 3000.0, True))
        self.assertIn(self.invoice_n.name, settlement.message_ids[0].body)
