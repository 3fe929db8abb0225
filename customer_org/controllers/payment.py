# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paying one invoice of a branch with core's own forms: with the consent to pay only."""

from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal

from ..parameters import to_id


class GuestPaymentPortal(PaymentPortal):
    @route()
    def invoice_transaction(self, invoice_id, access_token, **kwargs):
        """Tell a guest who may not pay why: core would say that the token is wrong."""
        if self._is_guest("account.move", invoice_id):
            self._document_check_access("account.move", invoice_id)
        return super().invoice_transaction(invoice_id, access_token, **kwargs)

    @route()
    def payment_pay(self, *args, invoice_id=None, **kwargs):
        """Lead a guest to the invoice's own page: it is gated and shows no token."""
        guest_invoice_id = to_id(invoice_id)
        if guest_invoice_id and self._is_guest("account.move", guest_invoice_id):
            return request.redirect(f"/my/invoices/{guest_invoice_id}?payment=True#portal_pay")
        return super().payment_pay(*args, invoice_id=invoice_id, **kwargs)
