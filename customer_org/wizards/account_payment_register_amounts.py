# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.settlement.allocation import allocate_in_order


class AccountPaymentRegister(models.TransientModel):
    """How much of each invoice a payer's payment pays, and what becomes of the rest.

    The sum of the lines is the payment's amount, unless somebody typed that; then the rest is the
    payer's credit. A line's rest stays open, or goes where its reason says: by a remittance that
    is settled with the payment, and undone as one.
    """

    _inherit = "account.payment.register"

    is_amount_per_invoice = fields.Boolean(
        string="Amount per Invoice",
        help="Choose how much of each invoice is paid. Else the oldest due are paid first.",
    )
    may_type_amounts = fields.Boolean(compute="_compute_may_type_amounts")
    invoice_amount_ids = fields.One2many(
        "account.payment.register.line",
        "wizard_id",
        string="Amounts",
        compute="_compute_invoice_amount_ids",
        store=True,
        readonly=False,
        # Before the wizard is there: no query for those who type no amounts.
        precompute=True,
    )
    amount_rest = fields.Monetary(
        string="Stays Credit",
        currency_field="currency_id",
        compute="_compute_amount_rest",
        help="What the payment leaves after the amounts per invoice: an open credit of the payer.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep an amount that a program gives: the sum of the lines would replace it."""
        return super().create([self._remember_typed_amount(vals) for vals in vals_list])

    def write(self, vals):
        """Keep an amount that a program writes, as when it creates the wizard."""
        if "amount" in vals and any(self.mapped("is_amount_per_invoice")):
            vals = self._remember_typed_amount({"is_amount_per_invoice": True, **vals})
        return super().write(vals)

    @api.model
    def _remember_typed_amount(self, vals):
        """Keep an amount that a program gives: it is as good as typed on the screen.

        The screen says itself whether somebody typed it.
        """
        if (
            vals.get("is_amount_per_invoice")
            and vals.get("amount")
            and "custom_user_amount" not in vals
        ):
            return {**vals, "custom_user_amount": vals["amount"]}
        return vals

    @api.depends("payer_id", "can_edit_wizard", "group_payment", "can_group_payments")
    def _compute_may_type_amounts(self):
        """Amounts can be typed where somebody else pays: one payment, or one per currency."""
        for wizard in self:
            wizard.may_type_amounts = wizard._has_other_payer() and (
                wizard.group_payment or not wizard.can_group_payments
            )

    @api.depends("line_ids", "may_type_amounts", "is_amount_per_invoice")
    def _compute_invoice_amount_ids(self):
        """Start with what the payment would pay by itself: oldest due first."""
        for wizard in self:
            if not (wizard.is_amount_per_invoice and wizard.may_type_amounts):
                wizard.invoice_amount_ids = [Command.clear()]
            elif not wizard.invoice_amount_ids:
                wizard.invoice_amount_ids = [
                    Command.create({"line_id": line.id, "amount": amount})
                    for line, amount in wizard._get_default_invoice_amounts()
                ]

    def _get_default_invoice_amounts(self):
        """Return [(open item, amount in its currency)], oldest due first."""
        debts = self.line_ids._origin.filtered(lambda line: line.amount_residual_currency > 0.0)
        debts = debts.sorted(lambda line: (line.date_maturity or line.date, line.id))
        open_amounts = debts.mapped("amount_residual_currency")
        if self.currency_id == debts.currency_id:
            rounding = self.currency_id.rounding
            open_amounts = allocate_in_order(self.amount, open_amounts, rounding)
        return list(zip(debts, open_amounts, strict=True))

    @api.depends("invoice_amount_ids.amount")
    def _compute_amount(self):
        """Take the sum of the lines, if nobody typed an amount."""
        super()._compute_amount()
        for wizard in self:
            if (
                wizard._has_typed_amounts()
                and wizard.can_edit_wizard
                and wizard.invoice_amount_ids
                and not wizard.custom_user_amount
            ):
                wizard.amount = wizard._get_typed_total()

    @api.onchange("amount")
    def _onchange_amount(self):
        result = super()._onchange_amount()
        if self._has_typed_amounts() and self.can_edit_wizard and self.currency_id:
            total = self._get_typed_total()
            if not self.currency_id.compare_amounts(self.amount, total):
                # It follows the lines.
                self.custom_user_amount = self.custom_user_currency_id = False
            else:
                self.custom_user_amount = self.amount
                self.custom_user_currency_id = self.currency_id
        return result

    @api.depends("amount", "invoice_amount_ids.amount", "is_amount_per_invoice")
    def _compute_amount_rest(self):
        for wizard in self:
            wizard.amount_rest = (
                wizard.amount - wizard._get_typed_total()
                if wizard._has_typed_amounts() and wizard.can_edit_wizard
                else 0.0
            )

    @api.depends("is_amount_per_invoice")
    def _compute_show_payment_difference(self):
        """Each line says what becomes of its own rest."""
        result = super()._compute_show_payment_difference()
        for wizard in self.filtered("is_amount_per_invoice"):
            if wizard._has_typed_amounts() and wizard.payment_difference_handling == "open":
                wizard.show_payment_difference = False
        return result

    def _get_typed_total(self):
        """Return the sum of the lines in the payment's currency, at the payment's date."""
        total = 0.0
        for currency, lines in self.invoice_amount_ids.grouped("currency_id").items():
            amount = sum(lines.mapped("amount"))
            if currency != self.currency_id:
                amount = currency._convert(
                    amount, self.currency_id, self.company_id, self.payment_date
                )
            total += amount
        return self.currency_id.round(total) if self.currency_id else total

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def _create_payments(self):
        self._check_typed_amounts()
        if self._has_typed_amounts() and not self.can_edit_wizard:
            # A currency of which nothing is paid needs no payment.
            paid = self.invoice_amount_ids.filtered(lambda typed: typed.amount > 0.0).line_id
            self.batches = [batch for batch in self.batches if batch["lines"] & paid]
        return super()._create_payments()

    def _check_typed_amounts(self):
        """Refuse amounts that can't be paid as they are typed.

        :raises UserError: for amounts below zero, above what is open or above the payment, and
            where a difference is written off, for then all is paid
        """
        if not self._has_typed_amounts():
            return
        if self.payment_difference_handling == "reconcile":
            raise UserError(
                self.env._(
                    "Amounts per invoice can't be chosen where the payment difference or an early "
                    "payment discount settles the invoices whole. Turn off Amount per Invoice or "
                    "keep the difference open."
                )
            )
        for typed in self.invoice_amount_ids:
            currency = typed.currency_id
            above = currency.compare_amounts(typed.amount, max(typed.amount_residual, 0.0)) > 0
            if above or currency.compare_amounts(typed.amount, 0.0) < 0:
                raise UserError(
                    self.env._(
                        "%(amount)s can't be paid of %(document)s: %(open)s is open. Choose an "
                        "amount between zero and what is open.",
                        amount=currency.format(typed.amount),
                        document=typed.move_id.display_name,
                        open=currency.format(typed.amount_residual),
                    )
                )
        self._check_reasons()
        if not self.can_edit_wizard or self.currency_id != self.invoice_amount_ids.currency_id:
            return
        total = self._get_typed_total()
        if self.currency_id.compare_amounts(total, self.amount) > 0:
            raise UserError(
                self.env._(
                    "The amounts per invoice add up to %(total)s, but the payment is %(amount)s. "
                    "Lower some of them or raise the payment.",
                    total=self.currency_id.format(total),
                    amount=self.currency_id.format(self.amount),
                )
            )

    def _has_typed_amounts(self):
        return self.is_amount_per_invoice and self.may_type_amounts

    def _check_reasons(self):
        """Refuse reasons that can't be applied before anything is posted."""
        for move, lines in self.invoice_amount_ids.grouped("move_id").items():
            if len(lines.reason_id) > 1:
                raise UserError(
                    self.env._(
                        "The instalments of %s have several reasons. Choose one for all.",
                        move.display_name,
                    )
                )

    def _create_payment_vals_from_batch(self, batch_result):
        vals = super()._create_payment_vals_from_batch(batch_result)
        if self._has_typed_amounts():
            typed = self.invoice_amount_ids.filtered(
                lambda line: line.line_id in batch_result["lines"]
            )
            # What is typed is without discounts.
            vals.update(amount=sum(typed.mapped("amount")), write_off_line_vals=[])
        return vals

    def _match_payment(self, payment_lines, vals):
        if not self._has_typed_amounts():
            return super()._match_payment(payment_lines, vals)
        typed = self.invoice_amount_ids.filtered(lambda line: line.line_id in vals["to_reconcile"])
        if typed.reason_id:
            return self._settle_remittance(payment_lines, typed)
        return self._settle_typed_amounts(payment_lines, typed)

    def _settle_typed_amounts(self, payment_lines, typed):
        """Pay of each invoice what was typed; the rest stays the payer's open credit."""
        limits = {
            line.line_id: line.amount for line in typed if not line.currency_id.is_zero(line.amount)
        }
        lines = payment_lines.union(*limits)
        lines._lock_open_items()
        matches = lines._plan_limited_settlement(limits)
        if matches:
            self.env["customer.settlement"]._settle(matches)

    def _settle_remittance(self, payment_lines, typed):
        """Settle what was typed with its reasons, as a list of the payer."""
        remittance = self.env["customer.remittance"].create(
            {
                "partner_id": self.payer_id.id,
                "company_id": payment_lines.company_id.id,
                "currency_id": typed.currency_id.id,
                "date": self.payment_date,
                "credit_line_ids": [Command.set(payment_lines.ids)],
                "line_ids": [
                    Command.create(lines._prepare_remittance_line())
                    for lines in typed.grouped("move_id").values()
                    if any(line.amount or line.reason_id for line in lines)
                ],
            }
        )
        remittance.action_settle()
