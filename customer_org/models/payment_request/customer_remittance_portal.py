# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..remittance.customer_remittance_portal import PortalLine


class CustomerRemittance(models.Model):
    """How the payer sees in the portal what we ask it to pay."""

    _inherit = "customer.remittance"

    def _get_portal_lines(self, readable, payable_customers):
        """Of a request that waits its lines say what is left of them now."""
        if self.kind != "request" or self.state != "waiting":
            return super()._get_portal_lines(readable, payable_customers)
        readable, result = set(readable), []
        for line, left in self._get_left().items():
            is_seen = line.move_id in readable
            is_paid = self.currency_id.is_zero(left)
            result.append(
                PortalLine(
                    line._get_portal_number(is_seen),
                    left or line.amount_requested,
                    0.0,
                    "settled" if is_paid else "requested",
                    line.move_id if is_seen else None,
                )
            )
        return result

    @api.model
    def _get_portal_words(self):
        return {**super()._get_portal_words(), "requested": (self.env._("To pay"), "")}
