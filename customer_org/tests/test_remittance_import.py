# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceImport(RemittanceCommon):
    """The import: what is found can be changed, is previewed and remembered; refusals are clear."""

    def get_text(self, separator=";", titles=("Invoice", "Paid")):
        rows = [titles, *((move.name, f"{move.amount_total:.2f}") for move in self.invoices)]
        return "\n".join(separator.join(row) for row in rows)

    def create_wizard(self, content, name="list.csv", **values):
        return self.env["customer.remittance.import"].create(
            {
                "partner_id": self.hq.id,
                "file": base64.b64encode(content),
                "file_name": name,
                **values,
            }
        )

    def test_form(self):
        """On the screen: paste, see what was found, change a column, import."""
        with Form(self.env["customer.remittance.import"]) as form:
            form.partner_id = self.hq
            form.text = self.get_text(titles=("Invoice", "Amount"))
            self.assertEqual(form.separator, "semicolon")
            self.assertEqual(form.header_row, 1)
            self.assertEqual(form.decimal, ".")
            self.assertIn("8,750.00", form.preview)
            self.assertFalse(form.error)
        wizard = form.record
        self.assertEqual(wizard.column_ids.mapped("meaning"), ["number", "amount"])
        action = wizard.action_import()
        remittance = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(remittance.amount_total, 8750.0)
        self.assertEqual(set(self.get_statuses(remittance)), {"ok"})

    def test_attachment(self):
        """The file stays with its remittance."""
        content = self.get_text().encode()
        remittance = self.import_list(self.hq, content, "acme.csv")
        attachment = remittance.message_ids.attachment_ids
        self.assertEqual((attachment.name, attachment.raw), ("acme.csv", content))

    def test_changed_columns_are_remembered(self):
        """What a person changed is used for the payer's next list with the same titles."""
        first = b"Thing;Sum A;Sum B\nINV/1;10.00;7.00\nINV/2;20.00;20.00"
        wizard = self.create_wizard(first)
        by_title = {column.title: column for column in wizard.column_ids}
        by_title["Sum A"].meaning = "gross"
        by_title["Sum B"].meaning = "amount"
        by_title["Thing"].meaning = "number"
        remittance = self.env["customer.remittance"].browse(wizard.action_import()["res_id"])
        self.assertEqual(remittance.line_ids.mapped("amount"), [7.0, 20.0])
        second = first.replace(b"INV/1", b"INV/8") + b"\nINV/9;5.00;4.00"
        remittance = self.import_list(self.hq, second)
        self.assertEqual(remittance.line_ids.mapped("amount"), [7.0, 20.0, 4.0])
        wizard = self.create_wizard(second, partner_id=self.north.id)
        self.assertNotEqual(
            {column.title: column.meaning for column in wizard.column_ids}["Sum B"], "amount"
        )

    def test_number_format(self):
        """The format of the amounts can be changed, and is remembered."""
        content = b"Rechnung;Betrag\nINV/1;1.234\nINV/2;2.500"
        wizard = self.create_wizard(content)
        self.assertEqual(wizard.decimal, ",")
        wizard.decimal = "."
        remittance = self.env["customer.remittance"].browse(wizard.action_import()["res_id"])
        self.assertEqual(remittance.line_ids.mapped("amount"), [1.23, 2.5])
        self.assertEqual(self.create_wizard(content).decimal, ".")

    def test_column_that_names_our_documents(self):
        """Of two columns with numbers it is the one that names documents of the payer."""
        content = f"Document;Reference;Amount\n190001;{self.invoice_n.name};3000.00\n".encode()
        remittance = self.import_list(self.hq, content)
        self.assertEqual(remittance.line_ids.move_id, self.invoice_n)

    def test_refusals(self):
        """What is no list is refused with what to do, and nothing is left behind."""
        self.env.ref("base.EUR").active = True
        before = self.env["customer.remittance"].search_count([])
        files = self.env["ir.attachment"].search_count([])
        for content, message in (
            (b"%PDF-1.4 etc", "PDF"),
            (b"  \n", "nothing in it"),
            (b"\xd0\xcf\x11\xe0 old", "XLSX"),
            (b"PK\x03\x04 broken", "no list"),
            (bytes(range(32)) * 9, "no list"),
            (b"Name;City\nBob;Rome", "No list was found"),
            (b"Invoice;Amount\nINV/1;5.00\nINV/2;five", "Row 3: “five”"),
            ("Invoice;Amount\nI1;5 €\nI2;6 $".encode(), "several currencies"),
            (b"Invoice;Amount\nI1;XAU 5.00", "XAU"),
        ):
            with self.subTest(message):
                wizard = self.create_wizard(content)
                self.assertIn(message, wizard.error)
                with self.assert_refused(UserError, message):
                    wizard.action_import()
        self.assertEqual(self.env["customer.remittance"].search_count([]), before)
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)

    def test_without_payer(self):
        """A list of nobody can't be imported."""
        wizard = self.create_wizard(self.get_text().encode(), partner_id=False)
        with self.assert_refused(UserError, "Choose the payer"):
            wizard.action_import()

    def test_contact_of_the_payer(self):
        """The list of a contact is its company's."""
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.hq.id})
        self.assertEqual(self.import_list(contact, text=self.get_text()).partner_id, self.hq)

    def test_currency_of_the_list(self):
        """Signs and codes of the amounts say the currency, else it is the company's."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=euro.id)
        content = f"Rechnung;Zahlbetrag\n{invoice.name};100,00 €\nSumme;100,00 €".encode()
        remittance = self.import_list(self.hq, content)
        self.assertEqual(remittance.currency_id, euro)
        self.assertEqual(self.get_statuses(remittance), ["ok"])
        self.assertEqual(self.import_list(self.hq, text=self.get_text()).currency_id.name, "USD")

    def test_same_list_twice(self):
        """A list with its own number is imported once; cancelled, it may come again."""
        content = b"Avis-Nr.;4711-26\nRechnung;Betrag\nINV/1;5,00"
        remittance = self.import_list(self.hq, content)
        self.assertEqual(remittance.ref, "4711-26")
        with self.assert_refused(UserError, "4711-26 already"):
            self.import_list(self.hq, content)
        remittance.action_cancel()
        self.import_list(self.hq, content)

    def test_markup_is_text(self):
        """Numbers that look like markup or formulas are text, in the preview too."""
        wizard = self.create_wizard(b"Invoice;Paid\n<b>1</b>;5.00\n=1+2;6.00")
        self.assertIn("&lt;b&gt;1", wizard.preview)
        remittance = self.env["customer.remittance"].browse(wizard.action_import()["res_id"])
        self.assertEqual(remittance.line_ids.mapped("number"), ["<b>1</b>", "=1+2"])

    def test_rights(self):
        """An import is its owner's; who may not enter remittances may not import."""
        wizard = self.create_wizard(self.get_text().encode())
        biller = new_test_user(self.env, "import_biller", groups="account.group_account_invoice")
        with self.assertRaises(AccessError):
            wizard.with_user(biller).action_import()
        reader = new_test_user(
            self.env, "import_reader", groups="base.group_user,account.group_account_readonly"
        )
        with self.assertRaises(AccessError):
            self.env["customer.remittance.import"].with_user(reader).create({"text": "x"})
