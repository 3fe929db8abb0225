# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Core as the oracle: a history told twice, by one customer and by a family.

What core makes of one customer's documents is what has to come out when a head office pays and its
branches owe: residuals in both currencies, every account by month (so each exchange account and
each cash-basis tax by itself), states. Compared after every step.

Use: ``play(case, steps)`` raises :class:`Difference`; :mod:`.common_oracle_histories` makes and
shortens histories. A step is a tuple of its name and plain values, so that a printed history can
be played again as it is.
"""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo.exceptions import RedirectWarning, UserError

from odoo.addons.customer_org.models.settlement.receivables_check import CHECKS

from .common_oracle_core import exchange_differences_of_their_matches
from .common_oracle_world import Family, World

TODAY = "2026-02-25 12:00:00"
#: What the family may refuse with a message although core, with one customer, has nothing to do.
MAY_REFUSE = {"recustomer", "reparent", "merge"}


class Difference(AssertionError):
    """Core and we have not come to the same."""


class _Play:
    def __init__(self, case):
        self.case = case
        self.env = case.env
        self.core = World(case, [case.single] * len(case.family))
        self.ours = Family(case, case.family)

    def run(self, steps):
        for place, step in enumerate(steps):
            self._do(*step)
            self._compare(place, step)

    def _do(self, name, *arguments):
        if name in ("lock", "exception"):
            with self._refusals():
                getattr(self, f"_{name}")(*arguments)
        elif name in ("reparent", "merge"):
            with self._refusals():
                getattr(self.ours, name)(*arguments)
        elif (arguments := self._complete(name, arguments)) is not None:
            self._tell_twice(name, arguments)

    def _complete(self, name, arguments):
        """Return what to do it with, None if there is nothing to do."""
        # Of a payment that is cancelled as a draft core deletes the entry.
        there = {number: move for number, move in self.core.documents.items() if move.exists()}
        if name in ("invoice", "payment", "entry", "bank_line"):
            return arguments
        if name in ("settle_on_screen", "settle_automatically"):
            numbers = self.ours.choose_to_settle()
            return (numbers,) if numbers else None
        if name == "match":
            numbers = self.ours.choose([number for number in arguments[0] if number in there])
            signs = {item.balance > 0 for item in self.core.get_open_items(numbers)}
            return (numbers,) if len(signs) > 1 else None
        if name == "register":
            new, numbers, date = arguments
            numbers = self.ours.choose_owed([number for number in numbers if number in there])
            return (new, numbers, date) if numbers else None
        if any(number not in there for number in arguments[: 2 if name == "unmatch_pair" else 1]):
            return None
        if name in ("redate", "redate_posted") and self.ours.has_dated_consequences(*arguments[:1]):
            return None
        if name == "recustomer" and self.ours.is_settled(*arguments[:1]):
            return None
        if name == "change_account" and self.core.is_matched_with_bank(*arguments):
            return None
        if name == "reject":
            payment = there[arguments[0]].origin_payment_id
            is_sent = payment and payment.move_id.state == "posted"
            return (*arguments, self.ours.get_settled(*arguments)) if is_sent else None
        return arguments

    def _tell_twice(self, name, arguments):
        with self.env.cr.savepoint() as savepoint:
            refused = [self._try(world, name, arguments) for world in (self.core, self.ours)]
            if bool(refused[0]) != bool(refused[1]):
                if not refused[1] or name not in MAY_REFUSE:
                    raise Difference(f"refused by core: {refused[0]}, by us: {refused[1]}")
                savepoint.rollback()
            elif self.core.has_paid_with_nothing():
                savepoint.rollback()

    def _try(self, world, name, arguments):
        # Core has no rate for what is worth nothing in the company's currency, and ends in an
        # error. That of both is none of ours; of us alone it is a difference.
        with self._refusals(TypeError, ZeroDivisionError) as errors:
            getattr(world, name)(*arguments)
        return errors and errors[0]

    @contextmanager
    def _refusals(self, *others):
        """Take back what is refused, and yield the list of the messages."""
        errors = []
        try:
            with self.env.cr.savepoint():
                yield errors
                self.env.flush_all()
        except (UserError, RedirectWarning, *others) as error:
            errors.append(str(error) or type(error).__name__)
            self.env.invalidate_all(flush=False)

    def _lock(self, date, field="fiscalyear_lock_date"):
        self.case.company[field] = date

    def _exception(self, is_given):
        """Let the user work in the locked month, or no longer."""
        exceptions = self.env["account.lock_exception"].sudo()
        if not is_given:
            exceptions.search([("company_id", "=", self.case.company.id)]).action_revoke()
        elif self.case.company.fiscalyear_lock_date:
            exceptions.create(
                {
                    "company_id": self.case.company.id,
                    "user_id": self.env.user.id,
                    "fiscalyear_lock_date": False,
                }
            )

    def _compare(self, place, step):
        self.env.flush_all()
        core, ours = self.core.get_facts(), self.ours.get_facts()
        differences = [
            f"{key}: core {core.get(key)}, ours {ours.get(key)}"
            for key in sorted({*core, *ours})
            if core.get(key) != ours.get(key)
        ]
        family = {customer.id for customer in self.case.family}
        differences += [
            str(finding)
            for check in CHECKS
            for finding in check(self.env, list({company.id for company in self.case.companies}))
            if finding.partner_id in family
        ]
        if differences:
            raise Difference(f"after step {place} {step}:\n" + "\n".join(differences))


def play(case, steps):
    """Tell a history twice, compare after each step, and take it back.

    :raises Difference: where core and we have not come to the same
    """
    # What falls into a locked month is dated on the first open day or today, by what numbers there
    # are in its journal already. One month for both, so that the order of telling does not matter.
    with (
        freeze_time(TODAY),
        case.taken_back(),
        exchange_differences_of_their_matches(case.env),
    ):
        _Play(case).run(steps)
