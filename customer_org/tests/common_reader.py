# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
from decimal import Decimal

import openpyxl

from odoo.tests import BaseCase

from ..models.remittance import reader, reader_table
from ..models.remittance.reader_columns import Layout


class SheetsMixin:
    """Makes spreadsheets."""

    def make_book(self, rows, **formats):
        book = openpyxl.Workbook()
        sheet = book.active
        for row in rows:
            sheet.append(row)
        for cell, number_format in formats.items():
            sheet[cell].number_format = number_format
        return book, sheet

    def save(self, book):
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()


class ReaderCase(SheetsMixin, BaseCase):
    """Lists as files and texts, and what is read in them; no database."""

    def read_file(self, content, name="list.csv"):
        """Return how a file was split and the table that was read."""
        if reader.find_format(content, name) == "xlsx":
            tables = reader.read_xlsx(content)
        else:
            text, _encoding = reader.decode(content)
            tables = {way: reader.split_text(text, way) for way in reader.WAYS}
        way = reader.choose(tables)
        if not way:
            return way, None
        return way, reader_table.read_table(tables[way], Layout(separator=way))

    def assert_read(self, content, lines, announced=None):
        _way, table = self.read_file(content)
        self.assertTrue(table, "no list was found")
        self.assertEqual(
            [(line.number, line.amount, line.deduction) for line in table.lines],
            [(number, Decimal(amount), Decimal(taken)) for number, amount, taken in lines],
        )
        self.assertEqual(table.announced, Decimal(announced) if announced else None)
        self.assertFalse(table.problems)
        return table
