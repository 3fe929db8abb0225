# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which rows of a table are lines of a remittance, and what its columns mean: plain Python.

Takes: rows of cells, text or what a spreadsheet holds. Use :func:`read_table`. How it works: the
titles name the columns; where there are none, what is in them does. Then each row is a line, a
sum, or something else; what looks like a line and can't be read is a problem with its row.

>>> rows = [["Invoice", "Amount"], ["INV/12", "1,234.50"], ["INV/13", "-5"], ["Total", "1229.50"]]
>>> table = read_table(rows)
>>> [(line.row, line.number, str(line.amount)) for line in table.lines], str(table.announced)
([(2, 'INV/12', '1234.50'), (3, 'INV/13', '-5')], '1229.50')
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from . import reader_words as words
from .reader_amounts import CODES, SIGNS, Amount, clean, find_decimal, is_date, parse_amount
from .reader_columns import Layout, Row, find_columns, get_text, is_empty


@dataclass
class Line:
    """What one row says. ``amount`` is what the money pays, ``deduction`` is positive."""

    row: int
    number: str
    amount: Decimal
    deduction: Decimal = Decimal(0)
    note: str = ""
    currency: str = ""
    is_credit_note: bool = False
    is_exact: bool = False
    side: str = ""


@dataclass
class Table:
    """A list as it was read. ``problems`` are ``(row, kind, text)`` of what can't be read."""

    layout: Layout
    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    announced: Decimal | None = None
    reference: str = ""
    currencies: set[str] = field(default_factory=set)
    title_currency: str = ""
    is_titled: bool = False

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def looks_like_list(self) -> bool:
        """Whether it has lines, and without titles not only such as were not split."""
        return bool(self.lines) and (self.is_titled or self.score[1] > 0)

    @property
    def tells_problems(self) -> bool:
        """Whether this is a list, though no row of it can be read."""
        is_split = any(kind == "split" for _row, kind, _text in self.problems)
        return is_split or (self.is_titled and bool(self.problems))

    @property
    def score(self) -> tuple[int, int, int]:
        """How much this looks like a list: of several ways to split a text the best is taken."""
        unsplit = sum(bool(re.search(r"[;|\t]|  |: | = ", line.number)) for line in self.lines)
        count = len(self.lines) - len(self.problems) - 2 * unsplit
        return int(self.is_titled), count, int(self.announced == self.total)


def read_table(rows: Sequence[Row], layout: Layout | None = None) -> Table:
    """Read a table, by a known layout or by what is found."""
    layout = layout or Layout()
    header_row, columns = layout.header_row, layout.columns
    # A person may say any number.
    header_row = header_row and min(max(header_row, 0), len(rows))
    if header_row is None or columns is None:
        found_row, found_columns = find_columns(rows, header_row)
        header_row = found_row if header_row is None else header_row
        columns = found_columns if columns is None else columns
    decimal = layout.decimal or _find_decimal(rows, header_row, columns)
    found = Layout(header_row, columns, decimal, layout.separator)
    table = Table(found, is_titled=header_row > 0)
    if table.layout.get("number") and (table.layout.get("amount") or table.layout.get("gross")):
        TableReader(rows, table).run()
    return table


def _find_decimal(rows: Sequence[Row], header_row: int, columns: dict[int, str]) -> str:
    of_money = [c for c, said in columns.items() if said in ("amount", "gross", "deduction")]
    cells = [row[c] for row in rows[header_row:] for c in of_money if c < len(row)]
    return find_decimal(cells)


@dataclass
class _Sum:
    """A row with a sum: what it says, and how many lines and what sum came before it."""

    label: str
    amount: Decimal
    count: int
    before: Decimal


class TableReader:
    """Tell the lines of a table from its sums, titles and remarks."""

    def __init__(self, rows: Sequence[Row], table: Table):
        self.rows, self.table, self.layout = rows, table, table.layout
        self.header_row = table.layout.header_row or 0
        self.decimal = table.layout.decimal or "."
        self.titles = rows[self.header_row - 1] if self.header_row else []
        self.number_column = self.layout.get("number")[0]
        self.amount_column = next(iter(self.layout.get("amount")), None)
        self.gross_column = next(iter(self.layout.get("gross")), None)
        self.sums: list[_Sum] = []
        self.stated: Decimal | None = None
        self.after_blank = False
        # After the sum and an empty row come greetings, and seldom more lines.
        self.is_closed = False

    def run(self) -> None:
        for index, row in enumerate(self.rows, start=1):
            if all(is_empty(cell) for cell in row):
                self.after_blank = True
                self.is_closed = bool(self.sums)
            elif index <= self.header_row:
                if index < self.header_row:
                    self._read_remark(row)
            elif not self._is_header(row):
                self._read_row(index, row)
        self._drop_prose()
        if self.layout.separator == "comma":
            self._refuse_split_amounts()
        self._find_currency()
        self._find_announced()
        self._try_other_readings()

    def _drop_prose(self) -> None:
        """Without titles nobody knows where the table begins: at its first line, until the last."""
        lines = self.table.lines
        if not self.header_row and lines:
            inside = range(lines[0].row, lines[-1].row)
            self.table.problems = [said for said in self.table.problems if said[0] in inside]

    def _refuse_split_amounts(self) -> None:
        """Amounts with a comma are in two cells where commas part the cells as well."""
        split = {line.row: self._join_split_amount(line.row) for line in self.table.lines}
        if not self.header_row and not all(split.values()):
            # Without titles a whole number may stand before the amount.
            return
        problems = [(row, "split", text) for row, text in split.items() if text]
        self.table.problems = sorted([*self.table.problems, *problems])
        self.table.lines = [line for line in self.table.lines if not split[line.row]]

    def _join_split_amount(self, index: int) -> str:
        """Return the amount of a row as it was before it was split, empty if it was not."""
        row = [get_text(cell) for cell in self.rows[index - 1]]
        column = self.amount_column if self.amount_column is not None else self.gross_column or 0
        width = max((c for c, cell in enumerate(self.titles, 1) if not is_empty(cell)), default=0)
        places = [column, column - 1]
        if self.header_row:
            places = [column] if any(row[width:]) else []
        for place in places:
            pair = row[max(place, 0) : place + 2]
            if place != self.number_column and re.fullmatch(
                r"\D{0,3}(\d+,\d\d|\d{1,3},\d{3}([.]\d\d)?)\D{0,3}", ",".join(pair)
            ):
                return ",".join(pair)
        return ""

    def _is_header(self, row: Row) -> bool:
        """Whether the titles are repeated, as on each page of a printed list."""
        if not self.header_row:
            return False
        if not row or get_text(row[0]) != get_text(self.titles[0] if self.titles else ""):
            return False
        return [words.fold(cell) for cell in row] == [words.fold(cell) for cell in self.titles]

    def _cell(self, row: Row, column: int | None) -> object:
        return row[column] if column is not None and column < len(row) else None

    def _amount(self, cell: object) -> Amount | None:
        if is_empty(cell):
            return None
        return parse_amount(cell, self.decimal)

    def _deduct(self, row: Row) -> Decimal:
        amounts = [self._amount(self._cell(row, c)) for c in self.layout.get("deduction")]
        return abs(sum((amount.value for amount in amounts if amount), Decimal(0)))

    def _pay(self, row: Row) -> Amount | None:
        """Return what the row pays: as it says, or the gross amount without the deduction."""
        paid = self._amount(self._cell(row, self.amount_column))
        if paid or self.amount_column is not None:
            return paid
        gross = self._amount(self._cell(row, self.gross_column))
        if not gross:
            return None
        deduction = self._deduct(row)
        return gross._replace(value=gross.value - (deduction if gross.value > 0 else -deduction))

    def _read_row(self, index: int, row: Row) -> None:
        number_cell = self._cell(row, self.number_column)
        number = "" if is_empty(number_cell) else get_text(number_cell)
        label = next((get_text(cell) for cell in row if not is_empty(cell)), "")
        filled = [cell for cell in row if not is_empty(cell)]
        has_digit = bool(re.search(r"\d", number))
        # A total says so first, or in a row that names no document.
        totals = [number] if has_digit else [get_text(cell) for cell in filled]
        if any(words.is_total(text) for text in totals):
            self._read_sum(label, row)
        elif words.counts_lines(label):
            self._read_remark(row)
        elif paid := self._pay(row):
            self._read_amount(index, row, number, paid, len(filled), has_digit)
        elif has_digit and len(filled) > 1 and self._is_unreadable(row):
            money = self._cell(row, self.amount_column if self.amount_column is not None else -1)
            self.table.problems.append((index, "amount", get_text(money)))
        else:
            self._read_remark(row)
        self.after_blank = False

    def _is_unreadable(self, row: Row) -> bool:
        """Whether a row that names something has an amount that is none, or no amount at all.

        Prose that was split where it has separators is no row of the table.
        """
        column = self.amount_column if self.amount_column is not None else self.gross_column
        if self.is_closed:
            return False
        if not is_empty(self._cell(row, column)):
            return True
        other = [c for c in self.layout.columns or () if c != self.number_column]
        dates = any(is_date(cell) for cell in row)
        return dates or any(self._amount(self._cell(row, c)) for c in other)

    def _read_amount(
        self, index: int, row: Row, number: str, paid: Amount, filled: int, has_digit: bool
    ) -> None:
        """Take a row with an amount as a line, or as a sum or a remark where it names nothing."""
        only_amount = filled == 1
        if only_amount or self._repeats_sum(row, number, paid):
            self._read_sum("", row)
        elif not paid.is_exact and self._is_doubtful(has_digit):
            self._read_remark(row)
        else:
            self._add_line(index, row, number, paid)

    def _repeats_sum(self, row: Row, number: str, paid: Amount) -> bool:
        """Whether a row that does not begin as a total has the sum of the lines above it.

        Such as *North Total*, that of a branch, or *Amount* in a row that names nothing else.
        """
        texts = [cell for cell in row if not is_empty(cell)]
        if any(map(words.ends_as_total, texts)):
            before = self.sums[-1].before if self.sums else 0
            return paid.value in (self.table.total, self.table.total - before)
        says_sum = not number and any(map(words.states_sum, texts))
        return says_sum and paid.value == self.table.total

    def _is_doubtful(self, has_digit: bool) -> bool:
        """Whether a whole number is rather one of a remark, such as that of a telephone."""
        if not has_digit:
            return self.after_blank or bool(self.sums)
        return self.is_closed and any(line.is_exact for line in self.table.lines)

    def _add_line(self, index: int, row: Row, number: str, paid: Amount) -> None:
        deduction = self._deduct(row)
        note = ""
        if deduction:
            note = " ".join(get_text(self._cell(row, c)) for c in self.layout.get("note"))
        currency = paid.currency
        for column in self.layout.get("currency"):
            currency = get_text(self._cell(row, column)) or currency
        if currency:
            self.table.currencies.add(currency)
        is_credit_note = paid.value > 0 and any(words.is_credit_note(cell) for cell in row)
        side = next((said for cell in row if (said := words.get_side(cell))), "")
        values = (number, paid.value, deduction, note, currency)
        self.table.lines.append(Line(index, *values, is_credit_note, paid.is_exact, side))

    # ------------------------------------------------------------ sums and remarks

    def _read_sum(self, label: str, row: Row) -> None:
        """Keep what a total says: in the column of the amount, else the only amount there is."""
        paid = self._pay(row)
        if not paid:
            amounts = [amount for cell in row if (amount := self._amount(cell))]
            amounts = amounts or _find_amounts_in_text(label, self.decimal)
            paid = amounts[-1] if len(amounts) == 1 else None
        if paid:
            self.sums.append(_Sum(label, paid.value, len(self.table.lines), self.table.total))

    def _read_remark(self, row: Row) -> None:
        """Look for the list's own number and its sum in titles and remarks."""
        cells = [cell for cell in row if not is_empty(cell)]
        label = get_text(cells[0])
        if words.get_meaning(label)[0] == "currency" and len(cells) > 1:
            if get_text(cells[1]) in CODES:
                self.table.title_currency = get_text(cells[1])
        if not self.table.reference and words.names_advice(label):
            self.table.reference = _find_reference(label, [get_text(cell) for cell in cells[1:]])
        if words.states_sum(label) and self.stated is None:
            decimals = [self.decimal]
            amounts = [a for cell in cells[1:] for d in decimals if (a := parse_amount(cell, d))]
            amounts = amounts or _find_amounts_in_text(label, self.decimal)
            if len(amounts) == 1 and amounts[0].is_exact:
                self.stated = amounts[0].value

    def _find_currency(self) -> None:
        """Where no amount says its currency, the title of its column may."""
        money = self.layout.get("amount") + self.layout.get("gross")
        if self.table.currencies or not self.header_row:
            return
        # The row below the titles may hold their units.
        rows = self.rows[self.header_row - 1 : self.header_row + 1]
        titles = [self._cell(row, column) for row in rows for column in money]
        for title in titles:
            for word in re.split(r"[\s()\[\]/:]+", clean(get_text(title))):
                if word in CODES or word in SIGNS:
                    self.table.title_currency = self.table.title_currency or word

    def _find_announced(self) -> None:
        """Say which sum is that of the whole list: the last one that is not of a part."""
        self.table.announced = self.stated
        before, count = Decimal(0), 0
        for said in self.sums:
            is_part = words.is_subtotal(said.label) or (
                count
                and not words.is_grand_total(said.label)
                and said.amount == said.before - before
                and said.amount != said.before
            )
            is_part = is_part or (said is not self.sums[-1] and said.count < len(self.table.lines))
            if not is_part:
                self.table.announced = said.amount
            before, count = said.before, said.count

    # ------------------------------------------------------------ other readings

    def _try_other_readings(self) -> None:
        """Where the sum says so: credit notes or a side without signs, deductions not taken off."""
        table = self.table
        if table.announced is None or table.announced == table.total:
            return
        credit_notes = [line for line in table.lines if line.is_credit_note and line.amount > 0]
        sides = {line.side for line in table.lines} - {""}
        of_side = [[line for line in table.lines if line.side == side] for side in sorted(sides)]
        for flip in (credit_notes, *of_side):
            if flip and table.total - 2 * sum(line.amount for line in flip) == table.announced:
                for line in flip:
                    line.amount = -line.amount
                return
        deductions = sum(
            (line.deduction if line.amount > 0 else -line.deduction) for line in table.lines
        )
        if deductions and table.total - deductions == table.announced:
            for line in table.lines:
                line.amount -= line.deduction if line.amount > 0 else -line.deduction


def _find_amounts_in_text(text: str, decimal: str) -> list[Amount]:
    """Return the amount at the end of a label.

    >>> _find_amounts_in_text("Total: USD 2,639.25", "."), _find_amounts_in_text("Total", ".")
    ([Amount(value=Decimal('2639.25'), currency='USD', is_exact=True)], [])
    """
    pieces = clean(text).split(" ")
    for start in range(1, len(pieces)):
        if amount := parse_amount(" ".join(pieces[start:]), decimal):
            return [amount]
    return []


def _find_reference(label: str, others: list[str]) -> str:
    """Return what follows the label: the first word with a digit.

    >>> _find_reference("Avis-Nr.", ["4711-26"]), _find_reference("Remittance advice 2026-117", [])
    ('4711-26', '2026-117')
    """
    for text in (*others, label):
        for word in re.split(r"[\s:]+", text):
            if re.search(r"\d", word) and not is_date(word):
                return word.strip(".,;#")
    return ""
