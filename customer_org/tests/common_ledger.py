# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Compare with what core makes of the same documents when they are one customer's."""

from odoo.fields import Command

from .common import SettlementCommon

# Units of the currency for one USD, by date.
EUR_RATES = [("2026-01-01", 0.9), ("2026-01-15", 0.8), ("2026-02-01", 1.1)]
GBP_RATES = [("2026-01-01", 0.7), ("2026-01-15", 0.77), ("2026-02-01", 0.6)]


class CoreCommon(SettlementCommon):
    """An ordinary customer, three currencies, and the same situation built twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.company.currency_id
        cls.eur = cls.setup_other_currency("EUR", rates=EUR_RATES)
        cls.gbp = cls.setup_other_currency("GBP", rates=GBP_RATES)
        cls.single = cls._create_customer("Single")
        cls.misc = cls.company_data["default_journal_misc"]
        cls.revenue = cls.company_data["default_account_revenue"]

    def bill(self, partner, currency, amount, date, **values):
        """Post an invoice that is due on its day."""
        return self._invoice(
            partner, amount, due=date, date=date, currency_id=currency.id, **values
        )

    def opening_item(self, partner, currency, amount, balance, date, **values):
        """Post an entry with a receivable item of ``amount`` in ``currency``, worth ``balance``."""
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc.id,
                "date": date,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": partner.id,
                            "currency_id": currency.id,
                            "amount_currency": amount,
                            "balance": balance,
                            **values,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.revenue.id,
                            "currency_id": currency.id,
                            "amount_currency": -amount,
                            "balance": -balance,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move

    def lines(self, *moves):
        """Return the receivable items of these moves, in the order of the moves."""
        return self.env["account.move.line"].union(
            *(self._receivable_lines(move) for move in moves)
        )

    def residuals(self, *moves):
        """What is open of these moves: (company currency, own currency) of each item."""
        return [
            (
                self.usd.round(line.amount_residual),
                line.currency_id.round(line.amount_residual_currency),
            )
            for line in self.lines(*moves)
        ]

    def exchange(self):
        """Posted exchange gains and losses, each account by itself."""
        self.env.flush_all()
        accounts = (
            self.company.income_currency_exchange_account_id,
            self.company.expense_currency_exchange_account_id,
        )
        return [
            self.usd.round(
                sum(
                    self.env["account.move.line"]
                    .search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
                    .mapped("balance")
                )
            )
            for account in accounts
        ]

    def assert_same_as_core(self, run):
        """Expect ``run(first debtor, second debtor, payer)`` to return the same for a family.

        :return: what it returned
        """
        with self.taken_back():
            core = run(self.single, self.single, self.single)
        with self.taken_back():
            ours = run(self.north, self.south, self.hq)
            self.assert_ledger()
        self.assertEqual(ours, core)
        return ours


class CashBasisCommon(SettlementCommon):
    """A tax of 10 % that is due when it is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_exigibility = True
        cls.company.tax_cash_basis_journal_id = cls.company_data["default_journal_misc"]
        waiting = cls.company_data["default_account_tax_sale"].copy(
            {"code": "252999", "name": "Waiting", "reconcile": True}
        )
        cls.final = cls.company_data["default_account_tax_sale"].copy(
            {"code": "252998", "name": "Due"}
        )
        repartition = [
            Command.clear(),
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": cls.final.id}),
        ]
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Cash basis 10%",
                "amount": 10.0,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": waiting.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )
        cls.single = cls._create_customer("Single")

    def taxed_invoice(self, partner, **values):
        return self._invoice(
            partner,
            0.0,
            due="2026-01-10",
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 1000.0, "tax_ids": self.tax.ids})
            ],
            **values,
        )

    def due_tax(self):
        """The tax booked as due, by date."""
        groups = self.env["account.move.line"]._read_group(
            [("account_id", "=", self.final.id), ("parent_state", "=", "posted")],
            ["date:day"],
            ["balance:sum"],
        )
        return {str(day): -amount for day, amount in groups if amount}
