# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "customer.group.document"]

    @api.depends("move_type")
    def _compute_current_customer_group_id(self):
        return super()._compute_current_customer_group_id()

    def _may_have_customer_group(self):
        return self.is_sale_document(include_receipts=True)

    def _compute_invoice_payment_term_id(self):
        """Take the group's terms for its members: core knows the customer's own only."""
        super()._compute_invoice_payment_term_id()
        for move in self:
            if not move.partner_id or not move.is_sale_document(include_receipts=True):
                continue
            partner = move.partner_id.with_company(move.company_id)
            if partner._get_customer_group():
                move.invoice_payment_term_id = partner._get_customer_payment_term(
                    move.customer_group_applied
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Correct the terms that others send along: they know the customer's own only."""
        corrected = [self._give_point_of_sale_the_term(vals) for vals in vals_list]
        return super().create([self._follow_group_of_subscriber(vals) for vals in corrected])

    @api.model
    def _give_point_of_sale_the_term(self, vals):
        """Sales on the customer's account at the point of sale are due by the customer's terms.

        Point of Sale sends the customer's own terms with its invoice. Not ours to extend: an addon
        for it would bring an application that nobody asked for.
        """
        if not vals.get("pos_order_ids") or "pos.order" not in self.env:
            return vals
        orders = self.env["pos.order"].browse(vals["pos_order_ids"])
        if "pay_later" not in orders.payment_ids.payment_method_id.mapped("type"):
            return vals
        partner = orders.partner_id[:1].with_company(orders.company_id[:1])
        if not partner._get_customer_group():
            return vals
        return {**vals, "invoice_payment_term_id": partner._get_customer_payment_term().id}

    @api.onchange("partner_id")
    def _onchange_partner_id_group_price(self):
        self.invoice_line_ids._follow_group_price()

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            drafts = self.filtered(lambda move: move._may_have_group_prices())
            drafts.invoice_line_ids._follow_group_price()
        return result

    def _may_have_group_prices(self):
        return (
            self.company_id.group_price_on_invoices
            and self.state == "draft"
            and self.is_sale_document(include_receipts=True)
        )

    def _post(self, soft=True):
        self._stamp_customer_group()
        return super()._post(soft)

    def _stamp_customer_group(self):
        """Keep the group of this day on customer invoices; one write per group that changes."""
        # sudo: the poster needs no access to groups.
        invoices = self.filtered(lambda move: move.is_sale_document(include_receipts=True)).sudo()
        # sudo: the poster needs no access to groups.
        for group, moves in invoices.grouped(lambda m: m.partner_id._get_customer_group()).items():
            changed = moves.filtered(lambda move, group=group: move.customer_group_id != group)
            if changed:
                changed.customer_group_id = group

    def _get_group_terms_refusal(self):
        if self.state != "draft" or not self.is_sale_document(include_receipts=True):
            return self.env._("Group terms can only be applied to draft customer invoices.")
        return super()._get_group_terms_refusal()

    def _apply_customer_group_terms(self):
        """Prices and terms typed by hand are replaced, discounts typed by hand are kept."""
        super()._apply_customer_group_terms()
        self._compute_invoice_payment_term_id()
        lines = self.invoice_line_ids.filtered("product_id")
        lines.filtered(lambda line: line._has_group_price())._compute_price_unit()
