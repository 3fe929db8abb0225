# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .account_partial_reconcile import UNDO
from .settlement_plan import get_residuals


class CustomerSettlement(models.Model):
    """The document behind a posted entry that moves one customer's credit to others.

    Takes: matches worked out by :class:`settlement_plan.SettlementPlan`.

    Use: :meth:`_settle` posts the entries and matches every leg inside its own customer. Removing
    any of these matches, by whatever path, ends in ``account.partial.reconcile.unlink``, which
    calls :meth:`_finish_undo`.

    How it works: one entry per payer, company and date; one payer's leg per credit, one debtor's
    leg per credit, customer, account and currency. All matches are made in one call of core's
    ``_reconcile_plan``, with the amounts of the plan.
    """

    _name = "customer.settlement"
    _description = "Customer Settlement"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True
    # Who sees a settlement may write to its followers; nobody edits settlements themselves.
    _mail_post_access = "read"

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, index="trigram")
    payer_id = fields.Many2one(
        "res.partner",
        string="Paid By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The customer whose credit is used.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        index=True,
        ondelete="restrict",
        copy=False,
        check_company=True,
    )
    # Not related to the entry's: it can't change, and any entry's date would be followed.
    date = fields.Date(readonly=True, index=True, copy=False)
    line_ids = fields.One2many("customer.settlement.line", "settlement_id", readonly=True)
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        currency_field="company_currency_id",
        help="What is still settled, in the company's currency.",
    )
    state = fields.Selection(
        [("posted", "Posted"), ("cancelled", "Cancelled")],
        required=True,
        readonly=True,
        default="posted",
        tracking=True,
        copy=False,
    )
    invoice_count = fields.Integer(compute="_compute_document_counts")
    credit_count = fields.Integer(compute="_compute_document_counts")

    _name_uniq = models.UniqueIndex("(company_id, name)")

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for settlement in self:
            settlement.amount = sum(settlement.line_ids.mapped("amount"))

    @api.depends("line_ids")
    def _compute_document_counts(self):
        for settlement in self:
            settlement.invoice_count = len(settlement._get_settled_moves())
            settlement.credit_count = len(settlement.line_ids.credit_line_id.move_id)

    def _get_settled_moves(self):
        """Return the documents whose debts these settlements pay now."""
        return self.line_ids._get_debt_partials().debit_move_id.move_id

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    @api.private
    def _settle(self, matches):
        """Post the entries that ``matches`` need and reconcile all their items.

        :param matches: list of :class:`settlement_plan.Match` of one or several hierarchies, those
            inside one customer too
        :return: the ``account.move.line`` that were matched
        :raises AccessError: if the user may not reconcile
        """
        self.env["account.partial.reconcile"].check_access("create")
        groups = self._group_matches(matches)
        legs = {}
        for (company, payer, date), group in groups.items():
            # sudo: who may reconcile these items may move them between their customers; the
            # entry's journal, accounts and amounts are not the user's choice.
            settlement = self.sudo().with_company(company)._create_posted(payer, date, group)
            legs.update(settlement._get_legs_by_match(group))
        self._link_documents(groups)
        self._reconcile_legs(matches, legs)
        return self.env["account.move.line"].union(
            *(match.debt.line | match.credit.line for match in matches)
        )

    @staticmethod
    def _group_matches(matches):
        """Return ``{(company, payer, date): matches of one entry}``."""
        groups = defaultdict(list)
        for match in matches:
            if match.is_across:
                payer = match.credit.line.partner_id.commercial_partner_id
                groups[match.company, payer, match.date].append(match)
        return groups

    @api.model
    def _get_open_date(self, company, date):
        """Return the date that core gives an entry of ``date``, where that one is locked."""
        # sudo: only the date of an entry that is not made.
        journal = company.sudo()._get_customer_settlement_journal()
        move = (
            self.env["account.move"]
            .sudo()
            .new({"move_type": "entry", "journal_id": journal.id, "date": date})
        )
        lock_dates = move._get_violated_lock_dates(date, False)
        return move._get_accounting_date(date, False, lock_dates) if lock_dates else date

    def _create_posted(self, payer, date, matches):
        """Create the settlement of these matches of one payer and company, and post its entry."""
        company = self.env.company
        name = (
            self.env["ir.sequence"]
            .with_context(ir_sequence_date=date)
            .next_by_code("customer.settlement")
        )
        settlement = self.create({"name": name, "payer_id": payer.id, "company_id": company.id})
        legs = self._prepare_legs(matches)
        journal = company._ensure_customer_settlement_journal()
        move, lines = settlement._post_entry(journal, date, name, legs)
        settlement.write(
            {
                "move_id": move.id,
                "date": move.date,
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": leg.partner_id.commercial_partner_id.id,
                            "credit_line_id": key[0].id,
                            "payer_leg_id": lines[key[:1]].id,
                            "debtor_leg_id": leg.id,
                            "amount": -leg.balance,
                        }
                    )
                    for key, leg in lines.items()
                    if len(key) > 1
                ],
            }
        )
        return settlement

    def _post_entry(self, journal, date, ref, legs):
        """Post an entry of this settlement.

        :param dict legs: ``{key: values of its journal item}``
        :return: the ``account.move`` and ``{key: its journal item}``
        """
        move = (
            self.env["account.move"]
            .with_context(skip_invoice_sync=True)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "company_id": self.company_id.id,
                    "date": date,
                    "ref": ref,
                    # No partner: the entry is shared by several customers.
                    "partner_id": False,
                    "customer_settlement_id": self.id,
                    "line_ids": [Command.create(vals) for vals in legs.values()],
                }
            )
        )
        move._post(soft=False)
        return move, dict(zip(legs, move.line_ids.sorted("id"), strict=True))

    def _prepare_legs(self, matches):
        """Return ``{leg key: values of its journal item}``; payer's legs have the shorter key."""
        legs = {}
        for match in matches:
            credit, debt = match.credit.line, match.debt.line
            payer_key, debtor_key = self._get_leg_keys(match)
            self._add_to_leg(
                legs.setdefault(payer_key, self._prepare_leg(credit, self.env._("Paid for"))),
                match.amount,
                match.credit_used[1],
            )
            self._add_to_leg(
                legs.setdefault(debtor_key, self._prepare_leg(debt, self.env._("Paid by"))),
                -match.amount,
                -match.debt_paid[1],
            )
            legs[payer_key].setdefault("others", {})[debt.partner_id.display_name] = True
            legs[debtor_key].setdefault("others", {})[credit.partner_id.display_name] = True
        for (credit, *_debtor), leg in legs.items():
            others = list(leg.pop("others"))
            if len(others) > 3:
                others = [self.env._("%s customers", len(others))]
            leg["name"] = f"{leg['name']} {', '.join(others)} ({credit.move_id.name})"
        return legs

    @staticmethod
    def _get_leg_keys(match):
        credit, debt = match.credit.line, match.debt.line
        return (credit,), (credit, debt.partner_id, debt.account_id, debt.currency_id)

    @staticmethod
    def _prepare_leg(line, name, balance=0.0, amount_currency=0.0):
        return {
            "name": name,
            "account_id": line.account_id.id,
            "partner_id": line.partner_id.id,
            "currency_id": line.currency_id.id,
            "balance": line.company_currency_id.round(balance),
            "amount_currency": amount_currency,
        }

    def _add_to_leg(self, leg, balance, amount_currency):
        currency = self.env["res.currency"].browse(leg["currency_id"])
        leg["balance"] = self.env.company.currency_id.round(leg["balance"] + balance)
        leg["amount_currency"] = currency.round(leg["amount_currency"] + amount_currency)

    def _get_legs_by_match(self, matches):
        """Return ``{match: (payer's leg, debtor's leg)}`` of the posted entry."""
        by_key = {}
        for line in self.line_ids:
            leg = line.debtor_leg_id
            key = (line.credit_line_id, leg.partner_id, leg.account_id, leg.currency_id)
            by_key[key] = (line.payer_leg_id, leg)
        return {id(match): by_key[self._get_leg_keys(match)[1]] for match in matches}

    def _link_documents(self, groups):
        """Mark the documents that take part, and link payments to the invoices they pay."""
        moves, payments = set(), defaultdict(set)
        for group in groups.values():
            for match in group:
                debt, credit = match.debt.line.move_id, match.credit.line.move_id
                moves |= {debt, credit}
                if credit.origin_payment_id and debt.is_invoice(include_receipts=True):
                    payments[credit.origin_payment_id].add(debt.id)
        unmarked = self.env["account.move"].union(
            *(move for move in moves if not move.has_customer_settlement)
        )
        if unmarked:
            # By SQL: a write on posted invoices would check and synchronize what does not change.
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move SET has_customer_settlement = TRUE WHERE id IN %s",
                    tuple(unmarked.ids),
                )
            )
            unmarked.invalidate_recordset(["has_customer_settlement"], flush=False)
        for payment, invoice_ids in payments.items():
            # sudo: a link between a payment and the invoices that the user makes it pay.
            payment.sudo().invoice_ids = [Command.link(invoice_id) for invoice_id in invoice_ids]

    def _reconcile_legs(self, matches, legs):
        """Reconcile every item and leg inside its own customer, with the amounts of the plan."""
        groups = defaultdict(lambda: ([], []))
        credits = {}
        payer_legs = {}
        for match in matches:
            debt, credit = match.debt.line, match.credit.line
            if match.is_across:
                payer_leg, debtor_leg = legs[id(match)]
                self._add_result(groups, debt, debtor_leg, self._get_debt_result(match, debtor_leg))
                payer_legs.setdefault(payer_leg, []).append(match)
            else:
                self._add_result(groups, debt, credit, match.result)
                amount, amount_currency = match.credit_used
                values = credits.setdefault(credit, get_residuals(credit))
                values["amount_residual"] += amount
                values["amount_residual_currency"] += amount_currency
        for payer_leg, group in payer_legs.items():
            credit = group[0].credit.line
            values = credits.setdefault(credit, get_residuals(credit))
            result = self._get_credit_result(group, payer_leg, values)
            self._add_result(groups, payer_leg, credit, result)
        items = self.env["account.move.line"]
        plan = {items.union(*lines): results for lines, results in groups.values()}
        # Not in the context: core keeps each that differs until the end of the transaction.
        cache = self.env.cr.cache
        cache["customer_settlement_results"] = {
            frozenset(lines.ids): results for lines, results in plan.items()
        }
        try:
            items._reconcile_plan(list(plan))
        finally:
            cache.pop("customer_settlement_results", None)

    @staticmethod
    def _add_result(groups, debit, credit, result):
        lines, results = groups[debit.partner_id.commercial_partner_id, debit.account_id]
        lines += (debit, credit)
        results.append(result)

    def _get_debt_result(self, match, leg):
        """Core's partial of a debt and its share of the debtor's leg."""
        debt = match.debt.line
        if debt.currency_id == debt.company_currency_id:
            return self._get_exact_result(debt, leg, match.debt_paid)
        share = {
            "aml": leg,
            "amount_residual": -match.amount,
            "amount_residual_currency": -match.debt_paid[1],
        }
        return leg._prepare_reconciliation_single_partial(match.debt_before, share)

    def _get_credit_result(self, matches, leg, credit_values):
        """Core's partial of the payer's leg and the credit it takes from."""
        if all(match.has_exact_credit for match in matches):
            amounts = (leg.balance, leg.amount_currency)
            return self._get_exact_result(leg, credit_values["aml"], amounts)
        return leg._prepare_reconciliation_single_partial(get_residuals(leg), credit_values)

    @staticmethod
    def _get_exact_result(debit, credit, amounts):
        """A partial of items of the same currency and rate: nothing to convert."""
        amount, amount_currency = amounts
        return {
            "partial_values": {
                "debit_move_id": debit.id,
                "credit_move_id": credit.id,
                "amount": amount,
                "debit_amount_currency": amount_currency,
                "credit_amount_currency": amount_currency,
            }
        }

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_undo(self):
        """Open the settled invoices again and give the credits back to their documents.

        :raises UserError: if a settlement is cancelled already
        """
        if any(settlement.state == "cancelled" for settlement in self):
            raise UserError(
                self.env._("This settlement is already cancelled. Nothing is left to undo.")
            )
        partials = self.sudo().line_ids._get_debt_partials()
        # Not in sudo: who may not remove matches may not undo.
        self.env["account.partial.reconcile"].browse(partials.ids).unlink()

    @api.private
    def _finish_undo(self, moves):
        """Take back what the legs carried that were set free, so that no leg stays open.

        :param moves: the documents whose matches were removed
        """
        # First: what payments say is worked out anew when the amounts of the lines change.
        self._unlink_payments(moves)
        for settlement in self.with_context(customer_settlement_undo=UNDO):
            if settlement.line_ids._get_debt_partials():
                settlement._reverse_open_legs()
            else:
                settlement._cancel()

    def _reverse_open_legs(self):
        """Post the reverse of the open part of the legs and match it with them."""
        self.ensure_one()
        reversal = self._prepare_reversal()
        if not reversal:
            return
        ref = self.env._("Part of %s undone", self.name)
        move, lines = self._post_entry(self.move_id.journal_id, self.date, ref, reversal)
        # Only now: posting a reversal matches it with its original, across customers.
        move.reversed_entry_id = self.move_id
        plan = [leg + line for leg, line in lines.items()]
        for line in self.line_ids.filtered(lambda line: line.payer_leg_id in reversal):
            credit_partials = line.payer_leg_id._get_outside_partials()
            if credit_partials:
                credit_partials.unlink()
                plan.append(line.payer_leg_id + line.credit_line_id)
        self.env["account.move.line"]._reconcile_plan(plan)

    def _prepare_reversal(self):
        """Return ``{leg: values of the item that takes back its open part}``."""
        reversal = {}
        for payer_leg, lines in self.line_ids.grouped("payer_leg_id").items():
            freed = lines.filtered(lambda line: not line.debtor_leg_id.reconciled)
            if not freed:
                continue
            currency = payer_leg.currency_id
            left = payer_leg.amount_residual_currency + sum(
                payer_leg._get_outside_partials().mapped("debit_amount_currency")
            )
            amount = amount_currency = 0.0
            for line in freed:
                leg = line.debtor_leg_id
                amount -= leg.amount_residual
                amount_currency -= line._get_payer_amount_currency(
                    leg.amount_residual, leg.amount_residual_currency
                )
                reversal[leg] = self._prepare_leg(
                    leg, leg.name, -leg.amount_residual, -leg.amount_residual_currency
                )
                line.amount += leg.amount_residual
            reversal[payer_leg] = self._prepare_leg(
                payer_leg, payer_leg.name, -amount, -min(currency.round(amount_currency), left)
            )
        return reversal

    def _cancel(self):
        """Cancel the entries; where a lock or a hash forbids it, reverse them."""
        self.ensure_one()
        moves = self.env["account.move"].search(
            [("customer_settlement_id", "=", self.id), ("state", "=", "posted")]
        )
        moves.line_ids.remove_move_reconcile()
        removable = moves.filtered(lambda move: move._can_be_unlinked())
        # As the system: an accountant's review of the entry must not keep it alive.
        removable.with_user(SUPERUSER_ID).button_cancel()
        kept = moves - removable
        if kept:
            kept._as_code()._reverse_moves(
                [
                    {
                        "date": move.date,
                        "ref": self.env._("Reversal of: %s", move.name),
                        "customer_settlement_id": self.id,
                    }
                    for move in kept
                ],
                cancel=True,
            )
        self.line_ids.amount = 0.0
        self.state = "cancelled"

    def _unlink_payments(self, moves):
        """Unlink the payments that pay none of ``moves`` any more."""
        for payment in self.line_ids.credit_line_id.move_id.origin_payment_id:
            lines = payment.move_id.line_ids.settlement_line_ids
            still_paid = lines._get_debt_partials().debit_move_id.move_id
            payment.invoice_ids -= moves - still_paid

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_move(self):
        """Open the journal entry."""
        return self.move_id._get_records_action(name=self.env._("Journal Entry"))

    def action_open_credits(self):
        """Open the documents whose credit is used."""
        moves = self.line_ids.credit_line_id.move_id
        if len(moves) == 1:
            return moves.action_open_business_doc()
        return moves._get_records_action(name=self.env._("Credits"))

    def action_open_settled_moves(self):
        """Open the documents whose debts are paid."""
        return self._get_settled_moves()._get_records_action(name=self.env._("Settled Invoices"))
