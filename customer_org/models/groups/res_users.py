# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Suspend the rules that an archived user wrote: they work with their writer's rights."""
        result = super().write(vals)
        if vals.get("active") is False:
            self._suspend_membership_rules()
        return result

    def _suspend_membership_rules(self):
        """Tell that the rules which these users wrote are not applied any more."""
        # sudo: who archives a user need not know groups.
        groups = self.env["customer.group"].sudo()
        for group in groups.search(
            [("rule_user_id", "in", self.ids), ("rule_domain", "!=", False)]
        ):
            group._report_suspended_rule(group._get_rule_suspension())
