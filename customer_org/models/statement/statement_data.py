# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a statement consists of: plain data for every output."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date as Date
from typing import Any

from ..receivable import get_aging_spans


@dataclass(slots=True)
class Row:
    """A line of the statement.

    ``amount`` is in the section's currency and ``balance`` in the company's; both are positive
    where the customer owes more. ``running`` is the balance of the section after this line.
    ``kind`` is ``invoice`` for invoices and credit notes, empty for other documents,
    ``settlement`` for what others paid or were paid for, and ``converted`` for what went over
    into another currency.
    """

    date: Date
    customer_id: int
    currency_id: int
    document: str
    reference: str
    date_due: Date | None
    amount: float
    balance: float
    model: str = "account.move"
    res_id: int = 0
    kind: str = ""
    running: float = 0.0

    @property
    def debit(self):
        return max(self.amount, 0.0)

    @property
    def credit(self):
        return max(-self.amount, 0.0)


#: What the ledger reads of a row, in the order of the fields.
ROW_COLUMNS = tuple(one.name for one in dataclasses.fields(Row) if one.name != "running")


@dataclass(slots=True)
class Conversion:
    """What a match moved between two documents in different currencies.

    ``document`` is the one whose customer and currency these are, ``other`` the one it was
    matched with. Amounts as in :class:`Row`.
    """

    date: Date
    customer_id: int
    currency_id: int
    document: str
    other: str
    other_currency_id: int
    amount: float
    balance: float
    res_id: int


CONVERSION_COLUMNS = tuple(one.name for one in dataclasses.fields(Conversion))


@dataclass(slots=True)
class Aging:
    """What is open of a customer in one currency, as pairs in that and in the company's.

    ``buckets`` add up to the balance: credits lessen the bucket of their own date. ``overdue`` are
    the debts whose due date has passed, before credits; ``credit`` the open credits, positive.
    """

    buckets: list
    overdue: tuple = (0.0, 0.0)
    credit: tuple = (0.0, 0.0)


@dataclass
class Group:
    """The movements of one customer in one currency, and what of its items is open.

    ``opening`` + ``debit`` - ``credit`` + ``settled`` = ``closing``: ``settled`` is what went
    between it and the other customers of the statement, which no row says. What is open of its
    credits is ``open_credit``; ``credit`` is the sum of the rows'.
    """

    customer: Any
    rows: list = field(default_factory=list)
    buckets: list = field(default_factory=list)
    opening: float = 0.0
    debit: float = 0.0
    credit: float = 0.0
    settled: float = 0.0
    closing: float = 0.0
    overdue: float = 0.0
    open_credit: float = 0.0

    @property
    def amounts(self):
        """Return the amounts in the order in which they are shown."""
        return (
            self.opening,
            self.debit,
            self.credit,
            self.settled,
            self.closing,
            self.overdue,
            self.open_credit,
        )


@dataclass
class Section:
    """One currency: ``opening`` + ``debit`` - ``credit`` (+ ``exchange``) = ``closing``.

    ``buckets`` add up to ``closing``. ``overdue`` are the open debts whose due date has passed,
    before credits; ``open_credit`` the open credits, as a positive amount. Groups come in the order
    of the tree; customers without movements and without open items are left out, save in
    ``all_groups``, which has those that owed something before, too.
    """

    currency: Any
    opening: float
    debit: float
    credit: float
    closing: float
    buckets: list
    groups: list = field(default_factory=list)
    all_groups: list = field(default_factory=list)
    exchange: float = 0.0
    overdue: float = 0.0
    open_credit: float = 0.0


@dataclass
class Statement:
    """The statement of one customer in one company; see :meth:`CustomerStatement._build`.

    ``total`` is in the company's currency and ties to the ledger; its groups are empty.
    """

    partner: Any
    company: Any
    presentation: str
    date_from: Date | None
    date_to: Date
    steps: tuple
    customers: list
    sections: list
    total: Section

    @property
    def has_branches(self):
        return len(self.customers) > 1

    @property
    def has_foreign_currency(self):
        return any(section.currency != self.total.currency for section in self.sections)

    @property
    def is_empty(self):
        return not self.sections

    @property
    def bucket_labels(self):
        """Return the headings of the aging's columns, in days after the due date."""
        return [self.company.env._("Not Due"), *get_aging_spans(self.steps)]

    @property
    def row_count(self):
        return sum(len(group.rows) for section in self.sections for group in section.groups)

    def get_page(self, number, size):
        """Return the same statement with the rows of one page only; all sums stay.

        :param int number: of the page, from 1 on
        :param int size: how many rows fit on a page
        """
        first, last = (number - 1) * size, number * size
        sections, position = [], 0
        for section in self.sections:
            groups = []
            for group in section.groups:
                rows = group.rows[max(first - position, 0) : max(last - position, 0)]
                groups.append(dataclasses.replace(group, rows=rows))
                position += len(group.rows)
            sections.append(dataclasses.replace(section, groups=groups))
        return dataclasses.replace(self, sections=sections)
