# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class SaleOrder(models.Model):
    """Orders as billing ancestors see them in the portal."""

    _name = "sale.order"
    _inherit = ["customer.portal.guest", "sale.order"]

    def _has_to_be_signed(self):
        # Signing a branch's quotation is never the parent's, whatever the consent.
        return not self.portal_consent and super()._has_to_be_signed()

    def _has_to_be_paid(self):
        # Paying a quotation accepts it; the consent to pay is for invoices.
        return not self.portal_consent and super()._has_to_be_paid()
