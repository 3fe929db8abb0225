# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import api, fields, models
from odoo.fields import Command

from ..models.remittance import reader
from ..models.remittance.document_finder import DocumentFinder
from ..models.remittance.reader_columns import (
    Layout,
    find_columns,
    find_number_columns,
    get_text,
)
from ..models.remittance.reader_table import read_table


class CustomerRemittanceImport(models.TransientModel):
    """Make a remittance of the list that a payer sent: pasted text or a file.

    Takes: ``text`` or ``file``, and the payer.

    Use: what is found in the list is in the fields and can be changed, the preview says what
    becomes of it; :meth:`action_import` makes the remittance. What was changed is remembered for
    the payer's next list with the same columns.

    How it works: ``_read_<format>(content)`` returns the rows of a file; a new format needs such
    a method and its name in :meth:`_find_format`. What the rows mean is found by
    :mod:`..models.remittance.reader_table`.
    """

    _name = "customer.remittance.import"
    _description = "Import a Remittance List"

    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        help="The customer who sent the list: a head office, or any customer.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    text = fields.Text(string="Pasted List")
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    encoding = fields.Selection(
        [(name, name.upper()) for name in (*reader.ENCODINGS, "utf-16-le", "utf-16-be")],
        compute="_compute_encoding",
        store=True,
        readonly=False,
    )
    separator = fields.Selection(
        [
            ("tab", "Tab"),
            ("semicolon", "Semicolon"),
            ("comma", "Comma"),
            ("pipe", "Bar"),
            ("columns", "Columns of fixed width"),
            ("blanks", "Number, blank, amount"),
        ],
        compute="_compute_separator",
        store=True,
        readonly=False,
    )
    sheet = fields.Char(compute="_compute_sheet", store=True, readonly=False)
    header_row = fields.Integer(
        string="Row with the Titles",
        compute="_compute_header_row",
        store=True,
        readonly=False,
        help="0: the list has no titles.",
    )
    column_ids = fields.One2many(
        "customer.remittance.import.column",
        "wizard_id",
        string="Columns",
        compute="_compute_column_ids",
        store=True,
        readonly=False,
    )
    decimal = fields.Selection(
        [(".", "1,234.56"), (",", "1.234,56")],
        string="Amounts Are Written",
        compute="_compute_decimal",
        store=True,
        readonly=False,
    )

    # ------------------------------------------------------------------
    # The file
    # ------------------------------------------------------------------

    def _get_content(self):
        """Return the list as bytes."""
        self.ensure_one()
        if self.file:
            return base64.b64decode(self.file)
        return (self.text or "").encode()

    def _find_format(self, content):
        """Return the format of a file, for which there is a ``_read_<format>``.

        :raises NotAList: if it can't be a list
        """
        if not self.file:
            reader.find_format(content)
            return "txt"
        return reader.find_format(content, self.file_name or "")

    def _read_rows(self):
        """Return the rows of the list: empty where there is none yet.

        :raises NotAList: if it can't be a list
        """
        content = self._get_content()
        if not content:
            return []
        key = (content, bool(self.file), self.encoding, self.separator, self.sheet)
        read = lambda: getattr(self, f"_read_{self._find_format(content)}")(content)  # noqa: E731
        return self._read_once("rows", key, read)

    def _read_once(self, what, key, read):
        """Return what ``read`` returns: several fields are found in it, and it is read once.

        :param key: what it is read from; of each ``what`` only the last one is kept
        """
        known = self.env.cr.cache.setdefault(f"customer_remittance_{what}", {})
        if key not in known:
            known.clear()
            known[key] = read()
        return known[key]

    def _read_csv(self, content):
        """Return the rows of a text, split at the separator."""
        text, _encoding = reader.decode(content, self._get_encoding())
        return reader.split_text(text, self.separator) if self.separator else []

    def _read_txt(self, content):
        """Return the rows of a text; columns of fixed width are tried like all separators."""
        return self._read_csv(content)

    def _read_xlsx(self, content):
        """Return the rows of the chosen sheet, without what is hidden."""
        return self._read_sheets(content).get(self.sheet, [])

    def _read_sheets(self, content):
        """Return the rows of each sheet, by its name."""
        return self._read_once("sheets", content, lambda: reader.read_xlsx(content))

    def _get_other_sheets(self):
        """Return the names of the sheets beside the chosen one that hold a list as well."""
        if self._find_kind() != "xlsx":
            return []
        sheets = self._try(lambda wizard: wizard._read_sheets(wizard._get_content())) or {}
        return [
            name
            for name, rows in sheets.items()
            if name != self.sheet and read_table(rows).looks_like_list
        ]

    def _get_encoding(self):
        return (self.encoding if self.file else "utf-8") or None

    def _find_kind(self):
        """Return the format of what was given; empty where there is nothing or no list."""
        try:
            content = self._get_content()
            return self._find_format(content) if content else ""
        except (reader.NotAList, ValueError):
            return ""

    # ------------------------------------------------------------------
    # What is found
    # ------------------------------------------------------------------

    @api.depends("file", "text", "file_name")
    def _compute_encoding(self):
        for wizard in self:
            wizard.encoding = False
            if wizard.file and wizard._find_kind() in ("csv", "txt"):
                wizard.encoding = wizard._try(lambda w: reader.decode(w._get_content())[1])

    def _try(self, function):
        """Return what the function says of this wizard; nothing where the list can't be read."""
        try:
            return function(self)
        except (reader.NotAList, ValueError):
            return False

    @api.depends("file", "text", "encoding", "partner_id")
    def _compute_separator(self):
        for wizard in self:
            kind = wizard._find_kind()
            wizard.separator = kind in ("csv", "txt") and wizard._try(self._find_separator)

    @staticmethod
    def _find_separator(wizard):
        text, _encoding = reader.decode(wizard._get_content(), wizard._get_encoding())
        tables = {way: reader.split_text(text, way) for way in reader.WAYS}
        remembered = wizard._get_layouts().filtered(
            lambda layout: layout._find_titles(tables.get(layout.layout.get("separator"), []))
        )
        return remembered[:1].layout["separator"] if remembered else reader.choose(tables)

    @api.depends("file", "partner_id")
    def _compute_sheet(self):
        for wizard in self:
            is_book = wizard._find_kind() == "xlsx"
            wizard.sheet = is_book and wizard._try(
                lambda w: reader.choose(w._read_sheets(w._get_content()))
            )

    @api.depends("file", "text", "encoding", "separator", "sheet", "partner_id")
    def _compute_header_row(self):
        for wizard in self:
            rows = wizard._try(lambda w: w._read_rows()) or []
            remembered = wizard._find_layout(rows)
            wizard.header_row = (
                remembered._find_titles(rows) if remembered else find_columns(rows)[0]
            )

    @api.depends("header_row")
    def _compute_column_ids(self):
        for wizard in self:
            rows = wizard._try(lambda w: w._read_rows()) or []
            meanings = wizard._find_meanings(rows)
            titles = rows[wizard.header_row - 1] if 0 < wizard.header_row <= len(rows) else []
            below = rows[wizard.header_row :]
            columns = [Command.clear()]
            for position in range(max((len(row) for row in rows), default=0)):
                cells = [get_text(row[position]) for row in below if position < len(row)]
                cells = [cell for cell in cells if cell]
                title = get_text(titles[position]) if position < len(titles) else ""
                if title or cells:
                    values = {"position": position, "title": title, "sample": ", ".join(cells[:3])}
                    values["meaning"] = meanings.get(position, False)
                    columns.append(Command.create(values))
            wizard.column_ids = columns

    def _find_meanings(self, rows):
        """Return what each column means: as remembered for the payer, else as it is found."""
        if remembered := self._find_layout(rows):
            return {int(c): meaning for c, meaning in remembered.layout["columns"].items()}
        header_row, columns = find_columns(rows, self.header_row)
        return self._choose_number_column(rows, Layout(header_row, columns))

    def _choose_number_column(self, rows, layout):
        """Where several columns have numbers, take the one that names documents of the payer.

        A payer's list has its own numbers as well, under titles that do not tell which is which.
        """
        columns = find_number_columns(rows, layout)
        if not self.partner_id or len(columns) < 2:
            return layout.columns
        texts = {
            c: {get_text(row[c]) for row in rows[layout.header_row :][:50] if c < len(row)}
            for c in columns
        }
        finder = DocumentFinder(self.env, self.company_id, self.partner_id)
        found = finder.find(set().union(*texts.values()) - {""})
        counts = {
            c: sum(bool(text and found[text].documents) for text in texts[c]) for c in columns
        }
        best = max(columns, key=lambda c: (counts[c], layout.columns.get(c) == "number"))
        if not counts[best]:
            return layout.columns
        rest = {c: said for c, said in layout.columns.items() if said != "number" and c != best}
        return {**rest, best: "number"}

    @api.depends("column_ids.meaning")
    def _compute_decimal(self):
        for wizard in self:
            rows = wizard._try(lambda w: w._read_rows()) or []
            remembered = wizard._find_layout(rows)
            layout = Layout(wizard.header_row, wizard._get_columns())
            if remembered:
                wizard.decimal = remembered.layout["decimal"]
            else:
                wizard.decimal = read_table(rows[:300], layout).layout.decimal

    def _get_columns(self):
        return {column.position: column.meaning for column in self.column_ids if column.meaning}

    # ------------------------------------------------------------------
    # What is remembered
    # ------------------------------------------------------------------

    def _get_layouts(self):
        payer = self.partner_id.commercial_partner_id
        return self.env["customer.remittance.layout"].search(
            [("partner_id", "=", payer.id), ("company_id", "=", self.company_id.id)]
        )

    def _find_layout(self, rows):
        """Return the layout that is remembered for a list of the payer with these columns."""
        if not self.partner_id or not rows:
            return self.env["customer.remittance.layout"]
        return self._get_layouts().filtered(
            lambda layout: (
                layout._find_titles(rows) is not None
                and layout.layout.get("separator") == self.separator
            )
        )[:1]

    def _remember(self, rows):
        """Keep how the payer's list is laid out, if somebody changed what was found."""
        found_row, found_columns = find_columns(rows)
        found = read_table(rows[:300]).layout.decimal
        columns = self._get_columns()
        layouts = self.env["customer.remittance.layout"]
        payer = self.partner_id.commercial_partner_id
        signature = layouts._get_signature(rows, self.header_row)
        known = self._get_layouts().filtered(lambda layout: layout.signature == signature)
        if (found_row, found_columns, found) == (self.header_row, columns, self.decimal):
            # What is found by itself now is not to be read as it was corrected before.
            known.unlink()
            return
        layout = {"columns": columns, "decimal": self.decimal, "separator": self.separator}
        if known:
            known.layout = layout
        else:
            layouts.create(
                {
                    "partner_id": payer.id,
                    "company_id": self.company_id.id,
                    "signature": signature,
                    "layout": layout,
                }
            )
