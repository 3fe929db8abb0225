# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceMoments(RemittanceCommon):
    """What happens between finding documents, settling them and taking that back."""

    def create_two(self, **values):
        return self.create_matched((self.invoice_n, 3000.0), (self.invoice_s, 2500.0), **values)

    # ------------------------------------------------------------------
    # The hierarchy changes
    # ------------------------------------------------------------------

    def test_branch_leaves_before_settling(self):
        """A branch that has left since its document was found is not paid by its former payer."""
        remittance = self.create_two()
        self.north.billing_parent_id = False
        payment = self._payment(self.hq, 5500.0)
        remittance.credit_line_ids = self._receivable_lines(payment.move_id)
        self.assert_not_settled(remittance, self.invoice_n.name)
        remittance.action_match()
        self.assertEqual(self.get_statuses(remittance), ["other_customer", "ok"])
        self.assertFalse(remittance.line_ids[0].move_id)
        remittance.action_leave_out_others()
        self.settle(remittance, payment)
        self.assert_open(HQ=-3000.0, N=3000.0, S=0.0)

    def test_chosen_document_of_who_has_left(self):
        """A document chosen by hand is not kept either when its customer leaves."""
        remittance = self.create_remittance(("?", 3000.0, {"move_id": self.invoice_n.id}))
        remittance.action_match()
        self.assertEqual(remittance.line_ids.status, "ok")
        self.north.billing_parent_id = False
        self._payment(self.hq, 3000.0)
        self.assert_not_settled(remittance, "not ready")
        remittance.action_match()
        self.assertEqual(remittance.line_ids.status, "other_customer")
        self.assertFalse(remittance.line_ids.move_id or remittance.line_ids.is_chosen)

    def test_branch_comes_after_the_list(self):
        """Who is billed under the payer since is found when the documents are looked for again."""
        stranger = self._create_customer("Globex")
        invoice = self._invoice(stranger, 70.0, due="2026-01-10")
        remittance = self.create_matched((invoice, 70.0))
        self.assertEqual(remittance.line_ids.status, "other_customer")
        stranger.billing_parent_id = self.north
        remittance.action_match()
        self.assertEqual((remittance.line_ids.status, remittance.line_ids.move_id), ("ok", invoice))

    def test_payer_moves_under_another(self):
        """The payer's own branches stay payable when it gets a head office itself."""
        remittance = self.create_two()
        self.hq.billing_parent_id = self._create_customer("Acme World")
        self.settle(remittance, self._payment(self.hq, 5500.0))
        self.assert_open(HQ=0.0, N=0.0, S=0.0)

    def test_undo_after_the_branch_has_left(self):
        """What was paid stays paid when a branch leaves, comes back to the payer when undone."""
        payment = self._payment(self.hq, 5500.0)
        remittance = self.create_two(date_expected="2026-03-05")
        self.settle(remittance, payment)
        self.north.billing_parent_id = False
        self.assert_open(HQ=0.0, N=0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5500.0, N=3000.0, S=2500.0)
        self.assertEqual(self.get_statuses(remittance), ["other_customer", "ok"])

    def test_announcement_of_who_may_not_pay_any_more(self):
        """A former head office's announcement keeps nobody from announcing a payment."""
        remittances = self.env["customer.remittance"]
        day = fields.Date.today() + timedelta(days=3)
        wire = remittances._announce_transfer(self.hq, self.invoice_n | self.invoice_s, day)
        with self.assert_refused(UserError, self.invoice_n.name), self.env.cr.savepoint():
            remittances._announce_transfer(self.north, self.invoice_n, day)
        self.north.billing_parent_id = False
        own = remittances._announce_transfer(self.north, self.invoice_n, day)
        self.assertEqual((own.state, own.line_ids.status), ("waiting", "ok"))
        with self.assert_refused(UserError, self.invoice_s.name), self.env.cr.savepoint():
            remittances._announce_transfer(self.south, self.invoice_s, day)
        self.assertEqual(wire.state, "waiting")

    def test_days_of_announcements(self):
        """From today to two months ahead money can be promised, and no other day."""
        remittances = self.env["customer.remittance"]
        for days in (-1, 61, None):
            day = days is not None and fields.Date.today() + timedelta(days=days)
            with self.subTest(days), self.assert_refused(UserError, "from today to"):
                remittances._announce_transfer(self.hq, self.invoice_n, day)
        for days, invoice in ((0, self.invoice_n), (60, self.invoice_s)):
            day = fields.Date.today() + timedelta(days=days)
            wire = remittances._announce_transfer(self.hq, invoice, day)
            self.assertEqual((wire.date_expected, wire.amount_total), (day, invoice.amount_total))

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def test_paid_in_part_meanwhile(self):
        """A branch paid a part itself: the list now says more than is open, and nothing posts."""
        remittance = self.create_two()
        self.reconcile(self.invoice_n, self._payment(self.north, 1000.0))
        self._payment(self.hq, 5500.0)
        self.assert_not_settled(remittance, self.invoice_n.name)
        remittance.action_match()
        self.assertEqual(self.get_statuses(remittance), ["over", "ok"])
        self.assertEqual(remittance.line_ids[0].amount_open, 2000.0)

    def test_settled_again_after_a_part_was_paid(self):
        """Undone, paid in part by the branch, and settled again with what is left."""
        payment = self._payment(self.hq, 5500.0)
        remittance = self.create_two()
        self.settle(remittance, payment)
        remittance.action_undo()
        self.reconcile(self.invoice_n, self._payment(self.north, 1000.0))
        remittance.line_ids[0].amount = 2000.0
        self.assertEqual(self.get_statuses(remittance), ["ok", "ok"])
        self.settle(remittance, payment)
        self.assert_open(HQ=-1000.0, N=0.0, S=0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5500.0, N=2000.0, S=2500.0)

    def test_credit_used_meanwhile(self):
        """A credit that somebody used meanwhile is refused by name, and nothing is posted."""
        remittance = self.create_two()
        payment = self._payment(self.hq, 5500.0)
        remittance.credit_line_ids = self._receivable_lines(payment.move_id)
        self.reconcile(payment, self.invoice_e, self.invoice_w)
        self.assert_not_settled(remittance, "2,250.00", "5,500.00")
        self.reconcile(payment, self.invoice_n)
        self.assert_not_settled(remittance, payment.name)

    def test_payment_cancelled_after_settling(self):
        """Cancelling the payment opens its remittance again, with the documents open."""
        payment = self._payment(self.hq, 5500.0)
        remittance = self.create_two(date_expected="2026-03-05")
        self.settle(remittance, payment)
        payment.action_draft()
        payment.action_cancel()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)
        self.assertEqual(remittance.state, "waiting")
        self.assert_not_settled(remittance, "can't be settled")

    def test_one_match_taken_back(self):
        """Taking one invoice out by its widget leaves the rest settled, undone together later."""
        payment = self._payment(self.hq, 5500.0)
        remittance = self.create_two()
        self.settle(remittance, payment)
        self._receivable_lines(self.invoice_n).remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-3000.0, N=3000.0, S=0.0)
        self.assertEqual(remittance.state, "settled")
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5500.0, N=3000.0, S=2500.0)
        self.assertEqual(remittance.state, "draft")

    def test_two_remittances_of_one_sum(self):
        """Two lists of one sum and two transfers: each is paid by one of them."""
        first = self.create_matched((self.invoice_n, 2500.0))
        second = self.create_matched((self.invoice_s, 2500.0))
        payments = self._payment(self.hq, 2500.0), self._payment(self.hq, 2500.0)
        self.settle(first)
        self.settle(second)
        self.assertEqual(len(first.credit_line_ids | second.credit_line_ids), 2)
        self.assertTrue(all(payment.is_reconciled for payment in payments))
        self.assert_open(HQ=0.0, N=500.0, S=0.0)

    def test_two_lists_of_one_invoice(self):
        """The same invoice on two lists is paid once."""
        first = self.create_matched((self.invoice_n, 3000.0))
        second = self.create_matched((self.invoice_n, 3000.0))
        self._payment(self.hq, 3000.0)
        self._payment(self.hq, 3000.0)
        self.settle(first)
        self.assert_not_settled(second, self.invoice_n.name)
        second.action_match()
        self.assertEqual(second.line_ids.status, "paid")
        self.assert_open(HQ=-3000.0, N=0.0)

    def test_invoice_and_its_credit_note(self):
        """An invoice and its credit note on one list, which nobody has matched yet."""
        note = self._invoice(self.north, 1000.0, due="2026-01-10", move_type="out_refund")
        remittance = self.create_matched((self.invoice_n, 3000.0), (note, -1000.0))
        payment = self._payment(self.hq, 2000.0)
        self.settle(remittance, payment)
        self.assertEqual((self.invoice_n.payment_state, note.payment_state), ("paid", "paid"))
        self.assert_open(HQ=0.0, N=0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-2000.0, N=2000.0)
        self.assertEqual((self.invoice_n.payment_state, note.payment_state), ("not_paid",) * 2)

    def test_invoice_matched_with_its_credit_note(self):
        """Core matches a reversal when it is posted: what the list says is more than is open."""
        note = self._invoice(
            self.north,
            1000.0,
            due="2026-01-10",
            move_type="out_refund",
            reversed_entry_id=self.invoice_n.id,
        )
        remittance = self.create_matched((self.invoice_n, 3000.0), (note, -1000.0))
        self.assertEqual(self.get_statuses(remittance), ["over", "paid"])
        remittance.amount_announced = 2000.0
        remittance.line_ids[0].amount = 2000.0
        remittance.line_ids[1].unlink()
        self.settle(remittance, self._payment(self.hq, 2000.0))
        self.assert_open(HQ=0.0, N=0.0)

    def test_undo_of_several(self):
        """Several are settled and undone at once; one that is not settled is named."""
        first, second = (
            self.create_matched((move, move.amount_total))
            for move in (self.invoice_n, self.invoice_s)
        )
        for remittance in (first, second):
            self._payment(self.hq, remittance.amount_total)
        (first | second).action_settle()
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        second.action_undo()
        with self.assert_refused(UserError, second.name), self.env.cr.savepoint():
            (first | second).action_undo()
        self.assertEqual(first.state, "settled")

    # ------------------------------------------------------------------
    # Which credit is proposed
    # ------------------------------------------------------------------

    def test_reference_within_another_number(self):
        """A reference that is only a piece of another number in a text names no remittance."""
        wrong = self._payment(self.hq, 9000.0, memo="INV/2026/0300012")
        right = self._payment(self.hq, 3000.0)
        remittance = self.create_matched((self.invoice_n, 3000.0), ref="2026-03")
        self.assertEqual(remittance.credit_line_ids, self._receivable_lines(right.move_id))
        remittance.credit_line_ids = False
        wrong.memo = "advice 2026 03, thank you"
        wrong.move_id.ref = wrong.memo
        remittance.action_match()
        self.assertEqual(remittance.credit_line_ids, self._receivable_lines(wrong.move_id))

    def test_short_reference(self):
        """The number 12 is part of many texts, and proposes nothing."""
        self._payment(self.hq, 9000.0, memo="12")
        remittance = self.create_matched((self.invoice_n, 3000.0), ref="12")
        self.assertFalse(remittance.credit_line_ids)

    def test_credit_of_the_announced_total(self):
        """With a line left out the money is of the announced total, and its rest stays open."""
        payment = self._payment(self.hq, 5500.0)
        self._payment(self.hq, 2500.0)
        remittance = self.create_remittance(
            ("?", 3000.0), (self.invoice_s, 2500.0), amount_announced=5500.0
        )
        remittance.line_ids[0].left_out = True
        remittance.action_match()
        self.assertEqual(remittance.credit_line_ids, self._receivable_lines(payment.move_id))
        self.settle(remittance)
        self.assert_open(HQ=-5500.0, S=0.0)
        self.assertEqual(sum(remittance.credit_line_ids.mapped("amount_residual")), -3000.0)

    def test_chosen_credits_are_kept(self):
        """What somebody chose is not replaced when documents are found again."""
        chosen = self._receivable_lines(self._payment(self.hq, 6000.0).move_id)
        self._payment(self.hq, 5500.0)
        remittance = self.create_remittance((self.invoice_n, 3000.0), (self.invoice_s, 2500.0))
        remittance.credit_line_ids = chosen
        remittance.action_match()
        self.assertEqual(remittance.credit_line_ids, chosen)
        self.assertEqual(remittance.amount_credit, 6000.0)

    # ------------------------------------------------------------------
    # What may be typed
    # ------------------------------------------------------------------

    def test_negative_deduction(self):
        """A deduction is a positive amount: nobody books a surplus by a negative one."""
        with (
            self.assertRaises(ValidationError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.create_remittance((self.invoice_n, 3005.0, {"deduction": -5.0}))
        remittance = self.create_matched((self.invoice_n, 3000.0))
        with (
            self.assertRaises(ValidationError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            remittance.line_ids.deduction = -1.0

    def test_contact_as_payer(self):
        """Who pays is the customer, also where one of its contacts was chosen."""
        contact = self.env["res.partner"].create({"name": "Payables", "parent_id": self.hq.id})
        remittance = self.create_matched((self.invoice_n, 3000.0), payer=contact, ref="PAY-1")
        self.assertEqual(remittance.partner_id, self.hq)
        with self.assert_refused(ValidationError, "PAY-1"), self.env.cr.savepoint():
            self.create_remittance((self.invoice_n, 3000.0), ref="PAY-1")
        other = self.create_remittance((self.invoice_s, 2500.0), payer=self.south)
        other.partner_id = contact
        self.assertEqual(other.partner_id, self.hq)

    def test_kind_of_a_waiting_one(self):
        """What waits does not become another kind: a list is no request all of a sudden."""
        remittance = self.create_two(date_expected="2026-03-05")
        remittance.action_confirm()
        with self.assert_refused(UserError, "draft"), self.env.cr.savepoint():
            remittance.kind = "request"
        remittance.action_draft()
        remittance.kind = "wire"
        self.assertEqual(remittance.kind, "wire")

    def test_copy(self):
        """A copy is a draft with lines of its own, found anew, without reference and credits."""
        payment = self._payment(self.hq, 5500.0)
        remittance = self.create_two(ref="PAY-1", amount_announced=5500.0, kind="wire")
        self.settle(remittance, payment)
        copy = remittance.copy()
        self.assertEqual((copy.state, copy.ref, copy.amount_announced), ("draft", False, 0.0))
        self.assertFalse(copy.credit_line_ids or copy.settlement_ids or copy.partial_ids)
        self.assertNotEqual(copy.name, remittance.name)
        self.assertNotEqual(copy.communication, remittance.communication)
        copy.action_match()
        self.assertEqual(self.get_statuses(copy), ["paid", "paid"])

    def test_states_by_buttons(self):
        """Each button refuses what is not its turn, and changes nothing."""
        self._payment(self.hq, 5500.0)
        remittance = self.create_two()
        remittance.action_confirm()
        with self.assert_refused(UserError, "Only drafts"), self.env.cr.savepoint():
            remittance.action_confirm()
        with self.assert_refused(UserError, "can't be deleted"), self.env.cr.savepoint():
            remittance.unlink()
        self.settle(remittance)
        for button in ("action_cancel", "action_draft", "action_match", "unlink"):
            with self.assert_refused(UserError, "ndo"), self.env.cr.savepoint():
                getattr(remittance, button)()
        with self.assert_refused(UserError, "settled or cancelled already"):
            remittance.action_settle()
        remittance.action_undo()
        remittance.action_cancel()
        with self.assert_refused(UserError, "settled or cancelled already"):
            remittance.action_settle()
        remittance.action_draft()
        with self.assert_refused(UserError, "settled before"), self.env.cr.savepoint():
            remittance.unlink()
        self.create_two().unlink()

    def test_empty_ones(self):
        """Without a payer or a line nothing is confirmed, matched or settled."""
        empty = self.env["customer.remittance"].create({"partner_id": self.hq.id})
        nobody = self.env["customer.remittance"].create(
            {"line_ids": [Command.create({"number": "x", "amount": 1.0})]}
        )
        for remittance in (empty, nobody):
            for button in ("action_confirm", "action_settle"):
                with self.assert_refused(UserError, "payer and at least one line"):
                    getattr(remittance, button)()
        with self.assert_refused(UserError, "Choose the payer"):
            nobody.action_match()

    def test_protected_fields(self):
        """Number, reference, state and what was made are the buttons' alone."""
        remittance = self.create_two()
        for values in (
            {"name": "X"},
            {"communication": "RF18539007547034"},
            {"state": "settled"},
            {"partial_ids": [Command.clear()]},
            {"deduction_move_ids": [Command.clear()]},
            {"settlement_ids": [Command.clear()]},
        ):
            with self.subTest(values), self.assertRaises(AccessError), self.env.cr.savepoint():
                remittance.write(values)
        with self.assert_refused(UserError, "stays in its remittance"):
            remittance.line_ids[0].remittance_id = self.create_remittance()
