# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

#: ``customer_settlement_undo`` in the context while a settlement is undone; nobody can send it.
UNDO = object()


def is_undo(env):
    """Return whether a settlement is being undone, by us and not by who sends such a context."""
    return env.context.get("customer_settlement_undo") is UNDO


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Give a settled credit back to its document when the match of a leg is removed.

        A match of a debtor's leg takes back what it paid, that of a payer's leg all that it
        carries. The matches between an entry of a settlement and its reversal stay.
        """
        if not self or is_undo(self.env):
            return super().unlink()
        lines = self.env["customer.settlement.line"]._of_partials(self)
        if not lines:
            return super().unlink()
        outside = self - self.filtered(
            lambda partial: (
                partial.debit_move_id.move_id.customer_settlement_id
                and partial.credit_move_id.move_id.customer_settlement_id
            )
        )
        of_freed_credits = lines.filtered(lambda line: line.payer_leg_id in outside.debit_move_id)
        partials = outside | self.browse(of_freed_credits._get_debt_partials().ids)
        moves = (lines._get_debt_partials() & partials).debit_move_id.move_id
        result = super(AccountPartialReconcile, partials).unlink()
        lines.settlement_id._finish_undo(moves)
        return result
