# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class CustomerRemittanceImportColumn(models.TransientModel):
    """A column of a list that is imported, and what it means."""

    _name = "customer.remittance.import.column"
    _description = "Column of an Imported List"
    _order = "position, id"

    wizard_id = fields.Many2one(
        "customer.remittance.import", required=True, index=True, ondelete="cascade"
    )
    position = fields.Integer()
    title = fields.Char()
    sample = fields.Char()
    meaning = fields.Selection(
        [
            ("number", "Number"),
            ("amount", "Amount paid"),
            ("gross", "Amount of the document"),
            ("deduction", "Deduction"),
            ("note", "Reason"),
            ("currency", "Currency"),
        ],
        help="Empty: the column is not used.",
    )
