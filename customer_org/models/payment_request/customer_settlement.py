# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class CustomerSettlement(models.Model):
    _inherit = "customer.settlement"

    @api.private
    def _settle(self, matches):
        """A request of which nothing is left any more is settled, whoever's credit paid."""
        lines = super()._settle(matches)
        # sudo: what was paid is not asked for any more, whoever settled it; also from the portal.
        self.env["customer.remittance"].sudo()._close_paid_requests(lines.move_id)
        return lines
