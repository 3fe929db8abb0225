# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tax numbers as customers' records have them, and whether two addresses are one. No ORM here."""

import re

from .customer_name import get_words
from .evidence import Customer
from .national_register import clean

#: Numbers that tax offices let one write where there is none: they join nobody. Mexico's for
#: customers without RFC and foreigners (SAT), Chile's for consumers (SII), Ecuador's final
#: consumer (SRI), Colombia's final consumer (DIAN), Peru's and Paraguay's customers in general.
STAND_INS = frozenset(
    """XAXX010101000 XEXX010101000 666666666 66666666K 555555555 9999999999 9999999999999
    222222222 222222222222 999999999 44444401 444444017 123456789 1234567890 12345678 NA NONE
    EXEMPT UNKNOWN URP""".split()
)


def get_tax_number(customer: Customer) -> str:
    """Return the number without blanks, punctuation and its country; empty where it says nothing.

    >>> get_tax_number(Customer(1, vat="BE 0477.472.701"))
    'BE0477472701'
    >>> get_tax_number(Customer(1, vat="0477.472.701", country="BE"))
    'BE0477472701'
    >>> [get_tax_number(Customer(1, vat=vat)) for vat in ("/", "N/A", "000000000", "XEXX010101000")]
    ['', '', '', '']
    """
    number = clean(customer.vat)
    body = re.sub(r"^[A-Z]{2}(?=.*\d)", "", number)
    if len(body) < 6 or len(set(body)) == 1 or STAND_INS & {number, body}:
        return ""
    if not any(letter.isdigit() for letter in body):
        return ""
    return number if body != number else customer.country + number


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
    if one.country and other.country and one.country != other.country:
        return False
    if one.zip and other.zip and clean(one.zip) != clean(other.zip):
        return False
    for fname in ("city", "street"):
        first, second = getattr(one, fname), getattr(other, fname)
        if first and second and set(get_words(first)) != set(get_words(second)):
            return False
    return True
