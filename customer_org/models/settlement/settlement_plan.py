# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which credit pays which debt, and by how much: the arithmetic of settlements, nothing written.

Takes open receivable items of one hierarchy. Use :class:`SettlementPlan` with core's own partial
arithmetic (``account.move.line._prepare_reconciliation_single_partial``): the plan says what core
would match if all items were one customer's. How it works: each debt, oldest due first, is paid
from the customer's own credits, then from its nearest ancestor's, and so on; only what is left is
matched between siblings or upwards. As in core, items of the same currency meet first, and items
without a customer meet whom they may before customers meet each other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


def get_residuals(line) -> dict:
    """Return what is left of a journal item, as core's partial arithmetic takes it."""
    return {
        "aml": line,
        "amount_residual": line.amount_residual,
        "amount_residual_currency": line.amount_residual_currency,
    }


def sort_as_core(items: list, get_line: Callable) -> list:
    """Return items, oldest due first, in the order in which core would match them.

    The key is core's own (``_optimize_reconciliation_plan``): of items of different currencies
    that are due on one day neither comes first, so they keep the order in which they are given.
    """

    def get_key(item):
        line = get_line(item)
        key: tuple = (line.date_maturity or line.date, line.currency_id)
        if not line.env.context.get("reduced_line_sorting"):
            key += (line.amount_currency, line.balance)
        return key

    return sorted(items, key=get_key)


@dataclass(eq=False)
class OpenItem:
    """An open journal item and what is left of it while the plan is made.

    ``customer_id`` is the id of its commercial entity, False where it has none. ``limit`` is the
    most that may be settled of it: positive, in the item's own currency. To the plan the item is
    then as small as that, in both currencies in proportion. ``values`` is the dictionary that
    core's partial arithmetic takes and changes.
    """

    line: Any
    customer_id: int
    limit: float | None = None
    values: dict = field(init=False)
    is_open: bool = True

    def __post_init__(self):
        self.values = get_residuals(self.line)
        amount, amount_currency = self.line.amount_residual, self.line.amount_residual_currency
        currency = self.line.currency_id
        if (
            self.limit is not None
            and currency.compare_amounts(self.limit, abs(amount_currency)) < 0
        ):
            share = self.limit / abs(amount_currency)
            self.values["amount_residual"] = self.line.company_currency_id.round(amount * share)
            self.values["amount_residual_currency"] = currency.round(amount_currency * share)

    @property
    def sign(self) -> int:
        """1 of a debt, -1 of a credit, 0 of neither."""
        line = self.line
        if line.balance > 0 or line.amount_currency > 0:
            return 1
        return -1 if line.balance < 0 or line.amount_currency < 0 else 0

    def get_change(self, before: dict) -> tuple[float, float]:
        """Return what was taken from the item since ``before``: (company, own currency)."""
        amount = before["amount_residual"] - self.values["amount_residual"]
        amount_currency = (
            before["amount_residual_currency"] - self.values["amount_residual_currency"]
        )
        return (
            self.line.company_currency_id.round(amount),
            self.line.currency_id.round(amount_currency),
        )


@dataclass(eq=False)
class Match:
    """One debt paid by one credit, as core would match the two if they were one customer's.

    ``partial`` is core's partial: (company currency, debt's currency, credit's currency).
    ``debt_paid`` and ``credit_used`` are what the two items lose, exchange differences included:
    (company currency, the item's own currency). All are positive.
    """

    debt: OpenItem
    credit: OpenItem
    partial: tuple[float, float, float]
    debt_paid: tuple[float, float]
    credit_used: tuple[float, float]

    @property
    def is_across(self) -> bool:
        """Whether the two items are of different customers."""
        debtor, payer = self.debt.customer_id, self.credit.customer_id
        return bool(debtor and payer and debtor != payer)

    @property
    def date(self):
        """The later of both dates: that of the settlement."""
        return max(self.debt.line.date, self.credit.line.date)

    @property
    def company(self):
        """Where the entry belongs: the items' company, for branch companies their root."""
        debt, credit = self.debt.line.company_id, self.credit.line.company_id
        # sudo: an accountant of two branch companies need not see their root.
        return credit if debt == credit else credit.sudo().root_id

    @property
    def is_in_company_currency(self) -> bool:
        """Whether neither item has a currency of its own."""
        debt, credit = self.debt.line, self.credit.line
        return debt.currency_id == credit.currency_id == debt.company_currency_id

    @property
    def has_foreign_debt(self) -> bool:
        """Whether the exchange difference, if there is one, is the debtor's."""
        return self.debt.line.currency_id != self.debt.line.company_currency_id

    @property
    def amount(self) -> float:
        """Company-currency value that moves from the credit's customer to the debt's.

        A debt in foreign currency gets the credit at its own rate, so the one exchange difference
        is the debtor's. A debt in company currency gets what it loses, so it is the payer's.
        """
        return self.credit_used[0] if self.has_foreign_debt else self.debt_paid[0]


class SettlementPlan:
    """Match open items of one hierarchy as core matches those of one customer.

    :param items: list of :class:`OpenItem`, debts and credits, in the order in which they were
        given to be reconciled
    :param ancestors: ``{customer id: [itself, its parent, …]}``
    :param match_amounts: core's ``_prepare_reconciliation_single_partial``
    :param get_order: the debts' and credits' order as a function of an item; oldest due first
        where it says nothing
    """

    def __init__(
        self,
        items: list[OpenItem],
        ancestors: dict[int, list[int]],
        match_amounts: Callable,
        get_order: Callable | None = None,
    ):
        self._ancestors = ancestors
        self._match_amounts = match_amounts
        items = sort_as_core(items, lambda item: item.line)
        if get_order:
            items.sort(key=get_order)
        self._debts = [item for item in items if item.sign > 0]
        self._credits = [item for item in items if item.sign < 0]
        self._has_nobodys = any(not item.customer_id for item in items)
        self.matches: list[Match] = []

    def run_lineage(self) -> list[Match]:
        """Return the matches with a debt's own customer's credits, and with its ancestors'."""
        self._run_pass(self._get_lineage_credits)
        return self.matches

    def run(self) -> list[Match]:
        """Return the matches, in the order in which core would make them.

        Where items without a customer take part, nobody asked for one customer to pay another:
        only what is offered by itself is settled, a credit from above.
        """
        if self._has_nobodys:
            self._run_pass(self._get_nobodys_credits)
        self.run_lineage()
        if not self._has_nobodys:
            self._run_pass(lambda debt: self._credits)
        return self.matches

    def _get_nobodys_credits(self, debt: OpenItem) -> list[OpenItem]:
        return self._credits_by_customer[False] if debt.customer_id else self._credits

    def _get_lineage_credits(self, debt: OpenItem) -> Iterator[OpenItem]:
        for customer_id in self._ancestors.get(debt.customer_id, [debt.customer_id]):
            yield from self._credits_by_customer[customer_id]

    def _run_pass(self, get_credits):
        for same_currency in (True, False):
            self._drop_closed()
            for debt in self._debts:
                for credit in get_credits(debt):
                    if not debt.is_open:
                        break
                    currencies_equal = debt.line.currency_id == credit.line.currency_id
                    if credit.is_open and (currencies_equal or not same_currency):
                        self._match(debt, credit)

    def _drop_closed(self):
        self._debts = [debt for debt in self._debts if debt.is_open]
        self._credits = [credit for credit in self._credits if credit.is_open]
        self._credits_by_customer = defaultdict(list)
        for credit in self._credits:
            self._credits_by_customer[credit.customer_id].append(credit)

    def _match(self, debt: OpenItem, credit: OpenItem):
        """Match two items until one of them is used up.

        Core tries a pair again as long as both are open, which happens where no exchange
        difference may be booked. What its partials come to is one match.
        """
        if not self._may_match(debt, credit):
            return
        debt_before, credit_before = dict(debt.values), dict(credit.values)
        partials = []
        while debt.is_open and credit.is_open:
            result = self._match_amounts(debt.values, credit.values)
            debt.is_open = result["debit_values"] is not None
            credit.is_open = result["credit_values"] is not None
            if result.get("partial_values"):
                partials.append(result["partial_values"])
        if partials:
            self.matches.append(self._get_match(debt, credit, debt_before, credit_before, partials))

    @staticmethod
    def _get_match(debt, credit, debt_before, credit_before, partials) -> Match:
        currencies = (
            (debt.line.company_currency_id, "amount"),
            (debt.line.currency_id, "debit_amount_currency"),
            (credit.line.currency_id, "credit_amount_currency"),
        )
        amount, amount_currency = credit.get_change(credit_before)
        return Match(
            debt,
            credit,
            partial=tuple(
                currency.round(sum(partial[key] for partial in partials))
                for currency, key in currencies
            ),
            debt_paid=debt.get_change(debt_before),
            credit_used=(-amount, -amount_currency),
        )

    @staticmethod
    def _may_match(debt: OpenItem, credit: OpenItem) -> bool:
        """A settlement crosses accounts, core's own matching of one customer does not."""
        # sudo: who works in branch companies may not read their root.
        if debt.line.company_id.sudo().root_id != credit.line.company_id.sudo().root_id:
            return False
        is_across = (
            debt.customer_id and credit.customer_id and debt.customer_id != credit.customer_id
        )
        return bool(is_across or debt.line.account_id == credit.line.account_id)
