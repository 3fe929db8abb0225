# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Carry over what was dismissed, and what updates of hierarchies would give back.

        Suggestions about customers that are merged are answered, and found anew where they hold.
        """
        # sudo: who may merge customers may keep what was said about them; nothing is granted.
        suggestions = self.env["customer.hierarchy.suggestion"].sudo()
        suggestions._follow_merge(src_partners, dst_partner)
        self.env["customer.hierarchy.update.line"].flush_model()
        for column in ("before", "after"):
            for fname in ("billing_parent_id", "parent_id"):
                self.env.cr.execute(
                    SQL(
                        """
                        UPDATE customer_hierarchy_update_line
                           SET %(column)s = jsonb_set(%(column)s, %(path)s, to_jsonb(%(new)s))
                         WHERE %(column)s->%(fname)s = ANY(%(old)s::jsonb[])
                        """,
                        column=SQL.identifier(column),
                        path=[fname],
                        fname=fname,
                        new=dst_partner.id,
                        old=[str(partner_id) for partner_id in src_partners.ids],
                    )
                )
        return super()._update_foreign_keys(src_partners, dst_partner)
