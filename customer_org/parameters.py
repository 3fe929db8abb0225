# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What comes in a URL, a form or a call: anything, until it was made into what it should be."""

from __future__ import annotations

from datetime import date
from typing import Any

from odoo import fields

# PostgreSQL's integers end here; beyond there is no record.
MAX_ID = 2**31 - 1
MAX_TEXT = 200
# Beyond it a float has no cents.
LARGEST_AMOUNT = 1e13
# Years that a statement can be of: dates next to Python's first and last can't be calculated with.
YEARS = range(1900, 2200)


def to_id(value: Any) -> int | None:
    """Return the id of a record, or None where a value can't be one.

    >>> to_id("12"), to_id(12), to_id("²"), to_id("9" * 5000), to_id([1]), to_id(True), to_id("-1")
    (12, 12, None, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value).strip() if isinstance(value, str) or 0 < value <= MAX_ID else ""
    if not text.isdecimal() or len(text) > len(str(MAX_ID)):
        return None
    number = int(text)
    return number if 0 < number <= MAX_ID else None


def to_ids(values: Any) -> list[int]:
    """Return the ids in ``"1,2,3"``, in several such values or in a list, without what is none.

    >>> to_ids("1,2,x"), to_ids(["1,2", 3, None, [4]]), to_ids(None)
    ([1, 2], [1, 2, 3], [])
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    parts = [
        part
        for value in values
        for part in (value.split(",") if isinstance(value, str) else [value])
    ]
    return [number for part in parts if (number := to_id(part))]


def to_page(value: Any) -> int:
    """Return the number of a page, the first for what is none.

    >>> to_page("2"), to_page("²"), to_page(None)
    (2, 1, 1)
    """
    return to_id(value) or 1


def to_text(value: Any) -> str:
    r"""Return a text that a database can be asked for, empty for what is no text.

    >>> to_text(" a\0b "), to_text(["a"]), to_text("\ud800x")
    ('ab', '', 'x')
    """
    return to_long_text(value).strip()[:MAX_TEXT]


def to_long_text(value: Any) -> str:
    r"""Return a text of any length that a database can keep, empty for what is no text.

    >>> to_long_text("a\0\nb "), to_long_text(None)
    ('a\nb ', '')
    """
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="ignore").decode()


def to_amount(value: Any) -> float | None:
    """Return a number that can be rounded to cents, or None for what is none.

    >>> to_amount("12.5"), to_amount(3), to_amount("nan"), to_amount("1e308"), to_amount([])
    (12.5, 3.0, None, None, None)
    """
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return amount if abs(amount) < LARGEST_AMOUNT else None


def to_date(value: Any) -> date | None:
    """Return the date of an ISO string, or None for what is none or far from our times.

    >>> to_date("2026-01-31"), to_date("0001-01-01"), to_date("x"), to_date([])
    (datetime.date(2026, 1, 31), None, None, None)
    """
    try:
        day = fields.Date.to_date(value or None)
    except (TypeError, ValueError):
        return None
    return day if day and day.year in YEARS else None
