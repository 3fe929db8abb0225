# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_limit_block = fields.Boolean(
        string="Block beyond Credit Limits",
        help="Invoices and sales orders beyond a customer's credit limit can't be confirmed, save "
        "by users who may exceed credit limits. Else there is a warning only.",
    )

    def _is_credit_limit_blocking(self):
        return self.account_use_credit_limit and self.credit_limit_block
