# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

FIRST_STEPS = "customer_org.onboarding_first_steps"
ROUTE_NAME = "customer_org"


class OnboardingOnboarding(models.Model):
    """The first steps with hierarchies: Odoo's own onboarding, shown on our screens only.

    Takes: the records of Odoo's onboarding, whose progress is kept by company.

    Use: :meth:`get_first_steps` when a screen opens, :meth:`action_close_panel_first_steps`.

    How it works: a step that is not done yet looks for what would make it done, one query each;
    a closed or completed panel costs the two queries that say so.
    """

    _inherit = "onboarding.onboarding"

    @api.model
    def get_first_steps(self):
        """Return what the panel of first steps shows in the current company.

        :return: ``{"steps": [{"id", "title", "description", "button", "done", "image", "state",
            "action"}], "done": text or False}``; False where it is closed, was completed before,
            or is not for this user: only invoicing managers can take these steps
        """
        onboarding = self._get_first_steps()
        if not onboarding or onboarding.current_progress_id.is_onboarding_closed:
            return False
        onboarding._search_or_create_progress()
        values = onboarding._prepare_rendering_values()
        if values["state"].get("onboarding_state") == "done":
            return False
        return {
            "steps": [
                {
                    "id": step.id,
                    "title": step.title,
                    "description": step.description,
                    "button": step.button_text,
                    "done": step.done_text,
                    # The record's own picture is for those who may read the record.
                    "image": f"/base/static/img/{step.step_image_filename}",
                    "state": values["state"][step.id],
                    "action": step.panel_step_open_action_name,
                }
                for step in values["steps"]
            ],
            "done": values["state"].get("onboarding_state") == "just_done"
            and values["text_completed"],
        }

    @api.model
    def action_close_panel_first_steps(self):
        """Hide the first steps in the current company; not for users who never see them."""
        if onboarding := self._get_first_steps():
            onboarding._search_or_create_progress()
            onboarding.action_close()

    @api.model
    def _get_first_steps(self):
        """Return our onboarding, for invoicing managers only."""
        if not self.env.user.has_group("account.group_account_manager"):
            return self.browse()
        # sudo: only system administrators may read onboardings; this one is for who was checked.
        return self.sudo().env.ref(FIRST_STEPS, raise_if_not_found=False) or self.browse()

    def _prepare_rendering_values(self):
        """Look whether steps were taken meanwhile, as core does for its first invoice."""
        self.ensure_one()
        if self.route_name == ROUTE_NAME:
            open_steps = self.step_ids.filtered(lambda step: step.current_step_state == "not_done")
            open_steps.filtered(lambda step: step._is_first_step_taken()).action_set_just_done()
        return super()._prepare_rendering_values()
