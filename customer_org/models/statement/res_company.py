# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..receivable import DEFAULT_AGING_STEPS, parse_aging_steps


class ResCompany(models.Model):
    """How customers' statements show the age of what is open."""

    _inherit = "res.company"

    statement_ageing_days = fields.Char(
        string="Aging Days",
        default=", ".join(map(str, DEFAULT_AGING_STEPS)),
        help="Last day after the due date of each column of the aging, such as 30, 60, 90.",
    )

    @api.constrains("statement_ageing_days")
    def _check_statement_ageing_days(self):
        for company in self:
            try:
                company._get_statement_ageing_steps()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The days of the aging must be whole numbers above 0 that grow, such as "
                        "30, 60, 90. Please correct “%s”.",
                        company.statement_ageing_days,
                    )
                ) from error

    def _get_statement_ageing_steps(self):
        """Return the last day of each bucket but the last, such as (30, 60, 90)."""
        return parse_aging_steps(self.statement_ageing_days)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    statement_ageing_days = fields.Char(related="company_id.statement_ageing_days", readonly=False)
