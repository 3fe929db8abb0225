# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a match of a settlement is taken back.

Every undo begins where core removes a match: ``account.partial.reconcile.unlink``.
"""

from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import models

from .hand_over import hand_over
from .settlement_entry import LegMatches

#: How many documents a message names.
NAMED = 50


class CustomerSettlementLine(models.Model):
    """Taking back single matches, after core has removed the partials of their legs."""

    _inherit = "customer.settlement.line"

    def _begin_undo(self):
        """Mark as undone what is about to end with its partials.

        Before they go: core works out anew what all invoices of a payment show when one of them
        is paid no more, and again when the payment is unlinked from it.
        """
        self.is_undone = True
        self._unlink_payments()

    def _finish_undo(self):
        """Take back what the legs carried that were set free, so that no leg stays open."""
        if not self:
            return
        for settlement, lines in self.grouped("settlement_id").items():
            settlement._take_back(lines)
            settlement._log_undone(lines)
        # Last: what payments say is worked out anew when the amounts of the lines change, and with
        # it what all invoices of these payments show.
        self.amount = 0.0

    def _unlink_payments(self):
        """Unlink the payments from the documents that they pay no more."""
        freed = defaultdict(set)
        for line in self:
            if payment := line.credit_line_id.move_id.origin_payment_id:
                freed[payment].add(line.debt_line_id.move_id)
        for payment, moves in freed.items():
            lines = payment.move_id.line_ids.settlement_line_ids
            paid = lines.filtered(lambda line: not line.is_undone).debt_line_id.move_id
            payment.invoice_ids -= payment.invoice_ids.browse([move.id for move in moves]) - paid


class CustomerSettlement(models.Model):
    """Taking back entries: cancelled where nothing is left, else the freed legs are reversed."""

    _inherit = "customer.settlement"

    def _take_back(self, freed):
        """Take back the legs of ``freed`` lines, whose partials are gone.

        Where a lock or a hash forbids to cancel the entry, it is reversed on the first open date.
        """
        self.ensure_one()
        is_over = all(line.is_undone for line in self.line_ids)
        moves = self.env["account.move"].search(
            [("customer_settlement_id", "=", self.id), ("state", "=", "posted")]
        )
        if is_over and all(move._can_be_unlinked() for move in moves):
            moves.line_ids.remove_move_reconcile()
            # A clerk's undo is not the change of a reviewed entry that a review guards against.
            moves.checked = False
            moves.button_cancel()
        else:
            self._reverse_legs(freed)
        if is_over:
            self.state = "cancelled"

    def _reverse_legs(self, freed):
        """Post the reverse of what ``freed`` lines moved and match it with their legs.

        A payer's leg that still carries something is matched again with its credit.
        """
        amounts = self._get_freed_amounts(freed)
        ref = self.env._("Part of %s undone", self.name)
        if all(line.is_undone for line in self.line_ids):
            ref = self.env._("Reversal of: %s", self.name)
        journal = self.move_id.journal_id
        if not journal.active:
            journal = self.company_id._ensure_customer_settlement_journal()
        legs = [self._prepare_reversal(leg, *amount) for leg, amount in amounts.items()]
        settlement = self.with_company(self.company_id)
        date = self._get_reversal_date(journal)
        move = settlement._create_moves([self._prepare_move(journal, date, ref, legs)])
        # Only now: posting a reversal matches it with its original, across customers.
        move.reversed_entry_id = self.move_id
        matches, of_averages = LegMatches(), []
        payer_legs = set(freed.payer_leg_id)
        for leg, line in zip(amounts, move.line_ids.sorted("id"), strict=True):
            items = (leg, line) if leg in payer_legs else (line, leg)
            matches.add_exact(*items, *(abs(amount) for amount in amounts[leg]))
        for line in self._get_lines_in_force(payer_legs):
            leg, credit = line.payer_leg_id, line.credit_line_id
            left = leg.company_currency_id.round(leg.amount_residual + amounts[leg][0])
            if leg.currency_id == leg.company_currency_id:
                matches.add_exact(leg, credit, left)
            else:
                of_averages.append(leg + credit)
        items = self.env["account.move.line"]
        groups = matches.groups
        with hand_over(self.env, groups):
            items._reconcile_plan([lines for lines, _results in groups])
        items._reconcile_plan(of_averages)

    def _get_reversal_date(self, journal):
        """Return the settlement's date; where it is locked, the first open one, as core does."""
        locked_until = self.company_id._get_user_fiscal_lock_date(journal)
        if self.date > locked_until:
            return self.date
        return locked_until + timedelta(days=1)

    def _get_lines_in_force(self, payer_legs):
        """Return one line for each of the set ``payer_legs`` that still pays something."""
        in_force = self.line_ids.filtered(
            lambda line: not line.is_undone and line.payer_leg_id in payer_legs
        )
        return in_force.browse([lines[0].id for lines in in_force.grouped("payer_leg_id").values()])

    def _get_freed_amounts(self, freed):
        """Return ``{leg: (balance, amount in currency) of the item that takes it back}``.

        A debtor's leg is open by what was freed of it. Of a payer's leg that still pays for
        others it is as much; in a foreign currency, which only settlements of before 19.0.2 share,
        at the leg's average rate.
        """
        amounts = {}
        in_force = set(self._get_lines_in_force(set(freed.payer_leg_id)).payer_leg_id)
        for leg, lines in freed.grouped("payer_leg_id").items():
            moved = 0.0
            for debtor_leg in lines.debtor_leg_id:
                back = (-debtor_leg.amount_residual, -debtor_leg.amount_residual_currency)
                amounts[debtor_leg] = back
                moved += back[0]
            moved = leg.company_currency_id.round(moved)
            if leg not in in_force:
                amounts[leg] = (-moved, -leg.amount_residual_currency)
            elif leg.currency_id == leg.company_currency_id:
                amounts[leg] = (-moved, -moved)
            else:
                share = leg.currency_id.round(leg.amount_currency * moved / leg.balance)
                amounts[leg] = (-moved, -min(share, leg.amount_residual_currency))
        return amounts

    def _prepare_reversal(self, leg, balance, amount_currency):
        """Return the values of the item that takes back ``balance`` of a leg."""
        vals = {
            "name": leg.name,
            "account_id": leg.account_id.id,
            "partner_id": leg.partner_id.id,
            "currency_id": leg.currency_id.id,
            "balance": leg.company_currency_id.round(balance),
            "amount_currency": leg.currency_id.round(amount_currency),
            "analytic_distribution": leg.analytic_distribution,
        }
        if self.company_id.account_storno:
            vals["is_storno"] = not leg.is_storno
        return vals

    def _log_undone(self, lines):
        """Say in the chatter which documents were paid by how much, now that they are not."""
        entries = [
            Markup("<li>%s</li>")
            % self.env._(
                "%(document)s of %(customer)s: %(amount)s from %(credit)s",
                document=line.debt_name or "",
                customer=line.partner_id.display_name,
                amount=line.debt_currency_id.format(line.debt_amount_currency),
                credit=line.credit_name or "",
            )
            for line in lines[:NAMED]
        ]
        if len(lines) > NAMED:
            entries.append(Markup("<li>%s</li>") % self.env._("and %s more", len(lines) - NAMED))
        total = self.company_currency_id.format(sum(lines.mapped("amount_settled")))
        self._message_log(
            body=Markup("%s<ul>%s</ul>")
            % (self.env._("Undone, %s together:", total), Markup().join(entries))
        )
