# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the columns of a table mean, by their titles and by what is in them: plain Python."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from . import reader_words as words
from .reader_amounts import clean, find_decimal, is_date, parse_amount

Row = Sequence[object]
_MONEY = {"paid", "plain", "gross", "net", "open", "local"}
MEANINGS = ("number", "amount", "gross", "deduction", "note", "currency")


@dataclass
class Layout:
    """Where in the rows what stands; what is None is found.

    ``header_row`` counts from 1, 0 is a list without titles. ``columns`` says what columns mean,
    by position from 0: one of :data:`MEANINGS`; deductions may have several columns. ``separator``
    is the way in which the text was split into cells, where it was text.
    """

    header_row: int | None = None
    columns: dict[int, str] | None = None
    decimal: str | None = None
    separator: str = ""

    def get(self, meaning: str) -> list[int]:
        return [column for column, said in (self.columns or {}).items() if said == meaning]


def get_text(cell: object) -> str:
    """Return a cell as a person reads it.

    >>> get_text(12.0), get_text(datetime.date(2026, 3, 5)), get_text("  a\\n b "), get_text(None)
    ('12', '2026-03-05', 'a\\n b', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def is_rule(cell: object) -> bool:
    """Whether the cell only draws a line.

    >>> is_rule("-----"), is_rule(" ==="), is_rule("-"), is_rule("")
    (True, True, True, False)
    """
    return isinstance(cell, str) and bool(re.fullmatch(r"[-=_*+|:. ]+", cell.strip()))


def is_empty(cell: object) -> bool:
    if not isinstance(cell, str):
        return cell is None
    text = cell.strip()
    return not text or (text[0] in "-=_*+|:. " and is_rule(text)) or not clean(text)


def find_columns(rows: Sequence[Row], header_row: int | None = None) -> tuple[int, dict[int, str]]:
    """Return the number of the row with the titles, 0 if there is none, and the meanings.

    >>> find_columns([["Remittance"], ["Invoice", "Date", "Gross", "Discount", "Paid"]])
    (2, {0: 'number', 2: 'gross', 3: 'deduction', 4: 'amount'})
    """
    if header_row is None:
        header_row = _find_header(rows)
    header_row = min(max(header_row, 0), len(rows))
    titles = rows[header_row - 1] if header_row else []
    meanings = [words.get_meaning(cell) for cell in titles]
    # The first lines tell what the others are.
    return header_row, _assign(rows[header_row : header_row + 300], meanings)


def _find_header(rows: Sequence[Row]) -> int:
    """Return the first row that titles a number and money, else one that titles one of them."""
    weak = 0
    for index, row in enumerate(rows[:100], start=1):
        said = _get_titled(row)
        money = said & _MONEY
        if "number" in said and money:
            # Of titles in two rows the lower ones are those of the columns.
            below = _get_titled(rows[index]) if index < len(rows) else set()
            return index + 1 if "number" in below and below & _MONEY else index
        has_lines = any(has_line(row) for row in rows[index : index + 3])
        if not weak and has_lines and ("number" in said or money):
            weak = index
    return weak


def _get_titled(row: Row) -> set[str]:
    """Return what a row titles; nothing where it holds dates or amounts, or a single cell."""
    cells = [cell for cell in row if not is_empty(cell)]
    if len(cells) < 2 or any(is_date(cell) or _is_amount(cell) for cell in cells):
        return set()
    return {words.get_meaning(cell)[0] for cell in cells}


def _is_amount(cell: object) -> bool:
    return any(parse_amount(cell, decimal) for decimal in ".,")


def _is_exact(cell: object) -> bool:
    return any(
        amount.is_exact for decimal in ".," if (amount := parse_amount(cell, decimal)) is not None
    )


def has_line(row: Row) -> bool:
    """Whether the row has an amount and something else with a digit."""
    with_digits = [cell for cell in row if re.search(r"\d", get_text(cell))]
    return len(with_digits) > 1 and any(_is_amount(cell) for cell in with_digits)


def _assign(rows: Sequence[Row], meanings: list[tuple[str, int]]) -> dict[int, str]:
    """Say what each column means: by its title, else by what is in it."""
    by: dict[str, list[int]] = {}
    for column, (said, _sure) in enumerate(meanings):
        by.setdefault(said, []).append(column)
    columns = {c: "deduction" for c in by.get("deduction", [])}
    columns |= {c: "note" for c in by.get("note", [])[:1]}
    columns |= {c: "currency" for c in by.get("currency", [])[:1]}
    contents = Contents(rows, set(columns) | set(by.get("date", []) + by.get("other", [])))
    numbers = sorted(by.get("number", []), key=lambda c: (-meanings[c][1], c))
    numbers = [c for c in numbers if contents.has_numbers(c)] or numbers[:1]
    number = numbers[0] if numbers else None
    columns |= _assign_money(by, contents, number)
    if number is None:
        number = contents.find_number(set(columns))
    if number is not None:
        columns[number] = "number"
    return dict(sorted(columns.items()))


def _assign_money(by: dict, contents: "Contents", number: int | None) -> dict[int, str]:
    """Which column is paid: by the titles, the most certain first, else by the contents."""
    gross = by.get("gross", []) + by.get("open", [])
    has_tax = bool(by.get("tax"))
    order = by.get("paid", []) + ([] if has_tax else by.get("net", [])) + by.get("plain", [])
    order = [column for column in order if contents.has_amounts(column)] or order
    if order:
        paid = order[0]
        if paid in by.get("net", []) and gross and not by.get("deduction"):
            return {gross[0]: "amount"}
        rest = [c for c in gross + order[1:] if c != paid]
        return {paid: "amount"} | {c: "gross" for c in rest[:1]}
    if gross:
        said = "gross" if by.get("deduction") else "amount"
        return {gross[0]: said}
    if by.get("local"):
        return {by["local"][0]: "amount"}
    return contents.find_money({number})


def find_number_columns(rows: Sequence[Row], layout: Layout) -> list[int]:
    """Return all columns that may hold the documents' numbers: digits, no dates, no amounts."""
    contents = Contents(rows[layout.header_row or 0 :], set())
    taken = {c for c, said in (layout.columns or {}).items() if said not in ("number", "note")}
    return [
        column
        for column in range(contents.width)
        if column not in taken and contents.has_numbers(column) and not contents.is_of_dates(column)
    ]


class Contents:
    """What is in the columns of a table that has no titles, or not enough of them."""

    def __init__(self, rows: Sequence[Row], taken: set[int]):
        self.rows = [row for row in rows if has_line(row)]
        self.taken = taken
        self.width = max((len(row) for row in self.rows), default=0)

    def _get_cells(self, column: int) -> list[object]:
        cells = [row[column] for row in self.rows if column < len(row)]
        return [cell for cell in cells if not is_empty(cell)]

    def has_numbers(self, column: int) -> bool:
        cells = self._get_cells(column)
        return sum(bool(re.search(r"\d", get_text(cell))) for cell in cells) * 2 >= len(cells)

    def is_of_dates(self, column: int) -> bool:
        cells = self._get_cells(column)
        return sum(is_date(cell) for cell in cells) * 2 > len(cells)

    def has_amounts(self, column: int) -> bool:
        return any(_is_amount(cell) for cell in self._get_cells(column))

    def find_number(self, taken: set[int]) -> int | None:
        """Return the column that names the documents: digits, no dates, hardly ever twice."""
        best, best_score = None, 0.0
        for column in range(self.width):
            cells = self._get_cells(column)
            if column in taken | self.taken or not cells or not self.has_numbers(column):
                continue
            texts = [get_text(cell) for cell in cells]
            if self.is_of_dates(column):
                continue
            score: float = len(cells) + len(set(texts)) - 3 * sum(is_date(cell) for cell in cells)
            score += sum(bool(re.search(r"[^\W\d]", text)) for text in texts) / 2
            if score > best_score:
                best, best_score = column, score
        return best

    def find_money(self, taken: set[int | None]) -> dict[int, str]:
        """Return the columns of amounts: one, or those of which one is what the others leave."""
        counts = {}
        for column in set(range(self.width)) - taken - self.taken:
            cells = self._get_cells(column)
            exact = sum(_is_exact(cell) for cell in cells)
            amounts = sum(_is_amount(cell) for cell in cells)
            if amounts * 2 > len(cells):
                counts[column] = (exact, amounts)
        exact_ones = [c for c, (exact, amounts) in counts.items() if exact * 2 > amounts]
        candidates = sorted(exact_ones or counts)
        if not exact_ones and len(candidates) > 1:
            # Whole numbers: years, running numbers and customers stand before the amount.
            candidates = candidates[-1:]
        return self._relate(candidates)

    def _relate(self, columns: list[int]) -> dict[int, str]:
        if len(columns) < 2:
            return {column: "amount" for column in columns}
        decimal = find_decimal(row[c] for row in self.rows for c in columns if c < len(row))
        values = [
            [getattr(parse_amount(row[c], decimal), "value", Decimal(0)) for c in columns]
            for row in self.rows
            if len(row) > columns[-1]
        ]
        if len(columns) > 2 and all(
            abs(gross) - abs(deduction) == abs(paid) for gross, deduction, paid, *_ in values
        ):
            return dict(zip(columns, ("gross", "deduction", "amount"), strict=False))
        if all(len(set(row)) == 1 for row in values):
            return {columns[-1]: "amount"}
        # Nobody can say which of them is paid: a person has to.
        return {}
