# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    customer_group_discount = fields.Float(
        string="Group Discount (%)",
        digits="Discount",
        compute="_compute_discount",
        store=True,
        precompute=True,
        # Else a form would compute it anew instead of reading what was stored.
        readonly=False,
        groups="base.group_user",
        help="The part of the discount that comes from the customer group.",
    )
    discount_before_group = fields.Float(
        string="Discount Before Group (%)",
        digits="Discount",
        compute="_compute_discount",
        store=True,
        precompute=True,
        # Else a form would compute it anew instead of reading what was stored.
        readonly=False,
        groups="base.group_user",
        help="The discount without the customer group. Where both together differ from the line's "
        "discount, that was typed by hand and is kept when the customer changes.",
    )

    def _compute_discount(self):
        """Put the group's discount on top of the one core finds.

        Without core's discount feature or a pricelist, core leaves the discount as it is.
        """
        super()._compute_discount()
        feature = self.env["product.pricelist.item"]._is_discount_feature_enabled()
        for line in self:
            percent = line._get_customer_group_discount()
            if feature and line.order_id.pricelist_id:
                line._set_discounts(line.discount, percent)
            elif not line._has_typed_discount(percent):
                line._set_discounts(line.discount_before_group, percent)
            else:
                # Not 0 and 0: these would make the typed discount 0 a composed one.
                line.discount_before_group = 0.0
                line.customer_group_discount = percent

    def _add_precomputed_values(self, vals_list):
        """A discount that comes with a new line is not composed with the pricelist's."""
        given = [vals.get("discount") for vals in vals_list]
        for vals in vals_list:
            if "discount" not in vals:
                # As core does with its technical price: the parts mean nothing without the whole.
                vals.pop("customer_group_discount", None)
                vals.pop("discount_before_group", None)
        super()._add_precomputed_values(vals_list)
        for vals, discount in zip(vals_list, given, strict=True):
            if discount is not None and discount != self._compose_discount(
                vals.get("discount_before_group", 0.0), vals.get("customer_group_discount", 0.0)
            ):
                vals["discount_before_group"] = 0.0

    def _set_discounts(self, before, percent):
        """Compose two percentages: 20 % and then 5 % are 24 %.

        :param float before: the line's discount without the group, in percent
        :param float percent: the group's discount on what is left
        """
        self.discount = self._compose_discount(before, percent)
        self.discount_before_group = before
        self.customer_group_discount = percent

    def _compose_discount(self, before, percent):
        if not percent:
            return before
        return self.order_id._compose_discounts(before, percent)

    def _has_typed_discount(self, percent):
        """Whether the discount is neither what was last composed nor what ``percent`` makes it.

        The latter is what a form sends back for a new line.
        """
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Discount")
        before = self.discount_before_group
        return all(
            float_compare(
                self.discount, self._compose_discount(before, taken), precision_digits=digits
            )
            for taken in (self.customer_group_discount, percent or self.customer_group_discount)
        )

    def _follow_customer_group(self):
        """Swap the group's part of the discount after the customer changed.

        Prices wait for *Update Prices*, as in core. Discounts typed by hand are kept.
        """
        for line in self:
            percent = line._get_customer_group_discount()
            if line.customer_group_discount != percent and not line._has_typed_discount(percent):
                line._set_discounts(line.discount_before_group, percent)

    def _forget_discounts(self):
        self.update({"discount": 0.0, "discount_before_group": 0.0, "customer_group_discount": 0.0})

    def _get_customer_group_discount(self):
        """Return the percentage that the customer's group gives on this line."""
        self.ensure_one()
        order = self.order_id
        if not order.partner_id or not self._is_group_discount_line():
            return 0.0
        partner = order.partner_id.with_company(order.company_id)
        return partner._get_customer_group_discount(order.customer_group_applied)

    def _is_group_discount_line(self):
        """Whether this line sells a product; combos, rewards, delivery and the like do not count.

        A combo's price is that of its parts, and these have the combo's discount. What a cost that
        is invoiced on is charged at was decided with it.
        """
        self.ensure_one()
        return bool(
            self.product_id
            and not self.display_type
            and not self.is_downpayment
            and not self.is_expense
            and not self._is_global_discount()
            and not self._is_discount_line()
            and not self._is_delivery()
            and self.product_type != "combo"
            and not self.combo_item_id
            # Of the addon sale_loyalty.
            and not ("reward_id" in self._fields and self.reward_id)
            and not self.env.context.get("import_file")
        )
