# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..receivable import DEBT


class AccountPayment(models.Model):
    _inherit = "account.payment"

    customer_settlement_warning = fields.Char(compute="_compute_customer_settlement_warning")
    can_settle_branches = fields.Boolean(compute="_compute_can_settle_branches")

    @api.depends("company_id", "partner_id", "partner_type", "payment_type", "state")
    def _compute_customer_settlement_warning(self):
        """Warn before a branch pays what its head office has settled already."""
        for payment in self:
            is_of_branch = (
                payment.state == "draft"
                and payment.payment_type == "inbound"
                and payment.partner_type == "customer"
                and payment.partner_id.commercial_partner_id.billing_parent_id
            )
            payment.customer_settlement_warning = (
                payment._get_settlement_warning() if is_of_branch else False
            )

    def _get_settlement_warning(self):
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        company = [("company_id", "=", self.company_id.id)]
        still_owes = self.env["account.move.line"].search_count(
            [
                *DEBT,
                *company,
                ("partner_id", "=", customer.id),
            ],
            limit=1,
        )
        settled = self.env["customer.settlement.line"].search(
            [*company, ("partner_id", "=", customer.id), ("settlement_id.state", "=", "posted")],
            limit=1,
        )
        if still_owes or not settled:
            return False
        return self.env._(
            "%(payer)s has already paid what %(customer)s owed (settlement %(settlement)s). This "
            "payment will stay an open credit of %(customer)s.",
            payer=settled.payer_id.display_name,
            customer=customer.display_name,
            settlement=settled.settlement_id.name,
        )

    def action_post(self):
        """Keep the warning in the chatter: the payment was made all the same."""
        warnings = {
            payment: payment.customer_settlement_warning
            for payment in self
            if payment.customer_settlement_warning
        }
        result = super().action_post()
        for payment, warning in warnings.items():
            payment.message_post(body=warning)
        return result

    @api.depends("move_id.can_settle_branches", "state")
    def _compute_can_settle_branches(self):
        for payment in self:
            payment.can_settle_branches = payment.move_id.can_settle_branches

    @api.depends("move_id.line_ids.settlement_line_ids.amount")
    def _compute_stat_buttons_from_reconciliation(self):
        # Only for the dependency: settlements link payments with the invoices that they pay.
        return super()._compute_stat_buttons_from_reconciliation()

    def action_reject(self):
        """A payment that bounced pays nobody: take back what it settled."""
        result = super().action_reject()
        self.move_id.line_ids.settlement_line_ids._get_debt_partials().unlink()
        return result

    def action_settle_branches(self):
        """Open the settlement screen with the open credits of these payments."""
        return self.move_id.action_settle_branches()

    # ------------------------------------------------------------------
    # Core's payment receipt
    # ------------------------------------------------------------------

    def _get_receipt_partials(self, invoice):
        """Return what the receipt lists below an invoice: payments of its recipient alone.

        As core's list, of a settled invoice with the original document behind each leg.

        :return: list of (partial, amount, journal item)
        """
        self.ensure_one()
        rows = invoice._get_reconciled_invoices_partials()[0]
        if not invoice.has_customer_settlement:
            return rows
        partials = self.env["account.partial.reconcile"].union(*(row[0] for row in rows))
        # sudo: who may print the receipt may read what this payment paid.
        lines = self.env["customer.settlement.line"].sudo()._search_by_partials(partials)
        credits = {
            (line.debt_line_id.id, line.debtor_leg_id.id): line.credit_line_id
            for line in lines
            if not line.is_undone
        }
        rows = [
            (row[0], row[1], credits.get((row[0].debit_move_id.id, row[2].id), row[2]))
            for row in rows
        ]
        payer = self.partner_id.commercial_partner_id
        return [row for row in rows if row[2].partner_id.commercial_partner_id == payer]

    def _get_receipt_rest(self, invoice):
        """Return what others have paid of an invoice, as one amount without names or numbers."""
        if not invoice.has_customer_settlement:
            return 0.0
        rows = invoice._get_reconciled_invoices_partials()[0]
        own = self._get_receipt_partials(invoice)
        return invoice.currency_id.round(sum(r[1] for r in rows) - sum(r[1] for r in own))
