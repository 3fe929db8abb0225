# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceSettle(RemittanceCommon):
    """What the lines say is settled, all or nothing, and taken back exactly."""

    def create_all(self, **values):
        lines = [(move, move.amount_total) for move in self.invoices]
        return self.create_matched(*lines, **values)

    def test_settle(self):
        """All lines are paid from one payment, by one settlement that names its remittance."""
        remittance = self.create_all()
        self.settle(remittance, self._payment(self.hq, 8750.0))
        self.assertEqual(remittance.state, "settled")
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0, W=0.0)
        self.assertEqual(remittance.settlement_ids, self.last_settlement())
        self.assertEqual(self.last_settlement().remittance_id, remittance)
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})

    def test_undo(self):
        """Undone and settled again without drift; it waits again if a day is promised."""
        payment = self._payment(self.hq, 8750.0)
        remittance = self.create_all()
        for _time in range(3):
            self.settle(remittance, payment)
            remittance.action_undo()
            self.assert_ledger()
            self.assert_open(HQ=-8750.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)
        self.assertEqual(remittance.state, "draft")
        remittance.date_expected = "2026-03-05"
        self.settle(remittance, payment)
        remittance.action_undo()
        self.assertEqual(remittance.state, "waiting")

    def test_undo_inside_one_customer(self):
        """What the payer's money pays of its own invoice, and a branch's own credit note."""
        own = self._invoice(self.hq, 100.0, due="2026-01-10")
        note = self._invoice(self.south, 500.0, due="2026-01-10", move_type="out_refund")
        payment = self._payment(self.hq, 2100.0)
        remittance = self.create_matched((own, 100.0), (note, -500.0), (self.invoice_s, 2500.0))
        self.settle(remittance, payment)
        self.assert_open(HQ=0.0, S=0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-2000.0, S=2000.0)
        self.assertFalse(remittance.partial_ids)

    def test_credit_note_of_another_branch(self):
        """A credit note on the list is used up, though the money would suffice without it."""
        note = self._invoice(self.north, 500.0, due="2026-01-10", move_type="out_refund")
        payment = self._payment(self.hq, 2500.0)
        remittance = self.create_matched((note, -500.0), (self.invoice_s, 2500.0))
        self.settle(remittance, payment)
        self.assert_open(HQ=-500.0, N=3000.0, S=0.0)
        self.assertEqual(note.payment_state, "paid")
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-2500.0, N=2500.0, S=2500.0)

    def test_sum_of_nothing(self):
        """Invoices and credit notes of the same sum need no money."""
        note = self._invoice(self.north, 2500.0, due="2026-01-10", move_type="out_refund")
        remittance = self.create_matched((note, -2500.0), (self.invoice_s, 2500.0))
        self.settle(remittance)
        self.assert_open(HQ=0.0, N=3000.0, S=0.0)

    def test_more_credit_notes_than_invoices(self):
        """There is nothing to pay: refused."""
        note = self._invoice(self.north, 3000.0, due="2026-01-10", move_type="out_refund")
        remittance = self.create_matched((note, -3000.0), (self.invoice_s, 2500.0))
        self.assert_not_settled(remittance, "exceed the invoices by", "500.00")

    def test_what_is_left_stays_open(self):
        """Lines paid short leave their rest open; what is left of the money stays the payer's."""
        remittance = self.create_matched((self.invoice_n, 1000.0), (self.invoice_s, 2500.0))
        self.settle(remittance, self._payment(self.hq, 4000.0))
        self.assert_open(HQ=-500.0, N=2000.0, S=0.0)

    def test_announced_total(self):
        """Scenario 38: nothing is posted, and the difference is said."""
        self._payment(self.hq, 7250.0)
        remittance = self.create_matched(
            (self.invoice_n, 3000.0), (self.invoice_s, 2500.0), amount_announced=5600.0
        )
        self.assert_not_settled(remittance, "difference of", "100.00")
        remittance.amount_announced = 5500.0
        self.settle(remittance, self._payment(self.hq, 5500.0))

    def test_all_reasons_are_said(self):
        """One message tells all that is wrong."""
        self._payment(self.hq, 10.0)
        remittance = self.create_matched(
            ("99999", 10.0), (self.invoice_n, 2900.0, {"deduction": 100.0}), amount_announced=5.0
        )
        remittance.credit_line_ids = self._receivable_lines(self._payment(self.hq, 10.0).move_id)
        self.assert_not_settled(remittance, "99999", "Choose a reason", "the list says", "missing")

    def test_left_out(self):
        """What is left out counts in the sum and is not settled."""
        remittance = self.create_matched(
            (self.invoice_n, 3000.0), ("99999", 12.0), amount_announced=3012.0
        )
        payment = self._payment(self.hq, 3012.0)
        self.assert_not_settled(remittance, "not ready")
        remittance.action_leave_out_others()
        self.settle(remittance, payment)
        self.assert_open(HQ=-12.0, N=0.0)

    def test_everything_left_out(self):
        """A list of which nothing is left settles nothing."""
        remittance = self.create_matched(("99999", 12.0))
        remittance.action_leave_out_others()
        self.assert_not_settled(remittance, "Every line is left out")

    def test_proposed_by_reference(self):
        """The credit that names the list's number pays, though another one has the sum."""
        other = self._payment(self.hq, 3000.0)
        payment = self._payment(self.hq, 3500.0, memo="avis 4711/26 thanks")
        remittance = self.create_matched((self.invoice_n, 3000.0), ref="4711-26")
        self.assertEqual(remittance.credit_line_ids, self._receivable_lines(payment.move_id))
        self.settle(remittance)
        self.assertFalse(self._receivable_lines(other.move_id).reconciled)

    def test_proposed_by_sum(self):
        """Else it is the credit of just the sum; somebody else's is never taken."""
        self._payment(self.north, 3000.0)
        self._payment(self.hq, 2999.0)
        payment = self._payment(self.hq, 3000.0)
        remittance = self.create_matched((self.invoice_n, 3000.0))
        self.assertEqual(remittance.credit_line_ids, self._receivable_lines(payment.move_id))

    def test_no_credit_fits(self):
        """No money: refused with the sum that is missing."""
        self._payment(self.hq, 2999.0)
        remittance = self.create_matched((self.invoice_n, 3000.0))
        self.assertFalse(remittance.credit_line_ids)
        self.assert_not_settled(remittance, "3,000.00 are missing")

    def test_credit_too_small(self):
        """A chosen credit that does not suffice: refused with the difference."""
        remittance = self.create_matched((self.invoice_n, 3000.0))
        payment = self._payment(self.hq, 2980.0)
        remittance.credit_line_ids = self._receivable_lines(payment.move_id)
        self.assert_not_settled(remittance, "20.00 are missing")

    def test_credit_of_an_ancestor(self):
        """An intermediate payer's list may be paid by its head office, when chosen."""
        depot = self._create_customer("Acme Depot", self.north)
        invoice = self._invoice(depot, 70.0, due="2026-01-10")
        payment = self._payment(self.hq, 70.0)
        remittance = self.create_matched((invoice, 70.0), payer=self.north)
        self.assertFalse(remittance.credit_line_ids, "proposed is the payer's alone")
        self.settle(remittance, payment)
        self.assertEqual(invoice.payment_state, "paid")

    def test_credit_of_somebody_else(self):
        """Another customer's credit, a branch's, or a used one can't be chosen."""
        stranger = self._create_customer("Stranger")
        for partner in (stranger, self.south):
            payment = self._payment(partner, 3000.0)
            remittance = self.create_matched((self.invoice_n, 3000.0))
            remittance.credit_line_ids = self._receivable_lines(payment.move_id)
            self.assert_not_settled(remittance, "can't pay")

    def test_several_credits(self):
        """Several credits together, the oldest first; the rest stays on the last one."""
        old = self._payment(self.hq, 1000.0, date="2026-01-05")
        new = self._payment(self.hq, 3000.0, date="2026-01-31")
        remittance = self.create_matched((self.invoice_n, 3000.0))
        self.settle(remittance, new, old)
        self.assertTrue(self._receivable_lines(old.move_id).reconciled)
        self.assertEqual(self._receivable_lines(new.move_id).amount_residual, -1000.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0)

    def test_foreign_credit(self):
        """A credit in another currency pays; the list's credit notes are used all the same."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        note = self._invoice(self.north, 500.0, due="2026-01-10", move_type="out_refund")
        payment = self._payment(self.hq, 1500.0, currency_id=euro.id)
        remittance = self.create_matched((note, -500.0), (self.invoice_s, 2500.0))
        self.settle(remittance, payment)
        self.assertEqual(note.payment_state, "paid")
        self.assert_open(HQ=-1000.0, S=0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-3000.0, S=2500.0, N=2500.0)

    def test_foreign_list(self):
        """A list in euro is paid by a payment in euro, one exchange difference as in core."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-01-31", 0.4)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=euro.id)
        payment = self._payment(self.hq, 100.0, currency_id=euro.id)
        remittance = self.create_matched((invoice, 100.0), currency_id=euro.id)
        self.settle(remittance)
        self.assertEqual(remittance.credit_line_ids.move_id, payment.move_id)
        self.assert_open(HQ=0.0, N=3000.0)

    def test_payment_terms(self):
        """Of an invoice with two terms the first is paid first."""
        terms = self._halves_term(10, 40)
        invoice = self._invoice(self.north, 100.0, due=False, invoice_payment_term_id=terms.id)
        remittance = self.create_matched((invoice, 70.0))
        self.assertEqual(remittance.line_ids.amount_open, 100.0)
        self.settle(remittance, self._payment(self.hq, 70.0))
        items = self._receivable_lines(invoice).sorted("date_maturity")
        self.assertEqual(items.mapped("amount_residual"), [0.0, 30.0])

    def test_changed_meanwhile(self):
        """What was paid since the documents were found is seen when settling."""
        remittance = self.create_matched((self.invoice_n, 3000.0))
        self.reconcile(self.invoice_n, self._payment(self.north, 1000.0))
        remittance.credit_line_ids = self._receivable_lines(self._payment(self.hq, 3000.0).move_id)
        self.assert_not_settled(remittance, "not ready")
        remittance.action_match()
        self.assertEqual(self.get_statuses(remittance), ["over"])

    def test_twice(self):
        """A remittance is settled once, a reference of a payer is entered once."""
        remittance = self.create_matched((self.invoice_n, 1000.0), ref="A-1")
        payment = self._payment(self.hq, 3000.0)
        self.settle(remittance, payment)
        with self.assert_refused(UserError, "settled or cancelled already"):
            remittance.action_settle()
        with self.assert_refused(UserError, "reference A-1 already"):
            self.create_remittance((self.invoice_n, 1000.0), ref="A-1 ")
        self.create_remittance((self.invoice_s, 1000.0), ref="A-1", payer=self.south)

    def test_settled_is_not_changed(self):
        """Lines, credits and the payer of what is settled stay as they are."""
        remittance = self.create_all()
        self.settle(remittance, self._payment(self.hq, 8750.0))
        for change in (
            lambda: remittance.line_ids[0].write({"amount": 1.0}),
            lambda: remittance.line_ids[0].unlink(),
            lambda: remittance.write({"partner_id": self.north.id}),
            lambda: remittance.action_match(),
            lambda: remittance.action_cancel(),
            lambda: remittance.action_draft(),
            lambda: remittance.unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()

    def test_rights(self):
        """Who may only read does not settle; a user of another company sees nothing."""
        remittance = self.create_all()
        remittance.credit_line_ids = self._receivable_lines(self._payment(self.hq, 8750.0).move_id)
        reader = new_test_user(
            self.env, "rem_reader", groups="base.group_user,account.group_account_readonly"
        )
        with self.assertRaises(AccessError):
            remittance.with_user(reader).action_settle()
        biller = new_test_user(self.env, "rem_biller", groups="account.group_account_invoice")
        remittance.with_user(biller).action_settle()
        remittance.with_user(biller).action_undo()
        self.assert_ledger()
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "rem_stranger",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["customer.remittance"].with_user(stranger).search([]))
