# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from .evidence import CERTAIN, IDENTITY, Evidence
from .hierarchy_plan import find_cycles


class CustomerHierarchySuggestion(models.Model):
    """A company that is filed as a contact of another company: certain."""

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "contact_company"]

    def _find_contact_company(self, customers):
        """Return evidence by the contact tree; loops in it give no direction and so nothing."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer.id, above.commercial_partner_id
                  FROM res_partner customer
                  JOIN res_partner above ON above.id = customer.parent_id
                 WHERE customer.id = ANY(%(ids)s)
                   AND above.commercial_partner_id = ANY(%(ids)s)
                   AND above.commercial_partner_id != customer.id
                """,
                ids=[*customers],
            )
        )
        parent_of = dict(rows)
        looped = find_cycles(parent_of, parent_of)
        return [
            Evidence(partner_id, parent_id, "contact_company", CERTAIN, IDENTITY, {})
            for partner_id, parent_id in rows
            if partner_id not in looped
        ]

    def _describe_contact_company(self, names, values):
        return self.env._("filed as a contact of %(parent)s", **names)
