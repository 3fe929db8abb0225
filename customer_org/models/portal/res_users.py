# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_head_office_portal(self):
        """Tell whether this is a portal user of a customer that has branches.

        One indexed look-up per transaction for a portal user, none for others.
        """
        return self._get_portal_place() == "head_office"

    def _is_in_hierarchy_portal(self):
        """Tell whether this is a portal user of a head office or a branch: the same look-up."""
        return bool(self._get_portal_place())

    def _get_portal_place(self):
        """Return ``head_office``, ``branch``, or nothing for who is no portal user of either."""
        self.ensure_one()
        # sudo: the user asks about itself.
        if not self.sudo()._is_portal():
            return None
        customer_id = self.sudo().commercial_partner_id.id
        cache_key = ("customer_org.portal_place", customer_id)
        if cache_key not in self.env.cr.cache:
            self.env["customer.hierarchy.link"].flush_model()
            [(is_head_office, is_in_hierarchy)] = self.env.execute_query(
                SQL(
                    """
                    SELECT EXISTS (SELECT FROM customer_hierarchy_link
                                    WHERE ancestor_id = %(customer)s AND depth > 0),
                           EXISTS (SELECT FROM customer_hierarchy_link
                                    WHERE ancestor_id = %(customer)s)
                    """,
                    customer=customer_id,
                )
            )
            place = "head_office" if is_head_office else "branch" if is_in_hierarchy else None
            self.env.cr.cache[cache_key] = place
        return self.env.cr.cache[cache_key]

    def _get_branch_consents(self, customer_ids):
        """Return what the branches among some customers let this portal user do.

        :param set customer_ids: ids of commercial entities
        :return: ``{customer id: "none" | "view" | "pay"}`` of those below the user's own customer
        """
        self.ensure_one()
        # sudo: the user asks about itself; what comes out is its own consent.
        own_customer = self.sudo().commercial_partner_id
        others = tuple(customer_ids - {own_customer.id, False})
        if not others or not self.sudo()._is_portal():
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT descendant_id,
                           CASE WHEN can_pay THEN 'pay' WHEN can_view THEN 'view' ELSE 'none' END
                      FROM customer_hierarchy_link
                     WHERE ancestor_id = %s AND descendant_id IN %s AND depth > 0
                    """,
                    own_customer.id,
                    others,
                )
            )
        )
