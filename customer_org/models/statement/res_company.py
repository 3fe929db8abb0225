# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

DEFAULT_STEPS = (30, 60, 90)


class ResCompany(models.Model):
    """How customers' statements show the age of what is open."""

    _inherit = "res.company"

    statement_ageing_days = fields.Char(
        string="Ageing Days",
        default=", ".join(map(str, DEFAULT_STEPS)),
        help="Last day after the due date of each column of the ageing, such as 30, 60, 90.",
    )

    @api.constrains("statement_ageing_days")
    def _check_statement_ageing_days(self):
        for company in self:
            try:
                steps = company._get_statement_ageing_steps()
            except ValueError:
                steps = ()
            if not steps or steps[0] < 1 or list(steps) != sorted(set(steps)):
                raise ValidationError(
                    self.env._(
                        "The days of the ageing must be whole numbers above 0 that grow, such as "
                        "30, 60, 90. Please correct “%s”.",
                        company.statement_ageing_days,
                    )
                )

    def _get_statement_ageing_steps(self):
        """Return the last day of each bucket but the last, such as (30, 60, 90)."""
        days = self.statement_ageing_days
        return tuple(map(int, days.split(","))) if days else DEFAULT_STEPS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    statement_ageing_days = fields.Char(related="company_id.statement_ageing_days", readonly=False)
