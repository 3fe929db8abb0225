# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    def action_match(self):
        """Find the documents of all lines by their numbers."""
        self.check_access("write")
