# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class CustomerRemittance(models.Model):
    """What keeps a remittance from being settled, in words."""

    _inherit = "customer.remittance"

    problems = fields.Text(
        string="Not Ready",
        compute="_compute_problems",
        help="What has to be put right before the remittance can be settled.",
    )

    @api.depends(
        "line_ids.status",
        "line_ids.left_out",
        "line_ids.amount",
        "line_ids.deduction",
        "line_ids.reason_id",
        "amount_announced",
    )
    def _compute_problems(self):
        for remittance in self:
            remittance.problems = "\n".join(remittance._get_problems()) or False

    def _get_problems(self):
        """Return what keeps this remittance from being settled, as sentences.

        The chosen credit is looked at when it is settled.
        """
        self.ensure_one()
        problems = []
        lines = self.line_ids.filtered(lambda line: not line.left_out)
        to_check = lines.filtered(lambda line: not line._is_ready())
        if to_check:
            problems.append(
                self.env._(
                    "Lines that are not ready: %(numbers)s (%(count)s in all). Correct them or "
                    "leave them out.",
                    count=len(to_check),
                    numbers=to_check._get_short_names(),
                )
            )
        without = lines.filtered(lambda line: line.deduction and not line.reason_id)
        if without:
            problems.append(
                self.env._("Choose a reason for the deductions of %s.", without._get_short_names())
            )
        difference = self.amount_total - self.amount_announced
        if self.amount_announced and not self.currency_id.is_zero(difference):
            problems.append(
                self.env._(
                    "The lines add up to %(total)s, but the list says %(announced)s: a difference "
                    "of %(difference)s. Correct the amounts, or the announced total.",
                    total=self.currency_id.format(self.amount_total),
                    announced=self.currency_id.format(self.amount_announced),
                    difference=self.currency_id.format(abs(difference)),
                )
            )
        return problems
