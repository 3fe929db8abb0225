# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, frozendict

from ..receivable import USABLE_CREDIT
from .account_partial_reconcile import is_undo


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "customer.guarded.fields"]

    billing_root_id = fields.Many2one(
        "res.partner",
        string="Head Office",
        compute="_compute_billing_root_id",
        store=True,
        code_only=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The top of the customer's billing hierarchy when the invoice was posted.",
    )
    customer_settlement_id = fields.Many2one(
        "customer.settlement",
        string="Settlement",
        readonly=True,
        code_only=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The settlement that this journal entry belongs to.",
    )
    has_customer_settlement = fields.Boolean(
        readonly=True,
        code_only=True,
        copy=False,
        help="A settlement has used this document's items, now or in the past.",
    )

    can_settle_branches = fields.Boolean(
        compute="_compute_can_settle_branches", groups="base.group_user"
    )

    @api.depends(
        "line_ids.reconciled", "state", "partner_id", "payment_state", "origin_payment_id.state"
    )
    def _compute_can_settle_branches(self):
        """Whether this document is an open credit of a customer that has branches."""
        for move in self:
            move.can_settle_branches = any(
                line.partner_id.commercial_partner_id.billing_branch_count
                for line in move.line_ids.filtered_domain(USABLE_CREDIT)
            )

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    @api.depends("state")
    def _compute_billing_root_id(self):
        # Stamped with the state: a write of its own would cost each invoice several queries. What
        # is not posted keeps what it has.
        for move in self:
            if move.state == "posted" and move.is_sale_document(include_receipts=True):
                move.billing_root_id = move.commercial_partner_id.billing_root_id

    # ------------------------------------------------------------------
    # Payments of an invoice
    # ------------------------------------------------------------------

    def _compute_payment_state(self):
        """Tell paid from in payment by the payments behind the legs, which core can't see."""
        super()._compute_payment_state()
        settled = self.filtered(
            lambda move: move.has_customer_settlement and move.payment_state in ("paid", "reversed")
        )
        for move_id, is_matched in settled._get_settlement_payment_status():
            move = self.browse(move_id)
            move.payment_state = "paid" if is_matched else move._get_invoice_in_payment_state()

    def _get_settlement_payment_status(self):
        """Return ``(move id, whether all payments behind its settlements are matched)`` rows."""
        if not self.ids:
            return []
        self.env["account.payment"].flush_model(["is_matched"])
        self.env["account.partial.reconcile"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT move_id, BOOL_AND(is_matched)
                  FROM (
                        SELECT debt.move_id,
                               COALESCE(payment.is_matched, payment.id IS NULL) AS is_matched
                          FROM account_move_line debt
                          JOIN account_partial_reconcile partial ON partial.debit_move_id = debt.id
                          JOIN customer_settlement_line line
                            ON line.debtor_leg_id = partial.credit_move_id
                           AND line.debt_line_id = debt.id
                          JOIN account_move_line credit ON credit.id = line.credit_line_id
                          JOIN account_move credit_move ON credit_move.id = credit.move_id
                     LEFT JOIN account_payment payment
                            ON payment.id = credit_move.origin_payment_id
                         WHERE debt.move_id IN %(ids)s
                         UNION ALL
                        SELECT credit.move_id, TRUE
                          FROM account_move_line credit
                          JOIN account_partial_reconcile partial
                            ON partial.credit_move_id = credit.id
                          JOIN customer_settlement_line line
                            ON line.payer_leg_id = partial.debit_move_id
                         WHERE credit.move_id IN %(ids)s
                  ) settled
              GROUP BY move_id
                """,
                ids=tuple(self.ids),
            )
        )

    def _compute_payments_widget_to_reconcile_info(self):
        """Offer the billing parents' credits, too: core offers the customer's own only."""
        super()._compute_payments_widget_to_reconcile_info()
        for move in self:
            if (
                move.state == "posted"
                and move.move_type in ("out_invoice", "out_receipt")
                and move.payment_state in ("not_paid", "partial")
                and move.commercial_partner_id.billing_parent_id
            ):
                move._add_ancestor_credits()

    def _add_ancestor_credits(self):
        """Offer the open credits of the billing parents next to the customer's own."""
        self.ensure_one()
        content = [
            self._prepare_ancestor_credit(line) for line in self._get_ancestor_credit_lines()
        ]
        content = [values for values in content if not self.currency_id.is_zero(values["amount"])]
        if not content:
            return
        widget = self.invoice_outstanding_credits_debits_widget or {
            "outstanding": True,
            "content": [],
            "move_id": self.id,
            "title": self.env._("Outstanding credits"),
        }
        self.invoice_outstanding_credits_debits_widget = {
            **widget,
            "content": widget["content"] + content,
        }

    def _get_ancestor_credit_lines(self, limit=80):
        """Return the open credits of the ancestors that may pay this invoice, nearest first."""
        customer = self.commercial_partner_id
        path = self.env["customer.hierarchy.link"]._get_ancestors(customer.ids)[customer.id]
        lines = self.env["account.move.line"].search(
            [
                *USABLE_CREDIT,
                # Their contacts' too, such as whose name the bank knows.
                ("partner_id.commercial_partner_id", "in", path[1:]),
                ("company_id", "=", self.company_id.id),
            ],
            order="date, id",
            limit=limit,
        )
        return lines.sorted(lambda line: path.index(line.partner_id.commercial_partner_id.id))

    def _prepare_ancestor_credit(self, line):
        """Values of one line of core's *Outstanding credits*, under the ancestor's name."""
        if line.currency_id == self.currency_id:
            amount = abs(line.amount_residual_currency)
        else:
            amount = line.company_currency_id._convert(
                abs(line.amount_residual), self.currency_id, self.company_id, line.date
            )
        document = line.ref or line.move_id.name
        payer = line.partner_id.commercial_partner_id.display_name
        return {
            "journal_name": f"{payer}: {document}",
            "amount": amount,
            "currency_id": self.currency_id.id,
            "id": line.id,
            "move_id": line.move_id.id,
            "date": fields.Date.to_string(line.date),
            "account_payment_id": line.payment_id.id,
            "move_ref": line.ref or "",
            "billing_parent_name": payer,
        }

    def js_assign_outstanding_line(self, line_id):
        """Settle with the credit of another customer, also where its account is another one."""
        self.ensure_one()
        credit = self.env["account.move.line"].browse(line_id)
        # sudo: whether it is an entry of ours, which pays nobody by itself.
        if settlement := credit.move_id.sudo().customer_settlement_id:
            return settlement._notify_not_a_credit()
        customers = credit.partner_id.commercial_partner_id | self.commercial_partner_id
        if (
            len(customers) < 2
            or not credit.partner_id
            or not self.is_sale_document(include_receipts=True)
        ):
            return super().js_assign_outstanding_line(line_id)
        debts = self.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
        return (credit + debts).reconcile()

    def _compute_payments_widget_reconciled_info(self):
        """Name who really paid, or was paid for: core finds the legs of settlements."""
        super()._compute_payments_widget_reconciled_info()
        for move in self.filtered("has_customer_settlement"):
            if move.invoice_payments_widget:
                move.invoice_payments_widget = move._see_through_settlements(
                    move.invoice_payments_widget
                )

    def _see_through_settlements(self, widget):
        """Show the original document behind each leg: no entry is added or dropped."""
        partials = self.env["account.partial.reconcile"].browse(
            [values["partial_id"] for values in widget["content"]]
        )
        lines = self.env["customer.settlement.line"]._search_by_partials(partials)
        lines = lines.filtered(lambda line: not line.is_undone)
        by_debt = {(line.debt_line_id, line.debtor_leg_id): line for line in lines}
        by_payer_leg = lines.grouped("payer_leg_id")
        content = []
        for values, partial in zip(widget["content"], partials, strict=True):
            if line := by_debt.get((partial.debit_move_id, partial.credit_move_id)):
                values = {**values, **line._prepare_payment_values()}
            elif paid := by_payer_leg.get(partial.debit_move_id):
                names = ", ".join(paid.partner_id.mapped("display_name"))
                values = {
                    **values,
                    "settlement_label": self.env._("for %s", names),
                    "settlement_paid_ids": paid.partner_id.ids,
                }
            content.append(values)
        return {**widget, "content": content}

    def _get_reconciled_amls(self):
        """Return the original documents' items in the place of legs: credits, or debts paid."""
        items = super()._get_reconciled_amls()
        if not any(move.has_customer_settlement for move in self):
            return items
        # sudo: who sees the document may know what it was paid by.
        lines = self.env["customer.settlement.line"].sudo()
        lines = lines.search(
            [
                ("is_undone", "=", False),
                "|",
                ("debt_line_id", "in", self.line_ids.ids),
                ("credit_line_id", "in", self.line_ids.ids),
            ]
        )
        originals = defaultdict(self.env["account.move.line"].browse)
        for line in lines:
            if line.debt_line_id.move_id in self:
                originals[line.debtor_leg_id] |= line.credit_line_id
            if line.credit_line_id.move_id in self:
                originals[line.payer_leg_id] |= line.debt_line_id
        return items.browse([item.id for leg in items for item in (originals.get(leg) or leg)])

    def _get_printed_settlement_label(self, values):
        """Return who paid, or was paid for, as the customer of this document may read it.

        :param dict values: of a payment, from the payments widget
        :rtype: str
        """
        links, customers = self.env["customer.hierarchy.link"], self.env["res.partner"]
        if payer_id := values.get("settlement_payer_id"):
            name = links._name_for(self.partner_id, customers.browse(payer_id))
            return self.env._("by %s", name)
        if paid_ids := values.get("settlement_paid_ids"):
            paid = customers.browse(paid_ids)
            names = dict.fromkeys(links._name_for(self.partner_id, customer) for customer in paid)
            return self.env._("for %s", ", ".join(names))
        return ""

    def _get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line(self):
        """Keep apart the discounts of the customers for whom one payer pays.

        Core adds up discounts of one account: its payments are for one customer.
        """
        result = (
            super()._get_invoice_counterpart_amls_for_early_payment_discount_per_payment_term_line()
        )
        if self.env.context.get("early_payment_discount_by_customer"):
            for line, discounts in result["term_lines"].items():
                result["term_lines"][line] = {
                    frozendict(key, partner_id=vals["partner_id"]): vals
                    for key, vals in discounts.items()
                }
        return result

    # ------------------------------------------------------------------
    # Entries of settlements
    # ------------------------------------------------------------------

    def _raise_settlement_entry(self):
        settlements = self.customer_settlement_id
        raise UserError(
            self.env._(
                "This journal entry belongs to the settlement %s and can't be changed by itself. "
                "Open the settlement and undo it instead.",
                ", ".join(settlements.mapped("name")),
            )
        )

    def _check_no_settlement_entry(self):
        if self.customer_settlement_id and not is_undo(self.env):
            self._raise_settlement_entry()

    def _compute_show_reset_to_draft_button(self):
        """Hide the button on entries of settlements, which are never reset by themselves."""
        entries = self.filtered("customer_settlement_id")
        entries.show_reset_to_draft_button = False
        return super(AccountMove, self - entries)._compute_show_reset_to_draft_button()

    def _check_draftable(self):
        """Refuse the entry of a settlement: it goes back by undoing the settlement only."""
        self._check_no_settlement_entry()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Refuse the entry of a settlement: reversed by itself it would still pay its invoices."""
        self._check_no_settlement_entry()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def write(self, vals):
        """Refuse to change a posted entry of a settlement, by whatever way."""
        if vals.keys() & {"date", "journal_id", "line_ids", "name"}:
            self.filtered(lambda move: move.state == "posted")._check_no_settlement_entry()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settlement_entry(self):
        self._check_no_settlement_entry()

    def action_open_customer_settlement(self):
        """Open the settlement of this journal entry."""
        return self.customer_settlement_id._get_records_action(name=self.env._("Settlement"))

    def action_settle_branches(self):
        """Open the settlement wizard with the credits of these documents, for these invoices.

        :raises UserError: if the customers share no head office, or the documents no company
        """
        if len(self.company_id) > 1:
            raise UserError(
                self.env._("Choose documents of one company only to settle them together.")
            )
        credits = self.filtered(lambda move: move.move_type in ("out_refund", "entry"))
        return self.env["customer.settlement.wizard"]._open(
            self._get_settlement_payer(), self.company_id, credits, self - credits
        )

    def _get_settlement_payer(self):
        """Return the nearest customer that all of these are billed under, the credits' own too."""
        customers = self.line_ids.filtered(
            lambda line: line.account_type in ("asset_receivable", "liability_payable")
        ).partner_id.commercial_partner_id
        payers = self.env["customer.hierarchy.link"]._get_common_ancestors(customers)
        if not payers:
            raise UserError(
                self.env._(
                    "These documents have no head office in common. Choose invoices of customers "
                    "that are billed under the same head office."
                )
            )
        if len(customers) == 1 and not customers.billing_child_ids:
            # The documents of one branch: who pays is above it.
            payers = payers[1:] or payers
        return payers.with_company(self.company_id)._get_settling()
