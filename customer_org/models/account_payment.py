# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    @api.depends("invoice_ids")
    def _compute_stat_buttons_from_reconciliation(self):
        # Only for the dependency: settlements link payments and invoices by this field.
        return super()._compute_stat_buttons_from_reconciliation()

    def action_reject(self):
        """A payment that bounced pays nobody: take back what it settled."""
        result = super().action_reject()
        self.move_id.line_ids.settlement_line_ids._get_debt_partials().unlink()
        return result
