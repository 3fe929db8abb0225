# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    """Analysis by what was stamped on posting: history stands still when customers move."""

    _inherit = "account.invoice.report"

    customer_group_id = fields.Many2one(
        "customer.group", readonly=True, help="The customer's group when the invoice was posted."
    )
    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        readonly=True,
        groups="base.group_user",
        help="The top of the customer's billing hierarchy when the invoice was posted.",
    )

    _depends = {"account.move": ["customer_group_id", "billing_root_id"]}

    @api.model
    def _select(self):
        """Add our columns: core's report knows no fields but those of its own SQL."""
        return SQL("%s, move.customer_group_id, move.billing_root_id", super()._select())
