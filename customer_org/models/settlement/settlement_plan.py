# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which credit pays which debt, and by how much: the arithmetic of settlements, nothing written.

Takes open receivable items of one hierarchy. Use :class:`SettlementPlan` with core's own partial
arithmetic (``account.move.line._prepare_reconciliation_single_partial``): the plan says what core
would match if all items were one customer's. How it works: each debt, oldest due first, is paid
from the customer's own credits, then from its nearest ancestor's, and so on; only what is left is
matched between siblings or upwards. As in core, items of the same currency meet first.
"""

from collections import defaultdict
from dataclasses import dataclass, field


def get_residuals(line):
    """Return what is left of a journal item, as core's partial arithmetic takes it."""
    return {
        "aml": line,
        "amount_residual": line.amount_residual,
        "amount_residual_currency": line.amount_residual_currency,
    }


@dataclass
class OpenItem:
    """An open journal item and what is left of it while the plan is made.

    ``limit`` is the most that may be settled of it: positive, in the item's own currency. To the
    plan the item is then as small as that, in both currencies in proportion. ``values`` is the
    dictionary that core's partial arithmetic takes and changes.
    """

    line: object
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

    def get_change(self, before):
        """Return what was taken from the item since ``before``: (company, own currency)."""
        amount = before["amount_residual"] - self.values["amount_residual"]
        amount_currency = (
            before["amount_residual_currency"] - self.values["amount_residual_currency"]
        )
        return (
            self.line.company_currency_id.round(amount),
            self.line.currency_id.round(amount_currency),
        )


@dataclass
class Match:
    """One debt paid by one credit.

    ``result`` is core's, ``debt_before`` what the debt's values were, ``credit_used`` and
    ``debt_paid`` what the two items lose, exchange differences included: positive, (company
    currency, the item's own currency).
    """

    debt: OpenItem
    credit: OpenItem
    result: dict
    debt_before: dict
    debt_paid: tuple
    credit_used: tuple

    @property
    def is_across(self):
        return self.debt.customer_id != self.credit.customer_id

    @property
    def date(self):
        return max(self.debt.line.date, self.credit.line.date)

    @property
    def company(self):
        """Where the entry belongs: the items' company, for branch companies their root."""
        debt, credit = self.debt.line.company_id, self.credit.line.company_id
        return credit if debt == credit else credit.root_id

    @property
    def has_exact_credit(self):
        """Whether the payer's leg takes from the credit just what it is worth there."""
        currency = self.credit.line.company_currency_id
        return not currency.compare_amounts(self.amount, self.credit_used[0])

    @property
    def amount(self):
        """Company-currency value that moves from the credit's customer to the debt's.

        A debt in foreign currency gets the credit at its own rate, so the one exchange difference
        is the debtor's. A debt in company currency gets what it loses, so it is the payer's.
        """
        debt = self.debt.line
        if debt.currency_id == debt.company_currency_id:
            return self.debt_paid[0]
        return self.credit_used[0]


class SettlementPlan:
    """Match open items of one hierarchy as core matches those of one customer.

    :param items: list of :class:`OpenItem`, debts and credits
    :param ancestors: ``{customer id: [itself, its parent, …]}``
    :param match_amounts: core's ``_prepare_reconciliation_single_partial``
    :param get_order: the debts' and credits' order as a function of an item; oldest due first
        where it says nothing
    """

    def __init__(self, items, ancestors, match_amounts, get_order=None):
        self._ancestors = ancestors
        self._match_amounts = match_amounts
        items = sorted(items, key=self._due_first)
        if get_order:
            items.sort(key=get_order)
        self._debts = [item for item in items if self._sign(item) > 0]
        self._credits = [item for item in items if self._sign(item) < 0]
        self.matches = []

    @staticmethod
    def _due_first(item):
        line = item.line
        return (
            line.date_maturity or line.date,
            line.currency_id.id,
            line.amount_currency,
            line.balance,
            line.id,
        )

    @staticmethod
    def _sign(item):
        line = item.line
        if line.balance > 0 or line.amount_currency > 0:
            return 1
        return -1 if line.balance < 0 or line.amount_currency < 0 else 0

    def run_lineage(self):
        """Return the matches with a debt's own customer's credits, and with its ancestors'."""
        self._run_pass(self._get_lineage_credits)
        return self.matches

    def run(self):
        """Return the matches, in the order in which core would make them."""
        self.run_lineage()
        self._run_pass(lambda debt: self._credits)
        return self.matches

    def _get_lineage_credits(self, debt):
        for customer_id in self._ancestors[debt.customer_id]:
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

    def _match(self, debt, credit):
        if not self._may_match(debt, credit):
            return
        debt_before, credit_before = dict(debt.values), dict(credit.values)
        result = self._match_amounts(debt.values, credit.values)
        debt.is_open = result["debit_values"] is not None
        credit.is_open = result["credit_values"] is not None
        if result.get("partial_values"):
            amount, amount_currency = credit.get_change(credit_before)
            self.matches.append(
                Match(
                    debt,
                    credit,
                    result,
                    debt_before,
                    debt_paid=debt.get_change(debt_before),
                    credit_used=(-amount, -amount_currency),
                )
            )

    @staticmethod
    def _may_match(debt, credit):
        """A settlement crosses accounts, core's own matching of one customer does not."""
        if debt.line.company_id.root_id != credit.line.company_id.root_id:
            return False
        return debt.customer_id != credit.customer_id or (
            debt.line.account_id == credit.line.account_id
        )
