# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from .common_ledger import EUR_RATES, GBP_RATES, CashBasisCommon


@tagged("post_install", "-at_install")
class TestSettlementTaxOfOriginals(CashBasisCommon):
    """Core asks what the counterpart of a taxed document is: it hears of the original credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.setup_other_currency("EUR", rates=EUR_RATES)
        cls.gbp = cls.setup_other_currency("GBP", rates=GBP_RATES)

    def taxed_in_eur(self, partner, **values):
        return self._invoice(
            partner,
            0.0,
            due="2026-01-05",
            date="2026-01-05",
            currency_id=self.eur.id,
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 1000.0, "tax_ids": self.tax.ids})
            ],
            **values,
        )

    def taxed_note(self, partner):
        return self.taxed_invoice(partner, date="2026-01-10", move_type="out_refund")

    def assert_tax_as_core(self, run):
        """Expect the same tax on the same days; ``run(first debtor, second debtor, payer)``."""
        results = []
        for customers in ((self.single,) * 3, (self.north, self.south, self.hq)):
            with self.taken_back():
                run(*customers)
                results.append(self.due_tax())
        self.assertEqual(results[1], results[0])
        return results[0]

    def test_credit_note_of_another_day(self):
        """EUR invoice, EUR credit note: the tax goes by the invoice's own rate."""

        def run(n, _s, hq):
            note = self._invoice(
                hq,
                1100.0,
                due="2026-01-20",
                date="2026-01-20",
                currency_id=self.eur.id,
                move_type="out_refund",
            )
            self._receivable_lines(self.taxed_in_eur(n) | note).reconcile()

        self.assert_tax_as_core(run)

    def test_payments_in_each_currency(self):
        """A payment in EUR, GBP or USD of another day: the tax goes by the payment's."""
        for currency in (self.eur, self.gbp, self.company.currency_id):
            for amount in (1500.0, 500.0):

                def run(n, _s, hq, currency=currency, amount=amount):
                    payment = self._payment(hq, amount, date="2026-01-20", currency_id=currency.id)
                    self._receivable_lines(self.taxed_in_eur(n) | payment.move_id).reconcile()

                with self.subTest(currency=currency.name, amount=amount):
                    self.assertTrue(self.assert_tax_as_core(run))

    def test_partial_undo_in_locked_period(self):
        """HQ's taxed credit note pays N and S, January is locked, S is freed: S's tax alone."""

        def run(n, s, hq):
            note = self.taxed_note(hq)
            first = self._invoice(n, 600.0, due="2026-01-05")
            second = self._invoice(s, 400.0, due="2026-01-06")
            self._receivable_lines(note | first | second).reconcile()
            self.company.fiscalyear_lock_date = "2026-01-31"
            self._receivable_lines(second).remove_move_reconcile()

        self.assertEqual(len(self.assert_tax_as_core(run)), 2)

    def test_locked_period(self):
        """Both documents in January, settled when it is locked: the tax on core's day."""

        def run(n, _s, hq):
            invoice, payment = self.taxed_invoice(n), self._payment(hq, 1100.0, date="2026-01-20")
            self.company.fiscalyear_lock_date = "2026-01-31"
            self._receivable_lines(invoice | payment.move_id).reconcile()

        self.assert_tax_as_core(run)

    def test_both_taxed(self):
        """A taxed credit note and two taxed invoices, one undone and settled again."""

        def run(n, s, hq):
            note, first = self.taxed_note(hq), self._invoice(n, 600.0, due="2026-01-05")
            second = self._taxed_half(s)
            self._receivable_lines(note | first | second).reconcile()
            self._receivable_lines(first).remove_move_reconcile()
            items = self._receivable_lines(note | first)
            items.filtered(lambda line: not line.reconciled).reconcile()

        self.assert_tax_as_core(run)

    def _taxed_half(self, partner):
        return self._invoice(
            partner,
            0.0,
            due="2026-01-10",
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 400.0, "tax_ids": self.tax.ids})
            ],
        )
