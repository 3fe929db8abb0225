# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Addresses of customers: whether two are one, also among very many. No ORM here."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from .customer_name import get_words
from .evidence import Customer
from .national_register import clean


def read_address(customer: Customer) -> dict[str, Any]:
    """Return the parts of an address that are known, however they are written.

    >>> read_address(Customer(1, zip="75 002", city="PARIS", country="FR"))
    {'country': 'FR', 'zip': '75002', 'city': frozenset({'paris'})}
    """
    parts = {
        "country": customer.country,
        "zip": clean(customer.zip),
        "city": frozenset(get_words(customer.city)),
        "street": frozenset(get_words(customer.street)),
    }
    return {name: value for name, value in parts.items() if value}


def is_same_address(one: Customer, other: Customer) -> bool:
    """Whether nothing that both addresses tell is different.

    >>> def at(*address): return Customer(1, "", "", "", "", *address)
    >>> is_same_address(at("Rue de la Paix 1", "75002", "Paris"), at("1, rue de la paix", "75002"))
    True
    >>> is_same_address(at("Rue de la Paix 1", "75002"), at("Rue de la Paix 3", "75002"))
    False
    >>> is_same_address(at("", "", "Lyon"), at("", "", "Paris")), is_same_address(at(), at())
    (False, True)
    """
    first, second = read_address(one), read_address(other)
    return all(first[name] == second[name] for name in first.keys() & second.keys())


class AddressBook:
    """Customers, to find those at an address without comparing each with each.

    How it works: each is entered under every choice of the parts that its address tells, so that
    one look-up finds those who tell more, and those who tell less.

    >>> book = AddressBook()
    >>> lyon = Customer(1, city="Lyon", zip="69001")
    >>> book.add(lyon)
    >>> list(book.find(Customer(2, city="lyon"))) == [lyon]
    True
    >>> list(book.find(Customer(2, street="Rue Neuve 1", city="Paris")))
    []
    """

    def __init__(self):
        self._kinds = {}
        self._entries = defaultdict(list)

    def add(self, customer: Customer) -> None:
        """Enter a customer."""
        parts = read_address(customer)
        known = tuple(parts)
        self._kinds[known] = True
        for size in range(len(known) + 1):
            for shared in combinations(known, size):
                self._entries[self._get_key(known, shared, parts)].append(customer)

    def find(self, customer: Customer) -> Iterator[Customer]:
        """Yield the customers that are entered and have the same address as this one."""
        parts = read_address(customer)
        for known in self._kinds:
            shared = tuple(name for name in known if name in parts)
            yield from self._entries.get(self._get_key(known, shared, parts), ())

    @staticmethod
    def _get_key(known, shared, parts):
        return known, shared, tuple(parts[name] for name in shared)
