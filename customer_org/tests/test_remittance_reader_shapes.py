# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from .common_random_lists import create_list
from .common_reader import ReaderCase

TWO = [("INV/1", "10.00", "0"), ("INV/2", "5.00", "0")]


@tagged("post_install", "-at_install")
class TestReaderAmounts(ReaderCase):
    """Amounts as they are written from country to country."""

    def assert_amounts(self, cells, amounts, separator=";"):
        text = "\n".join(f"I{row}{separator}{cell}" for row, cell in enumerate(cells, start=1))
        lines = [(f"I{row}", amount, "0") for row, amount in enumerate(amounts, start=1)]
        return self.assert_read(f"Invoice{separator}Paid\n{text}\n".encode(), lines)

    def test_countries(self):
        """German, French, Swiss, American, Indian, Nordic and Polish amounts."""
        cases = {
            "German": (["1.234,56", "12.345.678,90", "0,05"], ["1234.56", "12345678.90", "0.05"]),
            "thin blanks": (["1\u202f234,50 €", "12,00 €"], ["1234.50", "12.00"]),
            "blanks": (["12 345,50 kr", "1 000 000,00"], ["12345.50", "1000000.00"]),
            "Swiss, typed": (["CHF 1'000.-", "CHF 250.05", "1'000.--"], ["1000", "250.05", "1000"]),
            "Swiss, typographic": (["1’234.50", "12’345’678.05"], ["1234.50", "12345678.05"]),
            "American": (["$1,234.56", "$0.99"], ["1234.56", "0.99"]),
            "Indian": (["1,23,456.78", "12,34,567.00"], ["123456.78", "1234567.00"]),
            "Polish": (["1 234,50 zł", "10,00 zł"], ["1234.50", "10.00"]),
            "thousands alone": (["1.234.567", "12.500"], ["1234567", "12500"]),
            "one tells for all": (["1.234", "5,50"], ["1234", "5.50"]),
            "leading zeros": (["0005.00", "00010.50"], ["5.00", "10.50"]),
            "three decimals": (["1.234,500", "2,005"], ["1234.500", "2.005"]),
        }
        for title, (cells, amounts) in cases.items():
            with self.subTest(title):
                self.assert_amounts(cells, amounts)

    def test_signs(self):
        """A minus before, behind and beside the currency, parentheses, credit and debit."""
        cases = {
            "behind": (["1.000,00", "250,00-", "5,00 -"], ["1000.00", "-250.00", "-5.00"]),
            "beside the currency": (
                ["€ -5,00", "-€ 6,00", "7,00- €", "€8,00-", "-EUR 9,00"],
                ["-5.00", "-6.00", "-7.00", "-8.00", "-9.00"],
            ),
            "with blanks": (["- 5,00", "+ 6,00"], ["-5.00", "6.00"]),
            "typographic": (["\u22125.00", "\u20136.00"], ["-5.00", "-6.00"]),
            "parentheses": (["(25.00)", "$(5.00)", "($6.00)"], ["-25.00", "-5.00", "-6.00"]),
            "parentheses alone": (["(25,00) €", "EUR (5,00)"], ["-25.00", "-5.00"]),
            "credit and debit": (
                ["25.00 CR", "5.00DR", "6.00 Cr.", "7.00 Dr."],
                ["-25.00", "5.00", "-6.00", "7.00"],
            ),
        }
        for title, (cells, amounts) in cases.items():
            with self.subTest(title):
                self.assert_amounts(cells, amounts)

    def test_stars(self):
        """Stars around amounts, as on cheques, and bold ones of a drawn table."""
        self.assert_amounts(["***1,005.00", "***6.50***"], ["1005.00", "6.50"])
        table = "| Invoice | Amount |\n|---|---:|\n| INV/1 | 10.00 |\n| INV/2 | 5.00 |\n"
        self.assert_read(f"{table}| **Total** | **15.00** |\n".encode(), TWO, "15.00")

    def test_what_is_no_amount(self):
        """Words, exponents, errors and amounts with text are said with their row, not guessed."""
        for cell in ("one hundred", "1.5E+03", "#REF!", "100,00 EUR bezahlt", "5.00.00"):
            with self.subTest(cell):
                _way, table = self.read_file(f"Invoice;Paid\nI1;{cell}\nI2;5,00\n".encode())
                self.assertEqual(table.problems, [(2, "amount", cell)])
                self.assertEqual([line.number for line in table.lines], ["I2"])

    def test_two_formats(self):
        """In a list of German amounts an American one is said, not read as another sum."""
        _way, table = self.read_file(b"Invoice;Paid\nI1;1.234,56\nI2;1,234.56\n")
        self.assertEqual(table.problems, [(3, "amount", "1,234.56")])

    def test_comma_separates_cells_as_well(self):
        """An amount that its own comma splits is said, whatever the halves look like."""
        cases = {
            "cents": ("Invoice,Amount\nI1,5,00\nI2,6,50\n", [(2, "5,00"), (3, "6,50")]),
            "thousands": ("Invoice,Amount\nI1,1,234.56\nI2,12.00\n", [(2, "1,234.56")]),
            "no titles": ("I1,5,00\nI2,1007,50\n", [(1, "5,00"), (2, "1007,50")]),
            "no titles, thousands": (
                "I1,1,234.56\nI2,12,006.50\n",
                [(1, "1,234.56"), (2, "12,006.50")],
            ),
        }
        for title, (text, problems) in cases.items():
            with self.subTest(title):
                _way, table = self.read_file(text.encode())
                self.assertEqual(
                    table.problems, [(row, "split", amount) for row, amount in problems]
                )

    def test_comma_with_whole_amounts(self):
        """Whole amounts, and a customer's number before the amount, are not taken for halves."""
        self.assert_read(b"Invoice,Amount\nI1,5\nI2,65\n", [("I1", "5", "0"), ("I2", "65", "0")])
        self.assert_read(
            b"I1,12,234.56\nI2,13,20.00\n", [("I1", "234.56", "0"), ("I2", "20.00", "0")]
        )
        self.assert_read(b"Invoice,Year,Amount\nI1,26,500.00\n", [("I1", "500.00", "0")])

    def test_sides(self):
        """Where a column says debit or credit, the sum tells which of them lowers it."""
        lines = [("1900001", "1000.00", "0"), ("1600001", "-250.00", "0")]
        for one, other in (("S", "H"), ("H", "S"), ("DR", "CR"), ("Soll", "Haben")):
            text = f"Beleg;Betrag;S/H\n1900001;1.000,00;{one}\n1600001;250,00;{other}\n"
            with self.subTest(one):
                self.assert_read(f"{text}Summe;750,00;{one}\n".encode(), lines, "750.00")
        # Nobody can say so without a sum: a credit note then is more than what is open.
        _way, table = self.read_file(text.encode())
        self.assertEqual([int(line.amount) for line in table.lines], [1000, 250])


@tagged("post_install", "-at_install")
class TestReaderSheets(ReaderCase):
    """Spreadsheets as people make them."""

    def test_list_on_the_second_sheet(self):
        """The sheet with the list is found behind one with a letter."""
        book, sheet = self.make_book([["Dear supplier,"], ["the list is on the next sheet."]])
        other = book.create_sheet("March")
        for row in (["Invoice", "Paid"], ["I1", 5.5], ["I2", 6.25]):
            other.append(row)
        way, _table = self.read_file(self.save(book))
        self.assertEqual(way, "March")
        self.assert_read(self.save(book), [("I1", "5.5", "0"), ("I2", "6.25", "0")])

    def test_merged_titles(self):
        """A title over all columns, titles in two rows, empty rows and columns before them."""
        book, sheet = self.make_book(
            [
                [None, "Remittance advice 2026-117"],
                [],
                [None, "Document", None, "Amount", None],
                [None, "Number", "Date", "Gross", "Paid"],
                [None, "I1", date(2026, 1, 5), 100.5, 90.5],
                [None, "I2", date(2026, 1, 6), 50, 50],
                [None, None, "Total", 150.5, 140.5],
            ]
        )
        for cells in ("B1:E1", "B3:C3", "D3:E3"):
            sheet.merge_cells(cells)
        lines = [("I1", "90.5", "0"), ("I2", "50", "0")]
        table = self.assert_read(self.save(book), lines, "140.5")
        self.assertEqual((table.layout.header_row, table.reference), (4, "2026-117"))

    def test_dates_as_numbers(self):
        """A column of dates that lost their format is no amount."""
        book, _sheet = self.make_book(
            [["Invoice", "Date", "Paid"], ["I1", 46027, 5.5], ["I2", 46028, 6.5]]
        )
        self.assert_read(self.save(book), [("I1", "5.5", "0"), ("I2", "6.5", "0")])

    def test_numbers_of_documents(self):
        """Numbers that a spreadsheet keeps as numbers; sums with the noise of its arithmetic."""
        book, _sheet = self.make_book(
            [["Invoice", "Paid"], [4400007391, 0.1 + 0.2], [12.0, 5 + 1e-13], [13, 1e9]]
        )
        lines = [("4400007391", "0.3", "0"), ("12", "5", "0"), ("13", "1000000000", "0")]
        self.assert_read(self.save(book), lines)

    def test_formula_without_result(self):
        """A formula that nobody has calculated is said: its row must not get lost."""
        book, sheet = self.make_book([["Invoice", "Paid"], ["I1", None], ["I2", 5.5]])
        sheet["B2"] = "=B3*2"
        _way, table = self.read_file(self.save(book))
        self.assertEqual(table.problems, [(2, "amount", "=B3*2")])
        self.assertEqual([line.number for line in table.lines], ["I2"])

    def test_hidden_column_first(self):
        """Columns behind a hidden one, and a row that a filter has hidden."""
        rows = [["x", "Invoice", "Paid"], ["x", "I1", 5.5], ["x", "I2", 6], ["x", "I3", 7]]
        book, sheet = self.make_book(rows)
        sheet.column_dimensions["A"].hidden = True
        sheet.row_dimensions[3].hidden = True
        sheet.auto_filter.ref = "A1:C4"
        table = self.assert_read(self.save(book), [("I1", "5.5", "0"), ("I3", "7", "0")])
        self.assertEqual([line.row for line in table.lines], [2, 4])

    def test_all_hidden(self):
        """A file of which nothing is visible has no list."""
        book, sheet = self.make_book([["Invoice", "Paid"], ["I1", 5.5]])
        book.create_sheet("Empty")
        sheet.sheet_state = "hidden"
        self.assertEqual(self.read_file(self.save(book)), ("", None))


@tagged("post_install", "-at_install")
class TestReaderTexts(ReaderCase):
    """Texts as other programs write them, and as people type them."""

    def test_ends_of_lines(self):
        """Windows, old Macs, both in one file, and the marks of UTF-16."""
        for text in (
            "Invoice,Paid\r\nINV/1,10.00\r\nINV/2,5.00\r\n",
            "Invoice,Paid\rINV/1,10.00\rINV/2,5.00",
            "Invoice,Paid\r\nINV/1,10.00\rINV/2,5.00\n",
        ):
            for encoding in ("cp1252", "utf-8-sig", "utf-16"):
                with self.subTest(text, encoding=encoding):
                    self.assert_read(text.encode(encoding), TWO)

    def test_other_encoding(self):
        """Titles in an encoding that nobody can tell are no obstacle."""
        text = "Rechnung;Überweisung\nINV/1;10,00\nINV/2;5,00\n"
        for encoding in ("cp850", "mac_roman", "iso8859-15"):
            with self.subTest(encoding):
                self.assert_read(text.encode(encoding), TWO)

    def test_quotes(self):
        """Line ends, separators and quotes within quotes."""
        text = 'Invoice;Text;Paid\n"INV/1";"a\nb; c";10,00\nINV/2;"x ""y"" z";5,00\nTotal;;15,00\n'
        self.assert_read(text.encode(), TWO, "15.00")
        text = 'Invoice,Note,Amount\nINV/1,"a;b;c",10.00\nINV/2,"d;e;f",5.00\n'
        self.assert_read(text.encode(), TWO)

    def test_tabs(self):
        """Columns that tabs hold one above the other, of numbers long and short."""
        long = [("INV/1", "10.00", "0"), ("INV/222222222", "1005.00", "0")]
        text = "Invoice no.\t\tDate\t\tPaid\nINV/1\t\t\t2026-01-05\t10.00\n"
        text += "INV/222222222\t\t2026-01-05\t1,005.00\nTotal\t\t\t\t1,015.00\n"
        self.assert_read(text.encode(), long, "1015.00")

    def test_blanks_within_amounts(self):
        """Blanks that do not break part no columns: thousands of a French mail are not lost."""
        lines = [("INV/1", "643559.83", "0"), ("INV/2", "714.58", "0")]
        for blank in "\u202f\u00a0\u2009":
            text = (
                f"Facture      Montant réglé\nINV/1           643{blank}559,83\n"
                "INV/2               714,58\n"
            )
            with self.subTest(hex(ord(blank))):
                self.assert_read(text.encode(), lines)

    def test_mail(self):
        """Numbered and dashed lines of a mail, with a remark behind the amount."""
        for text in (
            "We paid:\n1. INV/1 10.00\n2. INV/2 5.00\n",
            "We paid:\n1) INV/1 - 10.00\n2) INV/2 - 5.00\n",
            "We paid:\n- INV/1: 10.00 EUR\n- INV/2: 5.00 EUR (freight missing)\n",
        ):
            with self.subTest(text):
                self.assert_read(text.encode(), TWO)

    def test_pasted_from_a_mail(self):
        """A table between greetings, with the telephone number of who sent it."""
        text = (
            "Hi,\nplease find below:\nInvoice Number\tInvoice Date\tAmount\n"
            "INV/1\tJan 5, 2026\t$10.00\nINV/2\tJan 6, 2026\t$5.00\nTotal\t\t$15.00\n"
            "Thanks,\nBob\n+1 555 123 4567\n"
        )
        table = self.assert_read(text.encode(), TWO, "15.00")
        self.assertEqual(table.currencies, {"$"})

    def test_titles_in_two_rows(self):
        """The lower row of titles says what the columns are, or in which currency."""
        lines = [("INV/1", "90.00", "0"), ("INV/2", "50.00", "0")]
        body = "INV/1,2026-01-05,100.00,90.00\nINV/2,2026-01-06,50.00,50.00\nTotal,,150.00,140.00\n"
        for titles in (
            "Invoice,,Payment,\nNumber,Date,Gross,Paid\n",
            "Document,Document,Amount,Amount\nnumber,date,invoiced,paid\n",
        ):
            with self.subTest(titles):
                self.assert_read(f"{titles}{body}".encode(), lines, "140.00")
        table = self.assert_read(b"Invoice;Paid\n;(CHF)\nINV/1;10,00\nINV/2;5,00\n", TWO)
        self.assertEqual(table.title_currency, "CHF")

    def test_local_currency(self):
        """Of two columns of one amount that in the document's currency is meant."""
        text = (
            "Invoice;Amount in local currency;Currency;Invoice amount\n"
            "INV/1;9,00;USD;10,00\nINV/2;4,50;USD;5,00\n"
        )
        table = self.assert_read(text.encode(), TWO)
        self.assertEqual(table.currencies, {"USD"})
        self.assert_read(b"Invoice;Local amount\nINV/1;10,00\nINV/2;5,00\n", TWO)

    def test_not_a_table(self):
        """Pairs of names and values, and what only a program reads, are no list."""
        for text in (
            "Invoice: INV/1\nAmount: 5,00\n\nInvoice: INV/2\nAmount: 6,00\n",
            '[{"invoice": "INV/1", "amount": 5.00}]',
            "Our Ref|Your Ref|Date|Details|Debit|Credit\n",
        ):
            with self.subTest(text):
                self.assertEqual(self.read_file(text.encode()), ("", None))

    def test_unreadable_from_first_to_last(self):
        """A list of which no row can be read says so of each row."""
        _way, table = self.read_file(b"Invoice;Paid\nI1;yes\nI2;no\n")
        self.assertEqual(table.problems, [(2, "amount", "yes"), (3, "amount", "no")])


@tagged("post_install", "-at_install")
class TestReaderSums(ReaderCase):
    """Sums of all, of parts and of pages; rows that only look like one."""

    def test_sums_between_the_lines(self):
        """Sums of branches, as payers and as spreadsheets call them, are no lines."""
        lines = [("I1", "5.00", "0"), ("I3", "1.00", "0"), ("I2", "6.00", "0")]
        names = (
            ("Subtotal branch 12", "Subtotal branch 13", "Total"),
            ("North Total", "South Total", "Grand Total"),
            ("Nord Ergebnis", "Süd Ergebnis", "Gesamtergebnis"),
            ("Total North", "Total South", "Total"),
            ("Sous-total Nord", "Sous-total Sud", "Total général"),
        )
        for north, south, total in names:
            text = (
                f"Invoice;Paid\nI1;5,00\nI3;1,00\n{north};6,00\nI2;6,00\n{south};6,00\n"
                f"{total};12,00\n"
            )
            with self.subTest(north):
                self.assert_read(text.encode(), lines, "12.00")

    def test_sum_in_the_branch_column(self):
        """The name of the sum stands where the branches have theirs."""
        text = (
            "Branch;Invoice;Paid\nNorth;I1;5,00\nNorth;I3;1,00\nNorth Total;;6,00\n"
            "South;I2;6,00\nSouth Total;;6,00\nTotal;;12,00\n"
        )
        lines = [("I1", "5.00", "0"), ("I3", "1.00", "0"), ("I2", "6.00", "0")]
        self.assert_read(text.encode(), lines, "12.00")

    def test_line_that_ends_as_a_total(self):
        """A line whose text ends with *total* and that is the sum of nothing stays a line."""
        _way, table = self.read_file(b"Invoice;Paid\nI1;5,00\nFreight total;3,00\nTotal;8,00\n")
        self.assertEqual([line.number for line in table.lines], ["I1", "Freight total"])
        self.assertEqual((table.total, table.announced), (8, 8))

    def test_sum_without_its_word(self):
        """The payment's amount in a row that names no document is its sum."""
        text = (
            "Payee,Acme\nCheck #,10023\nDate,3/5/2026\n\n"
            "Date,Type,Reference,Original Amt.,Amount Due,Discount,Payment\n"
            '1/5/2026,Bill,INV/1,"1,000.00","1,000.00",20.00,980.00\n'
            "1/6/2026,Bill Credit,RINV/3,-50.00,-50.00,,-50.00\n,,,,,Amount,930.00\n"
        )
        lines = [("INV/1", "980.00", "20.00"), ("RINV/3", "-50.00", "0")]
        self.assert_read(text.encode(), lines, "930.00")

    def test_count_of_documents(self):
        """How many documents there are is no amount, before the sum and after it."""
        for label in ("Number of invoices", "Anzahl Belege", "Nombre de factures", "Invoices"):
            for text in (f"{label};2\nTotal;15,00\n", f"Total;15,00\n{label};2\n"):
                with self.subTest(text):
                    body = f"Invoice;Paid\nINV/1;10,00\nINV/2;5,00\n{text}"
                    self.assert_read(body.encode(), TWO, "15.00")

    def test_pages(self):
        """Titles, page numbers and sums carried over, on each page."""
        text = (
            "Invoice;Date;Paid\nINV/1;05.01.26;10,00\nCarried forward;;10,00\nPage 1/2;;\n"
            "Invoice;Date;Paid\nBrought forward;;10,00\nINV/2;05.01.26;5,00\nTotal;;15,00\n"
        )
        self.assert_read(text.encode(), TWO, "15.00")

    def test_two_tables(self):
        """Invoices, then credit notes under titles of their own, then the sum of the payment."""
        text = (
            "Invoice;Paid\nINV/1;10,00\nTotal;10,00\n\nCredit note;Amount\nRINV/1;-2,00\n"
            "Total;-2,00\n\nPayment total;8,00\n"
        )
        lines = [("INV/1", "10.00", "0"), ("RINV/1", "-2.00", "0")]
        self.assert_read(text.encode(), lines, "8.00")

    def test_nothing_to_pay(self):
        """Credit notes that are as much as the invoices: a sum of 0 is a sum."""
        text = "Invoice;Paid\nINV/1;10,00\nRINV/1;-10,00\nTotal;0,00\n"
        _way, table = self.read_file(text.encode())
        self.assertEqual((len(table.lines), table.announced), (2, 0))

    def test_your_number_of_a_document(self):
        """*Ihr Beleg* beside the payer's own *Belegnummer* is ours."""
        text = (
            "Belegnummer;Ihr Beleg;Datum;Bruttobetrag;Abzüge;Nettobetrag\n"
            "1900000001;INV/1;05.01.2026;12,00;2,00;10,00\n"
            "1900000002;INV/2;06.01.2026;5,00;0,00;5,00\nSumme;;;17,00;2,00;15,00\n"
        )
        self.assert_read(
            text.encode(), [("INV/1", "10.00", "2.00"), ("INV/2", "5.00", "0")], "15.00"
        )


@tagged("post_install", "-at_install")
class TestReaderRandomLists(ReaderCase):
    """Lists of every language, format, shape and encoding by chance, read to the line."""

    def test_random_lists(self):
        """What was written is what is read: numbers, amounts, deductions and the sum."""
        for seed in range(120):
            with self.subTest(seed):
                made = create_list(seed)
                _way, table = self.read_file(made.content, made.name)
                self.assertTrue(table, "no list was found")
                self.assertFalse(table.problems)
                self.assertEqual(
                    [(line.number, line.amount, line.deduction) for line in table.lines],
                    [
                        (number, Decimal(amount), Decimal(taken))
                        for number, amount, taken in made.lines
                    ],
                )
                self.assertEqual(table.announced, made.announced)
