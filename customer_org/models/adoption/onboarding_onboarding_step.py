# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

BRANCHES = Domain("billing_parent_id", "!=", False)


class OnboardingOnboardingStep(models.Model):
    """Each of the first steps: what makes it done, and where it is taken."""

    _inherit = "onboarding.onboarding.step"

    def _is_first_step_taken(self):
        """Whether the current company has what this step leads to."""
        self.ensure_one()
        taken = {
            "action_open_step_settlement_journal": self._has_settlement_journal,
            "action_open_step_first_family": self._has_family,
            "action_open_step_consent": self._has_consent,
            "action_open_step_first_settlement": self._has_settlement,
        }
        check = taken.get(self.panel_step_open_action_name)
        return bool(check and check())

    def _has_settlement_journal(self):
        return self.env.company._get_customer_settlement_journal()

    def _has_family(self):
        return self._has_branch(BRANCHES)

    def _has_consent(self):
        return self._has_branch(BRANCHES & Domain("billing_parent_access", "!=", "none"))

    def _has_branch(self, domain):
        partners = self.env["res.partner"].with_context(active_test=False)
        ours = Domain("company_id", "in", [False, *self.env.company.parent_ids.ids])
        return partners.search_count(domain & ours, limit=1)

    def _has_settlement(self):
        ours = [("company_id", "=", self.env.company.id)]
        return self.env["customer.settlement"].search_count(ours, limit=1)

    @api.model
    def action_open_step_settlement_journal(self):
        """Open the journal of settlements, for its name and code; who has none gets one.

        :raises AccessError: for all but invoicing managers
        """
        self.env["customer.hierarchy.update"]._check_rights()
        journal = self.env.company._ensure_customer_settlement_journal()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settlement Journal"),
            "res_model": "account.journal",
            "res_id": journal.id,
            "views": [(False, "form")],
        }

    @api.model
    def action_open_step_first_family(self):
        """Open the families that were found among the customers."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_hierarchy_family"
        )

    @api.model
    def action_open_step_consent(self):
        """Open the branches with what their head offices may see: to see nothing is an answer, too.

        :raises AccessError: for all but invoicing managers
        """
        self.env["customer.hierarchy.update"]._check_rights()
        if self._has_family():
            # sudo: only system administrators may write progress; who may was checked.
            self.sudo().action_validate_step("customer_org.onboarding_step_consent")
        return self.env["ir.actions.act_window"]._for_xml_id("customer_org.action_billing_consent")

    @api.model
    def action_open_step_first_settlement(self):
        """Open the head offices that have credit to be settled."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_to_settle"
        )
