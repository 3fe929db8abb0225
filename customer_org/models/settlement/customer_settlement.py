# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .hand_over import hand_over
from .settlement_entry import LegMatches, plan_entries


class CustomerSettlement(models.Model):
    """The document behind a posted entry that moves one customer's credit to others.

    Takes: matches worked out by :class:`settlement_plan.SettlementPlan`.

    Use, all that screens and other paths need: *plan* with
    ``items._plan_limited_settlement(limits)`` on ``account.move.line``, which returns matches
    that nothing is posted of; :meth:`_plan_entries` says what posting them makes, journal item by
    journal item; *settle* with :meth:`_settle`, by who may reconcile the items. What is undone
    is undone by removing core's partials, by whatever path: :mod:`.undo`.

    How it works: one entry per payer, company and date, of legs as :mod:`.settlement_entry` lays
    them out. All matches are made in one call of core's ``_reconcile_plan``, with the amounts of
    the plan. A match is a line of the settlement.
    """

    _name = "customer.settlement"
    _description = "Customer Settlement"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True
    # Who sees a settlement may write to its followers; nobody edits settlements themselves.
    _mail_post_access = "read"

    # The entry's number. Not related to it: a number that any entry gets would be followed.
    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/", index="trigram"
    )
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

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for settlement in self:
            settlement.amount = sum(settlement.line_ids.mapped("amount"))

    @api.depends("line_ids.is_undone")
    def _compute_document_counts(self):
        for settlement in self:
            settlement.invoice_count = len(settlement._get_settled_moves())
            settlement.credit_count = len(settlement.line_ids.credit_line_id.move_id)

    def _get_settled_moves(self):
        """Return the documents whose debts these settlements pay now."""
        return self.line_ids.filtered(lambda line: not line.is_undone).debt_line_id.move_id

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    @api.private
    def _settle(self, matches):
        """Post the entries that ``matches`` need and reconcile all their items.

        :param matches: list of :class:`settlement_plan.Match` of one or several hierarchies, those
            inside one customer too
        :return: the ``account.move.line`` that were matched
        :raises AccessError: if the user may not reconcile these items
        """
        items = self.env["account.move.line"]
        lines = items.union(*(match.debt.line | match.credit.line for match in matches))
        lines = lines.with_env(self.env)
        self.env["account.partial.reconcile"].check_access("create")
        lines.check_access("read")
        entries = self._plan_entries(matches)
        # sudo: who may reconcile these items may move them between their customers; the entry's
        # journal, accounts and amounts are not the user's choice. It is the same user: lock
        # exceptions and the trail stay his, also where the entry is in his companies' root.
        settlements = self.sudo()
        settlements._post_entries(entries)
        settlements._link_documents([match for entry in entries for match in entry.matches])
        settlements._reconcile_matches(matches, entries)
        return lines

    @api.private
    def _plan_entries(self, matches):
        """Return what :meth:`_settle` would post for ``matches``, to be shown beforehand.

        :return: list of :class:`settlement_entry.Entry`; ask :meth:`_get_open_date` for the date
            that each gets
        """
        taxed = {}

        def has_cash_basis_tax(move):
            if move not in taxed:
                taxed[move] = bool(
                    move.company_id.tax_exigibility and move._collect_tax_cash_basis_values()
                )
            return taxed[move]

        return plan_entries(matches, has_cash_basis_tax)

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

    def _post_entries(self, entries):
        """Create the settlements of ``entries`` and post them, a company's all together."""
        by_company = defaultdict(list)
        for entry in entries:
            by_company[entry.company].append(entry)
        for company, of_company in by_company.items():
            self.with_company(company)._post_entries_of_company(of_company)

    def _post_entries_of_company(self, entries):
        company = self.env.company
        settlements = self.create(
            [{"payer_id": entry.payer.id, "company_id": company.id} for entry in entries]
        )
        journal = company._ensure_customer_settlement_journal()
        # A leg earns and costs nothing. Left out, core would look up each customer's distribution.
        vals_lists = [
            [{**leg.get_values(), "analytic_distribution": False} for leg in entry.legs]
            for entry in entries
        ]
        moves = self._create_moves(
            [
                settlement._prepare_move(journal, entry.date, entry.reference, vals_list)
                for settlement, entry, vals_list in zip(
                    settlements, entries, vals_lists, strict=True
                )
            ]
        )
        lines = self.env["customer.settlement.line"]
        vals_list = []
        for settlement, entry, move in zip(settlements, entries, moves, strict=True):
            for leg, record in zip(entry.legs, move.line_ids.sorted("id"), strict=True):
                leg.record = record
            settlement.write({"name": move.name, "move_id": move.id, "date": move.date})
            for match in entry.matches:
                payer_leg, debtor_leg = entry.legs_of[match]
                vals = lines._prepare_line(match, payer_leg.record, debtor_leg.record)
                vals_list.append({"settlement_id": settlement.id, **vals})
        lines.create(vals_list)

    def _notify_not_a_credit(self):
        """Return a message for who wants to use one of its items as a credit."""
        message = self.env._(
            "This item belongs to the settlement %s and pays nothing by itself.", self.name
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "warning", "message": message},
        }

    def _prepare_move(self, journal, date, ref, legs):
        """Return the values of an entry of this settlement.

        :param legs: list of the values of its journal items
        """
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": self.company_id.id,
            "date": date,
            "ref": ref,
            # No partner: the entry is shared by several customers.
            "partner_id": False,
            "customer_settlement_id": self.id,
            "line_ids": [Command.create(vals) for vals in legs],
        }

    @api.model
    def _create_moves(self, vals_list):
        """Create and post entries of settlements; items may lie on accounts that are archived."""
        moves = (
            self.env["account.move"]
            .with_context(skip_invoice_sync=True, skip_account_deprecation_check=True)
            .create(vals_list)
        )
        moves._post(soft=False)
        return moves

    def _link_documents(self, matches):
        """Mark the documents that take part, and link payments to the invoices they pay."""
        moves, payments = {}, defaultdict(set)
        for match in matches:
            debt, credit = match.debt.line.move_id, match.credit.line.move_id
            moves[debt] = moves[credit] = True
            if credit.origin_payment_id and debt.is_invoice(include_receipts=True):
                payments[credit.origin_payment_id].add(debt.id)
        unmarked = self.env["account.move"].browse(
            [move.id for move in moves if not move.has_customer_settlement]
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
        self._link_payments(payments)

    def _link_payments(self, payments):
        """Link payments with the invoices that they are about to pay.

        By SQL, before the matches are made: those let core work out anew what both sides show. A
        write would let it do so once more, for all invoices of each payment.

        :param dict payments: ``{payment: ids of invoices}``
        """
        pairs = [(payment.id, id_) for payment, ids in payments.items() for id_ in sorted(ids)]
        if not pairs:
            return
        field = self.env["account.payment"]._fields["invoice_ids"]
        self.env["account.payment"].flush_model(["invoice_ids"])
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s, %s) ON CONFLICT DO NOTHING",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                *(list(column) for column in zip(*pairs, strict=True)),
            )
        )
        self.env["account.payment"].invalidate_model(["invoice_ids"], flush=False)
        self.env["account.move"].invalidate_model(["matched_payment_ids"], flush=False)

    def _reconcile_matches(self, matches, entries):
        """Reconcile every item and leg inside its own customer, with the amounts of the plan."""
        leg_matches = LegMatches()
        for match in matches:
            if not match.is_across:
                leg_matches.add_own(match)
        for entry in entries:
            leg_matches.add_entry(entry)
        # Core would compare all items of the documents before and after. What is posted can't have
        # changed by a match, and inside of it core itself sets this key.
        settling = self.with_context(skip_invoice_sync=True)
        items = settling.env["account.move.line"]
        groups = [(lines.with_env(settling.env), results) for lines, results in leg_matches.groups]
        with hand_over(self.env, groups, leg_matches.originals) as exchange_moves:
            items._reconcile_plan([lines for lines, _results in groups])
        if exchange_moves:
            self._link_exchange_moves(groups, exchange_moves)

    def _link_exchange_moves(self, groups, exchange_moves):
        """Link each exchange difference to the match that it is of, so that they go together.

        Core links it to the first match that one of its items has.
        """
        moves = {id(values): move for values, move in exchange_moves}
        results = [result for _lines, of_group in groups for result in of_group]
        found = self.env["account.partial.reconcile"].search(
            [
                ("debit_move_id", "in", [r["partial_values"]["debit_move_id"] for r in results]),
                ("credit_move_id", "in", [r["partial_values"]["credit_move_id"] for r in results]),
            ]
        )
        partials = {(part.debit_move_id.id, part.credit_move_id.id): part for part in found}
        no_move = self.env["account.move"]
        for result in results:
            values = result["partial_values"]
            partial = partials[values["debit_move_id"], values["credit_move_id"]]
            move = moves.get(id(result.get("exchange_values")), no_move)
            if partial.exchange_move_id != move:
                partial.exchange_move_id = move

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
        # sudo: who undoes is checked by core on the matches; the lines say which these are.
        partials = self.sudo().line_ids._get_debt_partials()
        # Not in sudo: who may not remove matches may not undo.
        self.env["account.partial.reconcile"].browse(partials.ids).unlink()

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
