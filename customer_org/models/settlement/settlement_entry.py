# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What posting a plan makes: the legs of each entry, and what they are matched with.

Takes the matches of a :class:`.settlement_plan.SettlementPlan`. Use :func:`plan_entries` for the
entries, to post or to preview them, and :class:`LegMatches` for core's partials once they are
posted. How it works: one entry per payer, company and date. A match has a pair of legs of its own,
because rates, exchange differences and taxes belong to a match. Only where a sum says all that
the matches say, in company currency and without cash-basis taxes, they share legs: one payer's
leg per credit, one debtor's leg per credit, customer and account.

A leg mirrors what its match takes from the other customer's item, so that each of core's partials
is matched once more, without change, between an item and a leg of its own customer.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from .settlement_plan import Match


@dataclass(eq=False)
class Leg:
    """A journal item of a settlement's entry, on the customer, account and currency of ``item``.

    Amounts are signed, ``balance`` in company currency. ``record`` is the ``account.move.line``
    once it is posted.
    """

    item: Any
    is_payer: bool
    credit: Any
    balance: float = 0.0
    amount_currency: float = 0.0
    #: Whether matches may share it: in company currency, and no document has a cash-basis tax.
    is_shared: bool = False
    others: dict = field(default_factory=dict)
    record: Any = None

    def add(self, balance: float, amount_currency: float, other):
        """Add what a match moves; ``other`` is the customer on the other side."""
        self.balance = self.item.company_currency_id.round(self.balance + balance)
        self.amount_currency = self.item.currency_id.round(self.amount_currency + amount_currency)
        self.others[other.display_name] = True

    @property
    def name(self) -> str:
        """The label: for or by whom, and the document whose credit is used."""
        env = self.item.env
        others = list(self.others)
        if len(others) > 3:
            others = [env._("%s customers", len(others))]
        values = {"customers": ", ".join(others), "document": self.credit.move_id.name or ""}
        if self.is_payer:
            return env._("Paid for %(customers)s (%(document)s)", **values)
        return env._("Paid by %(customers)s (%(document)s)", **values)

    def get_values(self) -> dict:
        """Return the values of the journal item."""
        return {
            "name": self.name,
            "account_id": self.item.account_id.id,
            "partner_id": self.item.partner_id.id,
            "currency_id": self.item.currency_id.id,
            "balance": self.balance,
            "amount_currency": self.amount_currency,
        }


@dataclass(eq=False)
class Entry:
    """The entry of one settlement: matches of one payer, company and date."""

    company: Any
    payer: Any
    date: Any
    matches: list[Match] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    #: ``{match: (payer's leg, debtor's leg)}``
    legs_of: dict[Match, tuple[Leg, Leg]] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The documents whose credits are used."""
        found = dict.fromkeys(match.credit.line.move_id.name or "" for match in self.matches)
        names = [name for name in found if name]
        return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def plan_entries(matches: list[Match], has_cash_basis_tax) -> list[Entry]:
    """Return the entries that matches between customers need.

    :param has_cash_basis_tax: function that tells it of a document, an ``account.move``
    """
    entries: dict[tuple, Entry] = {}
    for match in matches:
        if match.is_across:
            payer = match.credit.line.partner_id.commercial_partner_id
            key = (match.company, payer, match.date)
            entries.setdefault(key, Entry(*key)).matches.append(match)
    for entry in entries.values():
        _add_legs(entry, has_cash_basis_tax)
    return list(entries.values())


def _add_legs(entry, has_cash_basis_tax):
    shared = {}
    for match in entry.matches:
        debt, credit = match.debt.line, match.credit.line
        is_shared = match.is_in_company_currency and not (
            has_cash_basis_tax(debt.move_id) or has_cash_basis_tax(credit.move_id)
        )
        keys = (
            ((credit,), (credit, debt.partner_id, debt.account_id))
            if is_shared
            else ((match, "payer"), (match, "debtor"))
        )
        for key, item in zip(keys, (credit, debt), strict=True):
            if key not in shared:
                shared[key] = Leg(item, item == credit, credit, is_shared=is_shared)
                entry.legs.append(shared[key])
        payer_leg, debtor_leg = entry.legs_of[match] = tuple(shared[key] for key in keys)
        # Named by the customers, whichever contacts of theirs the items are of.
        payer, debtor = (item.partner_id.commercial_partner_id for item in (credit, debt))
        payer_leg.add(match.amount, _get_payer_amount_currency(match), debtor)
        debtor_leg.add(-match.amount, -_get_debtor_amount_currency(match), payer)


def _get_payer_amount_currency(match: Match) -> float:
    credit = match.credit.line
    return match.amount if credit.currency_id == credit.company_currency_id else match.partial[2]


def _get_debtor_amount_currency(match: Match) -> float:
    return match.partial[1] if match.has_foreign_debt else match.amount


class LegMatches:
    """Core's partials of items and posted legs, each inside one customer.

    ``groups`` are the groups of a plan for core's ``_reconcile_plan`` with what its
    ``_prepare_reconciliation_plan`` shall answer for each. ``originals`` is ``{(debit id, credit
    id): match}`` for the partials of legs that belong to one match.
    """

    def __init__(self):
        self._groups: dict[tuple, tuple[list, list]] = defaultdict(lambda: ([], []))
        self.originals = {}

    @property
    def groups(self) -> list[tuple]:
        """List of (recordset of journal items, list of core's results)."""
        return [
            (lines[0].browse().union(*lines), results) for lines, results in self._groups.values()
        ]

    def add_own(self, match: Match):
        """Add a match of two items that no leg lies between: core's own."""
        debt, credit = match.debt.line, match.credit.line
        differences = [_get_debt_difference(match, debt), _get_credit_difference(match, credit)]
        self._add(debt, credit, match.partial, differences, match.date)

    def add_entry(self, entry: Entry):
        """Add the matches of an entry whose legs are posted."""
        shared: dict[Leg, float] = defaultdict(float)
        for match in entry.matches:
            payer_leg, debtor_leg = entry.legs_of[match]
            if payer_leg.is_shared:
                self.add_exact(match.debt.line, debtor_leg.record, match.amount)
                shared[payer_leg] += match.amount
            else:
                self._add_pair(match, payer_leg.record, debtor_leg.record)
        for leg, amount in shared.items():
            self.add_exact(leg.record, leg.item, leg.item.company_currency_id.round(amount))

    def add_exact(self, debit, credit, amount: float, amount_currency: float | None = None):
        """Add a match of items of the same currency and rate: nothing to convert.

        :param amount_currency: in the items' currency, if that is not the company's
        """
        if amount_currency is None:
            amount_currency = amount
        self._add(debit, credit, (amount, amount_currency, amount_currency), [], None)

    def _add_pair(self, match: Match, payer_leg, debtor_leg):
        """Match debt and credit as core would match them, each with a leg in the other's place.

        The debtor's leg stands for the credit where the debt is in foreign currency, so that the
        exchange difference is the debtor's; else the payer's leg stands for the debt.
        """
        debt, credit = match.debt.line, match.credit.line
        amount, debt_currency, credit_currency = match.partial
        self.originals[debt.id, debtor_leg.id] = self.originals[payer_leg.id, credit.id] = match
        if match.has_foreign_debt:
            partial = (amount, debt_currency, debt_currency)
            differences = [
                _get_debt_difference(match, debt),
                (debtor_leg, amount - match.credit_used[0], 0.0),
            ]
            self._add(debt, debtor_leg, partial, differences, match.date)
            partial = (match.amount, payer_leg.amount_currency, payer_leg.amount_currency)
            # What is left without a value in company currency stays the credit's own difference.
            differences = []
            if credit.currency_id != credit.company_currency_id:
                differences = [(credit, 0.0, credit_currency - match.credit_used[1])]
            self._add(payer_leg, credit, partial, differences, match.date)
        else:
            self.add_exact(debt, debtor_leg, match.amount)
            partial = (amount, credit_currency, credit_currency)
            differences = [
                (payer_leg, match.debt_paid[0] - amount, 0.0),
                _get_credit_difference(match, credit),
            ]
            self._add(payer_leg, credit, partial, differences, match.date)

    def _add(self, debit, credit, partial, differences, date):
        if debit.reconciled or credit.reconciled:
            # The last units of a foreign credit may be worth nothing: their leg is closed at once.
            return
        amount, debit_currency, credit_currency = partial
        result = {
            "partial_values": {
                "debit_move_id": debit.id,
                "credit_move_id": credit.id,
                "amount": amount,
                "debit_amount_currency": debit_currency,
                "credit_amount_currency": credit_currency,
            }
        }
        if exchange_values := _get_exchange_values(differences, date):
            result["exchange_values"] = exchange_values
        customer = debit.partner_id.commercial_partner_id or credit.partner_id.commercial_partner_id
        lines, results = self._groups[customer, debit.account_id]
        lines += (debit, credit)
        results.append(result)


def _get_debt_difference(match: Match, line) -> tuple:
    """Return what a debt loses beyond core's partial: (item, company currency, own currency)."""
    amount, debt_currency, _credit_currency = match.partial
    return line, match.debt_paid[0] - amount, match.debt_paid[1] - debt_currency


def _get_credit_difference(match: Match, line) -> tuple:
    """Return the same of a credit: below zero."""
    amount, _debt_currency, credit_currency = match.partial
    return line, amount - match.credit_used[0], credit_currency - match.credit_used[1]


def _get_exchange_values(differences: list[tuple], date) -> dict | None:
    """Return core's values of the entry that books these differences, if there are any."""
    lines, amounts = [], []
    for line, amount, amount_currency in differences:
        if not line.company_currency_id.is_zero(amount):
            lines.append(line)
            amounts.append({"amount_residual": line.company_currency_id.round(amount)})
        elif not line.currency_id.is_zero(amount_currency):
            lines.append(line)
            amounts.append({"amount_residual_currency": line.currency_id.round(amount_currency)})
    if not lines:
        return None
    # sudo: a leg may lie in the root of the user's companies; only the values are worked out.
    items = lines[0].sudo().browse([line.id for line in lines])
    values = items._prepare_exchange_difference_move_vals(amounts, exchange_date=date)
    return {**values, "to_post": True}
