# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager

from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

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
        orders = super().create(vals_list)
        # An order that is imported as confirmed, or written so by another application.
        orders._check_raised_credit({})
        return orders

    def action_confirm(self):
        overridden = self._check_credit_limits()
        result = super().action_confirm()
        self.env["account.move"]._log_credit_limit_override(overridden)
        return result

    def _check_credit_limits(self, may_exceed=None):
        """Return the warnings that are overridden by confirming these quotations, by order.

        :param may_exceed: whether limits may be exceeded; by default, whether the user may
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        return self.env["account.move"]._check_credit_limits(
            [
                (order, order.partner_invoice_id, order.amount_total / order.currency_rate, 0.0)
                for order in self
                if order.company_id._is_credit_limit_blocking() and order.state in ("draft", "sent")
            ],
            may_exceed=may_exceed,
        )

    def _get_confirmed_amounts(self):
        """Return ``{confirmed order: (total, to invoice)}`` where limits block, in its currency."""
        return {
            order: (order.amount_total, order.amount_to_invoice)
            for order in self
            if order.state == "sale" and order.company_id._is_credit_limit_blocking()
        }

    @contextmanager
    def _checking_raised_credit(self):
        """Check the limits of confirmed orders whose totals rise in the block."""
        before = self._get_confirmed_amounts()
        yield
        self._check_raised_credit(before)

    def _check_raised_credit(self, before):
        documents, pending = [], {}
        for order, amounts in self._get_confirmed_amounts().items():
            raised, counted = (
                (now - then) / order.currency_rate
                for now, then in zip(amounts, before.get(order, (0.0, 0.0)), strict=True)
            )
            if order.company_id.currency_id.compare_amounts(raised, 0.0) > 0:
                documents.append((order, order.partner_invoice_id, raised, 0.0))
                # What is to be invoiced now counts already.
                customer = order.partner_invoice_id.commercial_partner_id
                pending[customer.id] = pending.get(customer.id, 0.0) - counted
        moves = self.env["account.move"]
        moves._log_credit_limit_override(moves._check_credit_limits(documents, pending=pending))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.order_id.browse(
            {vals["order_id"] for vals in vals_list if "order_id" in vals}
        )
        with orders._checking_raised_credit():
            return super().create(vals_list)

    def write(self, vals):
        if not {"product_uom_qty", "price_unit", "discount", "tax_ids"} & vals.keys():
            return super().write(vals)
        with self.order_id._checking_raised_credit():
            return super().write(vals)


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
