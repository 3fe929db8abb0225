# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _is_group_term_line(self):
        # What comes from an order has its terms already; the same goes for what is no product.
        return (
            super()._is_group_term_line()
            and not self.sale_line_ids
            and not self.is_downpayment
            and self.product_id not in self.company_id.sale_discount_product_id
        )
