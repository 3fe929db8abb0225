# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ResPartner(models.Model):
    """Contact data within a hierarchy: each customer's portal users see their own only."""

    _inherit = "res.partner"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Leave e-mail and VAT out of the names of others in the portal user's hierarchy.

        Who may read a document reads the names on it, and core adds these data where the caller's
        context asks for them. The address stays: it is printed on the document.
        """
        others = self._get_others_in_hierarchy()
        super(ResPartner, self - others)._compute_display_name()
        if others:
            plain = others.with_context(show_email=False, show_vat=False)
            super(ResPartner, plain)._compute_display_name()
            for partner, name in zip(others, plain.mapped("display_name"), strict=True):
                partner.display_name = name

    def _get_others_in_hierarchy(self):
        """Return those of another customer in the portal user's hierarchy, if it matters."""
        context = self.env.context
        if not (context.get("show_email") or context.get("show_vat")):
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
