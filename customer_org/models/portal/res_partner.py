# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ResPartner(models.Model):
    """Contact data within a hierarchy: each customer's portal users see their own only."""

    _inherit = "res.partner"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Leave contact data out of the names of others in the portal user's hierarchy.

        Who may read a document reads the names on it, and core adds these data where the caller's
        context asks for them. The address of a customer below stays: it is on its documents.
        """
        others = self._get_others_in_hierarchy()
        super(ResPartner, self - others)._compute_display_name()
        if not others:
            return
        # sudo: the user's own customer.
        own = self.env.user.sudo().commercial_partner_id
        # sudo: only to learn who is below the visitor.
        below = others.filtered(
            lambda partner: (
                own in partner.sudo().commercial_partner_id.billing_ancestor_link_ids.ancestor_id
            )
        )
        hidden = {"show_email": False, "show_vat": False}
        for partners, context in (
            (below, hidden),
            (others - below, {**hidden, "show_address": False}),
        ):
            plain = partners.with_context(**context)
            super(ResPartner, plain)._compute_display_name()
            for partner, name in zip(partners, plain.mapped("display_name"), strict=True):
                partner.display_name = name

    def _get_others_in_hierarchy(self):
        """Return those of another customer in the portal user's hierarchy, if it matters."""
        if not self.env.context.keys() & {"show_address", "show_email", "show_vat"}:
            return self.browse()
        # sudo: the user itself; core computes names in sudo, for the same user.
        user = self.env.user.sudo()
        if not user._is_portal():
            return self.browse()
        own = user.commercial_partner_id
        return self.filtered(
            # sudo: only to learn whose contact it is.
            lambda partner: (
                partner.sudo().billing_root_id == own.billing_root_id
                and partner.sudo().commercial_partner_id != own
            )
        )
