# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The terms of a group on the recurring invoices of OCA's ``contract`` and ``subscription_oca``.

They take the price from the customer's pricelist, which is the group's. But they send the
customer's own payment terms along, and a discount: none, or the one that makes the pricelist's
price. What was typed on the contract or the subscription is kept. Not ours to extend: an addon for
each would bring an application that nobody asked for.
"""

from odoo import api, models
from odoo.fields import Command


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _follow_group_of_subscriber(self, vals):
        """Return the values of a recurring invoice without what its customer's group decides."""
        commands = vals.get("invoice_line_ids") or []
        if not vals.get("subscription_id") and not any(
            command[0] == Command.CREATE and command[2].get("contract_line_id")
            for command in commands
        ):
            return vals
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        partner = self.env["res.partner"].browse(vals.get("partner_id")).with_company(company)
        if not partner._get_customer_group():
            return vals
        vals = dict(vals)
        if vals.get("invoice_payment_term_id") == partner.property_payment_term_id.id:
            vals.pop("invoice_payment_term_id")
        pricelist = self.env["product.pricelist"]
        if vals.get("subscription_id") and "sale.subscription" in self.env:
            pricelist = self.env["sale.subscription"].browse(vals["subscription_id"]).pricelist_id
        percent = partner._get_customer_group_discount()
        vals["invoice_line_ids"] = [
            Command.create(self._put_on_pricelist_discount(command[2], pricelist, percent))
            if command[0] == Command.CREATE
            else command
            for command in commands
        ]
        return vals

    @api.model
    def _put_on_pricelist_discount(self, values, pricelist, percent):
        """Return a line's values with the group's discount on top of the pricelist's."""
        discount = values.get("discount")
        if not discount:
            # None was typed: the line finds the group's by itself.
            return {name: value for name, value in values.items() if name != "discount"}
        if not percent or not self._is_pricelist_discount(
            pricelist,
            self.env["product.product"].browse(values.get("product_id")),
            self.env["uom.uom"].browse(values.get("product_uom_id")),
            values.get("quantity", 1.0),
            values.get("price_unit"),
            discount,
        ):
            return values
        return {**values, "discount": self._compose_discounts(discount, percent)}
