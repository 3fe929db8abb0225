# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Command


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "customer.group.document", "customer.guarded.fields"]

    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        index="btree_not_null",
        copy=False,
        readonly=True,
        code_only=True,
        groups="base.group_user",
        help="The top of the customer's billing hierarchy when the order was confirmed.",
    )

    def _compute_payment_term_id(self):
        super()._compute_payment_term_id()
        for order in self:
            partner = order.partner_id.with_company(order.company_id)
            if partner._get_customer_group():
                term = partner._get_customer_payment_term(order.customer_group_applied)
                # None: leave what another addon found, such as eCommerce.
                order.payment_term_id = term or order.payment_term_id

    def _compute_partner_invoice_id(self):
        """Invoice the head office where that was chosen for the branch."""
        super()._compute_partner_invoice_id()
        for order in self:
            customer = order.partner_id._get_order_invoice_customer()
            if customer != order.partner_id.commercial_partner_id:
                order.partner_invoice_id = customer.address_get(["invoice"])["invoice"]

    @api.onchange("partner_id")
    def _onchange_partner_id_customer_group(self):
        self.order_line._follow_customer_group()

    def write(self, vals):
        """Let discounts follow a new customer, also where no form is used."""
        result = super().write(vals)
        if "partner_id" in vals:
            drafts = self.filtered(lambda order: order.state in ("draft", "sent"))
            drafts.order_line._follow_customer_group()
        if vals.get("order_subscription_id"):
            for order in self.filtered(lambda order: order.state in ("draft", "sent")):
                order._follow_group_of_subscriber()
        return result

    def _follow_group_of_subscriber(self):
        """An order of OCA's ``subscription_oca`` has the group's terms, and its discount on top.

        It came with the customer's own terms, and with no discount or the one that makes the
        pricelist's price. What was typed on the subscription is kept.
        """
        partner = self.partner_id.with_company(self.company_id)
        if not partner._get_customer_group():
            return
        if self.payment_term_id == partner.property_payment_term_id:
            self._compute_payment_term_id()
        for line in self.order_line:
            percent = line._get_customer_group_discount()
            if percent and (
                not line.discount
                or self._is_pricelist_discount(
                    self.pricelist_id,
                    line.product_id,
                    line.product_uom_id,
                    line.product_uom_qty,
                    line.price_unit,
                    line.discount,
                )
            ):
                line._set_discounts(line.discount, percent)

    def _recompute_prices(self):
        """Take all discounts back before core computes them anew, so that none counts as typed."""
        self._get_update_prices_lines()._forget_discounts()
        return super()._recompute_prices()

    def _action_confirm(self):
        """Stamp group and head office before the order is confirmed: its history stands still."""
        self._stamp_customer_organization()
        return super()._action_confirm()

    def _stamp_customer_organization(self):
        """Keep the group and the head office of this day; one write per kind of customer."""
        # sudo: who confirms needs no access to groups or head offices.
        for (group, root), orders in (
            self.sudo()
            .grouped(
                lambda order: (
                    order.partner_id._get_customer_group(),
                    order.partner_id.commercial_partner_id.billing_root_id,
                )
            )
            .items()
        ):
            orders.write({"customer_group_id": group.id, "billing_root_id": root.id})

    def _get_group_terms_refusal(self):
        if self.state not in ("draft", "sent"):
            return self.env._("Group terms can only be applied to quotations, not to orders.")
        return super()._get_group_terms_refusal()

    def _apply_customer_group_terms(self):
        """Prices, discounts and terms typed by hand are replaced, as *Update Prices* does."""
        super()._apply_customer_group_terms()
        self._compute_payment_term_id()
        for order in self:
            partner = order.partner_id.with_company(order.company_id)
            pricelist = partner._get_group_pricelists(by_hand=True).get(partner.id)
            if pricelist:
                order.pricelist_id = pricelist
            order._recompute_prices()

    def action_view_invoice(self, invoices=False):
        """*New* invoices of an order without payment terms have the customer's, not its own."""
        action = super().action_view_invoice(invoices)
        if len(self) == 1 and not self.payment_term_id:
            partner = self.partner_id.with_company(self.company_id)
            if partner._get_customer_group():
                term = partner._get_customer_payment_term(self.customer_group_applied)
                action["context"] = {
                    **action["context"],
                    "default_invoice_payment_term_id": term.id,
                }
        return action

    # Invoices to the head office

    def _prepare_invoice(self):
        """One invoice for all branches has neither the address nor the terms of one of them."""
        values = super()._prepare_invoice()
        if self._is_invoiced_to_head_office():
            invoiced = self.partner_invoice_id
            values["partner_shipping_id"] = invoiced.address_get(["delivery"])["delivery"]
            # The invoice finds its customer's terms itself, as any other.
            values.pop("invoice_payment_term_id")
        return values

    def _is_invoiced_to_head_office(self):
        """Whether this branch's order goes to its head office's invoice."""
        customer = self.partner_id._get_order_invoice_customer()
        return (
            customer != self.partner_id.commercial_partner_id
            and customer == self.partner_invoice_id.commercial_partner_id
        )

    def _create_account_invoices(self, invoice_vals_list, final):
        """Part a head office's invoice by branches: core puts all orders' lines in a row."""
        for values in invoice_vals_list:
            values["invoice_line_ids"] = self._add_branch_sections(values["invoice_line_ids"])
        return super()._create_account_invoices(invoice_vals_list, final)

    def _add_branch_sections(self, commands):
        """Put the lines of each branch under a section with its name, if there are several.

        The orders of a branch that has several are subsections, as are the orders' own sections.
        Only where a branch's order goes to its head office; all other invoices are core's.

        :param list commands: create commands of the lines of one invoice, in their order
        :return: the commands to use instead
        """
        by_branch = {}
        to_head_office = False
        waiting = []
        for command in commands:
            waiting.append(command)
            order_lines = self._get_order_lines_of_command(command)
            if order_lines:
                order = order_lines.order_id[:1]
                branch = order.partner_id.commercial_partner_id
                to_head_office = to_head_office or order._is_invoiced_to_head_office()
                by_branch.setdefault(branch, {}).setdefault(order, []).extend(waiting)
                waiting = []
        if len(by_branch) < 2 or not to_head_office:
            return commands
        result = []
        for branch, by_order in by_branch.items():
            # sudo: the name of a customer of these orders.
            name = branch.sudo().name
            result.append(Command.create({"display_type": "line_section", "name": name}))
            for order, order_commands in by_order.items():
                if len(by_order) > 1:
                    values = {"display_type": "line_subsection", "name": order.name}
                    result.append(Command.create(values))
                for command in order_commands:
                    if command[2].get("display_type") == "line_section":
                        command[2]["display_type"] = "line_subsection"
                    result.append(command)
        result += waiting
        for sequence, command in enumerate(result, start=1):
            command[2]["sequence"] = sequence
        return result

    def _get_order_lines_of_command(self, command):
        """Return the order lines that one invoice line to create is for."""
        links = command[2].get("sale_line_ids") or []
        ids = [
            line_id
            for link in links
            for line_id in (link[2] if link[0] == Command.SET else [link[1]])
        ]
        return self.env["sale.order.line"].browse(ids)
