# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    customer_remittance_line_ids = fields.One2many(
        "customer.remittance.line",
        "move_id",
        string="Remittance Lines",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    customer_remittance_count = fields.Integer(
        string="Remittance Count",
        compute="_compute_customer_remittance_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    def _compute_customer_remittance_count(self):
        counts = dict(
            self.env["customer.remittance.line"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["remittance_id:count_distinct"]
            )
        )
        for move in self:
            move.customer_remittance_count = counts.get(move._origin, 0)

    def action_open_customer_remittances(self):
        """Open the remittances that name these documents."""
        return self.customer_remittance_line_ids.remittance_id._get_records_action(
            name=self.env._("Remittances")
        )
