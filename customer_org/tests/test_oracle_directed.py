# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Histories that accountants tell: core's result for one customer, after every step."""

from odoo.tests import tagged

from .common_oracle import play
from .common_oracle_rates import DINAR_RATES, YEN_RATES
from .common_oracle_world import EAST, HQ, NORTH, SOUTH, WEST
from .test_oracle import OracleCommon

OWN, EUR, JPY = range(3)
EARLY_JANUARY, JANUARY, FEBRUARY, LATE_FEBRUARY = range(4)
DEPOT = 5


def invoice(number, customer, units, date, currency=OWN, kind=0, taxed=False, term=0):
    return ("invoice", number, customer, units, currency, date, kind, 0, taxed, term)


def payment(number, customer, units, date, currency=OWN):
    return ("payment", number, customer, units, currency, date, 0)


def credit_note(number, customer, units, date, **values):
    return invoice(number, customer, units, date, kind=3, **values)


class DirectedCommon(OracleCommon):
    def tell(self, *steps):
        """Play these steps; where core or we refuse one, both must."""
        play(self, list(steps))


@tagged("post_install", "-at_install")
class TestOracleDirected(DirectedCommon):
    """Dates, amounts, accounts and hierarchies that are corrected, and settling by other doors."""

    def test_posted_bank_line(self):
        """A posted bank line is moved to February and back: its settlement goes along."""
        self.tell(
            invoice(0, NORTH, 300000, EARLY_JANUARY),
            ("bank_line", 1, HQ, 500000, OWN, JANUARY, 100),
            ("match", [0, 1]),
            ("redate_posted", 1, LATE_FEBRUARY),
            ("redate_posted", 1, EARLY_JANUARY),
            ("unmatch_pair", 0, 1),
        )

    def test_bank_line_of_a_locked_month(self):
        """January is locked: core refuses to move the line, and the settlement stays."""
        self.tell(
            invoice(0, NORTH, 300000, EARLY_JANUARY),
            ("bank_line", 1, HQ, 300000, OWN, JANUARY, 100),
            ("match", [0, 1]),
            ("lock", "2026-01-31"),
            ("redate_posted", 1, LATE_FEBRUARY),
            ("exception", True),
            ("redate_posted", 1, LATE_FEBRUARY),
            ("exception", False),
            ("unmatch_pair", 0, 1),
        )

    # Locks between settling and undoing

    def settled(self):
        return (
            invoice(0, NORTH, 110000, EARLY_JANUARY, taxed=True),
            invoice(1, SOUTH, 50000, JANUARY, currency=EUR, taxed=True),
            payment(2, HQ, 300000, JANUARY),
            ("match", [0, 1, 2]),
        )

    def test_tax_lock_between(self):
        """Closed for taxes: the tax of what is freed goes to the first open month."""
        self.tell(
            *self.settled(),
            ("lock", "2026-01-31", "tax_lock_date"),
            ("unmatch_pair", 1, 2),
            ("match", [1, 2]),
            ("cancel", 2),
            ("unmatch", 2),
        )

    def test_locked_before(self):
        """Documents of January are settled when it is closed for taxes, and freed later."""
        *documents, match = self.settled()
        self.tell(
            *documents,
            ("lock", "2026-01-31", "tax_lock_date"),
            match,
            ("lock", "2026-02-10", "tax_lock_date"),
            ("unmatch_pair", 1, 2),
        )

    def test_corrections_under_a_lock(self):
        """What core refuses in a closed month it refuses a family, with nothing half done."""
        self.tell(
            *self.settled(),
            ("lock", "2026-01-31"),
            ("change_amount", 0, 90000),
            ("redate", 0, FEBRUARY),
            ("change_account", 1),
            ("reverse", 1, 5),
            ("exception", True),
            ("change_amount", 0, 90000),
            ("unmatch_pair", 1, 2),
        )

    # Amounts, accounts and documents that are corrected

    def test_amount_of_a_payment(self):
        """A payment of three branches, typed wrong: corrected, all it pays is open."""
        self.tell(
            invoice(0, NORTH, 100000, EARLY_JANUARY),
            invoice(1, SOUTH, 50000, JANUARY, currency=EUR),
            payment(2, HQ, 150000, JANUARY),
            ("match", [0, 1, 2]),
            ("change_amount", 2, 155000),
            ("match", [0, 1, 2]),
            ("change_amount", 2, 70000),
        )

    def test_account(self):
        """The receivable account of a settled invoice, and of a bank line, is corrected."""
        self.tell(
            invoice(0, NORTH, 100000, EARLY_JANUARY),
            invoice(1, SOUTH, 50000, JANUARY),
            payment(2, HQ, 120000, JANUARY),
            ("match", [0, 1, 2]),
            ("change_account", 0),
            ("bank_line", 3, HQ, 40000, OWN, FEBRUARY, 100),
            ("unmatch", 2),
            ("match", [1, 3]),
            ("change_account", 3),
        )

    def test_reversed_invoice(self):
        """A credit note cancels an invoice that was paid twice over; both credits are back."""
        self.tell(
            invoice(0, NORTH, 100000, EARLY_JANUARY, taxed=True),
            payment(1, HQ, 60000, JANUARY),
            payment(2, NORTH, 30000, JANUARY),
            ("match", [0, 2]),
            ("match", [0, 1]),
            ("reverse", 0, 3),
            ("unmatch_pair", 0, 3),
            ("match", [0, 1]),
        )

    # The settlement screen, and automatic settlement

    def test_screen_in_one_currency(self):
        """Instalments and credit notes, oldest due first, in two goes."""
        self.tell(
            invoice(0, NORTH, 100000, EARLY_JANUARY, term=1),
            invoice(1, SOUTH, 50000, EARLY_JANUARY, taxed=True),
            invoice(2, HQ, 20000, JANUARY),
            payment(3, HQ, 60000, JANUARY),
            credit_note(4, HQ, 15000, JANUARY, taxed=True),
            ("settle_on_screen",),
            ("unmatch_pair", 0, 3),
            ("settle_on_screen",),
            payment(5, HQ, 200000, FEBRUARY),
            ("settle_on_screen",),
            ("unmatch", 5),
        )

    def test_screen_in_several_currencies(self):
        """Debts in three currencies, one credit that does not suffice, then another one."""
        self.tell(
            invoice(0, NORTH, 50000, EARLY_JANUARY, currency=EUR),
            invoice(1, SOUTH, 60000, EARLY_JANUARY),
            invoice(2, EAST, 7000000, JANUARY, currency=JPY, taxed=True),
            payment(3, HQ, 90000, JANUARY, currency=EUR),
            ("settle_on_screen",),
            ("unmatch_pair", 1, 3),
            ("settle_on_screen",),
            ("bank_line", 4, HQ, 100000, OWN, FEBRUARY, 100),
            ("settle_on_screen",),
            ("unmatch", 2),
        )

    def test_automatic(self):
        """By itself, in several currencies; freed at will, it pays the same again."""
        self.tell(
            invoice(0, NORTH, 50000, EARLY_JANUARY, currency=EUR),
            invoice(1, DEPOT, 60000, JANUARY, term=1),
            ("entry", 2, WEST, 30000, EUR, EARLY_JANUARY, 0, 90),
            payment(3, HQ, 120000, JANUARY),
            ("settle_automatically",),
            ("unmatch_pair", 0, 3),
            ("settle_automatically",),
            credit_note(4, HQ, 80000, FEBRUARY, currency=EUR),
            ("settle_automatically",),
            ("unmatch_pair", 2, 3),
            ("unmatch", 4),
        )

    # The shape of the hierarchy

    def test_branch_is_merged_into_its_head_office(self):
        """What was settled for it is a match of the head office's own, rates and taxes kept."""
        self.tell(
            invoice(0, EAST, 40000, EARLY_JANUARY, currency=EUR, taxed=True),
            invoice(1, SOUTH, 50000, JANUARY, currency=EUR),
            payment(2, HQ, 70000, FEBRUARY),
            ("match", [0, 1, 2]),
            ("merge", EAST, HQ),
            ("unmatch_pair", 0, 2),
            ("unmatch_pair", 1, 2),
        )

    def test_merged_under_a_lock(self):
        """January is closed: core has nothing to do; we keep every amount and every month."""
        self.tell(
            invoice(0, EAST, 40000, EARLY_JANUARY),
            payment(1, HQ, 70000, JANUARY),
            ("match", [0, 1]),
            ("lock", "2026-01-31"),
            ("merge", EAST, HQ),
            ("unmatch", 1),
        )


@tagged("post_install", "-at_install")
class TestOracleBranchCompanies(DirectedCommon):
    """Screen and automatic settlement in one of several branch companies."""

    @classmethod
    def _get_companies(cls):
        branch = cls.env["res.company"].create({"name": "A", "parent_id": cls.company.id})
        cls.env.user.company_ids |= branch
        for customer in (*cls.family, cls.single):
            customer.with_company(branch).property_account_receivable_id = cls.receivable
        return [cls.company, branch, branch]

    def test_root_is_locked(self):
        """The root's lock holds for what its branch company's documents settle."""
        self.tell(
            ("invoice", 0, NORTH, 40000, OWN, EARLY_JANUARY, 0, 1, True, 0),
            ("invoice", 1, SOUTH, 50000, EUR, EARLY_JANUARY, 0, 0, False, 0),
            ("payment", 2, HQ, 120000, OWN, JANUARY, 1),
            ("match", [0, 1, 2]),
            ("lock", "2026-01-31"),
            ("unmatch_pair", 0, 2),
            ("unmatch_pair", 1, 2),
            ("match", [0, 1, 2]),
            ("cancel", 2),
        )


class DecimalsCommon(DirectedCommon):
    """What rounding leaves: amounts of a few of the smallest units, and odd ones."""

    def tell_thirds(self):
        """Three debts in three currencies, a credit that rounds with each, the last freed first."""
        self.tell(
            invoice(0, NORTH, 33333, EARLY_JANUARY, currency=EUR),
            invoice(1, SOUTH, 3, EARLY_JANUARY, currency=JPY, taxed=True),
            invoice(2, EAST, 77777, JANUARY),
            ("entry", 3, HQ, -99999, EUR, JANUARY, 0, 105),
            ("match", [0, 1, 2, 3]),
            ("unmatch_pair", 2, 3),
            ("unmatch_pair", 0, 3),
            ("unmatch_pair", 1, 3),
            ("settle_automatically",),
        )

    def tell_remnants(self):
        """A credit of which only units without a value are left after its first debt."""
        self.tell(
            ("entry", 0, HQ, -2, JPY, EARLY_JANUARY, 0, 100),
            invoice(1, NORTH, 1, EARLY_JANUARY),
            invoice(2, SOUTH, 100000, JANUARY, currency=EUR),
            ("match", [0, 1, 2]),
            ("unmatch", 0),
            ("match", [0, 2]),
            ("unmatch_pair", 2, 0),
        )


@tagged("post_install", "-at_install")
class TestOracleDirectedYen(DecimalsCommon):
    """A company without decimals; the other currencies have two and three."""

    own_currency = "JPY"
    other_currencies = YEN_RATES

    def test_thirds(self):
        """No yen is lost or found on the way."""
        self.tell_thirds()

    def test_remnants(self):
        """Two thousandths of a dinar are no yen."""
        self.tell_remnants()


@tagged("post_install", "-at_install")
class TestOracleDirectedDinar(DecimalsCommon):
    """A company with three decimals; the other currencies have two and none."""

    own_currency = "KWD"
    other_currencies = DINAR_RATES

    def test_thirds(self):
        """No fils is lost or found on the way."""
        self.tell_thirds()

    def test_remnants(self):
        """Two yen are a few fils, and a cent is more than one."""
        self.tell_remnants()
