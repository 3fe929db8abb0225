# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict
from itertools import product

from odoo.fields import Command
from odoo.tests import tagged

from .test_register_payment import RegisterPaymentCommon
from .test_settlement_currency import EUR_RATES, GBP_RATES


@tagged("post_install", "-at_install")
class TestRegisterPaymentParity(RegisterPaymentCommon):
    """A payer's payment books what core books for one customer that owes everything itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=EUR_RATES)
        cls.gbp = cls.setup_other_currency("GBP", rates=GBP_RATES)
        cls.single = cls._create_customer("Single")
        cls.tax = cls.company_data["default_tax_sale"].copy({"name": "10%", "amount": 10.0})
        cls.company.write(
            {
                "account_journal_early_pay_discount_loss_account_id": cls._account("6E").id,
                "account_journal_early_pay_discount_gain_account_id": cls._account("7E").id,
            }
        )
        cls.write_off_account = cls._account("6W")
        cls._analyze()

    @classmethod
    def _account(cls, code, account_type="expense", **values):
        return cls.env["account.account"].create(
            {"name": code, "code": f"ZZ{code}", "account_type": account_type, **values}
        )

    @classmethod
    def _discount_term(cls, computation="included"):
        """2 % off within 10 days, else 30 days net."""
        return cls.env["account.payment.term"].create(
            {
                "name": f"2 % 10 days, {computation}",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": computation,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                ],
            }
        )

    @classmethod
    def _instalment_term(cls):
        """30 % after 10 days, the rest after 60."""
        return cls.env["account.payment.term"].create(
            {
                "name": "Instalments",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 60}),
                ],
            }
        )

    def invoice(self, partner, amount, term=None, currency=None, tax=None):
        lines = [
            Command.create({"name": "x", "price_unit": amount, "tax_ids": (tax or []) and tax.ids})
        ]
        return self._invoice(
            partner,
            0.0,
            due="2026-01-31",
            invoice_payment_term_id=term and term.id,
            currency_id=(currency or self.usd).id,
            invoice_line_ids=lines,
        )

    def build(self, customers, payer, invoices, payments):
        """Make invoices, register payments, and return what an auditor compares.

        :param customers: who owes the invoices, in turn
        :param invoices: list of arguments of :meth:`invoice`
        :param payments: list of values of the wizard
        """
        documents = self.env["account.move"].union(
            *(
                self.invoice(customers[index % len(customers)], **values)
                for index, values in enumerate(invoices)
            )
        )
        before = self.env["account.move"].search([])
        amounts = []
        for values in payments:
            values = {"group_payment": True, **values}
            if payer:
                values["payer_id"] = payer.id
            payment = self.register(documents, **values)
            amounts.append(payment.mapped(lambda p: (p.currency_id.name, p.amount)))
        entries = self.env["account.move"].search([("state", "=", "posted")]) - before
        facts = {
            "amounts": amounts,
            "residuals": [
                (self.usd.round(line.amount_residual), line.currency_id.round(residual))
                for line in self._receivable_lines(documents)
                for residual in [line.amount_residual_currency]
            ],
            "states": documents.mapped("payment_state"),
            "totals": self.totals(entries),
            "cash_basis_entries": len(entries.filtered("tax_cash_basis_rec_id")),
            "credit": self.usd.round(
                sum(
                    self._receivable_lines(entries)
                    .filtered(lambda line: not line.move_id.customer_settlement_id)
                    .mapped("amount_residual")
                )
            ),
        }
        return entries, facts

    def totals(self, entries):
        """Totals of the entries per account, currency, tax, date: debit and credit apart.

        Of an exchange difference only the company's currency counts: where core books it on the
        credit, a settlement books it on a debt in foreign currency.
        """
        totals = defaultdict(lambda: [0.0, 0.0, 0.0])
        for line in entries.line_ids.filtered(lambda line: not line.move_id.customer_settlement_id):
            is_exchange = bool(line.move_id.exchange_diff_partial_ids)
            key = (
                is_exchange,
                line.account_id.code,
                not is_exchange and line.currency_id.name,
                line.tax_line_id.name,
                tuple(line.tax_ids.mapped("name")),
                tuple(line.tax_tag_ids.sorted("id").mapped("name")),
                str(line.date),
            )
            amount_currency = 0.0 if is_exchange else line.amount_currency
            for index, value in enumerate((line.debit, line.credit, amount_currency)):
                totals[key][index] = round(totals[key][index] + value, 2)
        return dict(totals)

    def assert_parity(self, invoices, payments):
        """Build the situation twice: in plain core for one customer, and for two branches.

        All is taken back, so that the many situations do not slow each other down.

        :return: what both have in common, see :meth:`build`
        """
        with self.taken_back():
            core_entries, core = self.build([self.single], None, invoices, payments)
            self.assertFalse(core_entries.customer_settlement_id)
            entries, ours = self.build([self.north, self.south], self.hq, invoices, payments)
            self.assertEqual(ours, core)
            self.assertTrue(entries.customer_settlement_id)
        return ours

    # ------------------------------------------------------------------
    # Early payment discount
    # ------------------------------------------------------------------

    def test_scenario_11(self):
        """2 % in 10 days on N 1,100, 1,078 registered on day 8: N paid, discount as in core."""
        term = self._discount_term()
        before = self.env["account.move"].search([])
        invoice = self.invoice(self.north, 1000.0, term, tax=self.tax)
        self.assertEqual(invoice.amount_total, 1100.0)
        wizard = self.wizard(invoice, payment_date="2026-01-09", payer_id=self.hq.id)
        self.assertEqual(wizard.amount, 1078.0)
        self.assertTrue(wizard.early_payment_discount_mode)
        payment = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((payment.partner_id, payment.amount), (self.hq, 1078.0))
        discount = self.company.account_journal_early_pay_discount_loss_account_id
        tax_account = invoice.line_ids.filtered("tax_line_id").account_id
        self.assertCountEqual(
            payment.move_id.line_ids.mapped(
                lambda line: (line.account_id, line.partner_id, line.balance)
            ),
            [
                (payment.outstanding_account_id, self.hq, 1078.0),
                (discount, self.north, 20.0),
                (tax_account, self.north, 2.0),
                (self.receivable, self.hq, -1100.0),
            ],
        )
        self.assert_entry(
            self.last_settlement().move_id,
            (self.hq, self.receivable, 1100.0),
            (self.north, self.receivable, -1100.0),
        )
        entries = self.env["account.move"].search([]) - before
        self.assertEqual(len(entries), 3, "invoice, payment, settlement")
        self.assert_open(HQ=0.0, N=3000.0)

    def test_discounts(self):
        """Each way to compute the discount, in time and too late, whole and in part."""
        for computation in ("included", "excluded", "mixed"):
            invoices = self._discounted_invoices(computation, self.usd)
            for values in (
                {"payment_date": "2026-01-09"},
                {"payment_date": "2026-01-09", "amount": 500.0},
                {"payment_date": "2026-01-09", "group_payment": False},
            ):
                with self.subTest(computation, **values):
                    self.assert_parity(invoices, [values])

    def test_discount_too_late(self):
        """After the discount's last day all is due."""
        invoices = self._discounted_invoices("included", self.usd)
        self.assert_parity(invoices, [{"payment_date": "2026-01-25"}])

    def test_discounts_in_foreign_currency(self):
        """A discount in foreign currency, with its exchange difference."""
        for computation in ("included", "mixed"):
            invoices = self._discounted_invoices(computation, self.eur)
            with self.subTest(computation):
                self.assert_parity(invoices, [{"payment_date": "2026-01-09"}])

    def _discounted_invoices(self, computation, currency):
        values = {
            "term": self._discount_term(computation),
            "tax": self.tax,
            "currency": currency,
        }
        return [{"amount": 1000.0, **values}, {"amount": 333.33, **values}]

    def test_discount_of_some_invoices(self):
        """Only some of the invoices grant a discount."""
        invoices = [
            {"amount": 1000.0, "term": self._discount_term("mixed"), "tax": self.tax},
            {"amount": 500.0, "tax": self.tax},
        ]
        self.assert_parity(invoices, [{"payment_date": "2026-01-09"}])

    def test_discount_belongs_to_each_customer(self):
        """Discounts of several customers are items of each customer's own."""
        term = self._discount_term("mixed")
        invoices = self.invoice(self.north, 1000.0, term) | self.invoice(self.south, 500.0, term)
        payment = self.register(invoices, payment_date="2026-01-09")
        discount = self.company.account_journal_early_pay_discount_loss_account_id
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_id == discount)
        self.assertCountEqual(
            lines.mapped(lambda line: (line.partner_id, line.balance)),
            [(self.north, 20.0), (self.south, 10.0)],
        )

    # ------------------------------------------------------------------
    # Differences, instalments
    # ------------------------------------------------------------------

    def test_differences(self):
        """Payment differences, short and over, are written off as in core."""
        write_off = {
            "payment_difference_handling": "reconcile",
            "writeoff_account_id": self.write_off_account.id,
            "writeoff_label": "Bank charges",
        }
        for currency, amount in product((self.usd, self.eur), (1400.0, 1600.0)):
            invoices = [{"amount": 1000.0, "currency": currency}]
            invoices.append({"amount": 500.0, "currency": currency})
            with self.subTest(currency=currency.name, amount=amount):
                self.assert_parity(invoices, [{"amount": amount, **write_off}])

    def test_write_off_pays_the_invoices(self):
        """100 short and written off: all paid, the difference is the payer's."""
        payment = self.register(
            self.invoice_n | self.invoice_s,
            amount=5400.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.write_off_account.id,
        )
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        line = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.write_off_account
        )
        self.assertEqual((line.partner_id, line.balance), (self.hq, 100.0))

    def test_difference_to_exchange_account(self):
        """A difference that is due to the bank's rate goes to the exchange accounts."""
        accounts = {
            "payment_difference_handling": "reconcile",
            "writeoff_account_id": self.company.expense_currency_exchange_account_id.id,
        }
        for invoice_currency, currency, amount in (
            (self.eur, self.usd, 1800.0),
            (self.usd, self.eur, 1000.0),
            (self.eur, self.gbp, 1500.0),
        ):
            with self.subTest(invoice_currency.name, currency=currency.name, amount=amount):
                self.assert_parity(
                    [
                        {"amount": 1000.0, "currency": invoice_currency},
                        {"amount": 500.0, "currency": invoice_currency},
                    ],
                    [{"currency_id": currency.id, "amount": amount, **accounts}],
                )

    def test_instalments(self):
        """The next instalment, what is overdue, all, and any amount."""
        term = self._instalment_term()
        for currency, payments in (
            (self.usd, [{"payment_date": "2026-01-05"}, {"payment_date": "2026-02-05"}]),
            (self.eur, [{"payment_date": "2026-01-20"}, {"payment_date": "2026-03-15"}]),
            (self.usd, [{"payment_date": "2026-01-05", "installments_mode": "full"}]),
            (
                self.usd,
                [{"payment_date": "2026-01-05", "amount": 350.0}, {"payment_date": "2026-01-20"}],
            ),
        ):
            with self.subTest(currency=currency.name, payments=payments):
                values = {"term": term, "currency": currency}
                self.assert_parity(
                    [{"amount": 1000.0, **values}, {"amount": 555.55, **values}], payments
                )

    # ------------------------------------------------------------------
    # Currencies, cash-basis taxes
    # ------------------------------------------------------------------

    def test_currencies(self):
        """Each currency of invoices against each of the payment: first a part, then the rest."""
        currencies = (self.usd, self.eur, self.gbp)
        for invoiced, paid in product(currencies, currencies):
            invoices = [
                {"amount": 1000.0, "currency": invoiced},
                {"amount": 77.77, "currency": invoiced},
            ]
            payments = [
                {"currency_id": paid.id, "amount": 400.0},
                {"currency_id": paid.id, "payment_date": "2026-02-10"},
            ]
            with self.subTest(invoiced=invoiced.name, paid=paid.name):
                self.assert_parity(invoices, payments)

    def test_cash_basis(self):
        """Cash-basis tax is due with each payment, in the period of core."""
        tax = self._cash_basis_tax()
        halves = [
            {"amount": 550.0, "payment_date": "2026-01-20"},
            {"amount": 550.0, "payment_date": "2026-02-20"},
        ]
        for currency in (self.usd, self.eur):
            with self.subTest(currency=currency.name):
                facts = self.assert_parity(
                    [{"amount": 1000.0, "tax": tax, "currency": currency}], halves
                )
                self.assertEqual(facts["cash_basis_entries"], 2)

    def test_cash_basis_with_discount(self):
        """Cash-basis tax of discounted invoices is core's."""
        tax = self._cash_basis_tax()
        for computation in ("included", "excluded", "mixed"):
            term = self._discount_term(computation)
            with self.subTest(computation):
                self.assert_parity(
                    [{"amount": 1000.0, "tax": tax, "term": term}],
                    [{"payment_date": "2026-01-09"}],
                )

    def _cash_basis_tax(self):
        self.company.tax_exigibility = True
        transition = self._account("2T", "liability_current", reconcile=True)
        return self.tax.copy(
            {
                "name": "10% cash basis",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
