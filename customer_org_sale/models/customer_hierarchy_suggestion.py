# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_org.models.adoption.evidence import LIKELY, MONEY, Evidence


class CustomerHierarchySuggestion(models.Model):
    """Orders of one customer that are invoiced to another: likely."""

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "orders"]

    def _find_orders(self, customers):
        self.env["sale.order"].flush_model(["partner_id", "partner_invoice_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer.commercial_partner_id, payer.commercial_partner_id,
                       sale_order.company_id, COUNT(*)
                  FROM sale_order
                  JOIN res_partner customer ON customer.id = sale_order.partner_id
                  JOIN res_partner payer ON payer.id = sale_order.partner_invoice_id
                 WHERE sale_order.state = 'sale'
                   AND customer.commercial_partner_id != payer.commercial_partner_id
                   AND customer.commercial_partner_id = ANY(%(ids)s)
                   AND payer.commercial_partner_id = ANY(%(ids)s)
              GROUP BY 1, 2, 3
                """,
                ids=[*customers],
            )
        )
        return [
            Evidence(partner_id, payer_id, "orders", LIKELY, MONEY, {"count": count}, company_id)
            for partner_id, payer_id, company_id, count in rows
        ]

    def _describe_orders(self, names, values):
        if values["count"] == 1:
            return self.env._("one of its orders is invoiced to %(parent)s", **names)
        return self.env._("%(count)s of its orders are invoiced to %(parent)s", **names, **values)
