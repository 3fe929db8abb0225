# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.remittance import reader
from ..models.remittance.reader_columns import Layout
from ..models.remittance.reader_table import read_table
from ..models.remittance.reader_words import fold


class CustomerRemittanceImport(models.TransientModel):
    """What becomes of the list: its preview, what is wrong with it, and the remittance."""

    _inherit = "customer.remittance.import"

    error = fields.Text(compute="_compute_error")
    is_text = fields.Boolean(compute="_compute_error")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    def action_import(self):
        """Make a remittance of the list, find its documents and open it.

        :raises UserError: if there is no payer or no list, or if rows can't be read; nothing is
            left behind then
        :return: the action that shows the remittance
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose the payer who sent the list."))
        if not self.file and not self.text:
            raise UserError(self._get_refusal("empty"))
        if error := self._get_error():
            raise UserError(error)
        remittance = self._create_remittance(self._get_table())
        self._remember(self._read_rows())
        remittance.action_match()
        return remittance._get_records_action()

    def _create_remittance(self, table):
        remittance = self.env["customer.remittance"].create(
            {
                "partner_id": self.partner_id.commercial_partner_id.id,
                "company_id": self.company_id.id,
                **self._prepare_remittance(table),
            }
        )
        notes = [self.env._("Imported from the payer's list.")]
        if others := self._get_other_sheets():
            notes.append(
                self.env._(
                    "These sheets of the file hold lists, too, and were not imported: %s.",
                    ", ".join(others),
                )
            )
        remittance.message_post(
            body=" ".join(notes),
            attachments=[(self.file_name or "list.txt", self._get_content())],
        )
        return remittance

    def _prepare_remittance(self, table):
        """Return the values of a remittance that the list says."""
        currency = self._get_currency(table)
        return {
            "currency_id": currency.id,
            "ref": table.reference or False,
            "amount_announced": currency.round(float(table.announced or 0)),
            "line_ids": [
                Command.create(
                    {
                        "sequence": position,
                        "number": line.number,
                        "amount": currency.round(float(line.amount)),
                        "deduction": currency.round(float(line.deduction)),
                        "note": line.note or False,
                    }
                )
                for position, line in enumerate(table.lines, start=1)
            ],
        }

    # ------------------------------------------------------------------
    # Preview and errors
    # ------------------------------------------------------------------

    def _get_table(self):
        """Return the list as it is laid out now.

        :raises NotAList: if it can't be a list
        """
        separator = self.separator or ""
        layout = Layout(self.header_row, self._get_columns(), self.decimal or None, separator)
        rows = self._read_rows()
        # With the rows, so that no others get their id.
        key = (id(rows), repr(layout))
        read = lambda: (rows, read_table(rows, layout))  # noqa: E731
        _rows, table = self._read_once("table", key, read)
        return table

    @api.depends("file", "text", "encoding", "separator", "sheet", "header_row", "decimal")
    @api.depends("column_ids.meaning")
    def _compute_error(self):
        for wizard in self:
            wizard.is_text = wizard._find_kind() in ("csv", "txt")
            wizard.error = wizard._get_error() if wizard.file or wizard.text else False

    def _get_error(self):
        """Return why there is no list in what was given, as a sentence."""
        try:
            table = self._get_table()
        except reader.NotAList as error:
            return self._get_refusal(error.kind)
        except ValueError:
            return self._get_refusal("broken")
        layout = table.layout
        if not layout.get("number") or not (layout.get("amount") or layout.get("gross")):
            return self.env._(
                "No list was found: no column of numbers with a column of amounts. Choose the "
                "columns, or import another file."
            )
        if table.problems:
            return self._get_row_errors(table.problems)
        if not table.lines:
            return self.env._(
                "No list was found: no row has a number and an amount. Choose the columns, or "
                "import another file."
            )
        return self._get_currency_error(table)

    def _get_refusal(self, kind):
        refusals = {
            "empty": self.env._("There is nothing in it. Choose another file or paste the list."),
            "pdf": self.env._(
                "This is a PDF, whatever its name says. Ask the payer for a CSV or Excel file, or "
                "copy the table and paste it."
            ),
            "ole": self.env._(
                "This is an old Excel file or one with a password. Save it as XLSX without a "
                "password."
            ),
            "big": self.env._("The file is too big for a list. Import it in parts."),
            "encoding": self.env._("The text is not written like that. Choose another encoding."),
        }
        return refusals.get(kind) or self.env._(
            "This is no list: neither text nor an Excel file that can be read. Ask the payer for a "
            "CSV or Excel file, or copy the table and paste it."
        )

    def _get_row_error(self, row, kind, text):
        if kind == "split":
            return self.env._(
                "Row %(row)s: the comma in “%(text)s” separates cells as well. Put amounts in "
                "quotes, or separate cells by semicolons.",
                row=row,
                text=text,
            )
        return self.env._("Row %(row)s: “%(text)s” is no amount.", row=row, text=text)

    def _get_row_errors(self, problems):
        rows = [self._get_row_error(*problem) for problem in problems[:10]]
        if len(problems) > 10:
            rows.append(self.env._("And %s more rows.", len(problems) - 10))
        return self.env._(
            "Some rows can't be read. Correct them in the file, or choose other columns.\n%s",
            "\n".join(rows),
        )

    @api.depends("error", "file", "text")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = False
            if (wizard.file or wizard.text) and not wizard.error:
                table = wizard._get_table()
                currency = wizard._get_currency(table)
                wizard.preview = self.env["ir.qweb"]._render(
                    "customer_org.remittance_import_preview",
                    {
                        "table": table,
                        "lines": table.lines[:100],
                        "currency": currency,
                        "other_sheets": wizard._get_other_sheets_note(),
                    },
                )

    def _get_other_sheets_note(self):
        """Return what the preview says of lists on other sheets; empty where there are none."""
        others = self._get_other_sheets()
        return others and self.env._(
            "Other sheets hold lists, too: %s. Import them as well.", ", ".join(others)
        )

    # ------------------------------------------------------------------
    # Currency
    # ------------------------------------------------------------------

    def _find_currencies(self, table):
        """Return ``{what the list writes: the currencies that this may be}``."""
        currencies = self.env["res.currency"].with_context(active_test=False)
        own = self.company_id.currency_id
        found = {}
        for written in table.currencies:
            name = "EUR" if fold(written) in ("euro", "euros") else written.upper()
            by_code = currencies.search([("name", "=", name)])
            by_sign = currencies.search(
                [("symbol", "=ilike", written.rstrip(".")), ("active", "=", True)]
            )
            found[written] = by_code or (own if own.symbol == written else by_sign)
        return found

    def _get_currency(self, table):
        """Return the currency of the list: by its amounts, else its titles, else the company's."""
        found = self._find_currencies(table).values()
        currency = self.env["res.currency"].union(*found)[:1]
        if not currency and table.title_currency:
            currency = currency.search([("name", "=", table.title_currency)])
        return currency or self.company_id.currency_id

    def _get_currency_error(self, table):
        found = self._find_currencies(table)
        for written, currencies in found.items():
            if len(currencies) != 1 or not currencies.active:
                return self.env._(
                    "The list has amounts in %s. Activate that currency, or write its code into "
                    "the list.",
                    written,
                )
        if len(self.env["res.currency"].union(*found.values())) > 1:
            return self.env._(
                "The list has amounts in several currencies: %s. Import a list for each.",
                ", ".join(sorted(found)),
            )
        return False
