# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    billing_order_invoicing = fields.Selection(
        [("customer", "This customer"), ("head_office", "The head office")],
        string="Orders Are Invoiced To",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="Who gets the invoices of this branch's orders. Invoiced to the head office, the "
        "orders of several branches can go on one invoice, with a section for each branch.",
    )

    @api.model
    def _get_guarded_fields(self):
        """Who is invoiced is who owes: for invoicing managers, as the rest of the hierarchy."""
        guards = super()._get_guarded_fields()
        guards["billing_order_invoicing"] = self._get_hierarchy_guard(False)
        return guards

    @api.model
    def _get_customer_group_user_groups(self):
        return [*super()._get_customer_group_user_groups(), "sales_team.group_sale_manager"]

    def _get_order_invoice_customer(self):
        """Return who is invoiced for this partner's orders: its customer, or the head office."""
        # sudo: who writes an order needs no access to the head office.
        customer = self.commercial_partner_id.sudo()
        if customer.billing_order_invoicing == "head_office":
            return customer.billing_root_id
        return customer
