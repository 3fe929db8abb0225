# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

from ..remittance.document_finder import DOCUMENT_TYPES


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_request_payment(self):
        """Open drafts that ask the head offices of these documents to pay them.

        :raises AccessError: for users who may not write invoices
        :raises UserError: if one is no open document of a customer, or is asked for already
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        self._check_requestable()
        remittances = self.env["customer.remittance"]
        remittances._check_not_requested(self)
        requests = remittances._create_requests(
            {move: move.amount_residual * -move.direction_sign for move in self}
        )
        return requests._get_records_action(name=self.env._("Payment Requests"))

    def _check_requestable(self):
        """Refuse what nobody can be asked to pay.

        :raises UserError: naming it
        """
        wrong = self.filtered(
            lambda move: (
                move.move_type not in DOCUMENT_TYPES
                or move.state != "posted"
                or move.payment_state == "blocked"
                or move.currency_id.is_zero(move.amount_residual)
            )
        )
        if wrong or not self:
            raise UserError(
                self.env._(
                    "Choose open invoices of customers: %s can't be asked for, because they are "
                    "paid, blocked, not posted, or no invoices.",
                    ", ".join(wrong[:5].mapped("display_name")) or "-",
                )
            )
