# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Carry the hierarchy over: the branches of all, and one billing parent with its consent.

        The destination keeps its own billing parent. Where it has none, or one that is merged
        into it, it takes the first one that lies outside the merged customers and not below them.
        """
        # sudo: who may merge customers may keep the hierarchy they are in; nothing new is granted.
        merged = (src_partners | dst_partner).sudo().with_context(active_test=False)
        below = merged.env["res.partner"].search(
            [("billing_ancestor_link_ids.ancestor_id", "in", merged.ids)]
        )
        parent, access = merged.browse(), "none"
        for customer in dst_partner.sudo() | src_partners.sudo():
            while customer in merged:
                access, customer = customer.billing_parent_access, customer.billing_parent_id
            if customer and customer not in below:
                parent = customer
                break
        branch_access = {
            branch: branch.billing_parent_access for branch in merged.billing_child_ids - merged
        }
        # Detach before: rows of the closure table can't be renamed one by one.
        merged.union(*branch_access).billing_parent_id = False
        self._keep_remittance_references(merged)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        if parent:
            dst_partner.sudo().write(
                {"billing_parent_id": parent.id, "billing_parent_access": access}
            )
        for branch, access in branch_access.items():
            branch.write({"billing_parent_id": dst_partner.id, "billing_parent_access": access})
        # The rows were moved by SQL: nothing that was read before is still so.
        self.env.invalidate_all()
        dst_partner._look_again_at_items()
        return result

    def _keep_remittance_references(self, merged):
        """Tell apart the references that several of the merged payers have used.

        A payer's reference is unique: core would delete the remittances that it can't move.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_remittance remittance
                   SET ref = remittance.ref || ' (' || remittance.name || ')'
                 WHERE remittance.partner_id = ANY(%(ids)s)
                   AND remittance.ref != ''
                   AND EXISTS (
                        SELECT FROM customer_remittance other
                         WHERE other.partner_id = ANY(%(ids)s)
                           AND other.partner_id != remittance.partner_id
                           AND other.company_id = remittance.company_id
                           AND other.ref = remittance.ref
                           AND other.id < remittance.id
                   )
                """,
                ids=merged.ids,
            )
        )
        self.env["customer.remittance"].invalidate_model(["ref"], flush=False)
