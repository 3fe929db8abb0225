# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


@dataclass(frozen=True)
class Payer:
    """Who pays, in the context: a class of our own, because a client can send an id."""

    id: int


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
    # ------------------------------------------------------------------
    # Payer
    # ------------------------------------------------------------------

    @api.depends("line_ids")
    def _compute_payer_id(self):
        """Propose who usually pays, else the nearest customer above all.

        Who owes alone pays by itself, if nothing else is said.
        """
        for wizard in self:
            customers = wizard._get_invoiced_customers()
            usual = customers._get_usual_payers() if customers else customers
            if len(customers) < 2 and usual == customers:
                wizard.payer_id = False
                continue
            payers = wizard._get_common_payers()
            usual = payers & usual if len(usual) == 1 else payers.browse()
            wizard.payer_id = usual or (len(customers) > 1 and payers[:1])

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
        # sudo: only to count the companies above.
        return min(lines.company_id, key=lambda company: len(company.sudo().parent_ids))

    # ------------------------------------------------------------------
    # One batch in the payer's name
    # ------------------------------------------------------------------

    @api.depends("payer_id")
    def _compute_batches(self):
        """Make one batch in the payer's name of what core would part by customer."""
        for wizard in self:
            if not wizard._has_other_payer():
                super(AccountPaymentRegister, wizard)._compute_batches()
                continue
            for_payer = wizard.with_context(payment_register_payer_id=Payer(wizard.payer_id.id))
            super(AccountPaymentRegister, for_payer)._compute_batches()
            wizard.batches = [wizard._complete_payer_batch(batch) for batch in wizard.batches]

    @api.model
    def _get_line_batch_key(self, line):
        key = super()._get_line_batch_key(line)
        # From the context: core asks once a line.
        payer = self.env.context.get("payment_register_payer_id")
        if isinstance(payer, Payer):
            key.update(partner_id=payer.id, account_id=False, partner_bank_id=False)
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
        """Depend on the payer, too: the batches and what core takes from them follow it."""
        return super()._compute_from_lines()

    @api.depends("payer_id")
    def _compute_group_payment(self):
        """Propose one payment where somebody else pays: core does so for one document only."""
        super()._compute_group_payment()
        for wizard in self:
            if wizard._has_other_payer():
                wizard.group_payment = True

    @api.depends("partner_id")
    def _compute_suitable_payment_token_ids(self):
        """Depend on the customer, too: saved cards are offered anew once a payer is chosen."""
        return super()._compute_suitable_payment_token_ids()

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def _create_payments(self):
        # Again: the hierarchy may have changed since the payer was chosen.
        self._check_payer()
        payments = super()._create_payments()
        if self._has_other_payer():
            # Core links them to the invoices last of all, and has the former state in its cache.
            payments.invalidate_recordset()
        return payments

    def _create_payment_vals_from_wizard(self, batch_result):
        """Book one payment on the payer's account, and discounts by the customer who gets them."""
        batch = self._keep_discounts_apart(batch_result)
        return self._set_payer_account(super()._create_payment_vals_from_wizard(batch), batch)

    def _create_payment_vals_from_batch(self, batch_result):
        """Book each of several payments on the payer's account, as the wizard's single one."""
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
            # In later series core takes the customer of the items where they have one.
            vals["partner_id"] = self.payer_id.id
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
        self._match_payment(payment_lines, vals)
        payment.invoice_ids |= lines.move_id & payment.reconciled_invoice_ids

    def _match_payment(self, payment_lines, vals):
        """Reconcile the items of a payment with those that it pays, oldest due first."""
        context = {}
        if "rate" in vals:
            context["forced_rate_from_register_payment"] = vals["rate"]
        open_lines = (payment_lines | vals["to_reconcile"]).filtered(
            lambda line: not line.reconciled
        )
        open_lines.with_context(**context).reconcile()
