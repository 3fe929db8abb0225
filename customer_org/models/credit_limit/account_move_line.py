# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class AccountMoveLine(models.Model):
    """Items of posted invoices, which their writer may change without the invoice's write."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Check the limits here, too: new items of a posted invoice raise what is owed."""
        moves = self.move_id.browse({vals["move_id"] for vals in vals_list if vals.get("move_id")})
        with moves._watching_credit():
            return super().create(vals_list)

    def write(self, vals):
        moves = self.move_id | self.move_id.browse(vals.get("move_id"))
        with moves._watching_credit():
            return super().write(vals)

    def unlink(self):
        """Check the limits here, too: without a credit item more is owed."""
        with self.move_id._watching_credit():
            return super().unlink()
