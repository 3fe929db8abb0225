# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class AccountPaymentRegisterLine(models.TransientModel):
    """What a payer's payment shall pay of one open item."""

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
