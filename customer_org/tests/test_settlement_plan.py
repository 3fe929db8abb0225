# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from ..models.settlement.hand_over import hand_over
from .common_ledger import CoreCommon


@tagged("post_install", "-at_install")
class TestSettlementPlan(CoreCommon):
    """What is reconciled together is worked off in core's order, and nothing crosses."""

    def test_order_of_groups(self):
        """N's own payment is in the first group, HQ's in the second: the first comes first."""

        def run(n, _s, hq):
            invoice = self.bill(n, self.usd, 3000.0, "2026-01-10")
            own, parents = self._payment(n, 3000.0).move_id, self._payment(hq, 3000.0).move_id
            debt, first, second = self.lines(invoice), self.lines(own), self.lines(parents)
            self.env["account.move.line"]._reconcile_plan([debt + first, debt + second])
            return self.residuals(invoice, own, parents)

        self.assert_same_as_core(run)

    def test_imported_matching_number(self):
        """Core matches imported entries without exchange differences, trying a pair repeatedly."""

        def run(n, _s, hq):
            debt = self.opening_item(
                n, self.eur, 1000.0, 1111.11, "2026-01-05", matching_number="I77"
            )
            credit = self.opening_item(
                hq, self.usd, -900.0, -900.0, "2026-01-20", matching_number="I77"
            )
            return self.residuals(debt, credit)

        self.assert_same_as_core(run)

    def test_clearing_account(self):
        """An entry that clears items of HQ, of N and of nobody: nobody paid for anybody."""
        account = self.receivable.copy({"code": "121777", "name": "Clearing"})
        items = ((self.hq, 100.0), (self.north, -50.0), (self.hq.browse(), -50.0))
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc.id,
                "date": "2026-01-05",
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "partner_id": partner.id, "balance": balance}
                    )
                    for partner, balance in items
                ],
            }
        )
        move.action_post()
        move.line_ids.reconcile()
        self.assertFalse(self.last_settlement())
        for partial in move.line_ids.matched_credit_ids:
            self.assertFalse(partial.credit_move_id.partner_id, "a match goes across customers")

    def test_leftovers_are_not_cores(self):
        """With a stranger in the group core matches him alone with what is left."""
        stranger = self._create_customer("Stranger")
        invoice = self.bill(stranger, self.usd, 700.0, "2026-01-20")
        payment = self._payment(self.hq, 3500.0)
        self.lines(payment.move_id, self.invoice_n, invoice).reconcile()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(invoice.amount_residual, 200.0)
        self.assertEqual(self.lines(payment.move_id).amount_residual, 0.0)

    def test_hand_over_is_used_up(self):
        """Amounts that core did not ask for are an error, and never fall back to core's own."""
        lines = self.lines(self.invoice_n)
        with self.assert_refused(RuntimeError, "1 groups were not made"):
            with hand_over(self.env, [(lines, [])]):
                pass
