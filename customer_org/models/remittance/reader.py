# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files and pasted text as rows of cells: plain Python, no database.

Use :func:`find_format`, then :func:`read_xlsx` or :func:`decode` and :func:`split_text`; the rows
go to :func:`.reader_table.read_table`. Where there are several ways, all are tried and
:func:`choose` takes the one that looks most like a list.
"""

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import openpyxl

from .reader_columns import Layout, has_line
from .reader_table import Table, read_table
from .reader_words import is_total

MAX_ROWS = 20_000
MAX_BYTES = 20_000_000
# What an Excel file comes to when it is unpacked: a small one can hold gigabytes of nothing.
MAX_UNPACKED = 100_000_000
# Wider lists are none; what is behind is not read. Anybody may send a list: without limits, a
# line of blanks keeps a server busy for minutes.
MAX_COLUMNS = 60
MAX_CELLS = 1_000_000
# Longer lines are prose.
MAX_BLANKS_LINE = 300
MAX_COLUMNS_LINE = 1_000
SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}
# In this order: what comes first wins where two read a list equally well.
WAYS = (*SEPARATORS, "columns", "blanks")
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp850", "mac_roman", "iso8859-15")

_SIGNATURES = {
    b"%PDF": "pdf",
    b"PK\x03\x04": "zip",
    b"\xd0\xcf\x11\xe0": "ole",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"\x1f\x8b": "archive",
    b"Rar!": "archive",
    b"7z\xbc\xaf": "archive",
    b"{\\rtf": "rtf",
}


# A formula without a result; that of a text may be empty.
_UNCALCULATED = re.compile(
    rb'<c (?![^>]*\bt="str")[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


class NotAList(Exception):
    """The content can't be a list; ``kind`` says why."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def find_format(content: bytes, file_name: str = "") -> str:
    """Return ``xlsx``, ``csv`` or ``txt``, by what the file holds and not by its name.

    >>> find_format(b"a;b", "list.txt"), find_format(b"a;b", "list.csv")
    ('txt', 'csv')
    >>> find_format(b"%PDF-1.4", "list.csv")
    Traceback (most recent call last):
        ...
    odoo.addons.customer_org.models.remittance.reader.NotAList: pdf
    """
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise NotAList("empty")
    if len(content) > MAX_BYTES:
        raise NotAList("big")
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:8]
    found = next((kind for mark, kind in _SIGNATURES.items() if start.startswith(mark)), "")
    if found == "zip":
        return _find_zip_format(content)
    if found:
        raise NotAList(found)
    return "txt" if file_name.lower().endswith(".txt") else "csv"


def _find_zip_format(content: bytes) -> str:
    try:
        infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise NotAList("broken") from error
    # Python unpacks no more than what is said here.
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise NotAList("big")
    if any(info.filename.startswith("xl/") for info in infos):
        return "xlsx"
    raise NotAList("archive")


# ---------------------------------------------------------------- text


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return the text and the encoding in which it is written.

    >>> decode("Größe;1,50 €".encode("cp1252")), decode("Größe".encode("utf-16"))
    (('Größe;1,50 €', 'cp1252'), ('Größe', 'utf-16'))
    >>> decode(b"\\x00\\x01\\x02\\x03 binary")
    Traceback (most recent call last):
        ...
    odoo.addons.customer_org.models.remittance.reader.NotAList: binary
    """
    encoding = encoding or _find_encoding(content)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise NotAList("encoding") from error
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_ROWS:
        raise NotAList("big")
    strange = sum(ord(char) < 32 and char not in "\t\n\f\v" for char in text)
    if strange * 200 > len(text) or "\x00" in text:
        raise NotAList("binary")
    return text, encoding


def _find_encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = content[:2000]
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):
        if len(head) > 3 and zeros.count(0) * 2 > len(zeros):
            return encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "iso8859-15"


def split_text(text: str, way: str) -> list[list[str]]:
    """Split a text into rows of cells in one of the :data:`WAYS`; a row for each line of it.

    >>> split_text('a;"b;c"', "semicolon"), split_text("sep=;\\na;b", "semicolon")
    ([['a', 'b;c']], [[], ['a', 'b']])
    >>> split_text("Invoice      Amount\\nINV 12        10.00", "columns")
    [['Invoice', 'Amount'], ['INV 12', '10.00']]
    >>> split_text("INV/12 10.00 USD", "blanks")
    [['INV/12', '10.00 USD']]
    """
    return [row[:MAX_COLUMNS] for row in _split_text(text, way)]


def _split_text(text: str, way: str) -> list[list[str]]:
    text = re.sub(r"(?m)^(?:> ?)+", "", text)
    if way == "columns":
        return split_columns(text.split("\n"))
    if way == "blanks":
        return [_split_blanks(line) for line in text.split("\n")]
    separator = SEPARATORS[way]
    rows = [
        [] if re.fullmatch(r"sep=.?", "".join(row).strip().lower() or "-") else row
        for row in _parse_csv(text, separator)
    ]
    if way == "pipe":
        rows = [_strip_frame(row) for row in rows]
    return rows


def _parse_csv(text: str, separator: str) -> list[list[str]]:
    """Read by Python's csv; a quote that never ends belongs to its own line alone."""
    by_line = [line.split(separator) for line in text.split("\n")]
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error:
        return by_line
    longest = max((cell.count("\n") for row in rows for cell in row), default=0)
    return rows if longest <= 20 else by_line


def _strip_frame(row: list[str]) -> list[str]:
    """A table drawn with bars has them at both ends as well."""
    if len(row) > 2 and not row[0].strip() and not row[-1].strip():
        return row[1:-1]
    return row


def _split_blanks(line: str) -> list[str]:
    """The first word with a digit, or what stands before the amount, and the amount at the end.

    >>> _split_blanks("2. INV/13: 5.00 EUR (short)"), _split_blanks("- INV/14 - 5.00")
    (['INV/13', '5.00 EUR', '(short)'], ['INV/14', '5.00'])
    """
    if len(line) > MAX_BLANKS_LINE:
        return [line]
    found = re.fullmatch(
        r"\s*(?:(?:[-*•]|\d{1,3}[.)]) +)?(.*?\S)(?:\s*[:=]\s*|\s+[-–—]\s+|\s+)"
        r"(\(?[-+]?(?:[^\W\d]{1,3}|[$€£])?\s?[-+]?\d[\d.,']*(?:[.,]\d{1,2}|[.,]-+)?[-)]?"
        r"(?:\s?(?:[A-Z]{3}|[$€£]))?-?)(\s+\([^()\d]+\))?\s*",
        line,
    )
    if not found:
        return [line]
    label = found[1].rstrip(" :=-")
    words = label.split()
    if len(words) > 3 and not is_total(label) and not re.search(r"\d", words[0]):
        return [line]
    remark = (found[3] or "").strip()
    if len(words) > 1 and re.search(r"\d.*\d", words[0]):
        return [words[0], found[2], f"{' '.join(words[1:])} {remark}".strip()]
    return [label, found[2], remark] if remark else [label, found[2]]


def split_columns(lines: list[str]) -> list[list[str]]:
    """Split lines of fixed width: where the lines of the table have blanks one above the other.

    >>> split_columns(["Dear all,", "No       Date    Sum", "A1              9.00", "Bye"])
    [['Dear all,', '', ''], ['No', 'Date', 'Sum'], ['A1', '', '9.00'], ['Bye', '', '']]
    """
    # A blank that does not break is part of its amount.
    lines = [re.sub(r"[^\S\t\n]", " ", line).expandtabs(8) for line in lines]
    chunks = [_find_chunks(line) for line in lines]
    counts = Counter(len(row) for row in chunks if len(row) > 1)
    if not counts:
        return [[line.strip()] for line in lines]
    most = max(counts, key=lambda count: (count * counts[count], count))
    spans = _merge(span for row in chunks if len(row) == most for span in row)
    return [
        _place(line, row, spans) if row else [] for line, row in zip(lines, chunks, strict=True)
    ]


def _find_chunks(line: str) -> list[tuple[int, int]]:
    """Return where the pieces of a line are that have two blanks or more between them."""
    if len(line) > MAX_COLUMNS_LINE:
        return [(0, len(line))]
    chunks = [(found.start(), found.end()) for found in re.finditer(r"\S+(?: \S+)*", line)]
    return chunks[:MAX_COLUMNS]


def _merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _place(line: str, row: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[str]:
    """Put each piece of a line into the column that it shares most places with, else the next."""
    cells = [""] * len(spans)
    for start, end in row:
        shared = [min(end, right) - max(start, left) for left, right in spans]
        column = shared.index(max(shared))
        if len(row) == 1 and column and not line[start:end].strip("-=_. "):
            column = 0
        cells[column] = f"{cells[column]} {line[start:end]}".strip()
    return cells


# ---------------------------------------------------------------- spreadsheets


def read_xlsx(content: bytes) -> dict[str, list[list[object]]]:
    """Return the rows of each visible sheet, by its name, without hidden rows and columns.

    Formulas give what they last came to, and themselves where they never were calculated. Hidden
    rows stay, empty, so that rows keep their numbers.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:  # openpyxl raises whatever the broken part of the file makes it
        raise NotAList("broken") from error
    has_formulas = _has_uncalculated(content)
    formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
    return {
        sheet.title: _read_sheet(sheet, formulas and formulas[sheet.title])
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    }


def _has_uncalculated(content: bytes) -> bool:
    """Whether a program wrote formulas into the file that no spreadsheet has calculated since."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(
            _UNCALCULATED.search(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/")
        )


def _read_sheet(sheet, formulas=None) -> list[list[object]]:
    """Return the rows of a sheet; of formulas without a result what ``formulas`` has there."""
    hidden = _get_hidden_columns(sheet)
    rows: list[list[object]] = []
    height, width = min(sheet.max_row, MAX_ROWS), min(sheet.max_column, MAX_COLUMNS)
    if height * width > MAX_CELLS:
        raise NotAList("big")
    for row in sheet.iter_rows(max_row=height, max_col=width):
        number = len(rows) + 1
        is_hidden = number in sheet.row_dimensions and sheet.row_dimensions[number].hidden
        shown = [] if is_hidden else [cell for cell in row if cell.column not in hidden]
        rows.append([_read_cell(cell, formulas) for cell in shown])
    return rows


def _get_formula(formulas, cell) -> object:
    """Return the formula of a cell without a result, which else would lose its row."""
    value = formulas.cell(cell.row, cell.column).value if cell.data_type == "n" else None
    # That of an array has its text in an object.
    text = getattr(value, "text", None)
    return f"={text}" if text else value


def _get_hidden_columns(sheet) -> set[int]:
    return {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min or 0, min(dimension.max or 0, MAX_COLUMNS) + 1)
    }


def _read_cell(cell, formulas=None) -> object:
    """Return the cell's value; a number whose format shows leading zeros or a currency as text."""
    value, shown = cell.value, cell.number_format or ""
    if value is None and formulas:
        return _get_formula(formulas, cell)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if re.fullmatch(r"0{2,}", shown) and float(value).is_integer():
        return str(int(value)).zfill(len(shown))
    return NumberWithFormat(value, _find_currency(shown)) if _find_currency(shown) else value


def _find_currency(number_format: str) -> str:
    """Return the currency that a number's format shows.

    >>> [_find_currency(text) for text in ('#,##0.00 "€"', "[$USD-409] #,##0.00", "0.00")]
    ['€', 'USD', '']
    """
    found = re.search(r"\[\$([^\]-]+)(?:-[^\]]*)?\]", number_format)
    if found:
        return found[1].strip()
    found = re.search(r'"?\\?([$€£¥]|\b(?:USD|EUR|GBP|CHF)\b)"?', number_format)
    return found[1] if found else ""


class NumberWithFormat(float):
    """A number that a spreadsheet shows with a currency."""

    currency: str

    def __new__(cls, value: float, currency: str):
        number = super().__new__(cls, value)
        number.currency = currency
        return number


# ---------------------------------------------------------------- the best way


def choose(tables: dict[str, list[list[object]]], layout: Layout | None = None) -> str:
    """Return the key of the rows that look most like a list; empty where none does.

    >>> text = "Invoice;Paid\\nINV/1;1.000,50\\nINV/2;5,00"
    >>> choose({way: split_text(text, way) for way in WAYS})
    'semicolon'
    """
    read: dict[str, Table] = {
        key: read_table(rows, replace(layout or Layout(), separator=key))
        for key, rows in tables.items()
    }
    good = {key: table for key, table in read.items() if table.looks_like_list}
    # Else the one that tells what is wrong with its rows.
    good = good or {key: table for key, table in read.items() if table.tells_problems}
    return max(good, key=lambda key: good[key].score) if good else _find_table(tables)


def _find_table(tables: dict[str, list[list[object]]]) -> str:
    """Return the key of rows that are a table, though only a person can tell what is in it.

    >>> _find_table({"comma": [["a|9,5|7"]], "pipe": [["a", "9,5", "7"], ["b", "8,5", "6"]]})
    'pipe'
    """
    best, most = "", 1
    for key in (way for way in SEPARATORS if way in tables):
        widths = Counter(len(row) for row in tables[key] if len(row) > 2 and has_line(row))
        if max(widths.values(), default=0) > most:
            best, most = key, max(widths.values())
    return best
