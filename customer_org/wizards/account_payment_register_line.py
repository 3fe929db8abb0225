# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class AccountPaymentRegisterLine(models.TransientModel):
    """What a payer's payment shall pay of one open item, and what becomes of its rest."""

    _name = "account.payment.register.line"
    _description = "Pay: Amount of an Invoice"

    wizard_id = fields.Many2one(
        "account.payment.register", required=True, readonly=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "account.move.line", string="Invoice", required=True, readonly=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="line_id.move_id", string="Document")
    partner_id = fields.Many2one(related="line_id.partner_id", string="Customer")
    date_maturity = fields.Date(related="line_id.date_maturity", string="Due Date")
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount_residual = fields.Monetary(related="line_id.amount_residual_currency", string="Open")
    amount = fields.Monetary(
        string="Pay", help="The most that is paid of this invoice, in the invoice's currency."
    )
    amount_rest = fields.Monetary(string="Rest", compute="_compute_amount_rest")
    reason_id = fields.Many2one(
        "customer.deduction.reason",
        ondelete="cascade",
        help="What becomes of the rest: without a reason it stays open.",
    )

    @api.depends("amount", "amount_residual")
    def _compute_amount_rest(self):
        for line in self:
            line.amount_rest = line.amount_residual - line.amount

    def _prepare_remittance_line(self):
        """Return what a remittance says of these instalments of one document."""
        with_reason = self.filtered("reason_id")
        return {
            "move_id": self.move_id.id,
            "number": self.move_id.name,
            "amount": sum(self.mapped("amount")),
            "deduction": sum(with_reason.mapped("amount_rest")),
            "reason_id": with_reason.reason_id.id,
        }
