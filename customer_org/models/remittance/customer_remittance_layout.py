# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


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
