# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class ResUsers(models.Model):
    _inherit = "res.users"

    def _is_head_office_portal(self):
        """Tell whether this is a portal user of a customer that has branches.

        One indexed look-up per transaction for a portal user, none for others.
        """
        self.ensure_one()
        # sudo: the user asks about itself.
        if not self.sudo()._is_portal():
            return False
        customer_id = self.sudo().commercial_partner_id.id
        cache_key = ("customer_org.head_office", customer_id)
        if cache_key not in self.env.cr.cache:
            self.env["customer.hierarchy.link"].flush_model()
            self.env.cr.cache[cache_key] = bool(
                self.env.execute_query(
                    SQL(
                        """
                        SELECT FROM customer_hierarchy_link
                         WHERE ancestor_id = %s AND depth > 0
                         LIMIT 1
                        """,
                        customer_id,
                    )
                )
            )
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
