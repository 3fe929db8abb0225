# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..settlement.allocation import allocate_in_order


class CustomerRemittance(models.Model):
    """Settling what the lines say, and taking it back."""

    _inherit = "customer.remittance"

    # Matches inside one customer have no settlement: they are kept to be taken back.
    partial_ids = fields.Many2many(
        "account.partial.reconcile",
        "customer_remittance_partial_rel",
        "remittance_id",
        "partial_id",
        readonly=True,
        copy=False,
    )

    def action_settle(self):
        """Settle the lines that are not left out, with the chosen credits of the payer.

        Deductions are treated as their reasons say. If no credit is chosen, it is the payer's whose
        reference fits, else whose open amount does.

        :raises AccessError: if the user may not reconcile
        :raises UserError: with all that is wrong, and nothing is posted: a line that is neither
            ready nor paid short, a deduction without a reason, a sum that is not the announced
            one, a credit that does not suffice
        """
        self.env["account.partial.reconcile"].check_access("create")
        self.check_access("write")
        for remittance in self:
            remittance._lock()
            remittance._settle()

    def _lock(self):
        """Wait for others who settle the same list or use the same items.

        The lock fails with a serialization error if they changed them, and Odoo tries the whole
        call again with what there is then.
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT id FROM customer_remittance WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        items = self._get_items(self.line_ids.move_id) | self.credit_line_ids
        if items:
            items._lock_open_items()

    def _get_items(self, moves):
        """Return the open receivable items of documents."""
        return self.env["account.move.line"].search(
            [
                ("move_id", "in", moves.ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="date_maturity, id",
        )

    def _settle(self):
        """Check that all adds up, and post it."""
        self.ensure_one()
        self._check_ready()
        lines = self.line_ids.filtered(lambda line: not line.left_out and line.move_id)
        items = self._get_items(lines.move_id)
        self._read_together(lines.move_id)
        before = self._get_partial_ids(items | self.credit_line_ids)
        last = self.env["customer.settlement"].search([], order="id desc", limit=1).id or 0
        for matches in self._plan(lines, items):
            self.env["customer.settlement"]._settle(matches)
        self._link_settlements(items | self.credit_line_ids, last)
        partials = self._get_partial_ids(items | self.credit_line_ids) - before
        # sudo: a note of which matches were made; who may make them may have them noted.
        self._with_change().sudo().partial_ids = [Command.set(list(partials))]
        self._post_deductions(lines)
        self._set_state("settled")

    @staticmethod
    def _read_together(moves):
        """Read all items of the documents: core looks at them, one document after the other."""
        items = moves.line_ids
        items.mapped("display_type")
        items.mapped("tax_ids")

    def _check_ready(self):
        """Raise all that keeps the remittance from being settled, in one message."""
        if self.state not in ("draft", "waiting"):
            raise UserError(self.env._("%s is settled or cancelled already.", self.display_name))
        if not self.partner_id or not self.line_ids:
            raise UserError(
                self.env._("Add the payer and at least one line to %s first.", self.display_name)
            )
        if all(self.line_ids.mapped("status")):
            self._refresh_statuses()
        else:
            self._match()
        self._propose_credits()
        problems = self._get_problems() + self._get_credit_problems()
        if not self.line_ids.filtered(lambda line: not line.left_out):
            problems.append(self.env._("Every line is left out: nothing is to be settled."))
        if problems:
            raise UserError(
                self.env._(
                    "%(remittance)s can't be settled:\n%(problems)s",
                    remittance=self.display_name,
                    problems="\n".join(f"- {problem}" for problem in problems),
                )
            )

    # ------------------------------------------------------------------
    # What pays what
    # ------------------------------------------------------------------

    def _plan(self, lines, items):
        """Return the matches of just the amounts on the lines, as lists to settle one by one.

        :raises UserError: if accounts or currencies keep something from being paid as it says
        """
        limits = self._get_limits(lines, items)
        items = items.filtered(limits.get)
        notes = items.filtered(lambda item: item.balance < 0)
        credit_limits = self._get_credit_limits()
        credits = self.credit_line_ids
        if credit_limits:
            credits = credits.filtered(credit_limits.get)
            limits |= credit_limits
            plans = [(items | credits)._plan_limited_settlement(limits)]
        elif notes:
            # Credits in another currency can't be limited: the list's own credit notes pay first.
            plans = [items._plan_limited_settlement(limits)]
            self._lower(limits, plans[0])
            rest = items.filtered(lambda item: item.balance > 0 and limits[item])
            plans.append((rest | credits)._plan_limited_settlement(limits))
        else:
            plans = [(items | credits)._plan_limited_settlement(limits)]
        self._check_paid(self._get_limits(lines, items), plans)
        return [plan for plan in plans if plan]

    def _get_limits(self, lines, items):
        """Return ``{item: what the lines pay of it}``, positive; of terms the first due first."""
        limits = {}
        by_move = items.grouped("move_id")
        for line in lines:
            of_move = by_move.get(line.move_id, items.browse())
            amounts = [abs(amount) for amount in of_move.mapped("amount_residual_currency")]
            parts = allocate_in_order(abs(line.amount), amounts, self.currency_id.rounding)
            limits.update(zip(of_move, parts, strict=True))
        return limits

    def _lower(self, limits, matches):
        """Take from the limits what was matched."""
        for match in matches:
            item = match.debt.line
            limits[item] = item.currency_id.round(limits[item] - match.debt_paid[1])

    def _check_paid(self, limits, plans):
        """Nothing is posted unless every line is paid with just its amount."""
        paid = defaultdict(float)
        for match in (match for plan in plans for match in plan):
            paid[match.debt.line] += match.debt_paid[1]
            paid[match.credit.line] += match.credit_used[1]
        for item, amount in limits.items():
            if item.currency_id.compare_amounts(paid[item], amount):
                raise UserError(
                    self.env._(
                        "The chosen credits can pay only %(paid)s of the %(amount)s of "
                        "%(document)s, because of their amount, currency or account. Choose "
                        "another credit, or leave the line out.",
                        paid=item.currency_id.format(paid[item]),
                        amount=item.currency_id.format(amount),
                        document=item.move_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # What was made
    # ------------------------------------------------------------------

    def _get_partial_ids(self, items):
        """Return the ids of the matches between these items."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_partial_reconcile
                 WHERE debit_move_id = ANY(%(ids)s) AND credit_move_id = ANY(%(ids)s)
                """,
                ids=items.ids,
            )
        )
        return {partial_id for (partial_id,) in rows}

    def _link_settlements(self, items, last):
        """Note which settlements were made: those after ``last`` that use our credits."""
        # sudo: settlements are nobody's to write; these are the ones that were just posted.
        settlements = self.env["customer.settlement"].sudo()
        settlements.search(
            [("id", ">", last), ("line_ids.credit_line_id", "in", items.ids)]
        ).remittance_id = self

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_undo(self):
        """Open the documents again, and give the credits back.

        Credit notes of reasons that are still drafts are deleted, posted ones are kept and named
        in the chatter. Then the remittance waits again where a day is promised, else it is a draft.

        :raises AccessError: if the user may not take matches back
        :raises UserError: if it is not settled
        """
        self.env["account.partial.reconcile"].check_access("unlink")
        self.check_access("write")
        for remittance in self:
            remittance._lock()
            if remittance.state != "settled":
                raise UserError(
                    self.env._(
                        "%s is not settled: there is nothing to undo.", remittance.display_name
                    )
                )
            remittance._undo()

    def _undo(self):
        self._undo_deductions()
        settlements = self.settlement_ids.filtered(lambda rec: rec.state == "posted")
        if settlements:
            settlements.with_env(self._with_change().env).action_undo()
        self.partial_ids.exists().unlink()
        self._set_state("waiting" if self.date_expected else "draft")
        self._refresh_statuses()

    def _reopen_if_undone(self):
        """After its settlements were undone by another door, be what the undo would have made it.

        Where something of it is still settled it stays settled: *Undo* takes back the rest.
        """
        self.ensure_one()
        is_posted = any(settlement.state == "posted" for settlement in self.settlement_ids)
        if self.state == "settled" and not is_posted and not self.partial_ids.exists():
            self._undo_deductions()
            self._set_state("waiting" if self.date_expected else "draft")
            self.message_post(body=self.env._("Its settlement was undone: it is open again."))
