# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class CustomerGroup(models.Model):
    _inherit = "customer.group"

    def _get_usage(self, deleted):
        usage = super()._get_usage(deleted)
        if usage:
            return usage
        # sudo: also orders that the user can't see keep the group.
        orders = self.env["sale.order"].sudo()
        if orders.search_count([("customer_group_id", "=", self.id)], limit=1):
            return self.env._("confirmed orders in its analysis")
        return None

    def action_open_orders(self):
        """Open the orders that were confirmed for members of this group."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders"),
            "domain": [("customer_group_id", "=", self.id)],
            "context": {"create": False},
        }
