# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class CustomerSettlementLine(models.Model):
    """What one credit pays for one customer: a debtor's leg of the settlement's entry."""

    _name = "customer.settlement.line"
    _description = "Customer Settlement Line"
    _rec_name = "settlement_id"
    _order = "settlement_id desc, id"

    settlement_id = fields.Many2one(
        "customer.settlement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(related="settlement_id.date")
    state = fields.Selection(related="settlement_id.state")
    payer_id = fields.Many2one(related="settlement_id.payer_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Paid For",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The customer whose debt is paid.",
    )
    credit_line_id = fields.Many2one(
        "account.move.line",
        string="Credit",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    credit_move_id = fields.Many2one(related="credit_line_id.move_id", string="Paid From")
    payer_leg_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    debtor_leg_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    amount = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="What is still settled, in the company's currency.",
    )

    @api.private
    def _of_partials(self, partials):
        """Return the lines of posted settlements whose legs ``partials`` match."""
        ids = (partials.debit_move_id | partials.credit_move_id).ids
        # sudo: undoing a match undoes its settlement, whoever may undo the match.
        return self.sudo().search(
            [
                "|",
                ("debtor_leg_id", "in", ids),
                ("payer_leg_id", "in", ids),
                ("settlement_id.state", "=", "posted"),
            ]
        )

    def _get_debt_partials(self):
        """Return the matches of the debtors' legs with the debts they pay."""
        return self.debtor_leg_id._get_outside_partials()

    def _get_payer_amount_currency(self, amount, debtor_amount_currency):
        """Convert an amount of the debtor's leg into the credit's currency, at the credit's rate.

        :param float amount: in company currency
        :param float debtor_amount_currency: the same in the debt's currency
        :return: the same in the credit's currency
        """
        self.ensure_one()
        leg = self.payer_leg_id
        if leg.currency_id == leg.company_currency_id:
            return amount
        if leg.currency_id == self.debtor_leg_id.currency_id:
            return debtor_amount_currency
        return leg.currency_id.round(amount * leg.amount_currency / leg.balance)

    def _prepare_payment_values(self):
        """Values of core's payments widget that tell of the original document."""
        self.ensure_one()
        credit = self.credit_line_id
        payment = credit.payment_id
        move = credit.move_id
        return {
            "settlement_label": self.env._("by %s", credit.partner_id.display_name),
            "name": credit.name,
            "journal_name": credit.journal_id.name,
            "account_payment_id": payment.id,
            "payment_method_name": payment.payment_method_line_id.name,
            "move_id": move.id,
            "ref": f"{move.name} ({move.ref})" if move.ref else move.name,
        }
