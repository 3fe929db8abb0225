# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _is_paid_by_ancestor(self):
        """Tell whether the payer pays invoices of customers below it, and no stranger's."""
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        others = self.invoice_ids.commercial_partner_id - payer
        if not others:
            return False
        ancestors = self.env["customer.hierarchy.link"]._get_ancestors(others.ids)
        return all(payer.id in ancestors.get(customer.id, []) for customer in others)

    def _create_payment(self, **extra_create_values):
        """Grant several invoices' discounts, and settle on other accounts than the payment's, too.

        Core matches the payment with the lines of one account. What is left goes through the
        same entry point, which settles across customers and accounts.
        """
        if discounts := self._get_discount_lines():
            extra_create_values.setdefault("write_off_line_vals", discounts)
        payment = super()._create_payment(**extra_create_values)
        if self._is_paid_by_ancestor():
            lines = (payment.move_id | self.invoice_ids).line_ids.filtered(
                lambda line: (
                    line.account_type == "asset_receivable"
                    and line.parent_state == "posted"
                    and not line.reconciled
                )
            )
            if len(lines.account_id) > 1:
                lines.reconcile()
        return payment

    def _get_discount_lines(self):
        """Return the payment's lines of the early payment discounts of several invoices.

        As core for one invoice: the discounts are granted if what was paid is exactly what is due
        with them on the day that the payment is booked. As *Register Payment* for several: the
        discounts are converted at that day's rate.
        """
        self.ensure_one()
        invoices = self.invoice_ids.filtered(lambda invoice: invoice.state == "posted")
        if len(invoices) < 2:
            return []
        amounts = {invoice: invoice._get_portal_amount_to_pay() for invoice in invoices}
        discount = sum(invoices.mapped("amount_residual")) - sum(amounts.values())
        if self.currency_id.is_zero(discount) or self.currency_id.compare_amounts(
            self.amount, sum(amounts.values())
        ):
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
