# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a statement consists of: plain data for every output."""

from dataclasses import dataclass, field
from datetime import date

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

    date: date
    customer_id: int
    currency_id: int
    document: str
    reference: str
    date_due: date | None
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


@dataclass
class Group:
    """The movements of one customer in one currency, and what of its items is open."""

    customer: object
    rows: list = field(default_factory=list)
    buckets: list = field(default_factory=list)
    debit: float = 0.0
    credit: float = 0.0


@dataclass
class Section:
    """One currency: ``opening`` + ``debit`` - ``credit`` (+ ``exchange``) = ``closing``.

    ``buckets`` add up to ``closing``. Groups come in the order of the tree; customers without
    movements and without open items are left out.
    """

    currency: object
    opening: float
    debit: float
    credit: float
    closing: float
    buckets: list
    groups: list = field(default_factory=list)
    exchange: float = 0.0

    @property
    def overdue(self):
        """Return what is late, net of credits; 0 where these are more."""
        return max(self.currency.round(sum(self.buckets[1:])), 0.0)


@dataclass
class Statement:
    """The statement of one customer in one company; see :meth:`CustomerStatement._get`.

    ``total`` is in the company's currency and ties to the ledger; its groups are empty.
    """

    partner: object
    company: object
    presentation: str
    date_from: date | None
    date_to: date
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
        """Return the headings of the ageing's columns, in days after the due date."""
        return [self.company.env._("Not Due"), *get_aging_spans(self.steps)]
