# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .reader_words import fold


class CustomerRemittanceLayout(models.Model):
    """How a payer's lists are laid out, as somebody corrected it: used for its next ones."""

    _name = "customer.remittance.layout"
    _description = "Layout of a Payer's Lists"

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    signature = fields.Char(
        required=True, help="The titles of the columns: only lists that have the same use it."
    )
    layout = fields.Json(required=True)

    _list_uniq = models.UniqueIndex("(partner_id, company_id, signature)")

    @api.model
    def _get_signature(self, rows, header_row):
        """Return what tells lists of one layout from others: the titles, else how many columns."""
        if header_row:
            return "|".join(fold(str(cell or "")) for cell in rows[header_row - 1])
        return f"#{max((len(row) for row in rows), default=0)}"

    def _find_titles(self, rows):
        """Return the row that has this layout's titles, 0 of a list without; None if it differs."""
        self.ensure_one()
        if self.signature.startswith("#"):
            return 0 if self._get_signature(rows, 0) == self.signature else None
        for index in range(1, min(len(rows), 100) + 1):
            if self._get_signature(rows, index) == self.signature:
                return index
        return None
