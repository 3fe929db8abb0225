# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "customer.credit.document"]

    def _compute_partner_credit_warning(self):
        """Warn of the limits of who is invoiced, too: that is where core counts the order."""
        super()._compute_partner_credit_warning()
        for order in self:
            customer = order.partner_invoice_id.commercial_partner_id
            if (
                order.state in ("draft", "sent")
                and order.company_id.account_use_credit_limit
                and customer != order.partner_id.commercial_partner_id
            ):
                order.partner_credit_warning = self.env["account.move"]._get_credit_limit_warning(
                    order, order.partner_invoice_id, order.amount_total / order.currency_rate
                )

    @api.model_create_multi
    def create(self, vals_list):
        with self.browse()._watching_credit() as watch:
            orders = super().create(vals_list)
            # An order that is imported as confirmed, or written so by another application.
            watch.before.update(dict.fromkeys(orders, {}))
        return orders

    def write(self, vals):
        with self._watching_credit():
            return super().write(vals)

    def action_confirm(self):
        """Refuse or log what exceeds a limit that blocks: core only warns."""
        overridden = self._check_credit_limits()
        checked = {
            order: {order.partner_invoice_id.commercial_partner_id: order._get_open_commitment()}
            for order in self._get_blocked_quotations()
        }
        with self._watching_credit(checked):
            result = super().action_confirm()
        self.env["account.move"]._log_credit_limit_override(overridden)
        return result

    def _get_blocked_quotations(self):
        return self.filtered(
            lambda order: (
                order.state in ("draft", "sent") and order.company_id._is_credit_limit_blocking()
            )
        )

    def _check_credit_limits(self, may_exceed=None):
        """Return the warnings that are overridden by confirming these quotations, by order.

        :param may_exceed: whether limits may be exceeded; by default, whether the user may
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        return self.env["account.move"]._check_credit_limits(
            [
                (order, order.partner_invoice_id, order.amount_total / order.currency_rate, 0.0)
                for order in self._get_blocked_quotations()
            ],
            may_exceed=may_exceed,
        )

    def _get_owed_amounts(self):
        owed = super()._get_owed_amounts()
        for order in self:
            if order.state == "sale" and order.company_id._is_credit_limit_blocking():
                customer = order.partner_invoice_id.commercial_partner_id
                if order._is_credit_watched(customer):
                    owed[order] = {customer: order._get_open_commitment()}
        return owed

    def _get_open_commitment(self):
        """Return what of this order is not invoiced yet, at today's rate, as core counts orders."""
        # sudo: what is invoiced of an order, for a seller without access to invoices.
        order = self.sudo()
        return order._convert_to_company(max(order.amount_total - order.amount_invoiced, 0.0))

    def _get_uncounted_amount(self):
        """Core counts of an order only what can be invoiced already: what was delivered."""
        # sudo: as above.
        order = self.sudo()
        counted = order._convert_to_company(max(order.amount_to_invoice, 0.0))
        return super()._get_uncounted_amount() + max(order._get_open_commitment() - counted, 0.0)

    def _convert_to_company(self, amount):
        company = self.company_id
        today = fields.Date.context_today(self)
        return self.currency_id._convert(amount, company.currency_id, company, today)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Check the limits when a confirmed order gets lines, whatever way they come."""
        orders = self.order_id.browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        with orders._watching_credit():
            return super().create(vals_list)

    def write(self, vals):
        """Check the limits when a confirmed order's line is raised or moved."""
        orders = self.order_id | self.order_id.browse(vals.get("order_id"))
        with orders._watching_credit():
            return super().write(vals)

    def unlink(self):
        """Check the limits here, too: without a line that takes off more is owed."""
        with self.order_id._watching_credit():
            return super().unlink()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_credit_to_invoice(self):
        """Take off what open orders' down payments have invoiced: core counts it twice."""
        total = super()._get_credit_to_invoice()
        company = self.env.company
        today = fields.Date.context_today(self)
        orders = self.env["sale.order"].search(
            [
                ("company_id", "=", company.id),
                ("partner_invoice_id.commercial_partner_id", "in", self.ids),
                ("order_line", "any", [("untaxed_amount_to_invoice", ">", 0)]),
                ("order_line", "any", [("is_downpayment", "=", True)]),
                ("state", "=", "sale"),
            ]
        )
        for order in orders:
            deposits = order.order_line.filtered("is_downpayment")
            deposit = min(sum(deposits.mapped("amount_invoiced")), order.amount_to_invoice)
            total -= order.currency_id._convert(
                max(deposit, 0.0), company.currency_id, company, today
            )
        return total
