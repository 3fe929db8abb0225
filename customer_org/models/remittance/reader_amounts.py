# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Amounts and dates as people write them, in many countries: plain Python, no database.

>>> parse_amount("1.234,56 €", ",")
Amount(value=Decimal('1234.56'), currency='€', is_exact=True)
>>> parse_amount("(123.45)", ".").value, parse_amount("123,45-", ",").value
(Decimal('-123.45'), Decimal('-123.45'))
>>> parse_amount("CHF 1'234.50", ".")
Amount(value=Decimal('1234.50'), currency='CHF', is_exact=True)
>>> parse_amount("INV 12", "."), parse_amount("28.02.2026", ","), parse_amount("2 %", ".")
(None, None, None)
"""

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from babel import Locale

CODES = frozenset(Locale("en").currencies)
SIGNS = (
    "US$ CA$ AU$ NZ$ HK$ S$ R$ A$ C$ $ € £ ¥ ₹ ₽ ₺ ₴ ₪ ₩ ₫ ฿ ₦ ₱ zł Kč kr kr. Ft lei лв "
    "Fr. Fr SFr. SFr Rs. Rs R EURO Euro euro Euros euros"
).split()
# Longer texts are no amount, and more digits than these no sum of money.
MAX_LENGTH = 50
MAX_DIGITS = 15
# What is written around an amount and means no currency: "12.50 CR" is a credit.
NEGATIVE_WORDS = ("CR", "Cr", "cr")
POSITIVE_WORDS = ("DR", "Dr", "dr")

_BLANKS = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]+")
_MINUS = re.compile(r"[\u2010-\u2015\u2212]")
_APOSTROPHES = re.compile(r"[\u2018\u2019\u02bc\u00b4`]")
_AMOUNT = re.compile(
    r"""
    (?P<outside>[^\d\s().,'+-][^\d\s()]{0,4})? \s*
    (?P<open>\()? \s* (?P<minus>[-+])? \s* (?P<before>[^\d\s().,'+-][^\d\s()]{0,4})? \s*
    (?P<minus2>[-+])? \s*
    (?P<number>\d[\d.,' ]*\d|\d|[.,]\d+) (?P<dash>[.,](?:--?|—))? \s*
    (?P<minus3>[-+])? \s* (?P<after>[^\d\s().,'+%-][^\d\s()]{0,4})? \s* (?P<minus4>[-+])? \s*
    (?P<close>\))? \s* (?P<behind>[^\d\s().,'+%-][^\d\s()]{0,4})? \s* (?P<word>CR|DR|Cr|Dr)?
    """,
    re.VERBOSE,
)
_DATES = [
    re.compile(pattern)
    for pattern in (
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?",
        r"\d{1,2}[-/.] ?\d{1,2}[-/.] ?(\d{4}|\d{2})( \d{1,2}:.*)?",
        r"\d{1,2}[. -]+[^\W\d]{3,12}\.?[ ,-]+\d{2,4}",
        r"[^\W\d]{3,12}\.? \d{1,2},? \d{4}",
    )
]


class Amount(NamedTuple):
    """``is_exact``: written with decimals or a currency, so hardly anything but an amount."""

    value: Decimal
    currency: str
    is_exact: bool


def clean(text: str) -> str:
    """Return the text with ordinary blanks, minus signs and apostrophes.

    >>> clean("1\\u202f234,56\\u00a0€  "), clean("\\u22125,00")
    ('1 234,56 €', '-5,00')
    """
    if text.isascii():
        return " ".join(text.split()).replace("`", "'")
    text = unicodedata.normalize("NFC", text)
    text = _BLANKS.sub(" ", text).strip()
    return _APOSTROPHES.sub("'", _MINUS.sub("-", text))


def is_date(cell: object) -> bool:
    """Whether the cell is a date, by its type or as text.

    >>> [is_date(x) for x in ("28.02.2026", "2026-02-28", "5 March 2026", "03-Jan-26")]
    [True, True, True, True]
    >>> [is_date(x) for x in ("2026/00061", "1.234,56", "INV/2026/01/0012", "2026/01/0012")]
    [False, False, False, False]
    """
    if isinstance(cell, datetime.date | datetime.time):
        return True
    if not isinstance(cell, str) or not 6 <= len(cell) <= MAX_LENGTH:
        return False
    if not any(map(str.isdigit, cell)):
        return False
    text = clean(cell)
    return any(date.fullmatch(text) for date in _DATES)


def split_amount(text: str) -> tuple[str, bool, str] | None:
    """Return ``(digits and separators, is negative, currency)``, or nothing where it is none.

    >>> split_amount("-$1,234.56"), split_amount("1.234,-"), split_amount("USD 5 CR")
    (('1,234.56', True, '$'), ('1.234', False, ''), ('5', True, 'USD'))
    >>> split_amount("$(5.00)"), split_amount("(5,00) €"), split_amount("***5.00***")
    (('5.00', True, '$'), ('5,00', True, '€'), ('5.00', False, ''))
    >>> split_amount("$$5"), split_amount("EUR 5 USD")
    (None, None)
    """
    if not any(map(str.isdigit, text)) or len(text := clean(text)) > MAX_LENGTH:
        return None
    # Stars keep anybody from writing digits before an amount.
    text = text.strip("*")
    found = _AMOUNT.fullmatch(text)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    word, currency = found["word"], ""
    places = ("outside", "before", "after", "behind")
    for written in filter(None, (found[place] for place in places)):
        if written.rstrip(".") in NEGATIVE_WORDS + POSITIVE_WORDS:
            word = written.rstrip(".")
        elif not currency and (written.upper() in CODES or written in SIGNS):
            currency = written.upper() if written.upper() in CODES else written
        else:
            return None
    minuses = [found[f"minus{i}"] for i in ("", 2, 3, 4)]
    negative = "-" in minuses or bool(found["open"]) or word in NEGATIVE_WORDS
    return found["number"], negative, currency


def parse_number(number: str, decimal: str) -> Decimal | None:
    """Read digits with separators of thousands; nothing where the groups are wrong.

    >>> parse_number("1,23,456.78", "."), parse_number("1 234", ","), parse_number("12.3456", ",")
    (Decimal('123456.78'), Decimal('1234'), None)
    """
    whole, _sep, cents = number.partition(decimal)
    if cents and not cents.isdigit():
        return None
    thousands = set(whole) - set("0123456789")
    if len(thousands) > 1 or (number.count(decimal) and not cents):
        return None
    if thousands:
        sep = re.escape(thousands.pop())
        if not re.fullmatch(rf"\d{{1,3}}(?:{sep}\d{{2,3}})*{sep}\d{{3}}", whole):
            return None
    digits = re.sub(r"\D", "", whole) or "0"
    if len(digits) > MAX_DIGITS:
        return None
    return Decimal(f"{digits}.{cents}" if cents else digits)


def parse_amount(cell: object, decimal: str) -> Amount | None:
    """Read an amount from a cell: a number of a spreadsheet or text.

    >>> parse_amount(1166.2, ","), parse_amount(True, ",")
    (Amount(value=Decimal('1166.2'), currency='', is_exact=True), None)
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float | Decimal):
        # Not what is infinite or no number either.
        if not abs(cell) < 10**MAX_DIGITS:
            return None
        currency = getattr(cell, "currency", "")
        is_exact = bool(currency) or not float(cell).is_integer()
        return Amount(_from_number(cell), currency, is_exact)
    if not isinstance(cell, str) or not (parts := split_amount(cell)) or is_date(cell):
        return None
    number, negative, currency = parts
    value = parse_number(number, decimal)
    if value is None:
        return None
    is_exact = bool(currency) or bool(re.search(rf"{re.escape(decimal)}\d{{2}}$", number))
    return Amount(-value if negative else value, currency, is_exact)


def _from_number(number: int | float | Decimal) -> Decimal:
    """A spreadsheet's sum of cents has noise in its last digits."""
    value = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    rounded = value.quantize(Decimal("0.000001")).normalize()
    return Decimal(format(rounded, "f"))


def find_decimal(cells: Iterable[object], default: str = ".") -> str:
    """Return the decimal separator of amounts, by what only one of the two explains.

    >>> find_decimal(["1.190,00", "23,80"]), find_decimal(["1,234.56"]), find_decimal(["1'234.5"])
    (',', '.', '.')
    >>> find_decimal(["1.234", "2.500"]), find_decimal(["1,234"]), find_decimal(["5"], ",")
    (',', '.', ',')
    """
    votes: Counter = Counter()
    for cell in cells:
        if isinstance(cell, str) and not is_date(cell) and (parts := split_amount(cell)):
            sep, weight = _vote(parts[0])
            votes[sep] += weight
    del votes[""]
    return votes.most_common(1)[0][0] if votes else default


def _vote(number: str) -> tuple[str, int]:
    """Return the decimal separator that one number speaks for, and how loudly."""
    other = {".": ",", ",": "."}
    marks = re.findall(r"[.,]", number)
    if not marks:
        return "", 0
    last = marks[-1]
    if len(set(marks)) > 1:
        return last, 100
    if len(marks) > 1:
        return other[last], 100
    whole, _sep, cents = number.partition(last)
    # Three digits after a single mark are thousands, unless nothing stands before it.
    if len(cents) == 3 and whole.strip("0") and not re.search(r"[' ]", whole):
        return other[last], 1
    return last, 100
