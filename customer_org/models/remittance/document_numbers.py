# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What makes two ways of writing a document's number the same: plain Python, no database.

Which documents are looked for by these numbers says ``document_finder``.
"""

import re

from stdnum.iso7064 import mod_97_10

from .reader_amounts import is_date

_SEVERAL = re.compile(
    r"\s*[,;+&|\n]\s*|\s+/\s+|(?<=\d)\s+(?:and|und|et|y|e|en|u\.|sowie)\s+(?=\S*\d)", re.IGNORECASE
)


def get_key(text: str | None) -> str:
    """Return letters and digits alone: the number as it is written.

    >>> get_key(" inv-2026/00012 "), get_key("4400 0073 91"), get_key("'--'"), get_key(None)
    ('inv202600012', '4400007391', '', '')
    """
    return re.sub(r"[^a-z0-9]", "", (text or "").lower())


def is_named(number: str | None, text: str | None) -> bool:
    """Whether a text has a number, whatever is between its letters, and not within another one.

    >>> is_named("2026-03", "advice 202603, thanks"), is_named("2026-03", "INV/2026/0300012")
    (True, False)
    >>> is_named("", "x"), is_named("REM/1", "rem1"), is_named("1", None)
    (False, True, False)
    """
    key = get_key(number)
    pattern = "[^a-z0-9]*".join(key)
    found = key and re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", (text or "").lower())
    return bool(found)


def get_groups(text: str | None) -> str:
    """Return the groups of digits without leading zeros, in a form whose ends can be compared.

    >>> get_groups("INV/2026/00012"), get_groups("Inv. 12"), get_groups("000"), get_groups("PO")
    ('/2026/12', '/12', '/0', '')
    """
    groups = re.findall(r"[0-9]+", text or "")
    return "".join(f"/{group.lstrip('0') or '0'}" for group in groups)


def split_numbers(text: str | None) -> list[str]:
    """Return the numbers in a cell that names several; none where it names one.

    >>> split_numbers("INV/2026/00091 + 92"), split_numbers("INV/1, INV/2; INV/3")
    (['INV/2026/00091', '92'], ['INV/1', 'INV/2', 'INV/3'])
    >>> [split_numbers(text) for text in ("INV/2026/00091", "4400 0073 91", "INV/12, North")]
    [[], [], []]
    >>> split_numbers("12 und 13"), split_numbers("91 / 92")
    (['12', '13'], ['91', '92'])
    """
    parts = [part.strip() for part in _SEVERAL.split(text or "")]
    parts = [part for part in parts if re.search(r"\d", part) and not is_date(part)]
    return parts if len(parts) > 1 else []


def get_communication(name: str) -> str:
    """Return the reference that a payer writes on a transfer: ISO 11649, of our number.

    >>> get_communication("REM/2026/00012")
    'RF82REM202600012'
    """
    base = get_key(name).upper()
    return f"RF{mod_97_10.calc_check_digits(base + 'RF')}{base}"
