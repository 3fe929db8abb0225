# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tax numbers as customers' records have them. No ORM here."""

import re

from stdnum.util import get_cc_module

from .evidence import Customer
from .national_register import clean

#: Numbers that tax offices let one write where there is none: they join nobody. Mexico's for
#: customers without RFC and foreigners (SAT), Chile's for consumers (SII), Ecuador's final
#: consumer (SRI), Colombia's final consumer (DIAN), Peru's and Paraguay's customers in general.
STAND_INS = frozenset(
    """XAXX010101000 XEXX010101000 666666666 66666666K 555555555 9999999999 9999999999999
    222222222 222222222222 999999999 44444401 444444017 0123456789 123456789 1234567890 12345678
    987654321 NA NONE EXEMPT UNKNOWN URP""".split()
)
#: Prefixes of tax numbers that are no country's code.
COUNTRIES = {"EL": "GR", "XI": "GB"}


def get_tax_number(customer: Customer) -> str:
    """Return the number without blanks, punctuation and its country; empty where it says nothing.

    >>> get_tax_number(Customer(1, vat="BE 0477.472.701"))
    'BE0477472701'
    >>> get_tax_number(Customer(1, vat="0477.472.701", country="BE"))
    'BE0477472701'
    >>> [get_tax_number(Customer(1, vat=vat)) for vat in ("/", "N/A", "000000000", "XEXX010101000")]
    ['', '', '', '']
    >>> get_tax_number(Customer(1, vat="ATU00000000")), get_tax_number(Customer(1, vat="CHE-1"))
    ('', '')
    >>> get_tax_number(Customer(1, vat="CHE-107.787.577 MWST"))
    'CHE107787577'
    """
    number = re.sub(r"(?<=^CHE\d{9})(MWST|TVA|IVA|TPV)$", "", clean(customer.vat))
    body = re.sub(r"^[A-Z]{2}(?=.*\d)", "", number)
    # Empty where there is no digit, one where it is the same all over.
    digits = {letter for letter in body if letter.isdigit()}
    if len(body) < 6 or len(digits) < 2 or STAND_INS & {number, body}:
        return ""
    return number if body != number else customer.country + number


def is_checked(number: str) -> bool:
    """Whether nothing tells that a number was made up: its check digits are right, where known.

    >>> is_checked("BE0477472701"), is_checked("BE0477472702"), is_checked("EL094259216")
    (True, False, True)
    >>> is_checked("US123456"), is_checked("7654321")
    (True, True)
    """
    country = COUNTRIES.get(number[:2], number[:2])
    module = get_cc_module(country.lower(), "vat") if country.isalpha() else None
    return module is None or module.is_valid(number)


def is_registered_apart(one: Customer, other: Customer) -> bool:
    """Whether two customers of one tax number are two companies: members of a fiscal unity.

    >>> def at(registry): return Customer(1, registry=registry)
    >>> is_registered_apart(at("KvK 12345678"), at("KvK 87654321"))
    True
    >>> is_registered_apart(at("123 456 782"), at("12345678200010"))
    False
    >>> is_registered_apart(at(""), at("1"))
    False
    """
    first, second = clean(one.registry), clean(other.registry)
    return bool(first and second) and first not in second and second not in first
