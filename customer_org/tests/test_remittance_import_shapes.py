# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_org.models.remittance import reader

from .common_reader import SheetsMixin
from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceImportShapes(SheetsMixin, RemittanceCommon):
    """Lists in odd shapes through the whole import, and what a person changes on its screen."""

    def create_wizard(self, content, name="list.csv", **values):
        return self.env["customer.remittance.import"].create(
            {
                "partner_id": self.hq.id,
                "file": base64.b64encode(content),
                "file_name": name,
                **values,
            }
        )

    def finish(self, wizard):
        return self.env["customer.remittance"].browse(wizard.action_import()["res_id"])

    def get_rows(self):
        return [[move.name, move.amount_total] for move in self.invoices]

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def test_sheets(self):
        """Of two sheets with lists one is read; the other is named, and read when it is chosen."""
        book, sheet = self.make_book([["Invoice", "Paid"], *self.get_rows()[:3]])
        sheet.title = "North"
        other = book.create_sheet("South")
        for row in (["Invoice", "Paid"], self.get_rows()[3]):
            other.append(row)
        book.create_sheet("Notes").append(["Dear all,"])
        wizard = self.create_wizard(self.save(book), "list.xlsx")
        self.assertEqual(wizard.sheet, "North")
        self.assertIn("Other sheets hold lists, too: South.", wizard.preview)
        remittance = self.finish(wizard)
        self.assertEqual(remittance.amount_total, 7250.0)
        self.assertIn("South", str(remittance.message_ids.mapped("body")))
        wizard = self.create_wizard(self.save(book), "list.xlsx", sheet="South")
        self.assertEqual(self.finish(wizard).line_ids.move_id, self.invoice_w)

    def test_file_is_read_once(self):
        """Sheets, rows, preview and the word on other sheets come from one reading of the file."""
        book, _sheet = self.make_book([["Invoice", "Paid"], *self.get_rows()])
        with patch.object(reader, "read_xlsx", wraps=reader.read_xlsx) as read:
            wizard = self.create_wizard(self.save(book), "list.xlsx")
            self.assertTrue(wizard.preview)
            self.assertFalse(wizard._get_other_sheets())
        self.assertEqual(read.call_count, 1)

    def test_one_sheet(self):
        """Of a file with one list nothing is said about others."""
        book, _sheet = self.make_book([["Invoice", "Paid"], *self.get_rows()])
        book.create_sheet("Notes").append(["Dear all,"])
        wizard = self.create_wizard(self.save(book), "list.xlsx")
        self.assertNotIn("Other sheets", wizard.preview)
        self.assertEqual(self.finish(wizard).amount_total, 8750.0)

    def test_formula_without_result(self):
        """A file whose amounts nobody has calculated is refused with its row and the formula."""
        book, sheet = self.make_book([["Invoice", "Paid"], *self.get_rows()])
        sheet["B3"] = "=B2-500"
        wizard = self.create_wizard(self.save(book), "list.xlsx")
        with self.assert_refused(UserError, "Row 3: “=B2-500” is no amount"):
            wizard.action_import()

    def test_comma_in_amounts(self):
        """A comma that separates cells and cents is told with its row and what to do."""
        content = f"Invoice,Amount\n{self.invoice_n.name},3000,00\n".encode()
        wizard = self.create_wizard(content)
        self.assertIn("Row 2: the comma in “3000,00” separates cells as well", wizard.error)
        with self.assert_refused(UserError, "semicolons"):
            wizard.action_import()
        content = content.replace(b"3000,00", b'"3000,00"')
        self.assertEqual(self.finish(self.create_wizard(content)).amount_total, 3000.0)

    def test_encodings(self):
        """An encoding that was found wrongly is chosen by hand; one that can't be is refused."""
        content = f"Rechnung;Überweisung\n{self.invoice_n.name};3000,00\n".encode("cp850")
        wizard = self.create_wizard(content)
        self.assertEqual(wizard.encoding, "cp1252")
        wizard.encoding = "cp850"
        self.assertEqual(wizard.column_ids[1].title, "Überweisung")
        wizard.encoding = "utf-8"
        self.assertIn("Choose another encoding", wizard.error)
        wizard.encoding = "cp850"
        self.assertEqual(self.finish(wizard).line_ids.move_id, self.invoice_n)

    def test_other_separator(self):
        """Another separator, no titles, other columns: all by hand, and the preview follows."""
        rows = "\n".join(f"{name}|{amount:.2f}|9.00" for name, amount in self.get_rows())
        wizard = self.create_wizard(rows.encode())
        self.assertEqual((wizard.separator, wizard.header_row), ("pipe", 0))
        self.assertFalse(wizard.preview)
        self.assertIn("No list was found", wizard.error)
        wizard.column_ids[1].meaning = "amount"
        self.assertIn("8,750.00", wizard.preview)
        wizard.separator = "semicolon"
        self.assertIn("No list was found", wizard.error)

    def test_row_of_titles_that_is_none(self):
        """A row with the titles that is not there is no list, and no crash."""
        content = f"Invoice;Paid\n{self.invoice_n.name};3000.00\n".encode()
        wizard = self.create_wizard(content)
        for row in (99, 2, -5):
            wizard.header_row = row
            self.assertFalse(wizard.preview and wizard.error)
            if row > 0:
                self.assertIn("No list was found", wizard.error)
        wizard.header_row = 1
        self.assertEqual(self.finish(wizard).line_ids.move_id, self.invoice_n)

    def test_many_wrong_rows(self):
        """Of very many wrong rows ten are told, and how many more there are."""
        rows = "\n".join(f"INV/{number};?{number}" for number in range(25))
        wizard = self.create_wizard(f"Invoice;Paid\nINV/0;5.00\n{rows}\n".encode())
        self.assertIn("Row 12: “?9” is no amount.", wizard.error)
        self.assertNotIn("“?10”", wizard.error)
        self.assertIn("And 15 more rows.", wizard.error)

    def test_thousands_of_rows(self):
        """Two thousand rows are read and previewed: the first hundred, and the sum of all."""
        rows = "\n".join(f"X/{number:05};1.25" for number in range(2000))
        wizard = self.create_wizard(f"Invoice;Paid\n{rows}\nTotal;2500.00\n".encode())
        self.assertIn("X/00099", wizard.preview)
        self.assertNotIn("X/00100", wizard.preview)
        self.assertIn("And 1900 more lines.", " ".join(wizard.preview.split()))
        self.assertIn("2,500.00", wizard.preview)
        self.assertIn("That is the total of the list.", wizard.preview)

    def test_total_in_the_preview(self):
        """Another total than the sum of the lines is said before the import, as is none."""
        wizard = self.create_wizard(b"Invoice;Paid\nI1;5.00\nTotal;6.00\n")
        self.assertIn("The list states", wizard.preview)
        wizard = self.create_wizard(b"Invoice;Paid\nI1;5.00\n")
        self.assertIn("The list states no total.", wizard.preview)

    # ------------------------------------------------------------------
    # Numbers and currencies
    # ------------------------------------------------------------------

    def test_numbers_as_spreadsheets_spoil_them(self):
        """Leading zeros lost, blanks, hyphens, an apostrophe: found all the same."""
        name = self.invoice_n.name
        year, number = name.split("/")[1:]
        for written in (
            f"{year}-{int(number)}",
            f"'{name}",
            name.replace("/", " "),
            name.replace("/", "").lower(),
            f"Inv. {int(number)}",
            f'="{name}"',
        ):
            with self.subTest(written):
                cell = '"' + written.replace('"', '""') + '"'
                content = f"Invoice;Paid\n{cell};3000.00\n".encode()
                self.assertEqual(self.finish(self.create_wizard(content)).line_ids.status, "ok")

    def test_numbers_that_are_lost(self):
        """A number that a spreadsheet made an exponent of finds no document: nothing is guessed."""
        self.invoice_n.ref = "4400007391"
        content = b"Invoice;Paid\n4.40001E+09;3000.00\n4400007391;3000.00\n"
        remittance = self.finish(self.create_wizard(content))
        self.assertEqual(self.get_statuses(remittance), ["ambiguous", "ok"])
        self.assertFalse(remittance.line_ids[0].move_id)

    def test_payers_own_number_is_ours(self):
        """The payer's own reference that reads like another invoice's number finds that one alone.

        Somebody has to tell from the amount: nobody chooses.
        """
        self.invoice_n.ref = "BILL-77"
        self.invoice_s.ref = "BILL-77"
        remittance = self.finish(self.create_wizard(b"Your invoice;Paid\nBILL-77;3000.00\n"))
        self.assertEqual(self.get_statuses(remittance), ["ambiguous"])
        self.assertFalse(remittance.line_ids.move_id)

    def test_currency_of_the_titles(self):
        """A currency that only the titles or the row below them name is the list's."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        for titles in ("Invoice;Paid (EUR)", "Invoice;Paid\n;EUR", "Currency;EUR\nInvoice;Paid"):
            with self.subTest(titles):
                wizard = self.create_wizard(f"{titles}\nI1;5,00\nI2;6,00\n".encode())
                self.assertEqual(self.finish(wizard).currency_id, euro)

    def test_currency_that_is_not_active(self):
        """A list in a currency that the company does not use is refused with what to do."""
        self.env.ref("base.CHF").active = False
        wizard = self.create_wizard(b"Invoice;Paid\nI1;CHF 5.00\n")
        self.assertIn("amounts in CHF. Activate that currency", wizard.error)

    def test_sign_of_several_currencies(self):
        """A sign that several active currencies have says none: the code is asked for."""
        for code in ("SEK", "NOK"):
            self.env.ref(f"base.{code}").active = True
        wizard = self.create_wizard(b"Faktura;Betalt\nI1;5,00 kr\n")
        self.assertIn("amounts in kr", wizard.error)

    def test_credit_notes_by_their_side(self):
        """Where a column says debit and credit, the sum tells which lines are credit notes."""
        note = self._invoice(self.north, 500.0, due="2026-01-10", move_type="out_refund")
        content = (
            f"Beleg;Betrag;S/H\n{self.invoice_n.name};3.000,00;H\n{note.name};500,00;S\n"
            "Summe;2.500,00;H\n"
        )
        remittance = self.finish(self.create_wizard(content.encode()))
        self.assertEqual(remittance.line_ids.mapped("amount"), [3000.0, -500.0])
        self.assertEqual(self.get_statuses(remittance), ["ok", "ok"])
        self.settle(remittance, self._payment(self.hq, 2500.0))
        self.assert_open(HQ=0.0, N=0.0)

    # ------------------------------------------------------------------
    # What is remembered
    # ------------------------------------------------------------------

    def test_layouts_of_two_companies(self):
        """What a person corrected counts for the payer's lists to that company, not to another."""
        content = b"Thing;Sum A;Sum B\nINV/1;10.00;7.00\nINV/2;20.00;20.00"
        wizard = self.create_wizard(content)
        for column, meaning in zip(wizard.column_ids, ("number", "gross", "amount"), strict=True):
            column.meaning = meaning
        self.finish(wizard)
        other = self.env["res.company"].create({"name": "Other"})
        meanings = {}
        for company in (self.company, other):
            again = self.create_wizard(content, company_id=company.id)
            meanings[company] = again.column_ids.mapped("meaning")
        self.assertEqual(meanings[self.company], ["number", "gross", "amount"])
        self.assertNotEqual(meanings[other], meanings[self.company])

    def test_remembered_again(self):
        """A second correction takes the place of the first, also what would be found."""
        content = b"Thing;Sum A;Sum B\nINV/1;10.00;7.00\nINV/2;20.00;20.00"
        for meanings in (("number", "gross", "amount"), ("number", "amount", "gross")):
            wizard = self.create_wizard(content)
            for column, meaning in zip(wizard.column_ids, meanings, strict=True):
                column.meaning = meaning
            self.finish(wizard)
        wizard = self.create_wizard(content)
        self.assertEqual(wizard.column_ids.mapped("meaning"), ["number", "amount", "gross"])

    def test_nothing_to_remember(self):
        """A list that was read as it was found leaves nothing behind."""
        self.finish(self.create_wizard(b"Invoice;Paid\nINV/1;10.00\n"))
        self.assertFalse(
            self.env["customer.remittance.layout"].search([("partner_id", "=", self.hq.id)])
        )
