# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import doctest
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

from odoo.tests import tagged

from ..models.remittance import (
    document_numbers,
    reader,
    reader_amounts,
    reader_columns,
    reader_table,
    reader_words,
)
from .common_reader import ReaderCase

TEXTS = Path(__file__).parent / "data" / "remittance_texts.json"


@tagged("post_install", "-at_install")
class TestRemittanceReader(ReaderCase):
    """Lists in many shapes are read to the line, without a database."""

    def test_examples(self):
        """The examples in the docstrings hold."""
        modules = (
            document_numbers,
            reader,
            reader_amounts,
            reader_columns,
            reader_table,
            reader_words,
        )
        for module in modules:
            result = doctest.testmod(module)
            self.assertTrue(result.attempted)
            self.assertFalse(result.failed, module.__name__)

    def test_texts(self):
        """Separators, languages, formats of amounts, prose, sums, pages: each to the line."""
        for case in json.loads(TEXTS.read_text()):
            with self.subTest(case["title"]):
                content = "\n".join(case["text"]).encode()
                self.assert_read(content, case["lines"], case["announced"])

    def test_encodings(self):
        """Whatever the encoding and the ends of lines."""
        text = "Rechnung für Größe;Zahlbetrag\nINV/1;1.234,50\nINV/2;5,00\nSumme;1.239,50\n"
        lines = [("INV/1", "1234.50", "0"), ("INV/2", "5.00", "0")]
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
            with self.subTest(encoding):
                self.assert_read(text.encode(encoding), lines, "1239.50")
                crlf = text.replace("\n", "\r\n").encode(encoding)
                self.assert_read(crlf, lines, "1239.50")
        self.assert_read(b"Invoice,Amount\rI1,5.00\r", [("I1", "5.00", "0")])

    def test_no_lists(self):
        """What can't be a list is refused, or gives no line: nothing is guessed."""
        for content in (b"", b" \n\n", b"%PDF-1.4", b"\x89PNG\r\n", b"PK\x03\x04", bytes(range(9))):
            with self.subTest(content), self.assertRaises(reader.NotAList):
                self.read_file(content)
        for text in (
            "Dear all,\nhello there\n",
            "Name;City\nBob;Rome\n",
            "we paid invoice INV/1 with 100.00 and INV/2 with 5.00 today.",
            "<html><body><p>hello</p></body></html>",
            "Date;Amount\n",
        ):
            with self.subTest(text):
                _way, table = self.read_file(text.encode())
                self.assertFalse(table and table.lines)

    def test_hostile_texts(self):
        """Lines without an end keep nobody busy, and numbers without an end are none."""
        for line in (" " * 200_000 + "1", "\t" * 200_000 + "1", "1," * 100_000, "9" * 200_000):
            with self.subTest(line[:3]):
                _way, table = self.read_file(f"Invoice;Amount\nI1;{line}\n".encode())
                self.assertLessEqual(len(table.lines) if table else 0, 1)
        number = "9" * 5000
        self.assert_read(f"Invoice;Amount\n{number};5.00\n".encode(), [(number, "5.00", "0")])
        self.assertEqual(document_numbers.get_groups(f"INV {number}"), f"/{number}")

    def test_hostile_sheets(self):
        """A cell far away and sums that nobody has are not read; what unpacks to much is none."""
        book, sheet = self.make_book([["Invoice", "Amount"], ["I1", 10.5]])
        sheet["XFD500"] = 1
        sheet.column_dimensions.group("C", "XFD", hidden=True)
        self.assert_read(self.save(book), [("I1", "10.5", "0")])
        self.assertFalse(reader_amounts.parse_amount(1e300, "."))
        self.assertFalse(reader_amounts.parse_amount(float("nan"), "."))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", bytes(reader.MAX_UNPACKED + 1))
        for content in (packed.getvalue(), b"I1;1.00\n" * (reader.MAX_ROWS + 2)):
            with self.assertRaises(reader.NotAList) as catcher:
                self.read_file(content)
            self.assertEqual(catcher.exception.kind, "big")

    def test_unreadable_amounts(self):
        """A line whose amount is none is said, with its row and what stands there."""
        _way, table = self.read_file(b"Invoice;Amount\nI1;5,00\nI2;see note\nI3;#REF!\nTotal;5,00")
        self.assertEqual(table.problems, [(3, "amount", "see note"), (4, "amount", "#REF!")])

    def test_two_amounts_without_titles(self):
        """Which of two columns is paid nobody can say: a person has to."""
        table = reader_table.read_table([["I1", "100.00", "60.00"], ["I2", "50.00", "20.00"]])
        self.assertFalse(table.lines)

    def test_currency(self):
        """By the signs and codes of the amounts, else by the titles."""
        _way, table = self.read_file("Invoice;Amount\nI1;5,00 €\nI2;6,00 €".encode())
        self.assertEqual(table.currencies, {"€"})
        _way, table = self.read_file(b"Invoice;Amount (CHF)\nI1;5,00")
        self.assertEqual((table.currencies, table.title_currency), (set(), "CHF"))
        _way, table = self.read_file(b"Currency;EUR\nInvoice;Amount\nI1;5,00")
        self.assertEqual(table.title_currency, "EUR")

    def test_sheet_with_hidden_parts(self):
        """Hidden rows, columns and sheets are no part of the list; dates are dates."""
        book, sheet = self.make_book(
            [
                ["Remittance"],
                ["Invoice", "Secret", "Date", "Paid"],
                ["INV/1", 9, datetime(2026, 1, 2), 10.5],
                ["INV/2", 9, datetime(2026, 1, 2), 99],
                [None, None, "Total", 10.5],
            ]
        )
        sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["B"].hidden = True
        other = book.create_sheet("Old")
        other.append(["Invoice", "Amount"])
        for number in range(9):
            other.append([f"OLD/{number}", 1.5])
        other.sheet_state = "hidden"
        self.assert_read(self.save(book), [("INV/1", "10.5", "0")], "10.5")

    def test_sheet_with_formats(self):
        """A number shows its leading zeros, an amount its currency."""
        book, _sheet = self.make_book(
            [["Rechnung", "Betrag"], [61, 10.25], [62, 5]],
            A2="00000",
            A3="00000",
            B2="#,##0.00\\ [$€-407]",
        )
        lines = [("00061", "10.25", "0"), ("00062", "5", "0")]
        table = self.assert_read(self.save(book), lines)
        self.assertEqual(table.currencies, {"€"})

    def test_sheet_with_amounts_as_text(self):
        """Amounts that are text in the cells are read by their format."""
        book, _sheet = self.make_book([["Invoice", "Amount"], ["I1", "1.234,50"], ["I2", "12,00"]])
        self.assert_read(self.save(book), [("I1", "1234.50", "0"), ("I2", "12.00", "0")])

    def test_sheet_with_formulas(self):
        """A formula that nobody has calculated is no sum, and text that looks like one is text."""
        book, sheet = self.make_book([["Invoice", "Amount"], ["x", 10.5], ["Total", "=SUM(B2:B2)"]])
        sheet["A2"].value, sheet["A2"].data_type = "=1+2", "s"
        self.assert_read(self.save(book), [("=1+2", "10.5", "0")])
