# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of the rest of invoices that the settlement screen pays in part."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CustomerSettlementWizard(models.TransientModel):
    _inherit = "customer.settlement.wizard"

    def _post_amounts(self):
        """Where rests have reasons the amounts are settled as a list of the payer's.

        What the reasons did is undone with it.
        """
        if not self.debt_ids._get_with_reason():
            return super()._post_amounts()
        self.env["account.partial.reconcile"].check_access("create")
        matches = self._plan_checked()
        remittance = self.env["customer.remittance"].create(self._prepare_remittance())
        remittance.action_settle()
        return remittance.settlement_ids, matches

    def _prepare_remittance(self):
        """Return the values of a remittance that pays the amounts in the grid.

        :raises UserError: if invoices of several currencies are to be paid
        """
        lines = self.debt_ids.filtered("amount") | self.debt_ids._get_with_reason()
        if len(lines.currency_id) > 1:
            raise UserError(
                self.env._(
                    "Reasons for rests need invoices of one currency at a time. Type no amounts "
                    "for the others, and settle them afterwards."
                )
            )
        return {
            "partner_id": self.payer_id.id,
            "company_id": self.company_id.id,
            "currency_id": lines.currency_id.id,
            "credit_line_ids": [Command.set(self._get_chosen_credits().move_line_id.ids)],
            "line_ids": [
                Command.create(of_move._prepare_remittance_line())
                for of_move in lines.grouped("move_id").values()
            ],
        }


class CustomerSettlementWizardLine(models.TransientModel):
    _inherit = "customer.settlement.wizard.line"

    deduction_reason_id = fields.Many2one(
        "customer.deduction.reason",
        string="Reason of the Rest",
        ondelete="cascade",
        help="What becomes of the rest: without a reason it stays open.",
    )

    def _get_with_reason(self):
        """Return the lines of which a rest is left that has a reason."""
        return self.filtered(
            lambda line: (
                line.deduction_reason_id
                and line.currency_id.compare_amounts(line.amount, line.amount_open) < 0
            )
        )

    def _prepare_remittance_line(self):
        """Return what a remittance says of these items of one document.

        :raises UserError: if they have several reasons
        """
        with_reason = self._get_with_reason()
        if len(with_reason.deduction_reason_id) > 1:
            raise UserError(
                self.env._(
                    "The instalments of %s have several reasons. Choose one for all.",
                    self.move_id.display_name,
                )
            )
        rests = [line.amount_open - line.amount for line in with_reason]
        return {
            "move_id": self.move_id.id,
            "amount": sum(self.mapped("amount")),
            "deduction": self.currency_id.round(sum(rests)),
            "reason_id": with_reason.deduction_reason_id.id,
        }
