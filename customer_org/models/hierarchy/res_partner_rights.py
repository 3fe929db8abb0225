# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from .guarded_fields import Guard


class ResPartner(models.Model):
    """Who may change the billing parent and what it may see."""

    _inherit = "res.partner"

    @api.model
    def _get_guarded_fields(self):
        """Only invoicing managers change hierarchy and consent."""
        return super()._get_guarded_fields() | {
            "billing_parent_id": self._get_hierarchy_guard(False),
            "billing_parent_access": self._get_hierarchy_guard("none"),
        }

    @api.model
    def _get_hierarchy_guard(self, default):
        """Return the guard of a setting of the hierarchy: it is for invoicing managers."""
        return Guard(
            default,
            may=lambda partners: partners.env.user.has_group("account.group_account_manager"),
            message=self.env._(
                "Only invoicing administrators can change the billing hierarchy and what "
                "a billing parent may see. Ask one of them to do it."
            ),
        )

    @api.model
    def _get_code_only_message(self, field):
        if field.name == "billing_root_id":
            return self.env._(
                "The head office follows from the billing parents and can't be set. Change the "
                "billing parent instead."
            )
        return super()._get_code_only_message(field)
