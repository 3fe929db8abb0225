# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerDeductionReason(models.Model):
    """Why a customer pays less than what is open, and what becomes of the rest."""

    _name = "customer.deduction.reason"
    _description = "Deduction Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    action = fields.Selection(
        [
            ("open", "Leave open and mark as disputed"),
            ("write_off", "Write off"),
            ("credit_note", "Draft a credit note"),
        ],
        required=True,
        default="open",
        help="Leave open and mark as disputed: the rest stays on the invoice.\n"
        "Write off: the rest goes to the account, and the taxes of the invoice are corrected by "
        "their rates.\n"
        "Draft a credit note: of the customer of the invoice; the rest stays open until it is "
        "posted.",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Write-Off Account",
        company_dependent=True,
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', "
        "'asset_cash', 'liability_credit_card', 'off_balance'))]",
        help="Where the deduction goes, without its taxes. Of credit notes, the account of their "
        "lines; of the invoice if there is none.",
    )

    @api.constrains("account_id")
    def _check_account(self):
        for reason in self:
            account = reason.account_id
            if account.account_type in ("asset_receivable", "liability_payable", "asset_cash"):
                raise ValidationError(
                    self.env._(
                        "%(account)s can't take write-offs. Choose an income or expense account "
                        "for the reason %(reason)s.",
                        account=account.display_name,
                        reason=reason.name,
                    )
                )
