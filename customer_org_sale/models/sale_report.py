# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class SaleReport(models.Model):
    _inherit = "sale.report"

    customer_group_id = fields.Many2one("customer.group", readonly=True)
    billing_root_id = fields.Many2one("res.partner", string="Head Office", readonly=True)

    def _select_additional_fields(self):
        """Add what was stamped on confirmation: history stands still when customers move."""
        return {
            **super()._select_additional_fields(),
            "customer_group_id": "s.customer_group_id",
            "billing_root_id": "s.billing_root_id",
        }

    def _group_by_sale(self):
        """Group by our columns as well: core's report sums up lines."""
        return f"""{super()._group_by_sale()},
            s.customer_group_id,
            s.billing_root_id"""
