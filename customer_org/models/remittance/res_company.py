# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    remittance_grace_days = fields.Integer(
        string="Days of Grace for Announced Payments",
        default=3,
        help="An announced invoice is left out of automatic settlement and reminders until so many "
        "days after the day for which its payment was promised.",
    )
