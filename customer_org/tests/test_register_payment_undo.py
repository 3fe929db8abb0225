# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo.fields import Command
from odoo.tests import tagged

from .common_ledger import CoreCommon
from .common_remittance import ReasonMixin
from .test_register_payment import RegisterPaymentCommon


class DoorsCommon(CoreCommon, RegisterPaymentCommon):
    """Payments registered for two branches, and every door by which they are taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        expense = cls.company_data["default_account_expense"]
        cls.write_off = expense.copy({"name": "Write-Off", "code": "699997"})
        cls.discount = expense.copy({"name": "Discount", "code": "699998"})
        cls.company.account_journal_early_pay_discount_loss_account_id = cls.discount
        cls.company.account_journal_early_pay_discount_gain_account_id = cls.discount
        cls.term = cls.env["account.payment.term"].create(
            {
                "name": "2 % in 40 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 40,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100, "nb_days": 60})
                ],
            }
        )

    # What is paid

    def pay(self, invoices, payer, **values):
        values = {"group_payment": True, "payment_date": "2026-01-20", **values}
        if payer != self.single:
            values["payer_id"] = payer.id
        return self.register(invoices, **values)

    def pay_with_write_off(self, n, s, hq):
        invoices = self.bill(n, self.usd, 1000.0, "2026-01-05")
        invoices |= self.bill(s, self.usd, 500.0, "2026-01-06")
        payment = self.pay(
            invoices,
            hq,
            amount=1480.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.write_off.id,
        )
        return invoices, payment

    def pay_with_discount(self, n, s, hq):
        invoices = self.bill(
            n, self.usd, 1000.0, "2026-01-05", invoice_payment_term_id=self.term.id
        )
        invoices |= self.bill(
            s, self.usd, 500.0, "2026-01-06", invoice_payment_term_id=self.term.id
        )
        return invoices, self.pay(invoices, hq)

    def pay_in_euros(self, n, s, hq):
        invoices = self.bill(n, self.eur, 900.0, "2026-01-05")
        invoices |= self.bill(s, self.eur, 450.0, "2026-01-16")
        return invoices, self.pay(invoices, hq, amount=1300.0, payment_date="2026-02-05")

    def pay_too_much(self, n, s, hq):
        invoices = self.bill(n, self.usd, 1000.0, "2026-01-05")
        invoices |= self.bill(s, self.eur, 500.0, "2026-01-16")
        return invoices, self.pay(invoices, hq, currency_id=self.usd.id, amount=2000.0)

    # What an auditor compares

    def get_facts(self, invoices, payments):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            "invoices": [
                [(invoice.state, invoice.payment_state), *self.residuals(invoice)]
                for invoice in invoices.exists()
            ],
            # Core keeps a freed invoice linked with its payment, which is in process then; a
            # settlement unlinks it. What was sent is the same.
            "payments": [
                [payment.state in ("in_process", "paid"), *self.residuals(payment.move_id)]
                for payment in payments.exists()
            ],
            "accounts": self.get_balances(),
        }

    def get_balances(self):
        """Return the balances of all but the receivables, by account and month."""
        balances = defaultdict(float)
        lines = self.env["account.move.line"].search(
            [
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
                ("account_type", "!=", "asset_receivable"),
            ]
        )
        for line in lines:
            balances[line.account_id.code, f"{line.date:%Y-%m}"] += line.balance
        return {key: self.usd.round(value) for key, value in balances.items() if round(value, 2)}

    def assert_doors(self, ways, *doors):
        """Take these ways of paying back through the doors, one after the other, as in core."""
        for way in ways.split():
            with self.subTest(way=way):

                def run(n, s, hq, way=way):
                    invoices, payments = getattr(self, way)(n, s, hq)
                    facts = [self.get_facts(invoices, payments)]
                    for door in doors:
                        door(invoices, payments)
                        facts.append(self.get_facts(invoices, payments))
                    return facts

                self.assert_same_as_core(run)

    # Doors

    @staticmethod
    def by_widget(invoice):
        """Remove one payment after the other, as long as the invoice shows any."""
        while partial_ids := [
            values["partial_id"]
            for values in (invoice.invoice_payments_widget or {"content": []})["content"]
            if not values["is_exchange"]
        ]:
            invoice.js_remove_outstanding_partial(partial_ids[0])
            invoice.invalidate_recordset(["invoice_payments_widget"])

    def by_item_of(self, document):
        move = document.move_id if document._name == "account.payment" else document
        self.lines(move).remove_move_reconcile()


@tagged("post_install", "-at_install")
class TestRegisterPaymentUndo(DoorsCommon):
    """By whichever door, what is left is what core leaves of one customer's payment."""

    def test_widget_of_each_invoice(self):
        """One invoice after the other, from its own payments."""
        self.assert_doors(
            "pay_with_write_off pay_in_euros",
            lambda invoices, _payments: self.by_widget(invoices[0]),
            lambda invoices, _payments: self.by_widget(invoices[1]),
        )

    def test_items(self):
        """The matches of an invoice's item are removed, then those of the payment's."""
        self.assert_doors(
            "pay_too_much",
            lambda invoices, _payments: self.by_item_of(invoices[1]),
            lambda _invoices, payments: self.by_item_of(payments),
        )

    def test_payment_is_cancelled(self):
        """The payment goes to draft, where its matches stay, and is cancelled."""
        self.assert_doors(
            "pay_with_discount",
            lambda _invoices, payments: payments.action_draft(),
            lambda _invoices, payments: payments.action_cancel(),
        )

    def test_payment_is_deleted(self):
        """A draft payment is deleted, and its entry with it."""
        self.assert_doors(
            "pay_with_write_off",
            lambda _invoices, payments: payments.action_draft(),
            lambda _invoices, payments: payments.unlink(),
        )

    def test_payment_is_posted_again(self):
        """To draft, another date, posted again: all stays paid, dated anew."""

        def re_date(_invoices, payments):
            payments.action_draft()
            payments.date = "2026-02-10"
            payments.action_post()

        self.assert_doors(
            "pay_with_discount", re_date, lambda invoices, _payments: self.by_widget(invoices[0])
        )

    def test_invoice_is_cancelled(self):
        """The first invoice is cancelled, the second freed: the whole payment is a credit."""
        self.assert_doors(
            "pay_in_euros",
            lambda invoices, _payments: invoices[0].button_cancel(),
            lambda invoices, _payments: self.by_widget(invoices[1]),
        )

    def test_invoice_is_deleted(self):
        """The last invoice is deleted as a draft: what it was paid with is open again."""

        def delete(invoices, _payments):
            invoices[1].button_draft()
            invoices[1].unlink()

        self.assert_doors(
            "pay_too_much", delete, lambda invoices, _payments: self.by_widget(invoices[0])
        )

    def test_invoice_is_reversed(self):
        """A credit note cancels the first invoice: its part of the payment is open again."""
        self.assert_doors(
            "pay_with_discount",
            lambda invoices, _payments: invoices[0]._reverse_moves(
                [{"invoice_date": "2026-02-10"}], cancel=True
            ),
        )

    def test_locked_month(self):
        """January is closed in between: the undo is of February, January stays."""

        def lock(*_documents):
            self.company.fiscalyear_lock_date = "2026-01-31"

        self.assert_doors(
            "pay_with_write_off",
            lock,
            lambda invoices, _payments: self.by_widget(invoices[0]),
            lambda _invoices, payments: self.by_item_of(payments),
        )

    def test_settlements_form(self):
        """*Undo* on all settlements of the payment is what *Unreconcile* on it is in core."""

        def undo(_invoices, payments):
            lines = self.lines(payments.move_id)
            if settlements := lines.settlement_line_ids.settlement_id:
                settlements.filtered(lambda one: one.state == "posted").action_undo()
            else:
                lines.remove_move_reconcile()

        self.assert_doors("pay_too_much", undo)

    def test_paid_again(self):
        """Freed by the widget and paid again with the same payment: as if nothing had been."""

        def again(invoices, payments):
            self.lines(invoices[0], payments.move_id).reconcile()

        self.assert_doors(
            "pay_in_euros",
            lambda invoices, _payments: self.by_widget(invoices[0]),
            again,
            lambda invoices, _payments: self.by_widget(invoices[1]),
        )


@tagged("post_install", "-at_install")
class TestRegisterPaymentReasons(ReasonMixin, DoorsCommon):
    """Rests that went where a reason says, and what becomes of them when payments are undone."""

    def pay_short(self, **values):
        """Pay N in full and S 100 short, written off; return the payment and the remittance."""
        invoices = self.invoice_n | self.invoice_s
        wizard = self.wizard(invoices, is_amount_per_invoice=True, **values)
        typed = wizard.invoice_amount_ids.filtered(lambda one: one.move_id == self.invoice_s)
        typed.amount = 2400.0
        typed.reason_id = self._reason("write_off")
        payment = wizard._create_payments()
        self.assert_ledger()
        remittance = self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)])
        self.assertEqual(remittance.state, "settled")
        return payment, remittance

    def assert_all_back(self, remittance, **amounts):
        self.assert_ledger()
        self.assert_open(N=3000.0, S=2500.0, **amounts)
        self.assertNotEqual(remittance.state, "settled")
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.company_data["default_account_expense"].id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(sum(lines.mapped("balance")), 0.0)

    def test_by_the_remittance(self):
        payment, remittance = self.pay_short()
        self.assertEqual(payment.amount, 5400.0)
        remittance.action_undo()
        self.assert_all_back(remittance, HQ=-5400.0)

    def test_by_the_settlement(self):
        """*Undo* on the settlement takes the write-off back with it."""
        _payment, remittance = self.pay_short()
        remittance.settlement_ids.action_undo()
        self.assert_all_back(remittance, HQ=-5400.0)

    def test_by_the_payment(self):
        """So does cancelling the payment."""
        payment, remittance = self.pay_short()
        payment.action_cancel()
        self.assert_all_back(remittance, HQ=0.0)

    def test_by_a_bounce(self):
        """So does a payment that the bank rejects."""
        payment, remittance = self.pay_short()
        payment.action_reject()
        self.assert_all_back(remittance)

    def test_by_unreconciling(self):
        """So does removing the matches of the payment's item."""
        payment, remittance = self.pay_short()
        self.by_item_of(payment)
        self.assert_all_back(remittance, HQ=-5400.0)

    def test_one_of_two(self):
        """N is freed: S stays paid and written off, until it is freed, too."""
        _payment, remittance = self.pay_short()
        self.by_widget(self.invoice_n)
        self.assert_ledger()
        self.assertEqual(remittance.state, "settled")
        self.assert_open(HQ=-3000.0, N=3000.0, S=0.0)
        self.by_widget(self.invoice_s)
        self.assert_all_back(remittance, HQ=-5400.0)

    def test_rest_stays_credit(self):
        """The payment is 600 more than what its lines say: that stays the payer's."""
        payment, remittance = self.pay_short(amount=6000.0)
        self.assertEqual(payment.amount, 6000.0)
        self.assert_open(HQ=-600.0, N=0.0, S=0.0)
        remittance.action_undo()
        self.assert_all_back(remittance, HQ=-6000.0)
