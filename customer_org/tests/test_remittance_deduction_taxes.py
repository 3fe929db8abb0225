# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from .common_ledger import CashBasisCommon
from .common_remittance import RemittanceCommon


class DeductionMixin:
    """Reasons of each kind, and remittances of one line with a deduction."""

    @classmethod
    def create_reasons(cls):
        cls.account = cls.company_data["default_account_expense"]
        reasons = cls.env["customer.deduction.reason"].sudo()
        cls.open, cls.write_off, cls.note = reasons.create(
            [
                {"name": "Dispute", "action": "open"},
                {"name": "Damage", "action": "write_off", "account_id": cls.account.id},
                {"name": "Price", "action": "credit_note"},
            ]
        )

    def settle_with(self, reason, move, deduction, **values):
        """Settle an invoice but for a deduction, and return the remittance."""
        amount = move.amount_total - deduction
        line = {"deduction": deduction, "reason_id": reason.id}
        remittance = self.create_matched((move, amount, line), **values)
        payment = {key: values[key] for key in ("currency_id",) if key in values}
        self.settle(remittance, *([self._payment(self.hq, amount, **payment)] if amount else []))
        return remittance

    def get_balance(self, account):
        """Return the posted balance of an account."""
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")], [], ["balance:sum"]
        )
        return self.company.currency_id.round(groups[0][0] or 0.0)


@tagged("post_install", "-at_install")
class TestDeductionTaxes(DeductionMixin, RemittanceCommon):
    """Deductions of invoices with taxes of many kinds: base and taxes are just the deduction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_reasons()
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        base = cls.company_data["default_tax_sale"]
        cls.included = base.copy(
            {"name": "20 % included", "amount": 20.0, "price_include_override": "tax_included"}
        )
        cls.reduced = base.copy({"name": "5 %", "amount": 5.0})
        cls.standard = base.copy({"name": "20 %", "amount": 20.0})

    def create_invoice(self, *lines, **values):
        """Post an invoice of N with lines (price, taxes, other values)."""
        return self._invoice(
            self.north,
            0.0,
            due="2026-01-10",
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "x",
                        "price_unit": price,
                        "tax_ids": taxes.ids,
                        **(more[0] if more else {}),
                    }
                )
                for price, taxes, *more in lines
            ],
            **values,
        )

    def assert_paid(self, invoice, remittance):
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0.0))
        self.assertEqual(remittance.state, "settled")

    def assert_undone(self, invoice, remittance):
        """Expect that the undo leaves nothing of the deduction."""
        before = self.get_balance(self.account), self.get_balance(self.tax_account)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual(self.get_balance(self.account), 0.0)
        self.assertNotEqual(before[0], 0.0)
        self.assertEqual(self.get_balance(self.tax_account), -invoice.amount_tax)

    def test_price_included(self):
        """Of a price with its tax in it the deduction has its tax in it as well."""
        invoice = self.create_invoice((1200.0, self.included))
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (1200.0, 200.0))
        remittance = self.settle_with(self.write_off, invoice, 120.0)
        self.assert_paid(invoice, remittance)
        self.assert_entry(
            remittance.deduction_move_ids,
            (self.north, self.receivable, -120.0),
            (self.north, self.account, 100.0),
            (self.north, self.tax_account, 20.0),
        )
        self.assert_undone(invoice, remittance)

    def test_several_rates(self):
        """Each rate has its share of the deduction, by what it was of the invoice."""
        invoice = self.create_invoice((1000.0, self.standard), (1000.0, self.reduced))
        self.assertEqual(invoice.amount_total, 2250.0)
        remittance = self.settle_with(self.write_off, invoice, 225.0)
        self.assert_paid(invoice, remittance)
        taxes = remittance.deduction_move_ids.line_ids.filtered("tax_line_id")
        self.assertEqual(
            {line.tax_line_id: line.balance for line in taxes},
            {self.standard: 20.0, self.reduced: 5.0},
        )
        self.assertEqual(self.get_balance(self.account), 200.0)
        self.assert_undone(invoice, remittance)

    def test_two_taxes_on_one_line(self):
        """A line with two taxes has both of them corrected."""
        invoice = self.create_invoice((1000.0, self.standard | self.reduced))
        remittance = self.settle_with(self.write_off, invoice, 125.0)
        self.assert_paid(invoice, remittance)
        taxes = remittance.deduction_move_ids.line_ids.filtered("tax_line_id")
        self.assertEqual(sorted(taxes.mapped("balance")), [5.0, 20.0])

    def test_discount_and_quantity(self):
        """Quantities and discounts of the lines make no difference to the sums."""
        invoice = self.create_invoice(
            (100.0, self.standard, {"quantity": 3.0, "discount": 10.0}),
            (33.33, self.reduced, {"quantity": 7.0}),
        )
        for deduction in (0.01, 17.77, invoice.amount_total):
            with self.subTest(deduction), self.taken_back():
                remittance = self.settle_with(self.write_off, invoice, deduction)
                self.assert_paid(invoice, remittance)
                booked = self.get_balance(self.account) + self.get_balance(self.tax_account)
                self.assertEqual(
                    self.company.currency_id.round(booked + invoice.amount_tax), deduction
                )

    def test_all_is_deducted(self):
        """What the payer takes off whole needs no money, and no credit."""
        invoice = self.create_invoice((100.0, self.standard))
        remittance = self.settle_with(self.write_off, invoice, 120.0)
        self.assert_paid(invoice, remittance)
        self.assertFalse(remittance.settlement_ids or remittance.credit_line_ids)
        self.assert_undone(invoice, remittance)

    def test_of_a_foreign_invoice(self):
        """Base and tax in the invoice's currency, at its own rate: no exchange difference."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-01-31", 0.4)])
        invoice = self.create_invoice((100.0, self.standard), currency_id=euro.id)
        remittance = self.settle_with(self.write_off, invoice, 12.0, currency_id=euro.id)
        self.assert_paid(invoice, remittance)
        move = remittance.deduction_move_ids
        self.assertEqual(
            sorted(
                zip(
                    move.line_ids.mapped("amount_currency"),
                    move.line_ids.mapped("balance"),
                    strict=True,
                )
            ),
            [(-12.0, -24.0), (2.0, 4.0), (10.0, 20.0)],
        )
        self.assertEqual(move.line_ids.currency_id, euro)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(invoice.amount_residual, 120.0)
        self.assertEqual(self.get_balance(self.account), 0.0)

    def test_of_a_paid_part(self):
        """Of an invoice that was paid in part before, the deduction has its rates."""
        invoice = self.create_invoice((1000.0, self.standard))
        self.reconcile(invoice, self._payment(self.north, 600.0))
        values = {"deduction": 60.0, "reason_id": self.write_off.id}
        remittance = self.create_matched((invoice, 540.0, values))
        self.settle(remittance, self._payment(self.hq, 540.0))
        self.assert_paid(invoice, remittance)
        self.assertEqual(self.get_balance(self.account), 50.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(invoice.amount_residual, 600.0)

    def test_draft_credit_notes(self):
        """A draft credit note is of just the deduction, however its taxes are written."""
        for lines in (
            [(1200.0, self.included)],
            [(1000.0, self.standard), (1000.0, self.reduced)],
            [(1000.0, self.standard | self.reduced)],
            [(100.0, self.standard, {"quantity": 3.0, "discount": 10.0}), (33.33, self.reduced)],
        ):
            for deduction in (0.05, 33.33, 120.0):
                with self.subTest(lines=lines, deduction=deduction), self.taken_back():
                    invoice = self.create_invoice(*lines)
                    remittance = self.settle_with(self.note, invoice, deduction)
                    note = remittance.deduction_move_ids
                    self.assertEqual((note.state, note.amount_total), ("draft", deduction))
                    self.assertEqual(note.reversed_entry_id, invoice)
                    self.assertEqual(invoice.amount_residual, deduction)
                    note.action_post()
                    self.assert_ledger()
                    self.assertEqual(invoice.amount_residual, 0.0)

    def test_draft_credit_note_in_foreign_currency(self):
        """The draft is in the invoice's currency and of its customer."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self.create_invoice((100.0, self.standard), currency_id=euro.id)
        remittance = self.settle_with(self.note, invoice, 12.0, currency_id=euro.id)
        note = remittance.deduction_move_ids
        self.assertEqual((note.currency_id, note.amount_total), (euro, 12.0))
        self.assertEqual((note.partner_id, note.amount_tax), (self.north, 2.0))

    def test_undo_and_settle_again(self):
        """Each time the same: write-off, draft and dispute come and go together, without drift."""
        invoices = [self.create_invoice((100.0, self.standard)) for _number in range(3)]
        lines = [
            (invoice, 108.0, {"deduction": 12.0, "reason_id": reason.id})
            for invoice, reason in zip(
                invoices, (self.open, self.write_off, self.note), strict=True
            )
        ]
        remittance = self.create_matched(*lines)
        payment = self._payment(self.hq, 324.0)
        for _time in range(2):
            self.settle(remittance, payment)
            self.assertEqual([move.amount_residual for move in invoices], [12.0, 0.0, 12.0])
            self.assertEqual([move.is_disputed for move in invoices], [True, False, False])
            self.assertEqual(len(remittance.deduction_move_ids), 2)
            self.assertEqual(self.get_balance(self.account), 10.0)
            remittance.action_undo()
            self.assert_ledger()
            self.assertEqual([move.amount_residual for move in invoices], [120.0] * 3)
            self.assertFalse(remittance.deduction_move_ids)
            self.assertEqual(self.get_balance(self.account), 0.0)

    def test_reason_of_another_company(self):
        """The account of a reason is the company's: that of another one is not used."""
        other = self.env["res.company"].sudo().create({"name": "Other"})
        reason = self.write_off.sudo()
        self.assertFalse(reason.with_company(other).account_id)
        self.assertEqual(reason.with_company(self.company).account_id, self.account)

    def test_archived_reason(self):
        """A reason that was archived since is carried out as it says where it was chosen before."""
        invoice = self.create_invoice((100.0, self.standard))
        values = {"deduction": 12.0, "reason_id": self.write_off.id}
        remittance = self.create_matched((invoice, 108.0, values))
        self.write_off.sudo().active = False
        self.settle(remittance, self._payment(self.hq, 108.0))
        self.assert_paid(invoice, remittance)


@tagged("post_install", "-at_install")
class TestDeductionCashBasis(DeductionMixin, CashBasisCommon, RemittanceCommon):
    """Taxes that are due when they are paid: what is written off is due to nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_reasons()
        cls.waiting = cls.tax.cash_basis_transition_account_id

    def test_write_off(self):
        """Of 1,100 with a tax of 100 the payer takes 110 off: a tax of 90 is due, none waits."""
        invoice = self.taxed_invoice(self.north)
        remittance = self.settle_with(self.write_off, invoice, 110.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.get_balance(self.account), 100.0)
        self.assertEqual(self.get_balance(self.final), -90.0)
        self.assertEqual(self.get_balance(self.waiting), 0.0)
        remittance.action_undo()
        self.assert_ledger()
        self.assertEqual(self.get_balance(self.final), 0.0)
        self.assertEqual(self.get_balance(self.waiting), -100.0)
        self.assertEqual(self.get_balance(self.account), 0.0)

    def test_leave_open(self):
        """What stays open is not due yet."""
        invoice = self.taxed_invoice(self.north)
        remittance = self.settle_with(self.open, invoice, 110.0)
        self.assertEqual(self.get_balance(self.final), -90.0)
        self.assertEqual(self.get_balance(self.waiting), -10.0)
        remittance.action_undo()
        self.assertEqual(self.get_balance(self.final), 0.0)
        self.assertEqual(self.get_balance(self.waiting), -100.0)

    def test_credit_note(self):
        """The draft changes nothing; posted, it takes back the tax that waits."""
        invoice = self.taxed_invoice(self.north)
        remittance = self.settle_with(self.note, invoice, 110.0)
        self.assertEqual(self.get_balance(self.waiting), -10.0)
        remittance.deduction_move_ids.action_post()
        self.assert_ledger()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.get_balance(self.final), -90.0)
        self.assertEqual(self.get_balance(self.waiting), 0.0)
