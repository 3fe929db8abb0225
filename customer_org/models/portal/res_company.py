# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    """What the seller lets branches decide in the portal."""

    _inherit = "res.company"

    portal_branch_consent = fields.Boolean(
        string="Branches Give Consent in the Portal",
        help="Portal users of a branch decide themselves what its billing parent may see and pay.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    portal_branch_consent = fields.Boolean(
        related="company_id.portal_branch_consent", readonly=False
    )
