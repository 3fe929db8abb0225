# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import float_compare


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    discount = fields.Float(
        compute="_compute_customer_group_discount",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    customer_group_discount = fields.Float(
        string="Group Discount (%)",
        digits="Discount",
        compute="_compute_customer_group_discount",
        store=True,
        precompute=True,
        # Else a form would compute it anew instead of reading what was stored.
        readonly=False,
        groups="base.group_user",
        help="The discount that was taken from the customer group. Where the line's discount "
        "differs, it was typed by hand and is kept.",
    )
    customer_group_price = fields.Float(
        digits="Product Price",
        compute="_compute_customer_group_price",
        store=True,
        precompute=True,
        readonly=False,
        groups="base.group_user",
        help="The price that was taken from the customer group, 0 where it is core's. Where the "
        "line's price differs, it was typed by hand and is kept.",
    )

    @api.depends("product_id", "move_id.partner_id", "move_id.customer_group_applied")
    def _compute_customer_group_discount(self):
        digits = self.env["decimal.precision"].precision_get("Discount")
        for line in self:
            discount, percent = line.discount, line._get_customer_group_discount()
            # What an import or a form sends is not typed by hand, if it is what the group gives.
            ours = {line.customer_group_discount, percent or line.customer_group_discount}
            if any(not float_compare(discount, taken, precision_digits=digits) for taken in ours):
                line.discount = line.customer_group_discount = percent
            else:
                line.discount = discount
                line.customer_group_discount = line.customer_group_discount

    def _get_customer_group_discount(self):
        """Return the percentage that the customer's group gives on this line, 0 on most lines."""
        self.ensure_one()
        move = self.move_id
        if not move.partner_id or not self._is_group_term_line():
            return 0.0
        partner = move.partner_id.with_company(move.company_id)
        return partner._get_customer_group_discount(move.customer_group_applied)

    def _is_group_term_line(self):
        """Whether this line was written directly, for a product, on a customer invoice.

        Imported lines and lines of other documents keep what they came with.
        """
        self.ensure_one()
        return bool(
            self.product_id
            and self.display_type == "product"
            and not self.is_imported
            and not self.env.context.get("import_file")
            and self.move_id.is_sale_document(include_receipts=True)
        )

    @api.depends("product_id", "product_uom_id")
    def _compute_customer_group_price(self):
        for line in self:
            line.customer_group_price = (
                line._get_group_price_unit() if line._has_group_price() else 0.0
            )

    def _compute_price_unit(self):
        """Take the group's price where the company wants that: core's knows no pricelist."""
        result = super()._compute_price_unit()
        for line in self:
            if line._has_group_price():
                line.customer_group_price = line.price_unit = line._get_group_price_unit()
        return result

    @api.onchange("quantity")
    def _onchange_quantity_group_price(self):
        self._follow_group_price()

    def write(self, vals):
        result = super().write(vals)
        if "quantity" in vals and "price_unit" not in vals:
            self._follow_group_price()
        return result

    def _follow_group_price(self):
        """Price draft lines anew after the customer or the quantity changed.

        Prices typed by hand are kept: those that are neither the group's last nor core's own.
        """
        digits = self.env["decimal.precision"].precision_get("Product Price")
        for line in self:
            if not (line.move_id._may_have_group_prices() and line._is_group_term_line()):
                continue
            price, given = line.price_unit, line.customer_group_price
            if not given:
                # Core's price, without the group's.
                core = super(AccountMoveLine, line)
                core._compute_price_unit()  # pylint: disable=super-method-mismatch
                given = line.price_unit
            if float_compare(price, given, precision_digits=digits):
                line.price_unit = price
                continue
            line._compute_customer_group_price()
            line._compute_price_unit()

    def _has_group_price(self):
        """Whether the company wants group prices on invoices and the customer's group has one."""
        self.ensure_one()
        move = self.move_id
        return bool(
            move.company_id.group_price_on_invoices
            and self._is_group_term_line()
            and self._get_group_pricelist()
        )

    def _get_group_pricelist(self):
        move = self.move_id
        partner = move.partner_id.with_company(move.company_id)
        pricelists = partner._get_group_pricelists(move.customer_group_applied)
        return pricelists.get(partner.id) or self.env["product.pricelist"]

    def _get_group_price_unit(self):
        """Return the group's price in the invoice's currency and unit, taxes mapped as in core."""
        move, pricelist = self.move_id, self._get_group_pricelist()
        product = self.product_id.with_company(move.company_id)
        day = move.invoice_date or fields.Date.context_today(self)
        # In the pricelist's currency: core converts only what a rule takes from the product.
        price = pricelist._get_product_price(
            product, self.quantity or 1.0, uom=self.product_uom_id, date=day
        )
        price = pricelist.currency_id._convert(
            price, move.currency_id, move.company_id, day, round=False
        )
        return product._get_tax_included_unit_price_from_price(
            price,
            product.taxes_id._filter_taxes_by_company(move.company_id),
            fiscal_position=move.fiscal_position_id,
        )
