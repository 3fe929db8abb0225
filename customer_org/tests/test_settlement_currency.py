# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from itertools import product

from odoo.tests import tagged

from .common import SettlementCommon
from .common_ledger import EUR_RATES, GBP_RATES, CashBasisCommon


@tagged("post_install", "-at_install")
class TestSettlementCurrency(SettlementCommon):
    """Parent and branch end where core ends for one customer: residuals and exchange totals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=EUR_RATES)
        cls.gbp = cls.setup_other_currency("GBP", rates=GBP_RATES)
        cls.single = cls._create_customer("Single")
        cls._analyze()

    def build(self, debtor, payer, debts, credits):
        """Make the documents, reconcile them, and return what an auditor compares.

        :param debts: list of (currency, amount, date)
        :param credits: the same
        """
        exchange_before = self.exchange_total()
        debts = [
            self._invoice(debtor, amount, due=date, date=date, currency_id=currency.id)
            for currency, amount, date in debts
        ]
        credits = [
            self._payment(payer, amount, date=date, currency_id=currency.id)
            for currency, amount, date in credits
        ]
        lines = self._receivable_lines(
            self.env["account.move"].union(*debts, *(credit.move_id for credit in credits))
        )
        open_before = [(line.amount_residual, line.amount_residual_currency) for line in lines]
        lines.reconcile()
        self.assert_ledger()
        facts = {
            "residuals": [
                (
                    self.usd.round(line.amount_residual),
                    line.currency_id.round(line.amount_residual_currency),
                )
                for line in lines
            ],
            "states": [debt.payment_state for debt in debts],
            "exchange": self.usd.round(self.exchange_total() - exchange_before),
        }
        return lines, open_before, facts

    def exchange_total(self):
        accounts = (
            self.company.income_currency_exchange_account_id
            | self.company.expense_currency_exchange_account_id
        )
        lines = self.env["account.move.line"].search(
            [("account_id", "in", accounts.ids), ("parent_state", "=", "posted")]
        )
        return sum(lines.mapped("balance"))

    def assert_parity(self, debts, credits):
        """Build the situation twice, and undo it once."""
        with self.taken_back():
            _lines, _open, core = self.build(self.single, self.single, debts, credits)
            lines, open_before, ours = self.build(self.north, self.hq, debts, credits)
            self.assertEqual(ours, core)
            self.env["customer.settlement"].search([("state", "=", "posted")]).action_undo()
            self.assert_ledger()
            self.assertEqual(
                [(line.amount_residual, line.amount_residual_currency) for line in lines],
                open_before,
            )

    def test_combinations(self):
        """Each currency against each, full, short and more than enough, at different rates."""
        currencies = [self.usd, self.eur, self.gbp]
        for debt, credit in product(currencies, currencies):
            for amount in (400.0, 1000.0, 1333.33, 2000.0):
                for dates in (("2026-01-05", "2026-01-20"), ("2026-02-05", "2026-01-20")):
                    with self.subTest(debt=debt.name, credit=credit.name, a=amount, d=dates):
                        debt_date, credit_date = dates
                        self.assert_parity(
                            [(debt, 1000.0, debt_date)], [(credit, amount, credit_date)]
                        )

    def test_several_debts(self):
        """One credit in each currency over debts in all three."""
        for credit in (self.usd, self.eur, self.gbp):
            for amount in (500.0, 1234.56, 5000.0):
                with self.subTest(credit=credit.name, amount=amount):
                    self.assert_parity(
                        [
                            (self.usd, 333.33, "2026-01-05"),
                            (self.eur, 333.33, "2026-01-06"),
                            (self.gbp, 333.33, "2026-01-07"),
                            (self.eur, 77.77, "2026-01-08"),
                        ],
                        [(credit, amount, "2026-01-20")],
                    )

    def test_several_credits(self):
        """Credits in all three currencies over debts in two."""
        self.assert_parity(
            [(self.eur, 1000.0, "2026-01-05"), (self.usd, 500.0, "2026-01-06")],
            [
                (self.gbp, 100.01, "2026-01-16"),
                (self.eur, 400.07, "2026-01-17"),
                (self.usd, 333.33, "2026-02-02"),
            ],
        )

    def test_scenario_09_one_exchange_difference(self):
        """N owes 1,000 EUR at 1.10, HQ pays 1,000 EUR at 1.20: one difference of 100."""
        chf = self.setup_other_currency(
            "CHF", rates=[("2026-01-01", 1 / 1.10), ("2026-01-20", 1 / 1.20)]
        )
        before = self.exchange_total()
        invoice = self._invoice(self.north, 1000.0, "2026-01-10", currency_id=chf.id)
        payment = self._payment(self.hq, 1000.0, date="2026-01-25", currency_id=chf.id)
        moves = self.env["account.move"].search([])
        settlement = self.reconcile(payment, invoice)
        exchange = self.env["account.move"].search([]) - moves - settlement.move_id
        self.assertEqual(len(exchange), 1)
        self.assertEqual(self.usd.round(abs(self.exchange_total() - before)), 100.0)
        self.assertEqual(
            exchange.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable"
            ).partner_id,
            self.north,
        )
        self.assertEqual(invoice.payment_state, "paid")
        credit = self._receivable_lines(payment.move_id)
        self.assertEqual((credit.amount_residual, credit.amount_residual_currency), (0.0, 0.0))

    def test_undo_one_of_several(self):
        """Undoing one invoice after the other, again and again, without drift."""
        for credit_currency, debt_currency in (
            (self.eur, self.eur),
            (self.eur, self.gbp),
            (self.usd, self.eur),
            (self.eur, self.usd),
        ):
            with self.subTest(credit=credit_currency.name, debt=debt_currency.name):
                invoices = [
                    self._invoice(self.north, 33.33, "2026-01-10", currency_id=debt_currency.id)
                    for _i in range(3)
                ]
                payment = self._payment(
                    self.hq, 1000.0, date="2026-01-25", currency_id=credit_currency.id
                )
                credit = self._receivable_lines(payment.move_id)
                start = (credit.amount_residual, credit.amount_residual_currency)
                self.reconcile(payment, *invoices)
                paid = (credit.amount_residual, credit.amount_residual_currency)
                for _round in range(3):
                    for invoice in invoices:
                        for line in self._receivable_lines(invoice):
                            line.remove_move_reconcile()
                        self.assert_ledger()
                        self.reconcile(payment, invoice)
                        self.assertEqual(invoice.payment_state, "paid")
                        self.assertEqual(
                            (credit.amount_residual, credit.amount_residual_currency), paid
                        )
                for invoice in invoices:
                    self._receivable_lines(invoice).remove_move_reconcile()
                    self.assert_ledger()
                self.assertEqual((credit.amount_residual, credit.amount_residual_currency), start)


@tagged("post_install", "-at_install")
class TestSettlementCashBasis(CashBasisCommon):
    """Cash-basis taxes fall where core lets them fall for one customer."""

    def pay_in_two(self, debtor, payer):
        invoice = self.taxed_invoice(debtor)
        for date in ("2026-02-10", "2026-03-10"):
            payment = self._payment(payer, 550.0, date=date)
            self._receivable_lines(payment.move_id | invoice).filtered(
                lambda line: not line.reconciled
            ).reconcile()
            self.assert_ledger()
        return invoice

    def test_scenario_10(self):
        """Tax 50 each time, once, in the period that core uses; undo takes it back."""
        single = self.pay_in_two(self.single, self.single)
        core = self.due_tax()
        self.assertEqual(sum(core.values()), 100.0)
        self._receivable_lines(single).remove_move_reconcile()
        self.assertEqual(sum(self.due_tax().values()), 0.0)
        undone_by_core = self.due_tax()
        invoice = self.pay_in_two(self.north, self.hq)
        ours = self.due_tax()
        changes = {day: ours[day] - undone_by_core.get(day, 0.0) for day in ours}
        self.assertEqual({day: change for day, change in changes.items() if change}, core)
        self.assertEqual(invoice.payment_state, "paid")
        (line,) = self._receivable_lines(invoice)
        first, second = line.matched_credit_ids
        second.unlink()
        self.assert_ledger()
        self.assertEqual(sum(self.due_tax().values()), 50.0)
        first.unlink()
        self.assert_ledger()
        self.assertEqual(sum(self.due_tax().values()), 0.0)

    def test_credit_note(self):
        """A credit note with cash-basis tax used for a branch: the tax of both, as in core."""
        results = []
        for debtor, payer in ((self.single, self.single), (self.north, self.hq)):
            before = sum(self.due_tax().values())
            invoice = self.taxed_invoice(debtor)
            credit_note = self.taxed_invoice(payer, move_type="out_refund")
            self._receivable_lines(invoice | credit_note).reconcile()
            self.assert_ledger()
            results.append(sum(self.due_tax().values()) - before)
        self.assertEqual(results[0], results[1])
