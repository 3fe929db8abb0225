# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass

from odoo import models

from .hand_over import get_originals

#: ``customer_settlement_undo`` in the context while a settlement is undone; nobody can send it.
UNDO = object()


def is_undo(env):
    """Return whether a settlement is being undone, by us and not by who sends such a context."""
    return env.context.get("customer_settlement_undo") is UNDO


@dataclass
class OriginalPartial:
    """What core asks a partial for when it books cash-basis taxes, as of the original match."""

    id: int
    company_id: object
    max_date: object


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Give a settled credit back to its document when the match of a leg is removed.

        A match of a debtor's leg takes back what it paid, that of a payer's leg all that it
        carries. A leg never comes apart from its reversal, nor from its exchange difference.
        """
        if not self or is_undo(self.env):
            return super().unlink()
        lines = self.env["customer.settlement.line"]._search_by_partials(self)
        if not lines:
            return super().unlink()
        self.check_access("unlink")
        # sudo: who may remove a match may undo what it settled; the legs may lie in the root of
        # the user's companies. It is the same user: lock exceptions and the trail stay his.
        apart = self.sudo().filtered(lambda partial: not partial._joins_leg_and_its_own())
        freed = lines._filter_carried_by(apart)
        partials = (apart | freed._get_partials()).with_context(customer_settlement_undo=UNDO)
        # Core asks for the payments of each match by itself: have them all read at once.
        (partials.debit_move_id | partials.credit_move_id).move_id.mapped("matched_payment_ids")
        freed._begin_undo()
        result = super(AccountPartialReconcile, partials).unlink()
        freed.with_context(customer_settlement_undo=UNDO)._finish_undo()
        return result

    def _joins_leg_and_its_own(self):
        """Whether this matches a settlement's leg with its reversal or its exchange difference."""
        self.ensure_one()
        moves = [self.debit_move_id.move_id, self.credit_move_id.move_id]
        entries = [move for move in moves if move.customer_settlement_id]
        return len(entries) == 2 or (
            len(entries) == 1 and any(move.exchange_diff_partial_ids for move in moves)
        )

    def _collect_tax_cash_basis_values(self):
        """Answer for the original credit, or debt, where a leg stands in its place.

        Core asks for the counterpart's rate, date, currency and type. So the partials of legs are
        asked about as if they were those of the documents themselves, each for its own side.
        """
        originals = get_originals(self.env)
        pairs = {(partial.debit_move_id.id, partial.credit_move_id.id): partial for partial in self}
        of_legs = {partial: originals[key] for key, partial in pairs.items() if key in originals}
        if not of_legs:
            return super()._collect_tax_cash_basis_values()
        values = super(
            AccountPartialReconcile, self - self.browse([partial.id for partial in of_legs])
        )._collect_tax_cash_basis_values()
        for partial, match in of_legs.items():
            self._merge_cash_basis_values(values, partial._collect_original_values(match))
        return values

    def _collect_original_values(self, match):
        """Return core's values of this partial's document, for the match behind it.

        What the document lost to an exchange difference is a match of its own in core, before: of a
        document in the company's currency it takes a share of the taxes along.
        """
        debt, credit = match.debt.line, match.credit.line
        if self.debit_move_id == debt:
            item, lost = debt, match.debt_paid[0]
        else:
            item, lost = credit, match.credit_used[0]
        difference = item.company_currency_id.round(lost - match.partial[0])
        partials = [(difference, 0.0, 0.0), match.partial] if difference else [match.partial]
        values = {}
        for partial in partials:
            of_partial = self._collect_values_of(debt, credit, partial, item)
            self._merge_cash_basis_values(values, of_partial)
        return values

    def _collect_values_of(self, debt, credit, partial, item):
        """Return core's values of an item's document, for a match of these two items."""
        amount, debt_currency, credit_currency = partial
        original = self.new(
            {
                "debit_move_id": debt.id,
                "credit_move_id": credit.id,
                "amount": amount,
                "debit_amount_currency": debt_currency,
                "credit_amount_currency": credit_currency,
            }
        )
        # Core's, and not ours: what is asked about here is the match behind the legs.
        collect = super(AccountPartialReconcile, original)._collect_tax_cash_basis_values  # pylint: disable=super-method-mismatch
        values = {key: value for key, value in collect().items() if key == item.move_id.id}
        for of_move in values.values():
            for of_partial in of_move["partials"]:
                of_partial["partial"] = OriginalPartial(
                    self.id, original.company_id, original.max_date
                )
        return values

    @staticmethod
    def _merge_cash_basis_values(values, others):
        for move_id, of_move in others.items():
            if move_id in values:
                values[move_id]["partials"] += of_move["partials"]
            else:
                values[move_id] = of_move
