# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_ledger import CoreCommon


class MovesCommon(CoreCommon):
    def merge(self, gone, kept):
        """Merge customers as the contacts' *Merge* does."""
        self.env["base.partner.merge.automatic.wizard"]._merge((gone | kept).ids, kept)
        self.env.flush_all()
        self.env.invalidate_all()

    def settle(self, amount=10000.0):
        """Let the head office pay all four; return its payment and the settlement."""
        payment = self._payment(self.hq, amount)
        return payment, self.reconcile(payment, self.invoices)

    def get_report(self):
        self.env.flush_all()
        rows = self.env["customer.settlement.report"].search([("company_id", "=", self.company.id)])
        amounts = defaultdict(float)
        for row in rows:
            amounts[row.payer_id, row.partner_id] += row.amount
        return {key: self.usd.round(amount) for key, amount in amounts.items()}

    def get_balance(self, customer):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", customer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return self.usd.round(sum(lines.mapped("balance")))


@tagged("post_install", "-at_install")
class TestMergedWhileSettled(MovesCommon):
    """Customers are merged while they are paid, or pay: who paid for whom goes along."""

    def test_branches(self):
        """East is merged into West: both invoices stay paid by the head office, for West."""
        payment, settlement = self.settle()
        self.merge(self.east, self.west)
        self.assert_ledger()
        self.assertEqual(
            self.get_report(),
            {
                (self.hq, self.north): 3000.0,
                (self.hq, self.south): 2500.0,
                (self.hq, self.west): 3250.0,
            },
        )
        self.lines(self.invoice_e).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.get_balance(self.west), 1750.0)
        self.assertEqual(self.lines(payment.move_id).amount_residual, -3000.0)
        self.assertEqual(settlement.amount, 7000.0)

    def test_payer_into_another_head_office(self):
        """The head office is merged into a bigger one: that one has paid, and gets it back."""
        bigger = self._create_customer("Globex")
        _payment, settlement = self.settle()
        self.merge(self.hq, bigger)
        self.assert_ledger()
        self.assertEqual(settlement.payer_id, bigger)
        self.assertEqual(self.north.billing_parent_id, bigger)
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(self.get_balance(bigger), -10000.0)
        [credit] = self.invoice_n.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual((credit["billing_parent_name"], credit["amount"]), ("Globex", 10000.0))

    def test_branch_into_a_stranger(self):
        """N is merged into an ordinary customer, which takes N's place and N's settlement."""
        stranger = self._create_customer("Stranger")
        own = self._invoice(stranger, 70.0, due="2026-01-05")
        _payment, settlement = self.settle()
        self.merge(self.north, stranger)
        self.assert_ledger()
        self.assertEqual(stranger.billing_parent_id, self.hq)
        self.assertIn(stranger, settlement.line_ids.partner_id)
        self.assertEqual(self.get_balance(stranger), 70.0)
        self.reconcile(self._payment(self.hq, 70.0), own)
        self.assertEqual(own.payment_state, "paid")

    def test_head_office_into_its_branch(self):
        """N swallows its head office: what that one paid for N is N's own; the rest N paid."""
        payment, settlement = self.settle()
        self.merge(self.hq, self.north)
        self.assert_ledger()
        self.assertEqual(self.south.billing_parent_id, self.north)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(
            self.get_report(),
            {
                (self.north, self.south): 2500.0,
                (self.north, self.east): 1750.0,
                (self.north, self.west): 1500.0,
            },
        )
        self.assertEqual(settlement.amount, 5750.0)
        self.lines(self.invoice_n).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.lines(payment.move_id).amount_residual, -4250.0)

    def test_customer_that_a_sister_paid(self):
        """S paid N explicitly, and both are merged: one customer's own match is left."""
        payment = self._payment(self.south, 3000.0)
        settlement = self.reconcile(payment, self.invoice_n)
        self.assertEqual(settlement.payer_id, self.south)
        self.merge(self.south, self.north)
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_n.reconciled_payment_ids, payment)
        self.assertFalse(self.get_report())

    def test_in_foreign_currency(self):
        """N is merged into its payer: exchange differences stay just what they were."""
        invoice = self.bill(self.north, self.eur, 900.0, "2026-01-05")
        payment = self._payment(self.hq, 2000.0, date="2026-02-05")
        self.reconcile(payment, invoice)
        before = self.residuals(invoice, payment.move_id), self.exchange()
        self.merge(self.north, self.hq)
        self.assert_ledger()
        self.assertEqual((self.residuals(invoice, payment.move_id), self.exchange()), before)

    def test_in_a_closed_month(self):
        """N is merged into its payer after January was closed: all others' January stays."""
        _payment, settlement = self.settle()
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.merge(self.north, self.hq)
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(settlement.amount, 5750.0)
        january = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.south.id),
                ("date", "<=", "2026-01-31"),
                ("account_type", "=", "asset_receivable"),
            ]
        )
        self.assertEqual(sum(january.mapped("balance")), 0.0)


@tagged("post_install", "-at_install")
class TestDocumentsThatMove(MovesCommon):
    """Documents that turn out to be another customer's, before or while they are matched."""

    def test_credit_note_of_the_head_office(self):
        """A credit note made of N's invoice is written to HQ: posting it settles, as it says."""
        note = self.invoice_n._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.partner_id = self.hq
        note.action_post()
        self.assert_ledger()
        self.assertEqual((self.invoice_n.payment_state, note.payment_state), ("paid", "paid"))
        settlement = self.last_settlement()
        self.assertEqual((settlement.payer_id, settlement.amount), (self.hq, 3000.0))
        self.assertEqual(str(settlement.date), "2026-01-20")
        note.button_draft()
        note.button_cancel()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "not_paid")
        self.assertEqual(settlement.state, "cancelled")

    def test_accounts_changed_together(self):
        """An account is replaced on all items at once: core keeps its matches, ours are freed."""
        other = self.receivable.copy({"code": "121997", "name": "Receivable 2"})
        payment, settlement = self.settle()
        own = self._invoice(self.hq, 1250.0, due="2026-01-05")
        self.reconcile(payment, own)
        (self.lines(self.invoice_n) | self.lines(payment.move_id, own)).account_id = other
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=-8750.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(settlement.state, "cancelled")

    def test_account_of_a_leg(self):
        """The account of a settlement's own items is changed by nobody, together or alone."""
        other = self.receivable.copy({"code": "121997", "name": "Receivable 2"})
        _payment, settlement = self.settle()
        items = settlement.move_id.line_ids | self.lines(self.invoice_n)
        with self.assert_refused(UserError, f"belongs to the settlement {settlement.name}"):
            items.account_id = other
        self.assert_ledger()

    def test_invoice_of_another_branch(self):
        """N's settled invoice was S's: in draft it is turned, posted, and open for S."""
        payment, settlement = self.settle()
        self.invoice_n.button_draft()
        self.invoice_n.partner_id = self.south
        self.invoice_n.action_post()
        self.assert_ledger()
        self.assertEqual(self.get_balance(self.south), 3000.0)
        self.assertEqual(self.lines(payment.move_id).amount_residual, -4250.0)
        self.assertEqual(settlement.amount, 5750.0)
        self.reconcile(payment, self.invoice_n)
        self.assertEqual(self.last_settlement().line_ids.partner_id, self.south)


@tagged("post_install", "-at_install")
class TestMovedWhileSettled(MovesCommon):
    """Customers get another place, or none, while they are paid."""

    def test_whole_subtree_leaves(self):
        """N leaves with its depot: settled stays settled; freed, each gets back its own."""
        depot = self._create_customer("Acme Depot", self.north)
        invoice = self._invoice(depot, 500.0, due="2026-01-05")
        payment = self._payment(self.hq, 4000.0)
        settlement = self.reconcile(payment, invoice, self.invoice_n)
        self.north.billing_parent_id = False
        self.assert_ledger()
        self.assertEqual(settlement.amount, 3500.0)
        self.lines(invoice).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.get_balance(depot), 500.0)
        self.assertEqual(self.get_balance(self.hq), -1000.0)
        offered = invoice.invoice_outstanding_credits_debits_widget
        self.assertFalse(offered, "the former head office's money is offered to nobody there")

    def test_two_families_join(self):
        """Core matched a stranger's money with N's and S's invoices; the stranger joins N."""
        stranger = self._create_customer("Stranger")
        first = self.bill(self.north, self.eur, 900.0, "2026-01-05")
        second = self.bill(self.south, self.usd, 300.0, "2026-01-16")
        payment = self._payment(stranger, 1500.0, date="2026-02-05").move_id
        self.lines(first, second, payment).reconcile()
        before = self.residuals(first, second, payment), self.exchange()
        stranger.billing_parent_id = self.north
        self.assert_ledger()
        self.assertEqual((self.residuals(first, second, payment), self.exchange()), before)
        self.assertEqual(
            self.get_report(),
            {(stranger, self.north): 818.18, (stranger, self.south): 300.0},
        )

    def test_joining_in_a_locked_month(self):
        """The same, with January closed: January's balances stay, the rest is of February."""
        stranger = self._create_customer("Stranger")
        payment = self._payment(stranger, 3000.0).move_id
        self.lines(self.invoice_n, payment).reconcile()
        self.company.fiscalyear_lock_date = "2026-01-31"
        stranger.billing_parent_id = self.hq
        self.assert_ledger()
        settlement = self.last_settlement()
        self.assertGreater(str(settlement.date), "2026-01-31")
        self.assertEqual(settlement.line_ids.amount, 3000.0)
        self.assertEqual(self.invoice_n.payment_state, "paid")

    def test_joining_by_the_top(self):
        """A head office above both is new: what core matched below it is settled then."""
        one, two = self._create_customer("One"), self._create_customer("Two")
        invoice = self._invoice(one, 100.0, due="2026-01-05")
        payment = self._payment(two, 100.0).move_id
        self.lines(invoice, payment).reconcile()
        self.assertFalse(self.last_settlement())
        one.billing_parent_id = self.hq
        self.assertFalse(self.last_settlement())
        two.billing_parent_id = self.hq
        self.assert_ledger()
        self.assertEqual(self.last_settlement().payer_id, two)
        self.assertEqual(invoice.payment_state, "paid")

    def test_moved_under_its_sister(self):
        """S is billed under N now: N's credits are offered for S, and settle it."""
        _payment, settlement = self.settle()
        self.south.billing_parent_id = self.north
        self.assertEqual(settlement.amount, 8750.0)
        settlement.action_undo()
        self.assert_ledger()
        credit = self._payment(self.north, 400.0).move_id
        self.env.invalidate_all()
        names = [
            values["billing_parent_name"]
            for values in self.invoice_s.invoice_outstanding_credits_debits_widget["content"]
        ]
        self.assertEqual(names, ["Acme N", "Acme HQ"])
        self.invoice_s.js_assign_outstanding_line(self.lines(credit).id)
        self.assert_ledger()
        self.assertEqual(self.invoice_s.amount_residual, 2100.0)

    def test_becomes_a_contact_of_its_payer(self):
        """N leaves the hierarchy and becomes a contact of HQ: its items are HQ's, and matched."""
        payment, settlement = self.settle()
        self.north.billing_parent_id = False
        self.north.write({"parent_id": self.hq.id, "is_company": False})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(settlement.amount, 5750.0)
        self.assertNotIn((self.hq, self.hq), self.get_report())
        self.lines(self.invoice_n).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.lines(payment.move_id).amount_residual, -4250.0)

    def test_becomes_a_contact_of_its_sister(self):
        """N becomes a contact of S: the head office has paid for S now, by whichever list."""
        _payment, settlement = self.settle()
        self.north.billing_parent_id = False
        self.north.write({"parent_id": self.south.id, "is_company": False})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(settlement.amount, 8750.0)
        self.assertEqual(self.get_report()[self.hq, self.south], 5500.0)
        self.lines(self.invoice_n).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.get_balance(self.south), 3000.0)

    def test_payer_becomes_a_contact(self):
        """HQ has no branches any more and becomes a contact of Globex: Globex has paid."""
        payment, settlement = self.settle()
        bigger = self._create_customer("Globex")
        self.branches.billing_parent_id = False
        self.hq.write({"parent_id": bigger.id, "is_company": False})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(settlement.payer_id, bigger)
        self.assertEqual(self.get_report()[bigger, self.west], 1500.0)
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(self.get_balance(bigger), -10000.0)
        self.assertEqual(self.lines(payment.move_id).amount_residual, -10000.0)

    def test_contact_of_a_customer_in_the_hierarchy(self):
        """Who has a place in a hierarchy, or owes in it, gets no parent contact just like that."""
        self.settle()
        with self.assert_refused(ValidationError, "is a contact of Acme S"):
            self.north.write({"parent_id": self.south.id, "is_company": False})
            self.env.flush_all()
        self.assert_ledger()

    def test_archived_customers(self):
        """A branch and a former head office are archived: undo gives back all the same."""
        payment, settlement = self.settle()
        self.south.active = False
        self.lines(self.invoice_s).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.get_balance(self.south), 2500.0)
        self.branches.with_context(active_test=False).billing_parent_id = False
        self.reconcile(payment, self._invoice(self.hq, 3750.0, due="2026-01-05"))
        self.hq.active = False
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(self.lines(payment.move_id).amount_residual, -6250.0)
        self.assertEqual(settlement.state, "cancelled")

    def test_deleted_customers(self):
        """Who has paid, or was paid for, can't be deleted, however long ago."""
        _payment, settlement = self.settle()
        settlement.action_undo()
        self.branches.billing_parent_id = False
        for customer in (self.north, self.hq):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                customer.unlink()
        self.assertEqual(settlement.payer_id.exists(), self.hq)
