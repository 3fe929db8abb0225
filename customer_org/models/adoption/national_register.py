# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers of national registers that say which company a place belongs to. No ORM here.

Sources of the numbers' structure: python-stdnum (SIREN and SIRET, CNPJ, GSTIN, TIN, NPWP), whose
modules name the register each comes from.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from stdnum.util import get_cc_module

from .evidence import CERTAIN, LIKELY, Customer


class Entry(NamedTuple):
    """One customer in a register.

    :ivar str register: name of the number that the places of a company share
    :ivar str number: that number
    :ivar str place: what tells the places of one company apart; empty for the company itself
    :ivar bool is_head: the number says that this is the head office
    :ivar int certainty: of a place whose head office is known
    """

    register: str
    number: str
    place: str = ""
    is_head: bool = False
    certainty: int = CERTAIN


def clean(number: str) -> str:
    """Return a number without blanks and punctuation, in capitals.

    >>> clean(" 12.345.678/0001-95")
    '12345678000195'
    """
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def is_valid(country: str, kind: str, number: str) -> bool:
    """Whether python-stdnum knows this kind of number and takes the number for a valid one.

    >>> is_valid("FR", "siren", "123456782"), is_valid("FR", "siren", "123456783")
    (True, False)
    """
    module = get_cc_module(country.lower(), kind)
    return bool(module and module.is_valid(number))


def read_french(customer: Customer) -> Entry | None:
    """Read a SIRET (SIREN of nine digits, place of five), a SIREN, or a French VAT number.

    >>> read_french(Customer(1, registry="123 456 782 00028"))
    Entry(register='SIREN', number='123456782', place='00028', is_head=False, certainty=3)
    >>> read_french(Customer(1, registry="123456782", country="FR")).is_head
    True
    >>> read_french(Customer(1, vat="FR83 123456782"))
    Entry(register='SIREN', number='123456782', place='', is_head=False, certainty=3)
    """
    if customer.country not in ("", "FR") or not customer.country and read_brazilian(customer):
        return None
    for number in (clean(customer.registry), clean(customer.vat)):
        if number.isdigit() and len(number) == 14 and is_valid("FR", "siren", number[:9]):
            return Entry("SIREN", number[:9], number[9:])
    number = clean(customer.registry)
    if customer.country == "FR" and len(number) == 9 and is_valid("FR", "siren", number):
        return Entry("SIREN", number, is_head=True)
    number = clean(customer.vat)
    if number.startswith("FR") and len(number) == 13 and is_valid("FR", "siren", number[4:]):
        return Entry("SIREN", number[4:])
    return None


def read_brazilian(customer: Customer) -> Entry | None:
    """Read a CNPJ: root of eight, order of four (0001 is the head office), two check digits.

    >>> read_brazilian(Customer(1, vat="BR 12.345.678/0001-95"))
    Entry(register='CNPJ root', number='12345678', place='0001', is_head=True, certainty=3)
    >>> read_brazilian(Customer(1, vat="12.345.678/0001-96"))
    """
    if customer.country not in ("", "BR"):
        return None
    for text in (customer.vat, customer.registry):
        number = clean(text).removeprefix("BR")
        if len(number) == 14 and is_valid("BR", "cnpj", number):
            return Entry("CNPJ root", number[:8], number[8:12], number[8:12] == "0001")
    return None


def read_indian(customer: Customer) -> Entry | None:
    """Read a GSTIN: state of two digits, PAN of ten; there is one a state, no head office.

    >>> read_indian(Customer(1, vat="27AAPFU0939F1ZV"))
    Entry(register='PAN', number='AAPFU0939F', place='27', is_head=False, certainty=2)
    """
    number = clean(customer.vat)
    if customer.country not in ("", "IN") or not is_valid("IN", "gstin", number):
        return None
    return Entry("PAN", number[2:12], number[:2], certainty=LIKELY)


def read_thai(customer: Customer) -> Entry | None:
    """Read a tax number of 13 digits, and the branch code of five (00000 is the head office).

    >>> read_thai(Customer(1, vat="0994000617721", registry="00002", country="TH"))
    Entry(register='tax number', number='0994000617721', place='00002', is_head=False, certainty=3)
    """
    number, place = clean(customer.vat).removeprefix("TH"), clean(customer.registry)
    if customer.country != "TH" or not is_valid("TH", "tin", number):
        return None
    if not (place.isdigit() and len(place) == 5):
        return None
    return Entry("tax number", number, place, place == "00000")


def read_philippine(customer: Customer) -> Entry | None:
    """Read a TIN of nine digits with the branch code of three to five (zeros: the head office).

    >>> read_philippine(Customer(1, vat="123-456-789-00002", country="PH"))
    Entry(register='TIN', number='123456789', place='00002', is_head=False, certainty=3)
    """
    number = clean(customer.vat).removeprefix("PH")
    if customer.country != "PH" or not number.isdigit() or len(number) not in (12, 13, 14):
        return None
    return Entry("TIN", number[:9], number[9:].zfill(5), not number[9:].strip("0"))


def read_indonesian(customer: Customer) -> Entry | None:
    """Read an NPWP of 15 digits: nine of the company, three of its tax office, three of the branch.

    >>> read_indonesian(Customer(1, vat="01.312.166.0-091.001", country="ID"))
    Entry(register='NPWP', number='013121660', place='001', is_head=False, certainty=3)
    """
    number = clean(customer.vat).removeprefix("ID")
    if customer.country != "ID" or len(number) != 15 or not is_valid("ID", "npwp", number):
        return None
    return Entry("NPWP", number[:9], number[12:], number[12:] == "000")


READERS: tuple[Callable[[Customer], Entry | None], ...] = (
    read_french,
    read_brazilian,
    read_indian,
    read_thai,
    read_philippine,
    read_indonesian,
)


def read_entry(customer: Customer) -> Entry | None:
    """Return the customer's place in the first register that knows its numbers.

    >>> read_entry(Customer(1, vat="BE0477472701"))
    >>> read_entry(Customer(1, registry="000 000 000 00000"))
    """
    if not (customer.vat or customer.registry):
        return None
    entry = next((entry for reader in READERS if (entry := reader(customer))), None)
    # All zeros have right check digits, too, and mean that there is no number.
    return entry if entry and len(set(entry.number)) > 1 else None


def group_digits(number: str) -> str:
    """Return digits in groups of three, as the French write a SIREN.

    >>> group_digits("123456782")
    '123 456 782'
    >>> group_digits("AAPFU0939F")
    'AAPFU0939F'
    """
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", " ", number) if number.isdigit() else number
