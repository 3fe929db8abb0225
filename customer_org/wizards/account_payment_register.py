# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..models.settlement.allocation import allocate_in_order


class AccountPaymentRegister(models.TransientModel):
    """Register one payment of a head office for invoices of its branches.

    Takes: open items of customer invoices, as core's wizard does, and a payer.

    Use: with ``payer_id`` set the chosen items of one currency are one batch in the payer's name.
    Left empty, or where the payer alone owes them, the wizard is core's.

    How it works: the payment, its discounts and differences are booked as core books them for one
    customer. Reconciling it with the invoices posts the settlement that moves it to their
    customers. One indexed look-up finds the payers to offer, whatever the number of items.
    """

    _inherit = "account.payment.register"

    payer_id = fields.Many2one(
        "res.partner",
        compute="_compute_payer_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', available_payer_ids)]",
        help="The customer that pays all these invoices with one payment in its own name. Leave "
        "it empty to register a payment of each customer.",
    )
    available_payer_ids = fields.Many2many("res.partner", compute="_compute_available_payer_ids")
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

    # ------------------------------------------------------------------
    # Payer
    # ------------------------------------------------------------------

    @api.depends("line_ids")
    def _compute_payer_id(self):
        """Propose the nearest customer above all; who owes alone pays by itself."""
        for wizard in self:
            customers = wizard._get_invoiced_customers()
            wizard.payer_id = len(customers) > 1 and wizard._get_common_payers()[:1]

    @api.depends("line_ids")
    def _compute_available_payer_ids(self):
        for wizard in self:
            payers = wizard._get_common_payers()
            # A customer that could only pay its own invoices has no choice to make.
            wizard.available_payer_ids = (
                payers if payers - wizard._get_invoiced_customers()[:1] else False
            )

    def _get_invoiced_customers(self):
        return self.line_ids._origin.partner_id.commercial_partner_id

    def _get_common_payers(self):
        """Return the customers that may pay all chosen items, nearest first.

        These are the ancestors which all customers have in common; a chosen customer is its own.
        Only open items of posted customer documents have a payer, and only money that comes in.
        """
        self.ensure_one()
        lines = self.line_ids._origin
        customers = self._get_invoiced_customers()
        if not customers or not all(self._may_have_payer(line) for line in lines):
            return customers.browse()
        for currency, items in lines.grouped("currency_id").items():
            # By what is open: of a credit note that is mostly used little is left to take off.
            if currency.compare_amounts(sum(items.mapped("amount_residual_currency")), 0.0) <= 0:
                return customers.browse()
        if len(customers) == 1 and not customers.billing_parent_id:
            # A head office, or a customer in no hierarchy, pays for itself.
            return customers
        return self.env["customer.hierarchy.link"]._get_common_ancestors(customers)

    @api.model
    def _may_have_payer(self, line):
        return (
            line.partner_id
            and line.account_type == "asset_receivable"
            and line.parent_state == "posted"
        )

    @api.constrains("payer_id", "line_ids")
    def _check_payer(self):
        for wizard in self.filtered("payer_id"):
            payers = wizard._get_common_payers()
            if wizard.payer_id in payers:
                continue
            if not payers:
                raise ValidationError(
                    self.env._(
                        "A payer can only be chosen for posted customer invoices whose customers "
                        "are billed under one head office. Leave the payer empty to register a "
                        "payment of each customer."
                    )
                )
            raise ValidationError(
                self.env._(
                    "%(payer)s can't pay these invoices, because not all their customers are "
                    "billed under it. Choose one of these payers or leave the payer empty: "
                    "%(payers)s.",
                    payer=wizard.payer_id.display_name,
                    payers=", ".join(payers.mapped("display_name")),
                )
            )

    def _has_other_payer(self):
        """Whether someone pays for others, so that this is not core's affair alone."""
        self.ensure_one()
        return bool(self.payer_id and self._get_invoiced_customers() - self.payer_id)

    def _get_payer_account(self, lines):
        """Return the receivable account of the payment: the one of the payer's own items, if any.

        :raises UserError: if the payer's own items are on several accounts
        """
        own_lines = lines.filtered(
            lambda line: line.partner_id.commercial_partner_id == self.payer_id
        )
        if len(own_lines.account_id) > 1:
            raise UserError(
                self.env._(
                    "The invoices of %(payer)s are on several receivable accounts: %(accounts)s. "
                    "Register the payment for those of one account at a time.",
                    payer=self.payer_id.display_name,
                    accounts=", ".join(own_lines.account_id.mapped("display_name")),
                )
            )
        company = self._get_batch_company(lines)
        payer = self.payer_id.with_company(company)
        return own_lines.account_id or payer.property_account_receivable_id

    def _get_batch_company(self, lines):
        """Return the company in which core books the payment of these items."""
        if self._from_sibling_companies(lines):
            return lines.company_id.root_id
        return min(lines.company_id, key=lambda company: len(company.sudo().parent_ids))

    # ------------------------------------------------------------------
    # One batch in the payer's name
    # ------------------------------------------------------------------

    @api.depends("payer_id")
    def _compute_batches(self):
        for wizard in self:
            if not wizard._has_other_payer():
                super(AccountPaymentRegister, wizard)._compute_batches()
                continue
            for_payer = wizard.with_context(payment_register_payer_id=wizard.payer_id.id)
            super(AccountPaymentRegister, for_payer)._compute_batches()
            wizard.batches = [wizard._complete_payer_batch(batch) for batch in wizard.batches]

    @api.model
    def _get_line_batch_key(self, line):
        key = super()._get_line_batch_key(line)
        # From the context: core asks once a line.
        payer_id = self.env.context.get("payment_register_payer_id")
        if payer_id:
            key.update(partner_id=payer_id, account_id=False, partner_bank_id=False)
        return key

    def _complete_payer_batch(self, batch):
        """Add what the items of the batch must not be told apart by."""
        banks = batch["lines"].move_id.partner_bank_id
        return {
            **batch,
            "payment_values": {
                **batch["payment_values"],
                "account_id": self._get_payer_account(batch["lines"]).id,
                # Core goes by the amounts of the documents, whatever is left open of them.
                "payment_type": "inbound",
                # As in core for invoices that all ask for payment to one bank account.
                "partner_bank_id": banks.id if len(banks) == 1 else False,
            },
        }

    @api.depends("payer_id")
    def _compute_from_lines(self):
        return super()._compute_from_lines()

    @api.depends("payer_id", "can_edit_wizard", "group_payment", "can_group_payments")
    def _compute_may_type_amounts(self):
        """Amounts can be typed for one payment in the name of someone else."""
        for wizard in self:
            wizard.may_type_amounts = (
                wizard._has_other_payer()
                and wizard.can_edit_wizard
                and (wizard.group_payment or not wizard.can_group_payments)
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

    @api.depends("payer_id")
    def _compute_group_payment(self):
        super()._compute_group_payment()
        for wizard in self:
            if wizard._has_other_payer():
                wizard.group_payment = True

    @api.depends("partner_id")
    def _compute_suitable_payment_token_ids(self):
        return super()._compute_suitable_payment_token_ids()

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def _create_payments(self):
        # Again: the hierarchy may have changed since the payer was chosen.
        self._check_payer()
        self._check_typed_amounts()
        payments = super()._create_payments()
        if self._has_other_payer():
            # Core links them to the invoices last of all, and has the former state in its cache.
            payments.invalidate_recordset()
        return payments

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
        if self.currency_id != self.invoice_amount_ids.currency_id:
            return
        total = sum(self.invoice_amount_ids.mapped("amount"))
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

    def _create_payment_vals_from_wizard(self, batch_result):
        batch = self._keep_discounts_apart(batch_result)
        return self._set_payer_account(super()._create_payment_vals_from_wizard(batch), batch)

    def _create_payment_vals_from_batch(self, batch_result):
        batch = self._keep_discounts_apart(batch_result)
        return self._set_payer_account(super()._create_payment_vals_from_batch(batch), batch)

    def _keep_discounts_apart(self, batch):
        """Make core book a discount as an item of the customer whom it is granted."""
        if not self._has_other_payer():
            return batch
        lines = batch["lines"].with_context(early_payment_discount_by_customer=True)
        return {**batch, "lines": lines}

    def _set_payer_account(self, vals, batch):
        if self._has_other_payer():
            vals["destination_account_id"] = batch["payment_values"]["account_id"]
        return vals

    def _reconcile_payments(self, to_process, edit_mode=False):
        """Settle the invoices with the payer's payments, across accounts and customers."""
        if not self._has_other_payer():
            return super()._reconcile_payments(to_process, edit_mode=edit_mode)
        for vals in to_process:
            self._settle_invoices(vals)
        # Nothing is left for core to match. It would link each invoice with the payments of all.
        nothing = self.env["account.move.line"]
        return super()._reconcile_payments(
            [{**vals, "to_reconcile": nothing} for vals in to_process], edit_mode=edit_mode
        )

    def _settle_invoices(self, vals):
        """Reconcile the payment with its invoices and link those that it pays.

        A payment without a journal entry is linked with all: it pays them when the bank's
        statement is matched.
        """
        payment, lines = vals["payment"], vals["to_reconcile"]
        if not payment.move_id:
            payment.invoice_ids |= lines.move_id
            return
        payment_lines = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.destination_account_id
        )
        if self._has_typed_amounts():
            self._settle_typed_amounts(payment_lines)
        else:
            context = {}
            if "rate" in vals:
                context["forced_rate_from_register_payment"] = vals["rate"]
            open_lines = (payment_lines | lines).filtered(lambda line: not line.reconciled)
            open_lines.with_context(**context).reconcile()
        payment.invoice_ids |= lines.move_id & payment.reconciled_invoice_ids

    def _settle_typed_amounts(self, payment_lines):
        """Pay of each invoice what was typed; the rest stays the payer's open credit."""
        limits = {
            typed.line_id: typed.amount
            for typed in self.invoice_amount_ids
            if not typed.currency_id.is_zero(typed.amount)
        }
        lines = payment_lines.union(*limits)
        lines._lock_open_items()
        matches = lines._plan_limited_settlement(limits)
        if matches:
            self.env["customer.settlement"]._settle(matches)
