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

    def _report_left_invoices(self, invoices):
        """Tell an accountant that money is left, as customers had left when it came."""
        self.ensure_one()
        payer = self.partner_id.commercial_partner_id
        note = self.env._(
            "%(payer)s paid for %(invoices)s, but %(customers)s had left its billing hierarchy "
            "when the money came. It stays a credit of %(payer)s: use it for other invoices, or "
            "refund it.",
            payer=payer.display_name,
            invoices=", ".join(invoices.mapped("name")),
            customers=", ".join(invoices.commercial_partner_id.mapped("display_name")),
        )
        self.message_post(body=note)
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Paid for customers who left meanwhile"),
            note=note,
            user_id=payer.with_company(self.company_id)._get_auto_settle_user().id,
        )
