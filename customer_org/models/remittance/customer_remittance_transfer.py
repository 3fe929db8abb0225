# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the payer needs for its transfer: amount, reference, bank account and QR code."""

import logging
from dataclasses import dataclass
from typing import Any

from odoo import models

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transfer:
    """A transfer as pages and PDFs show it.

    ``account`` is the company's bank account, empty where it has none; ``qr_code`` the address of
    an image, empty where core can't draw one for that account, amount and currency.
    """

    amount: float
    currency: Any
    reference: str
    account: Any
    qr_code: str


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    def _get_transfer(self):
        """Return the :class:`Transfer` that pays this remittance."""
        self.ensure_one()
        account = self._get_bank_account()
        amount = self._get_transfer_amount()
        return Transfer(
            amount=amount,
            currency=self.currency_id,
            reference=self.communication or self.name,
            account=account,
            qr_code=self._get_transfer_qr_code(account, amount),
        )

    def _get_transfer_amount(self):
        """Return what the transfer should be, in the remittance's currency."""
        return self.amount_total

    def _get_bank_account(self):
        """Return the account to pay to: the one on all the documents, else as core chooses one.

        That is of the company's accounts one in the same currency, or in none, and rather one
        that is trusted.
        """
        documents = self.line_ids.move_id
        accounts = documents.partner_bank_id.filtered("active")
        if len(accounts) == 1 and all(documents.mapped("partner_bank_id")):
            return accounts
        return self.company_id.partner_id.bank_ids.filtered(
            lambda account: account.company_id.id in (False, self.company_id.id)
        ).sorted(
            lambda account: (
                account.currency_id.id not in (False, self.currency_id.id),
                not account.allow_out_payment,
            )
        )[:1]

    def _get_transfer_qr_code(self, account, amount):
        """Return the QR code as the address of an image, empty where core draws none."""
        if not account or self.currency_id.compare_amounts(amount, 0.0) <= 0:
            return ""
        reference = self.communication or self.name
        try:
            picture = account.build_qr_code_base64(
                self.currency_id.round(amount),
                reference,
                reference,
                self.currency_id,
                self.partner_id,
                silent_errors=True,
            )
        except Exception as error:  # what draws may be missing: the rest is enough to pay
            _logger.info("No QR code for %s: %s", self.name, error)
            return ""
        return picture or ""
