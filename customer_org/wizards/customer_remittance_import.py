# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class CustomerRemittanceImport(models.TransientModel):
    """Make a remittance of the list that a payer sent: pasted text or a file."""

    _name = "customer.remittance.import"
    _description = "Import a Remittance List"

    partner_id = fields.Many2one("res.partner", string="Payer")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    text = fields.Text(string="Pasted List")
    file = fields.Binary()
    file_name = fields.Char()
    column_ids = fields.One2many("customer.remittance.import.column", "wizard_id")
