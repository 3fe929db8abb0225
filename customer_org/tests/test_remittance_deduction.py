# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceDeduction(RemittanceCommon):
    """A reason decides what becomes of a deduction; the undo takes all of it back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.company_data["default_account_expense"]
        reasons = cls.env["customer.deduction.reason"].sudo()
        cls.open, cls.write_off, cls.note = (
            reasons.create({"name": name, "action": name, "account_id": account})
            for name, account in (
                ("open", False),
                ("write_off", cls.account.id),
                ("credit_note", False),
            )
        )
        cls.tax = cls.company_data["default_tax_sale"]
        cls.taxed = cls._invoice(
            cls.north,
            0.0,
            due="2026-01-10",
            invoice_line_ids=[
                Command.create({"name": "a", "price_unit": 800.0, "tax_ids": cls.tax.ids}),
                Command.create({"name": "b", "price_unit": 200.0, "tax_ids": []}),
            ],
        )

    def settle_with(self, reason, move=None, deduction=100.0):
        """Settle an invoice but for a deduction, and return the remittance."""
        move = move or self.invoice_s
        amount = move.amount_total - deduction
        values = {"deduction": deduction, "reason_id": reason.id}
        remittance = self.create_matched((move, amount, values))
        self.settle(remittance, self._payment(self.hq, amount))
        return remittance

    def test_leave_open(self):
        """Scenario 36: 100 stay open and disputed, and are not settled automatically."""
        remittance = self.settle_with(self.open)
        self.assertEqual(self.invoice_s.amount_residual, 100.0)
        self.assertTrue(self.invoice_s.is_disputed)
        self.assertEqual(self.invoice_s.amount_disputed, 100.0)
        moves = self.env["account.move"]
        self.assertEqual(moves.search([("is_disputed", "=", True)]), self.invoice_s)
        self.assertNotIn(self.invoice_s, moves.search([("is_disputed", "=", False)]))
        self._payment(self.hq, 8750.0)
        self.hq._auto_settle()
        self.assertEqual(self.invoice_s.amount_residual, 100.0)
        self.assertEqual(self.invoice_n.amount_residual, 0.0)
        remittance.action_undo()
        self.assertFalse(self.invoice_s.is_disputed)

    def test_column_of_aged_report(self):
        """What is disputed is a column of the aged report, until the dispute is resolved."""
        self.settle_with(self.open)
        report = self.env["customer.aged.receivable"]
        row = report.search([("amount_disputed", ">", 0)])
        self.assertEqual(row.move_id, self.invoice_s)
        self.assertEqual(row.amount_disputed, 100.0)
        total = report._read_group(
            [("billing_root_id", "=", self.hq.id)], [], ["amount_disputed:sum"]
        )
        self.assertEqual(total, [(100.0,)])
        self.invoice_s.action_resolve_dispute()
        self.assertFalse(report.search([("amount_disputed", ">", 0)]))

    def test_aged_report_of_installments(self):
        """Of several items of a document no more than what is disputed is in the column."""
        term = self._halves_term(0, 30)
        invoice = self._invoice(self.north, 1000.0, False, invoice_payment_term_id=term.id)
        self.settle_with(self.open, invoice, deduction=600.0)
        rows = self.env["customer.aged.receivable"].search([("move_id", "=", invoice.id)])
        self.assertEqual(sorted(rows.mapped("amount_residual")), [100.0, 500.0])
        self.assertEqual(sum(rows.mapped("amount_disputed")), 600.0)
        self.assertEqual(self.invoice_s.amount_residual, 2500.0)

    def test_resolve(self):
        """A dispute that is over does not stop automatic settlement any more."""
        self.settle_with(self.open)
        self.invoice_s.action_resolve_dispute()
        self.assertFalse(self.invoice_s.is_disputed)
        self._payment(self.hq, 8750.0)
        self.hq._auto_settle()
        self.assertEqual(self.invoice_s.amount_residual, 0.0)

    def test_disputed_is_not_typed(self):
        """Only settling and resolving say what is disputed."""
        remittance = self.create_matched((self.invoice_n, 1.0))
        with self.assertRaises(AccessError):
            remittance.line_ids.is_disputed = True

    def test_write_off_without_tax(self):
        """The deduction goes to the account of the reason, dated as the settlement."""
        remittance = self.settle_with(self.write_off)
        self.assertEqual(self.invoice_s.payment_state, "paid")
        move = remittance.deduction_move_ids
        self.assert_entry(
            move, (self.south, self.receivable, -100.0), (self.south, self.account, 100.0)
        )
        self.assertEqual(move.date, remittance.settlement_ids.date)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(move.state, "cancel")
        self.assertEqual(self.invoice_s.amount_residual, 2500.0)

    def test_write_off_with_taxes(self):
        """Base and taxes are corrected by their rates: 800 + 15 % and 200 without a tax."""
        self.assertEqual(self.taxed.amount_total, 1120.0)
        remittance = self.settle_with(self.write_off, self.taxed, 112.0)
        move = remittance.deduction_move_ids
        tax_account = self.company_data["default_account_tax_sale"]
        self.assert_entry(
            move,
            (self.north, self.receivable, -112.0),
            (self.north, self.account, 80.0),
            (self.north, self.account, 20.0),
            (self.north, tax_account, 12.0),
        )
        tax_line = move.line_ids.filtered("tax_repartition_line_id")
        self.assertEqual(tax_line.tax_repartition_line_id.document_type, "refund")
        self.assertEqual(tax_line.tax_base_amount, 80.0)
        self.assertEqual(move.line_ids.tax_ids, self.tax)
        self.assertEqual(self.taxed.amount_residual, 0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(self.taxed.amount_residual, 1120.0)

    def test_write_off_odd_amounts(self):
        """However odd the amount, the entry balances and the invoice is paid to the cent."""
        for deduction in (0.01, 0.07, 33.33, 1119.99):
            with self.taken_back():
                remittance = self.settle_with(self.write_off, self.taxed, deduction)
                self.assertEqual(self.taxed.amount_residual, 0.0, deduction)
                balances = remittance.deduction_move_ids.line_ids.mapped("balance")
                self.assertAlmostEqual(sum(balances), 0.0, 6)

    def test_write_off_of_a_credit_note(self):
        """The payer took less than our credit note: the rest is given up, the other way round."""
        note = self._invoice(self.north, 100.0, due="2026-01-10", move_type="out_refund")
        values = {"deduction": 2.0, "reason_id": self.write_off.id}
        remittance = self.create_matched((note, -98.0, values), (self.invoice_s, 2500.0))
        self.settle(remittance, self._payment(self.hq, 2402.0))
        self.assertEqual(note.amount_residual, 0.0)
        self.assert_entry(
            remittance.deduction_move_ids,
            (self.north, self.receivable, 2.0),
            (self.north, self.account, -2.0),
        )

    def test_write_off_in_foreign_currency(self):
        """At the invoice's own rate: no exchange difference for what nobody pays."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-01-31", 0.4)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=euro.id)
        values = {"deduction": 10.0, "reason_id": self.write_off.id}
        remittance = self.create_matched((invoice, 90.0, values), currency_id=euro.id)
        self.settle(remittance, self._payment(self.hq, 90.0, currency_id=euro.id))
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assert_entry(
            remittance.deduction_move_ids,
            (self.north, self.receivable, -20.0),
            (self.north, self.account, 20.0),
        )

    def test_write_off_without_account(self):
        """A reason without an account in this company is refused with what to do."""
        self.write_off.sudo().account_id = False
        remittance = self.create_matched(
            (self.invoice_s, 2400.0, {"deduction": 100.0, "reason_id": self.write_off.id})
        )
        payment = self._payment(self.hq, 2400.0)
        remittance.credit_line_ids = self._receivable_lines(payment.move_id)
        self.assert_not_settled(remittance, "has no account")

    def test_write_off_in_locked_period(self):
        """An undo in a locked period reverses the entry on the first open date."""
        remittance = self.settle_with(self.write_off)
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(self.invoice_s.amount_residual, 2500.0)

    def test_draft_credit_note(self):
        """A draft credit note of the branch, with its taxes; gone when undone."""
        remittance = self.settle_with(self.note, self.taxed, 112.0)
        note = remittance.deduction_move_ids
        self.assertEqual((note.state, note.move_type), ("draft", "out_refund"))
        self.assertEqual(note.partner_id, self.north)
        self.assertEqual((note.amount_total, note.amount_tax), (112.0, 12.0))
        self.assertEqual(self.taxed.amount_residual, 112.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assertFalse(note.exists())

    def test_posted_credit_note_is_kept(self):
        """A credit note that was posted meanwhile is kept, and the undo says so."""
        remittance = self.settle_with(self.note)
        note = remittance.deduction_move_ids
        note.action_post()
        remittance.action_undo()
        self.assertEqual(note.state, "posted")
        self.assertIn(note.name, "".join(remittance.message_ids.mapped("body")))

    def test_reason_is_needed(self):
        """A deduction without a reason stops it, unless the line is left out."""
        remittance = self.create_matched(
            (self.invoice_s, 2400.0, {"deduction": 100.0}), (self.invoice_n, 3000.0)
        )
        self.assert_not_settled(remittance, "Choose a reason")
        remittance.line_ids[0].left_out = True
        self.settle(remittance, self._payment(self.hq, 3000.0))

    def test_several_reasons(self):
        """Each line by its own reason, one undo for all."""
        lines = [
            (move, move.amount_total - 10.0, {"deduction": 10.0, "reason_id": reason.id})
            for move, reason in zip(
                self.invoices[:3], (self.open, self.write_off, self.note), strict=True
            )
        ]
        remittance = self.create_matched(*lines)
        self.settle(remittance, self._payment(self.hq, 7220.0))
        self.assert_open(N=1130.0, S=0.0, E=10.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-7220.0, N=4120.0, S=2500.0, E=1750.0)
