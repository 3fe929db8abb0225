# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class PaymentTransaction(models.Model):
    """Payments of a head office for its branches, however long the money takes to come."""

    _inherit = "payment.transaction"

    hierarchy_customer_ids = fields.Many2many(
        "res.partner",
        "payment_transaction_hierarchy_customer_rel",
        string="Customers Paid For",
        readonly=True,
        help="Customers other than the payer whose invoices are paid, and who were in the payer's "
        "billing hierarchy when the payer confirmed.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep who is paid for from the start: customers may leave before the money comes."""
        transactions = super().create(vals_list)
        for transaction in transactions:
            transaction._stamp_hierarchy()
        return transactions

    def _stamp_hierarchy(self):
        """Keep who is in the payer's hierarchy now that the payer confirms."""
        payer = self.partner_id.commercial_partner_id
        others = self.invoice_ids.commercial_partner_id - payer
        # sudo: who pays may not read the hierarchy.
        root = payer.sudo().billing_root_id if others else None
        if related := others.sudo().filtered(lambda customer: customer.billing_root_id == root):
            self.sudo().hierarchy_customer_ids = related

    def _get_paid_invoices(self):
        """Return the invoices that the payment is for; of a part of it, those of the whole."""
        self.ensure_one()
        source = self.source_transaction_id
        if not self.invoice_ids and source and self.operation == source.operation:
            return source.invoice_ids
        return self.invoice_ids

    def _is_paid_by_ancestor(self):
        """Tell whether the payer pays invoices of customers below it, and no stranger's."""
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        others = self._get_paid_invoices().commercial_partner_id - payer
        if not others:
            return False
        ancestors = self.env["customer.hierarchy.link"]._get_ancestors(others.ids)
        return all(payer.id in ancestors.get(customer.id, []) for customer in others)

    def _get_left_invoices(self):
        """Return the invoices of customers who have left the payer's hierarchy meanwhile."""
        transaction = self.source_transaction_id or self
        root = self.partner_id.commercial_partner_id.billing_root_id
        left = transaction.hierarchy_customer_ids.filtered(
            lambda customer: customer.billing_root_id != root
        )
        return self._get_paid_invoices().filtered(
            lambda invoice: invoice.commercial_partner_id in left
        )

    def _create_payment(self, **extra_create_values):
        """Grant several invoices' discounts, and settle on other accounts than the payment's, too.

        Core matches the payment with the lines of one account. What is left goes through the
        same entry point, which settles across customers and accounts. Who has left the payer's
        hierarchy since the payer confirmed is no longer paid for: that money stays the payer's.
        """
        left = self._get_left_invoices()
        if discounts := self._get_discount_lines(left):
            extra_create_values.setdefault("write_off_line_vals", discounts)
        for transaction in self | self.source_transaction_id if left else ():
            transaction.invoice_ids -= left
        payment = super()._create_payment(**extra_create_values)
        if self._is_paid_by_ancestor():
            lines = (payment.move_id | self._get_paid_invoices()).line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable"
                    and line.parent_state == "posted"
                    and not line.reconciled
                )
            )
            if len(lines.account_id) > 1:
                lines.reconcile()
        if left:
            payment._report_left_invoices(left)
        return payment

    def _get_discount_lines(self, left):
        """Return the payment's lines of the early payment discounts of several invoices.

        As core for one invoice: the discounts are granted if what was paid is exactly what is due
        with them on the day that the payment is booked. As *Register Payment* for several: the
        discounts are converted at that day's rate. What was paid for those who have ``left`` is
        part of the sum; discounts are for the others.
        """
        self.ensure_one()
        invoices = self.invoice_ids.filtered(lambda invoice: invoice.state == "posted")
        if len(invoices) < 2:
            return []
        amounts = {invoice: invoice._get_portal_amount_to_pay() for invoice in invoices}
        if self.currency_id.compare_amounts(self.amount, sum(amounts.values())):
            return []
        amounts = {invoice: amount for invoice, amount in amounts.items() if invoice not in left}
        discount = sum(invoice.amount_residual - amount for invoice, amount in amounts.items())
        if self.currency_id.is_zero(discount):
            return []
        company, today = self.company_id, fields.Date.context_today(self)

        def convert(amount):
            return self.currency_id._convert(amount, company.currency_id, company, today)

        lines = self.env["account.move.line"].union(
            *(
                invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
                for invoice, amount in amounts.items()
                if self.currency_id.compare_amounts(amount, invoice.amount_residual)
            )
        )
        values = self.env["account.move"]._get_invoice_counterpart_amls_for_early_payment_discount(
            [
                {
                    "aml": line,
                    "amount_currency": -line.amount_residual_currency,
                    "balance": convert(-line.amount_residual_currency),
                }
                for line in lines
            ],
            convert(discount),
        )
        return [line for kind in values.values() for line in kind]
