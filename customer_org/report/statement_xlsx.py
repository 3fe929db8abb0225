# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements as a workbook, for who goes on calculating."""

import io
import re

import xlsxwriter

from odoo.tools import format_date

HEADER_ROW = 3
WIDTHS = (10, 28, 12, 24, 34, 12, 16, 16, 16)


def write_statements(statements):
    """Return a workbook with a sheet for each :class:`~.statement_data.Statement`, as bytes."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as workbook:
        formats = {
            "title": workbook.add_format({"bold": True, "font_size": 14}),
            "bold": workbook.add_format({"bold": True}),
            "header": workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#EEEEEE"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        names = set()
        for statement in statements:
            name = _get_sheet_name(statement.partner.name, names)
            _Sheet(workbook, workbook.add_worksheet(name), formats, statement).fill()
    return output.getvalue()


def _get_sheet_name(name, taken):
    """Return a name that Excel accepts: 31 characters, some not allowed, each name once."""
    base = re.sub(r"[\[\]:*?/\\']", " ", name or "").strip()[:31] or "Statement"
    result, number = base, 1
    while result.lower() in taken:
        number += 1
        result = f"{base[: 31 - len(str(number)) - 1]} {number}"
    taken.add(result.lower())
    return result


class _Sheet:
    """One statement: heading, all movements as a flat list, and the ageing below."""

    def __init__(self, workbook, sheet, formats, statement):
        self.workbook = workbook
        self.sheet = sheet
        self.formats = formats
        self.statement = statement
        self.env = statement.company.env
        self.row = 0
        self.amount_formats = {}

    def fill(self):
        statement = self.statement
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)
        self.sheet.write_string(
            0,
            0,
            self.env._("Statement of Account: %s", statement.partner.name),
            self.formats["title"],
        )
        self.sheet.write_string(1, 0, f"{statement.company.name}, {self._get_period()}")
        self.row = HEADER_ROW
        self._write_header(
            self.env._("Currency"),
            self.env._("Customer"),
            self.env._("Date"),
            self.env._("Document"),
            self.env._("Reference"),
            self.env._("Due Date"),
            self.env._("Debit"),
            self.env._("Credit"),
            self.env._("Balance"),
        )
        self.sheet.freeze_panes(HEADER_ROW + 1, 0)
        for section in statement.sections:
            self._write_section(section)
        self.row += 1
        self._write_header(
            self.env._("Currency"),
            self.env._("Customer"),
            *statement.bucket_labels,
            self.env._("Total"),
        )
        for section in statement.sections:
            self._write_ageing(section)
        if statement.has_foreign_currency:
            self._write_total(statement.total)
        if statement.has_branches:
            self._write_customers()

    def _get_period(self):
        statement = self.statement
        date_to = format_date(self.env, statement.date_to)
        if statement.presentation == "open":
            return self.env._("open items as of %s", date_to)
        if not statement.date_from:
            return self.env._("until %s", date_to)
        return self.env._(
            "%(date_from)s to %(date_to)s",
            date_from=format_date(self.env, statement.date_from),
            date_to=date_to,
        )

    def _write_header(self, *labels):
        for column, label in enumerate(labels):
            self.sheet.write_string(self.row, column, label, self.formats["header"])
        self.row += 1

    def _get_amount_format(self, currency, bold=False):
        key = (currency.decimal_places, bold)
        if key not in self.amount_formats:
            digits = "." + "0" * currency.decimal_places if currency.decimal_places else ""
            self.amount_formats[key] = self.workbook.add_format(
                {"num_format": f"#,##0{digits}", "bold": bold}
            )
        return self.amount_formats[key]

    def _write_section(self, section):
        sheet, currency = self.sheet, section.currency
        amount_format = self._get_amount_format(currency)
        self._write_summary(section, self.env._("Opening Balance"), {8: section.opening})
        for group in section.groups:
            for row in group.rows:
                sheet.write_string(self.row, 0, currency.name)
                # As text, whatever it begins with: names are no formulas.
                sheet.write_string(self.row, 1, group.customer.name)
                sheet.write_datetime(self.row, 2, row.date, self.formats["date"])
                sheet.write_string(self.row, 3, row.document or "")
                sheet.write_string(self.row, 4, row.reference or "")
                if row.date_due:
                    sheet.write_datetime(self.row, 5, row.date_due, self.formats["date"])
                if row.debit:
                    sheet.write_number(self.row, 6, row.debit, amount_format)
                if row.credit:
                    sheet.write_number(self.row, 7, row.credit, amount_format)
                sheet.write_number(self.row, 8, row.running, amount_format)
                self.row += 1
        self._write_summary(
            section,
            self.env._("Closing Balance"),
            {6: section.debit, 7: section.credit, 8: section.closing},
        )

    def _write_customers(self):
        """What each customer owed before and owes now."""
        self.row += 1
        self._write_header(
            self.env._("Currency"),
            self.env._("Customer"),
            self.env._("Opening Balance"),
            self.env._("Debit"),
            self.env._("Credit"),
            self.env._("Settled Among Them"),
            self.env._("Closing Balance"),
            self.env._("Overdue"),
            self.env._("Open Credit"),
        )
        for section in self.statement.sections:
            amount_format = self._get_amount_format(section.currency)
            for group in section.all_groups:
                self.sheet.write_string(self.row, 0, section.currency.name)
                self.sheet.write_string(self.row, 1, group.customer.name)
                for column, amount in enumerate(group.amounts, 2):
                    self.sheet.write_number(self.row, column, amount, amount_format)
                self.row += 1

    def _write_summary(self, section, label, amounts):
        bold = self.formats["bold"]
        self.sheet.write_string(self.row, 0, section.currency.name, bold)
        self.sheet.write_string(self.row, 1, label, bold)
        for column, amount in amounts.items():
            self.sheet.write_number(
                self.row, column, amount, self._get_amount_format(section.currency, True)
            )
        self.row += 1

    def _write_ageing(self, section):
        if self.statement.has_branches:
            for group in filter(lambda group: any(group.buckets), section.groups):
                self._write_buckets(section.currency, group.customer.name, group.buckets)
        self._write_buckets(section.currency, self.env._("Total"), section.buckets, bold=True)

    def _write_buckets(self, currency, name, buckets, bold=False):
        text_format = self.formats["bold"] if bold else None
        self.sheet.write_string(self.row, 0, currency.name, text_format)
        self.sheet.write_string(self.row, 1, name, text_format)
        amounts = [*buckets, currency.round(sum(buckets))]
        for column, amount in enumerate(amounts, 2):
            self.sheet.write_number(
                self.row, column, amount, self._get_amount_format(currency, bold)
            )
        self.row += 1

    def _write_total(self, total):
        """The whole statement in the company's currency."""
        self.row += 1
        self._write_header(
            self.env._("Currency"),
            "",
            self.env._("Opening Balance"),
            self.env._("Debit"),
            self.env._("Credit"),
            self.env._("Exchange Differences"),
            self.env._("Closing Balance"),
        )
        amounts = (total.opening, total.debit, total.credit, total.exchange, total.closing)
        self._write_summary(total, self.env._("Total"), dict(enumerate(amounts, 2)))
        self._write_header(
            self.env._("Currency"),
            self.env._("Customer"),
            *self.statement.bucket_labels,
            self.env._("Total"),
        )
        self._write_buckets(total.currency, self.env._("Total"), total.buckets, bold=True)
