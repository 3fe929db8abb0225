# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_remittance import ReasonMixin
from .test_register_payment import RegisterPaymentCommon


@tagged("post_install", "-at_install")
class TestRegisterPaymentAmounts(ReasonMixin, RegisterPaymentCommon):
    """Amounts typed per invoice."""

    def typed(self, documents, amounts, **values):
        """Open the wizard and type amounts, by invoice."""
        wizard = self.wizard(documents, is_amount_per_invoice=True, **values)
        for invoice, amount in amounts.items():
            wizard.invoice_amount_ids.filtered_domain(
                [("move_id", "=", invoice.id)]
            ).amount = amount
        return wizard

    def test_defaults(self):
        """The amounts start as the payment would go by itself; turned off they are gone."""
        with self.form(self.invoices) as form:
            self.assertFalse(len(form.invoice_amount_ids))
            form.amount = 4000.0
            form.is_amount_per_invoice = True
            typed = form.save().invoice_amount_ids
            self.assertEqual(typed.mapped("amount"), [3000.0, 1000.0, 0.0, 0.0])
            self.assertEqual(typed.partner_id, self.branches)
            form.is_amount_per_invoice = False
            self.assertFalse(len(form.invoice_amount_ids))
        self.assertFalse(form.record.invoice_amount_ids)

    def test_typed_in_form(self):
        """U2: amounts typed in the form reach the payment, and their sum is what is paid."""
        with self.form(self.invoice_n | self.invoice_s) as form:
            form.is_amount_per_invoice = True
            for index, amount in enumerate((100.0, 2500.0)):
                with form.invoice_amount_ids.edit(index) as typed:
                    typed.amount = amount
            self.assertEqual(form.amount, 2600.0)
            self.assertEqual(form.amount_rest, 0.0)
        payment = form.record._create_payments()
        self.assert_ledger()
        self.assertEqual(payment.amount, 2600.0)
        self.assert_open(HQ=0.0, N=2900.0, S=0.0)

    def test_sum_is_the_amount_by_program(self):
        """The same for who writes the lines: the amount follows, until somebody gives one."""
        wizard = self.typed(self.invoice_n | self.invoice_s, {self.invoice_n: 2900.0})
        self.assertEqual(wizard.amount, 5400.0)
        wizard.amount = 5600.0
        self.assertEqual(wizard.amount_rest, 200.0)
        wizard.invoice_amount_ids[0].amount = 2800.0
        self.assertEqual((wizard.amount, wizard.amount_rest), (5600.0, 300.0))
        payment = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(payment.amount, 5600.0)
        self.assert_open(HQ=-300.0, N=200.0, S=0.0)

    def test_typed_amount_stays_in_form(self):
        """An amount that somebody typed stays, and the rest is shown as the payer's credit."""
        with self.form(self.invoice_n | self.invoice_s) as form:
            form.amount = 5000.0
            form.is_amount_per_invoice = True
            with form.invoice_amount_ids.edit(0) as typed:
                typed.amount = 2500.0
            self.assertEqual((form.amount, form.amount_rest), (5000.0, 500.0))
        form.record._create_payments()
        self.assert_ledger()
        self.assert_open(HQ=-500.0, N=500.0, S=500.0)

    def test_several_currencies(self):
        """One EUR invoice among them: a payment a currency, each of what its lines say."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._invoice(self.east, 100.0, due="2026-01-05", currency_id=euro.id)
        wizard = self.typed(
            self.invoice_n | self.invoice_s | invoice, {invoice: 60.0, self.invoice_s: 0.0}
        )
        self.assertTrue(wizard.may_type_amounts)
        self.assertEqual(len(wizard.invoice_amount_ids), 3)
        payments = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(payments.partner_id, self.hq)
        self.assertEqual(
            {payment.currency_id: payment.amount for payment in payments},
            {euro: 60.0, self.company.currency_id: 3000.0},
        )
        self.assertEqual(invoice.amount_residual, 40.0)
        self.assert_open(HQ=0.0, N=0.0, S=2500.0)

    def test_currency_of_which_nothing_is_paid(self):
        """No payment is made in a currency of which every line says zero."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._invoice(self.east, 100.0, due="2026-01-05", currency_id=euro.id)
        payments = self.typed(self.invoice_n | invoice, {invoice: 0.0})._create_payments()
        self.assertEqual(payments.currency_id, self.company.currency_id)
        self.assertEqual(payments.amount, 3000.0)

    def test_rest_written_off(self):
        """A line's rest goes where its reason says; the others stay open."""
        wizard = self.typed(
            self.invoice_n | self.invoice_s, {self.invoice_n: 2900.0, self.invoice_s: 2400.0}
        )
        wizard.invoice_amount_ids.filtered(
            lambda line: line.move_id == self.invoice_n
        ).reason_id = self._reason("write_off")
        payment = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(payment.amount, 5300.0)
        self.assert_open(HQ=0.0, N=0.0, S=100.0)
        remittance = self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)])
        self.assertEqual(remittance.state, "settled")
        remittance.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5300.0, N=3000.0, S=2500.0)

    def test_rest_disputed(self):
        """A reason that leaves the rest open marks it."""
        wizard = self.typed(self.invoice_n | self.invoice_s, {self.invoice_n: 2900.0})
        wizard.invoice_amount_ids[0].reason_id = self._reason("open")
        wizard._create_payments()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=100.0, S=0.0)
        self.assertTrue(self.invoice_n.is_disputed)

    def test_typed_amounts_are_paid(self):
        """Each invoice gets what was typed, the rest stays credit, the due date counts not."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        amounts = {
            own: 400.0,
            self.invoice_n: 0.0,
            self.invoice_s: 1234.56,
            self.invoice_e: 1750.0,
            self.invoice_w: 0.01,
        }
        wizard = self.typed(self.invoices | own, amounts, amount=5000.0)
        payment = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(payment.amount, 5000.0)
        for invoice, amount in amounts.items():
            self.assertAlmostEqual(invoice.amount_total - invoice.amount_residual, amount, 2)
        self.assertAlmostEqual(self._receivable_lines(payment.move_id).amount_residual, -1615.43, 2)
        self.assertEqual(payment.reconciled_invoice_ids, self.invoices - self.invoice_n | own)
        self.last_settlement().action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    def test_typed_amounts_in_foreign_currency(self):
        """Half of an invoice in EUR is half of it in USD too, with its exchange difference."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-01-20", 0.4)])
        invoices = self._invoice(self.north, 100.0, due="2026-01-05", currency_id=euro.id)
        invoices |= self._invoice(self.south, 80.0, due="2026-01-05", currency_id=euro.id)
        first, second = invoices
        self.typed(invoices, {first: 50.0, second: 80.0}, amount=150.0)._create_payments()
        self.assert_ledger()
        self.assertEqual(invoices.mapped("amount_residual"), [50.0, 0.0])
        self.assertEqual(self._receivable_lines(first).amount_residual, 100.0)
        self.assert_open(HQ=-50.0)

    def test_typed_amounts_on_several_accounts(self):
        """Typed amounts go to each invoice's own receivable account."""
        account = self.receivable.copy({"code": "121999"})
        self.west.property_account_receivable_id = account
        invoice = self._invoice(self.west, 1500.0, due="2026-01-05")
        self.typed(
            self.invoice_n | invoice, {self.invoice_n: 3000.0, invoice: 500.0}, amount=3500.0
        )._create_payments()
        self.assert_ledger()
        self.assert_entry(
            self.last_settlement().move_id,
            (self.hq, self.receivable, 3500.0),
            (self.north, self.receivable, -3000.0),
            (self.west, account, -500.0),
        )

    def test_impossible_amounts_are_refused(self):
        """Below zero, above what is open, above the payment, or with a written-off difference."""
        invoices = self.invoice_n | self.invoice_s
        for amount in (-1.0, 3000.01):
            wizard = self.typed(invoices, {self.invoice_n: amount})
            with self.assert_refused(UserError, "between zero and what is open"):
                wizard._create_payments()
        wizard = self.typed(invoices, {self.invoice_n: 3000.0, self.invoice_s: 1.0}, amount=3000.0)
        with self.assert_refused(UserError, "add up to"):
            wizard._create_payments()
        wizard.payment_difference_handling = "reconcile"
        with self.assert_refused(UserError, "can't be chosen"):
            wizard._create_payments()


@tagged("post_install", "-at_install")
class TestUsualPayer(RegisterPaymentCommon):
    """Who usually pays for a branch is proposed."""

    def test_branch_paid_by_its_head_office(self):
        """A branch's invoice: its billing parent or head office is proposed, if it says so."""
        store = self._create_customer("Store", self.north)
        invoice = self._invoice(store, 100.0, due="2026-01-05")
        for paid_by, payer in (("self", self.env["res.partner"]), ("parent", self.north)):
            store.billing_paid_by = paid_by
            self.assertEqual(self.wizard(invoice).payer_id, payer)
        store.billing_paid_by = "root"
        payment = self.wizard(invoice)._create_payments()
        self.assert_ledger()
        self.assertEqual(payment.partner_id, self.hq)
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_branches_that_agree(self):
        """Several that name one payer get it; those that don't, the nearest above all."""
        stores = self.env["res.partner"].union(
            *(self._create_customer(name, self.north) for name in ("Store 1", "Store 2"))
        )
        invoices = self.env["account.move"].union(
            *(self._invoice(store, 100.0, due="2026-01-05") for store in stores)
        )
        self.assertEqual(self.wizard(invoices).payer_id, self.north)
        stores.billing_paid_by = "root"
        self.assertEqual(self.wizard(invoices).payer_id, self.hq)
        stores[0].billing_paid_by = "parent"
        self.assertEqual(self.wizard(invoices).payer_id, self.north)

    def test_only_managers_change_it(self):
        """Who usually pays is part of the hierarchy: invoicing administrators change it."""
        clerk = new_test_user(
            self.env, "clerk", groups="account.group_account_invoice,base.group_partner_manager"
        )
        with self.assertRaises(AccessError):
            self.north.with_user(clerk).billing_paid_by = "root"
