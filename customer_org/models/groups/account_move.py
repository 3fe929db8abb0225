# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    customer_group_id = fields.Many2one(
        "customer.group",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="The customer's group when the invoice was posted.",
    )
    customer_group_applied = fields.Boolean(
        string="Group Terms Applied",
        compute="_compute_customer_group_applied",
        store=True,
        precompute=True,
        copy=False,
        help="The group's terms were applied by hand. Another customer starts without.",
    )

    current_customer_group_id = fields.Many2one(
        "customer.group",
        string="Group of the Customer",
        compute="_compute_current_customer_group_id",
        groups="base.group_user",
    )

    @api.depends("partner_id", "move_type")
    def _compute_current_customer_group_id(self):
        # No dependency on the customer's group: it would look up all its documents.
        for move in self:
            if move.is_sale_document(include_receipts=True):
                move.current_customer_group_id = move.partner_id._get_customer_group()
            else:
                move.current_customer_group_id = False

    @api.depends("partner_id")
    def _compute_customer_group_applied(self):
        self.customer_group_applied = False

    def _compute_invoice_payment_term_id(self):
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
        return super().create([self._give_point_of_sale_the_term(vals) for vals in vals_list])

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
        invoices = self.filtered(lambda move: move.is_sale_document(include_receipts=True)).sudo()
        # sudo: the poster needs no access to groups.
        for group, moves in invoices.grouped(lambda m: m.partner_id._get_customer_group()).items():
            changed = moves.filtered(lambda move, group=group: move.customer_group_id != group)
            if changed:
                changed.customer_group_id = group

    def action_apply_customer_group_terms(self):
        """Give these draft invoices the terms of their customer's group, whatever its mode.

        Prices and terms typed by hand are replaced, discounts typed by hand are kept.

        :raises UserError: for posted documents and for customers without a group
        """
        for move in self:
            if move.state != "draft" or not move.is_sale_document(include_receipts=True):
                raise UserError(
                    self.env._("Group terms can only be applied to draft customer invoices.")
                )
            if not move.partner_id._get_customer_group():
                raise UserError(
                    self.env._(
                        "%s is in no customer group. Put it into a group first.",
                        move.commercial_partner_id.display_name or self.env._("This customer"),
                    )
                )
        self.customer_group_applied = True
        self._compute_invoice_payment_term_id()
        lines = self.invoice_line_ids.filtered("product_id")
        lines.filtered(lambda line: line._has_group_price())._compute_price_unit()
        for move in self:
            move.message_post(body=self.env._("The terms of the customer group were applied."))
