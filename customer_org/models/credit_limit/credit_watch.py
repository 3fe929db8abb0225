# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What documents make their customers owe, remembered while somebody changes them."""

from contextvars import ContextVar

#: The watch in force: of this thread, so that no client can send one, as a context key could be.
_current: ContextVar = ContextVar("customer_credit_watch", default=None)


class PendingCredit(dict):
    """Amounts by customer (id) of documents that are confirmed at the same time.

    A class of its own, because it travels in the context: what a client sends is a plain ``dict``.
    """


class CreditWatch:
    """What documents made their customers owe before a change.

    Takes: a cursor, and documents as they are met, each before it is changed for the first time.

    Use: ``documents._watching_credit()``. A change that makes others, such as an order that writes
    its lines, is judged once, at its end.
    """

    def __init__(self, cr):
        self.cr = cr
        #: {document: {customer: amount in the currency of the document's company}}
        self.before: dict = {}
        #: Documents that the system changes, and not the user.
        self.trusted: set = set()

    @classmethod
    def get(cls, cr):
        """Return the watch in force for this transaction, or a new one that is not."""
        watch = _current.get()
        return watch if watch is not None and watch.cr is cr else cls(cr)

    @property
    def is_in_force(self) -> bool:
        return _current.get() is self

    def start(self):
        """Put this watch in force; return what :meth:`stop` needs."""
        return _current.set(self)

    def stop(self, token) -> None:
        _current.reset(token)

    def remember(self, documents, amounts: dict) -> None:
        """Keep what ``documents`` make their customers owe, unless it was kept already.

        :param dict amounts: ``{document: {customer: amount}}``; nothing is owed for the others
        """
        for document in documents:
            if document not in self.before:
                self.before[document] = amounts.get(document, {})
                if documents.env.su:
                    self.trusted.add(document)

    def get_raised(self, amounts: dict) -> list:
        """Return ``(document, customer, amount, amount before)`` where what is owed differs."""
        return [
            (document, customer, amount, before)
            for document, now in amounts.items()
            for customer, amount in now.items()
            if amount != (before := self.before.get(document, {}).get(customer, 0.0))
        ]
