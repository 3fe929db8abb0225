# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class CustomerSettlement(models.Model):
    _inherit = "customer.settlement"

    remittance_id = fields.Many2one(
        "customer.remittance",
        string="Remittance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The list that says what is paid.",
    )

    def action_open_remittance(self):
        """Open the remittance that made this settlement."""
        return self.remittance_id._get_records_action()
