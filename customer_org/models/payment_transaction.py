# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


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
        """Settle the invoices on other accounts than the payment's, too.

        Core matches the payment with the lines of one account. What is left goes through the
        same entry point, which settles across customers and accounts.
        """
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
