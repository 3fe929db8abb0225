# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    customer_settlement_journal_id = fields.Many2one(
        related="company_id.customer_settlement_journal_id", readonly=False
    )

    credit_limit_block = fields.Boolean(related="company_id.credit_limit_block", readonly=False)

    # Customer groups. Core takes settings whose name starts with "group_" for user groups.
    customer_group_price_on_invoices = fields.Boolean(
        related="company_id.group_price_on_invoices", readonly=False
    )

    remittance_grace_days = fields.Integer(
        related="company_id.remittance_grace_days", readonly=False
    )
    remittance_alias_name = fields.Char(related="company_id.remittance_alias_name", readonly=False)
