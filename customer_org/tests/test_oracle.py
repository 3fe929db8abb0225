# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import os
from random import Random

from odoo.fields import Command
from odoo.tests import tagged

from .common import AcmeCommon
from .common_oracle import Difference, play
from .common_oracle_histories import generate, shrink
from .common_oracle_rates import DINAR_RATES, YEN_RATES

_logger = logging.getLogger(__name__)

STEPS_OF_ONE = 14


class OracleCommon(AcmeCommon):
    """A company with its currencies, cash-basis taxes, and both worlds' customers."""

    own_currency = "USD"
    #: Code and rates, in units of the currency for one of the company's.
    other_currencies = (
        ("EUR", [("2026-01-01", 0.9), ("2026-01-15", 0.8), ("2026-02-01", 1.1)]),
        ("JPY", [("2026-01-01", 150.0), ("2026-01-15", 141.7), ("2026-02-01", 163.3)]),
    )
    #: How many histories the tests play: as many every time, so that they fail again.
    histories = 4
    #: How often each further step is played, beside those of all walks.
    further_steps = None

    @classmethod
    def setup_independent_company(cls, **kwargs):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", cls.own_currency)])
        currency.active = True
        return super().setup_independent_company(currency_id=currency.id, **kwargs)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Chatters tell nothing of the ledger, and take their time.
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.currencies = cls.company.currency_id.union(
            *(cls.setup_other_currency(code, rates=rates) for code, rates in cls.other_currencies)
        )
        depot = cls._create_customer("Acme Depot", cls.north)
        cls.family = [cls.hq, *cls.branches, depot]
        cls.single = cls._create_customer("Single")
        cls.terms = cls._create_terms()
        cls._create_cash_basis_tax()
        cls.other_receivable = cls.receivable.copy({"code": "121998", "name": "Receivable 2"})
        cls._analyze()
        cls.companies = cls._get_companies()

    @classmethod
    def _get_companies(cls):
        """Return three companies, the second and third maybe branches of the first."""
        return [cls.company] * 3

    @classmethod
    def _create_terms(cls):
        """Return terms by the number that a history names; 0 is none."""
        lost = cls.company_data["default_account_expense"].copy({"name": "Discount"})
        cls.company.account_journal_early_pay_discount_loss_account_id = lost
        cls.company.account_journal_early_pay_discount_gain_account_id = lost
        parts = [
            Command.create({"value": "percent", "value_amount": share, "nb_days": days})
            for share, days in ((30, 0), (70, 20))
        ]
        term = cls.env["account.payment.term"]
        in_parts = term.create({"name": "30 %, then 70 %", "line_ids": parts})
        early = term.create(
            {
                "name": "2 % in 20 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 20,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})
                ],
            }
        )
        return [term, in_parts, early]

    @classmethod
    def _create_cash_basis_tax(cls):
        cls.company.tax_exigibility = True
        cls.company.tax_cash_basis_journal_id = cls.company_data["default_journal_misc"]
        account = cls.company_data["default_account_tax_sale"]
        waiting = account.copy({"code": "252999", "name": "Waiting", "reconcile": True})
        final = account.copy({"code": "252998", "name": "Due"})
        repartition = [
            Command.clear(),
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": final.id}),
        ]
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Cash basis 10 %",
                "amount": 10.0,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": waiting.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )

    def find_difference(self, steps):
        """Return what a history shows that core and we do not agree on, if anything."""
        try:
            play(self, steps)
        except Difference as difference:
            return str(difference)
        return None

    def walk(self):
        """Play random histories: always the same ones, or as many steps as one asks for.

        ``ORACLE_STEPS`` and ``ORACLE_SEED`` are what ``./dev soak`` was told.
        """
        steps_wanted = int(os.environ.get("ORACLE_STEPS", self.histories * STEPS_OF_ONE))
        first = int(os.environ.get("ORACLE_SEED", 1))
        seeds = range(first, first + -(-steps_wanted // STEPS_OF_ONE))
        for seed in seeds:
            history = generate(Random(seed), STEPS_OF_ONE, self.further_steps)
            if self.find_difference(history):
                shortest = shrink(history, self.find_difference)
                steps = ",\n    ".join(map(repr, shortest))
                difference = self.find_difference(shortest)
                self.fail(f"seed {seed}\n{difference}\nplay(self, [\n    {steps},\n])")
        _logger.info("No difference in %s histories, up to seed %s", len(seeds), seeds[-1])


@tagged("post_install", "-at_install")
class TestOracle(OracleCommon):
    """Two decimals, as most companies have."""

    def test_walk(self):
        """Whatever is done in whatever order, the family ends where core ends."""
        self.walk()


@tagged("post_install", "-at_install")
class TestOracleYen(OracleCommon):
    """A company whose currency has no decimals."""

    own_currency = "JPY"
    other_currencies = YEN_RATES

    def test_walk(self):
        """The same, with amounts that round to whole numbers."""
        self.walk()


@tagged("post_install", "-at_install")
class TestOracleDinar(OracleCommon):
    """A company whose currency has three decimals."""

    own_currency = "KWD"
    other_currencies = DINAR_RATES

    def test_walk(self):
        """The same, where a cent is ten times the smallest amount."""
        self.walk()


@tagged("post_install", "-at_install")
class TestOracleBranches(OracleCommon):
    """Documents of a company and of its branch companies, matched with each other."""

    @classmethod
    def _get_companies(cls):
        branches = cls.env["res.company"].create(
            [{"name": name, "parent_id": cls.company.id} for name in ("A", "B")]
        )
        cls.env.user.company_ids |= branches
        for company in branches:
            for customer in (*cls.family, cls.single):
                customer.with_company(company).property_account_receivable_id = cls.receivable
        return [cls.company, *branches]

    def test_walk(self):
        """The same, across branch companies."""
        self.walk()


@tagged("post_install", "-at_install")
class TestOracleHashed(OracleCommon):
    """Journals whose entries are hashed: nothing is cancelled, all is reversed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journals = cls.env["account.journal"].search([("company_id", "=", cls.company.id)])
        journals |= cls.company._ensure_customer_settlement_journal()
        journals.restrict_mode_hash_table = True

    def test_walk(self):
        """The same, where an undo is an entry of its own."""
        self.walk()
