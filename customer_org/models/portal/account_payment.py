# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class AccountPayment(models.Model):
    """Payments of a head office by a payment transaction."""

    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        """Book what a head office pays for its branches on the head office's own account.

        Core takes the account of the first invoice, which may be a branch's.
        """
        for vals in vals_list:
            transaction = self.env["payment.transaction"].browse(vals.get("payment_transaction_id"))
            if transaction and transaction._is_paid_by_ancestor():
                payer = transaction.partner_id.commercial_partner_id
                vals["destination_account_id"] = payer.with_company(
                    transaction.company_id
                ).property_account_receivable_id.id
        return super().create(vals_list)
