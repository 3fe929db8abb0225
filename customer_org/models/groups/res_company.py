# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    group_price_on_invoices = fields.Boolean(
        string="Group Prices on Invoices",
        help="Product lines of customer invoices that are written directly take the price of the "
        "customer's group.",
    )
