# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The settlement receipt of a bank line that a bank screen has booked on the branches itself."""

from odoo import api, models
from odoo.exceptions import UserError

from ..parameters import to_ids


class AccountBankStatementLine(models.Model):
    """What a head office's wire paid for its branches without a settlement, as receipts list it.

    The payer is the bank line's customer: :mod:`.models.settlement.bank_payer`.
    """

    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "customer.settlement.receipt"]

    @api.private
    def _get_remittance_parts(self):
        """Return what the receipt lists, as ``customer.settlement`` does."""
        self.ensure_one()
        self.check_access("read")
        branch_id = self.env.context.get("customer_settlement_branch_id")
        parts = []
        for branch, items in self._get_paid_items().grouped("partner_id").items():
            partials = items.matched_debit_ids.filtered(
                lambda partial: not partial.debit_move_id.move_id.exchange_diff_partial_ids
            )
            if partials and branch_id in (None, branch.id):
                rows = [self._get_remittance_row(partial) for partial in partials]
                rows.sort(key=lambda row: (row["invoice"].date, row["invoice"].id))
                amount = sum(partials.mapped("amount"))
                parts.append({"partner": branch, "rows": rows, "amount": amount})
        return sorted(parts, key=lambda part: part["partner"].display_name or "")

    def _get_paid_items(self):
        """Return the counterparts that pay for another customer than the bank line's."""
        # sudo: who sees the bank line sees what it pays, also documents that are not his own.
        entry = self.sudo().move_id
        # Its own items, or those of an entry that took the money from the suspense account.
        items = entry.line_ids | entry.line_ids.matched_debit_ids.debit_move_id.move_id.line_ids
        return items.filtered(
            lambda item: item._get_bank_entry() == entry and item._get_bank_payer()
        )

    def _get_remittance_row(self, partial):
        debt = partial.debit_move_id
        return {
            "invoice": debt.move_id,
            "date_due": debt.date_maturity,
            "credit": self.move_id,
            "credit_ref": self.payment_ref,
            "credit_date": self.date,
            "currency": debt.currency_id,
            "amount": partial.debit_amount_currency,
        }

    @api.private
    def _get_remittance_payer(self):
        """Return the customer who paid."""
        return self.partner_id.commercial_partner_id

    @api.private
    def _get_remittance_branches(self):
        """Return the customers who were paid for, in sudo."""
        return self._get_paid_items().partner_id

    @api.private
    def _get_delivery_values(self):
        return {"statement_line_id": self.id, "period": self.move_id.name}

    def action_send_remittance(self):
        """Open a mail to the payer with the settlement receipt attached.

        :raises UserError: if nothing is paid of this bank line's money for others, or if nobody
            has an address
        """
        self.ensure_one()
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        if not self._get_remittance_parts():
            raise UserError(
                self.env._(
                    "This bank line pays for nobody but its own customer. There is no receipt to "
                    "send."
                )
            )
        return self._create_delivery(self._get_remittance_payer())._open_composer()


class ReportBankReceipt(models.AbstractModel):
    """What bank lines paid for branches, of bank lines that exist."""

    _name = "report.customer_org.report_bank_receipt"
    _description = "Settlement Receipt of a Bank Line"

    @api.model
    def _get_report_values(self, docids, data=None):
        lines = self.env["account.bank.statement.line"].browse(to_ids(docids)).exists()
        if not lines:
            raise UserError(self.env._("This bank line does not exist any more."))
        return {"doc_ids": lines.ids, "doc_model": lines._name, "docs": lines}
