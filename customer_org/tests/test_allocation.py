# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import doctest
from random import Random

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_org.models.settlement import allocation

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestAllocation(BaseCase):
    """The arithmetic alone."""

    def test_examples(self):
        """The examples in the docstrings are right, and there are some."""
        result = doctest.testmod(allocation)
        self.assertFalse(result.failed)
        self.assertTrue(result.attempted)

    def test_pro_rata_is_exact(self):
        """Whatever the amounts: all is spent, no debt gets more, shares are off by one at most."""
        random = Random(1)
        for rounding in (0.01, 1.0, 0.05, 0.001):
            for _case in range(50):
                units = [random.randint(1, 10**6) for _debt in range(random.randint(1, 40))]
                available = random.randint(0, int(sum(units) * 1.2))
                parts = allocation.allocate_pro_rata(
                    available * rounding, [unit * rounding for unit in units], rounding
                )
                parts = [round(part / rounding) for part in parts]
                spent = min(available, sum(units))
                self.assertEqual(sum(parts), spent)
                for part, unit in zip(parts, units, strict=True):
                    self.assertLessEqual(part, unit)
                    self.assertLess(abs(part - spent * unit / sum(units)), 1)

    def test_nothing_to_allocate(self):
        """No credit or no debt: nobody gets anything."""
        for allocate in (allocation.allocate_in_order, allocation.allocate_pro_rata):
            self.assertEqual(allocate(0.0, [5.0, 1.0], 0.01), [0.0, 0.0])
            self.assertEqual(allocate(7.0, [], 0.01), [])


@tagged("post_install", "-at_install")
class TestLimitedPlan(SettlementCommon):
    """Typed amounts are settled exactly, with core's own arithmetic."""

    def settle(self, limits, *moves):
        lines = self._receivable_lines(self.env["account.move"].union(*moves))
        limits = {self._receivable_lines(move): amount for move, amount in limits.items()}
        matches = lines._plan_limited_settlement(limits)
        self.env["customer.settlement"]._settle(matches)
        self.assert_ledger()
        return matches

    def test_debts_are_limited(self):
        """Each invoice gets what was typed; the rest stays the payer's credit."""
        payment = self._payment(self.hq, 10000.0).move_id
        limits = {self.invoice_n: 1000.01, self.invoice_s: 0.02, self.invoice_e: 1750.0}
        self.settle(limits, payment, *limits)
        self.assert_open(HQ=-7249.97, N=1999.99, S=2499.98, E=0.0, W=1500.0)
        self.last_settlement().action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0, E=1750.0)

    def test_credit_is_limited(self):
        """A limit on a credit keeps the rest of it."""
        payment = self._payment(self.hq, 10000.0).move_id
        self.settle({payment: 3500.0}, payment, self.invoice_n, self.invoice_s)
        self.assert_open(HQ=-6500.0, N=0.0, S=2000.0)

    def test_own_debt_is_limited(self):
        """Inside one customer there is no settlement, and the limit holds as well."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        self.settle({own: 400.0}, self._payment(self.hq, 700.0).move_id, own)
        self.assert_open(HQ=300.0)
        self.assertEqual(own.amount_residual, 600.0)
        self.assertFalse(self.last_settlement())

    def test_several_credits(self):
        """A limited debt takes from one credit after the other."""
        first, second = self._payment(self.hq, 100.0), self._payment(self.hq, 100.0)
        self.settle({self.invoice_n: 150.0}, first.move_id, second.move_id, self.invoice_n)
        self.assert_open(HQ=-50.0, N=2850.0)

    def test_foreign_currency(self):
        """Part of an invoice in foreign currency: one exchange difference, of that part."""
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 1 / 1.1), ("2026-01-20", 1 / 1.2)]
        )
        invoice = self._invoice(self.north, 1000.0, "2026-01-10", currency_id=euro.id)
        payment = self._payment(self.hq, 1000.0, "2026-01-31", currency_id=euro.id)
        (match,) = self.settle({invoice: 400.0}, payment.move_id, invoice)
        self.assertEqual(match.debt_paid, (440.0, 400.0))
        self.assertEqual(match.credit_used, (480.0, 400.0))
        self.assertEqual(invoice.amount_residual, 600.0)
        lines = self._receivable_lines(invoice | payment.move_id)
        self.assertEqual(sorted(lines.mapped("amount_residual")), [-720.0, 660.0])
        exchange = lines.matched_credit_ids.exchange_move_id
        self.assertEqual(len(exchange), 1)
        self.assertEqual(sum(exchange.line_ids.mapped("debit")), 40.0)
