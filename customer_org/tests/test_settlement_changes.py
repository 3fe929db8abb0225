# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_ledger import CoreCommon
from .common_statement import StatementCommon


@tagged("post_install", "-at_install")
class TestSettlementChanges(CoreCommon, StatementCommon):
    """Items that change while they are matched are looked at again."""

    def draft(self, partner=None, amount=500.0):
        """Return a draft invoice of 3 January."""
        draft = self.invoice_n.copy(
            {"invoice_date": "2026-01-03", "partner_id": (partner or self.north).id}
        )
        draft.invoice_line_ids.price_unit = amount
        return draft

    def wire(self, partner, amount):
        """Return a bank line whose counterpart is on the receivable account."""
        return self._wire(partner, amount, date="2026-02-02")

    def test_draft_is_posted(self):
        """A payment, or a bank line, that is matched with a draft settles it when it is posted."""
        for credit in (self._payment(self.hq, 500.0).move_id, self.wire(self.hq, 500.0).move_id):
            with self.subTest(credit=credit.name):
                draft = self.draft()
                self.lines(draft, credit).reconcile()
                draft.action_post()
                self.assert_ledger()
                self.assertEqual(draft.payment_state, "paid")
                self.assertEqual(self.last_settlement().line_ids.debt_line_id.move_id, draft)

    def test_draft_is_posted_by_cron(self):
        """The same by the nightly job that posts what is due to be posted."""
        draft = self.draft()
        draft.auto_post = "at_date"
        self.lines(draft, self._payment(self.hq, 500.0).move_id).reconcile()
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_auto_post_draft_entry").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(draft.state, "posted")
        self.assert_ledger()
        self.assertEqual(draft.payment_state, "paid")

    def test_two_drafts(self):
        """Two drafts of two customers: settled when the second is posted."""
        draft = self.draft()
        note = self.draft(self.hq, 300.0)
        note.move_type = "out_refund"
        self.lines(draft, note).reconcile()
        draft.action_post()
        self.assertFalse(self.last_settlement())
        note.action_post()
        self.assert_ledger()
        self.assertEqual(draft.amount_residual, 200.0)

    def test_payment_was_head_offices(self):
        """N's payment, matched with N's invoice, turns out to be HQ's: it is settled."""
        payment = self._payment(self.north, 3000.0)
        self.reconcile(payment, self.invoice_n)
        payment.action_draft()
        with Form(payment) as form:
            form.partner_id = self.hq
        payment.action_post()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0)
        self.assertEqual(self.last_settlement().payer_id, self.hq)

    def test_customer_of_a_posted_item(self):
        """Journal Items: a settled item is moved from N to S; what was settled is taken back."""
        move = self.opening_item(self.north, self.usd, 500.0, 500.0, "2026-01-05")
        payment = self._payment(self.hq, 500.0)
        self.reconcile(move, payment)
        self.lines(move).partner_id = self.south
        self.assert_ledger()
        self.assert_open(HQ=-500.0, N=3000.0, S=3000.0)

    def test_customer_of_an_invoice_with_an_exchange_difference(self):
        """N's invoice in EUR turns out to be S's: what HQ paid is taken back, all of it.

        Its own payment, which was N's, pays S now.
        """
        for payer in (self.hq, self.north):
            with self.subTest(payer=payer.name), self.taken_back():
                invoice = self.bill(self.north, self.eur, 1000.0, "2026-01-20")
                payment = self._payment(payer, 5000.0, date="2026-01-05")
                before = self.exchange()
                self.reconcile(invoice, payment)
                self.assertEqual(invoice.payment_state, "paid")
                matched = self.exchange()
                self.assertNotEqual(matched, before)
                invoice.button_draft()
                invoice.partner_id = self.south
                invoice.action_post()
                self.assert_ledger()
                is_paid = payer == self.north
                self.assertEqual(invoice.payment_state, "paid" if is_paid else "not_paid")
                self.assertEqual(self.exchange(), matched if is_paid else before)

    def test_customer_of_an_item_in_draft(self):
        """The same of a credit, in draft: nothing happens before it is posted again."""
        move = self.opening_item(self.hq, self.usd, -1000.0, -1000.0, "2026-01-05")
        settlement = self.reconcile(move, self.invoice_n)
        move.button_draft()
        self.lines(move).partner_id = self.west
        self.assertEqual(settlement.state, "posted")
        move.action_post()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(self.invoice_n.payment_state, "not_paid")

    def test_payment_is_re_dated(self):
        """HQ's payment moves from January to March: its settlement follows."""
        payment = self._payment(self.hq, 3000.0, date="2026-01-31")
        self.reconcile(payment, self.invoice_n)
        payment.action_draft()
        with Form(payment) as form:
            form.date = "2026-03-15"
        payment.action_post()
        self.assert_ledger()
        self.assertEqual(str(self.last_settlement().date), "2026-03-15")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        closing = [
            self.statement(partner, date_to="2026-02-28", branches=False).total.closing
            for partner in (self.north, self.hq)
        ]
        self.assertEqual(closing, [3000.0, 0.0])

    def test_re_dated_keeps_the_amounts(self):
        """An invoice of another rate's day, credit in EUR: what was matched stays by as much."""

        def run(n, s, hq):
            first = self.bill(n, self.usd, 400.0, "2026-01-05")
            second = self.bill(s, self.usd, 400.0, "2026-01-20")
            credit = self.opening_item(hq, self.eur, -1000.0, -1250.0, "2026-01-12")
            self.lines(credit, first, second).reconcile()
            first.button_draft()
            first.invoice_date = "2026-01-18"
            first.action_post()
            return self.residuals(credit, first, second), self.exchange()

        self.assert_same_as_core(run)

    def test_merged_branch(self):
        """N is merged into HQ: what HQ paid for it is a match of its own now."""
        payment = self._payment(self.hq, 4000.0)
        settlement = self.reconcile(payment, self.invoice_n, self.invoice_s)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.hq | self.north).ids, self.hq)
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(settlement.amount, 1000.0)
        rows = self.env["customer.settlement.report"].search([])
        self.assertFalse(rows.filtered(lambda row: row.payer_id == row.partner_id))
        self.assertEqual(self.hq.customer_settlement_count, 1)

    def test_joining_a_hierarchy(self):
        """A stranger paid N's invoice and becomes a customer of the hierarchy: it is settled."""
        stranger = self._create_customer("Depot")
        payment = self._payment(stranger, 3000.0)
        self.lines(payment.move_id, self.invoice_n).reconcile()
        self.assertFalse(self.last_settlement())
        stranger.billing_parent_id = self.hq
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.last_settlement().payer_id, stranger)

    def test_bank_line_is_deleted(self):
        """What a bank line paid stays readable after the line is gone."""
        line = self.wire(self.hq, 3000.0)
        self.lines(line.move_id, self.invoice_n).reconcile()
        settlement = self.last_settlement()
        line.action_undo_reconciliation()
        line.unlink()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(settlement.line_ids.mapped("amount_settled"), [3000.0])
        self.assertEqual(settlement.line_ids.debt_name, self.invoice_n.name)
        self.assertIn(self.invoice_n.name, settlement.message_ids[0].body)

    def test_ordinary_drafts_cost_nothing(self):
        """Posting a draft of a customer that is in no hierarchy asks nothing of ours."""
        draft = self.draft(self.single)
        self.lines(draft, self._payment(self.single, 500.0).move_id).reconcile()
        draft.action_post()
        self.assertEqual(draft.payment_state, "paid")
        self.assertFalse(self.last_settlement())

    def test_misc_entry_of_two_customers(self):
        """A draft entry with items of HQ and of N is matched with itself: settled when posted."""
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc.id,
                "date": "2026-01-05",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": partner.id,
                            "balance": balance,
                        }
                    )
                    for partner, balance in ((self.hq, -70.0), (self.north, 70.0))
                ],
            }
        )
        move.line_ids.reconcile()
        move.action_post()
        self.assert_ledger()
        self.assertEqual(self.last_settlement().amount, 70.0)
