# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    customer_remittance_ids = fields.Many2many(
        "customer.remittance",
        string="Remittances",
        compute="_compute_customer_remittance_ids",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    def _compute_customer_remittance_ids(self):
        """The remittances that this payment pays."""
        remittances = self.env["customer.remittance"].search(
            [("credit_line_ids", "in", self.move_id.line_ids.ids)]
        )
        for payment in self:
            payment.customer_remittance_ids = remittances.filtered(
                lambda remittance, payment=payment: (
                    remittance.credit_line_ids & payment.move_id.line_ids
                )
            )

    def action_open_customer_remittances(self):
        """Open the remittances that this payment pays."""
        return self.customer_remittance_ids._get_records_action(name=self.env._("Remittances"))
