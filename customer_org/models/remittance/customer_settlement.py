# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .customer_remittance import CHANGE


class CustomerSettlement(models.Model):
    _inherit = "customer.settlement"

    remittance_id = fields.Many2one(
        "customer.remittance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The list that says what is paid.",
    )

    def write(self, vals):
        """A remittance of which nothing is settled any more waits again."""
        result = super().write(vals)
        is_own = self.env.context.get("customer_remittance_change") is CHANGE
        if vals.get("state") == "cancelled" and not is_own:
            # sudo: undoing a settlement, by whoever may do so, is what opens its remittance.
            for remittance in self.sudo().remittance_id:
                remittance._reopen_if_undone()
        return result

    def action_open_remittance(self):
        """Open the remittance that made this settlement."""
        return self.remittance_id._get_records_action()
