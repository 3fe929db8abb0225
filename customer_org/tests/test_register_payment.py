# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import SettlementCommon


class RegisterPaymentCommon(SettlementCommon):
    """Helpers for core's payment wizard with a payer."""

    def wizard(self, documents, **values):
        """Open the wizard on invoices or journal items."""
        return (
            self.env["account.payment.register"]
            .with_context(active_model=documents._name, active_ids=documents.ids)
            .create({"payment_date": "2026-01-31", **values})
        )

    def register(self, documents, **values):
        """Register a payment, check the ledger, return the payments."""
        payments = self.wizard(documents, **values)._create_payments()
        self.assert_ledger()
        return payments

    def form(self, documents, view=None):
        wizard = self.env["account.payment.register"].with_context(
            active_model=documents._name, active_ids=documents.ids
        )
        return Form(wizard, view=view)


@tagged("post_install", "-at_install")
class TestRegisterPayment(RegisterPaymentCommon):
    """One payment of a head office for its branches' invoices."""

    def test_scenario_05(self):
        """N and S together, payer HQ: one payment of HQ, both paid, both tell of it."""
        invoices = self.invoice_n | self.invoice_s
        payment = self.register(invoices, amount=5500.0)
        self.assertEqual(len(payment), 1)
        self.assertEqual(payment.partner_id, self.hq)
        self.assertEqual(payment.amount, 5500.0)
        self.assertEqual(payment.destination_account_id, self.receivable)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=1750.0, W=1500.0)
        for invoice in invoices:
            (line,) = invoice.invoice_payments_widget["content"]
            self.assertEqual(line["settlement_label"], "by Acme HQ")
            self.assertEqual(line["account_payment_id"], payment.id)
            self.assertEqual(invoice.reconciled_payment_ids, payment)
        self.assertEqual(payment.reconciled_invoice_ids, invoices)
        self.assertEqual(payment.reconciled_invoices_count, 2)
        self.assertTrue(payment.is_reconciled)
        self.assertEqual(self.last_settlement().payer_id, self.hq)

    def test_more_stays_credit(self):
        """What is paid too much stays the payer's open credit."""
        payment = self.register(self.invoices, amount=10000.0)
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})
        self.assert_open(HQ=-1250.0, N=0.0, S=0.0, E=0.0, W=0.0)
        self.assertFalse(payment.is_reconciled)

    def test_less_pays_oldest_due(self):
        """Too little goes oldest due first; what it does not pay is not linked with it."""
        payment = self.register(self.invoices, amount=4000.0)
        self.assert_open(HQ=0.0, N=0.0, S=1500.0, E=1750.0, W=1500.0)
        self.assertEqual(
            self.invoices.mapped("payment_state"), ["paid", "partial", "not_paid", "not_paid"]
        )
        self.assertEqual(payment.reconciled_invoice_ids, self.invoice_n | self.invoice_s)
        self.assertFalse(self.invoice_w.matched_payment_ids)

    def test_earlier_payments_are_not_mixed_up(self):
        """A branch's own earlier payment is not shown on another branch's invoice."""
        own = self.register(self.invoice_n, amount=1000.0)
        self.assertEqual(own.partner_id, self.north)
        payment = self.register(self.invoice_n | self.invoice_s)
        self.assertEqual(payment.amount, 4500.0)
        self.assertEqual(self.invoice_s.reconciled_payment_ids, payment)
        self.assertEqual(self.invoice_n.reconciled_payment_ids, own | payment)

    def test_undo(self):
        """Undoing the match of one invoice gives its part back to the payment; repeatedly."""
        payment = self.register(self.invoices)
        credit = self._receivable_lines(payment.move_id)
        for _i in range(3):
            (line,) = self.invoice_s.invoice_payments_widget["content"]
            self.invoice_s.js_remove_outstanding_partial(line["partial_id"])
            self.assert_ledger()
            self.assert_open(HQ=-2500.0, N=0.0, S=2500.0)
            self.assertEqual(credit.amount_residual, -2500.0)
            self.assertNotIn(payment, self.invoice_s.reconciled_payment_ids)
            self.invoice_s.js_assign_outstanding_line(credit.id)
            self.assert_ledger()
        self.assert_open(HQ=0.0, S=0.0)

    def test_cancel_payment(self):
        """A cancelled payment opens all its invoices again."""
        payment = self.register(self.invoices)
        payment.action_draft()
        payment.action_cancel()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    # ------------------------------------------------------------------
    # The payer
    # ------------------------------------------------------------------

    def test_payer_beside_a_credit_note_that_is_mostly_used(self):
        """The direction of the money goes by what is open, not by what the documents were."""
        refund = self._invoice(self.south, 4000.0, due="2026-01-10", move_type="out_refund")
        used = self._invoice(self.south, 3500.0, due="2026-01-05")
        self._receivable_lines(refund | used).reconcile()
        wizard = self.wizard(self.invoice_n | refund)
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual((wizard.payment_type, wizard.amount), ("inbound", 2500.0))
        payment = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual((payment.payment_type, payment.partner_id), ("inbound", self.hq))
        self.assertEqual((self.invoice_n | refund).mapped("payment_state"), ["paid", "paid"])
        self.assert_open(HQ=0.0, N=0.0)

    def test_no_payer_where_money_goes_back(self):
        """What is open of the credit note is more than what is open of the invoice."""
        self._receivable_lines(
            self.invoice_n | self._payment(self.north, 2900.0).move_id
        ).reconcile()
        refund = self._invoice(self.south, 500.0, due="2026-01-10", move_type="out_refund")
        wizard = self.wizard(self.invoice_n | refund)
        self.assertFalse(wizard.payer_id)
        self.assertFalse(wizard.available_payer_ids)

    def test_payer_is_proposed(self):
        """The nearest common ancestor is proposed, all common ones are offered."""
        depot = self._create_customer("Depot", self.north)
        shop = self._create_customer("Shop", self.north)
        invoices = self._invoice(depot, 100.0, due="2026-01-10")
        invoices |= self._invoice(shop, 100.0, due="2026-01-10")
        wizard = self.wizard(invoices)
        self.assertEqual(wizard.payer_id, self.north)
        self.assertEqual(wizard.available_payer_ids, self.north | self.hq)
        self.assertEqual(wizard.partner_id, self.north)
        wizard = self.wizard(invoices | self.invoice_n)
        self.assertEqual(wizard.payer_id, self.north, "one of the chosen is above all others")
        wizard = self.wizard(invoices | self.invoice_s)
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual(wizard.available_payer_ids, self.hq)

    def test_any_common_ancestor_pays(self):
        """Not only the nearest common ancestor can be chosen."""
        invoices = self._invoice(self._create_customer("D", self.north), 100.0, due="2026-01-10")
        invoices |= self._invoice(self._create_customer("S", self.north), 50.0, due="2026-01-10")
        payment = self.register(invoices, payer_id=self.hq.id)
        self.assertEqual(payment.partner_id, self.hq)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})

    def test_one_customer_pays_by_itself(self):
        """For one branch nothing is proposed; the head office can be chosen."""
        wizard = self.wizard(self.invoice_n)
        self.assertFalse(wizard.payer_id)
        self.assertEqual(wizard.available_payer_ids, self.north | self.hq)
        self.assertEqual(wizard.partner_id, self.north)
        payment = self.register(self.invoice_n, payer_id=self.hq.id)
        self.assertEqual(payment.partner_id, self.hq)
        self.assertEqual(self.invoice_n.payment_state, "paid")

    def test_customer_is_its_own_payer(self):
        """A customer chosen as payer of its own invoices pays as in core."""
        payment = self.register(self.invoice_n, payer_id=self.north.id)
        self.assertEqual(payment.partner_id, self.north)
        self.assertFalse(self.last_settlement())

    def test_empty_payer_is_core(self):
        """Without a payer each customer gets its own payment."""
        wizard = self.wizard(self.invoice_n | self.invoice_s, payer_id=False)
        self.assertFalse(wizard.can_edit_wizard)
        payments = wizard._create_payments()
        self.assert_ledger()
        self.assertEqual(payments.partner_id, self.north | self.south)
        self.assertFalse(self.last_settlement())
        self.assert_open(N=0.0, S=0.0)

    def test_stranger_is_refused(self):
        """Who is above only some of the customers, or above none, can't pay."""
        stranger = self._create_customer("Stranger")
        for payer in (stranger, self.north):
            with self.assert_refused(UserError, "can't pay these invoices.*Acme HQ"):
                self.wizard(self.invoice_n | self.invoice_s, payer_id=payer.id)
        self._create_customer("Depot", self.south)
        with self.assert_refused(UserError, "posted customer invoices"):
            self.wizard(
                self.invoice_n | self._invoice(stranger, 10.0, due="2026-01-10"),
                payer_id=self.hq.id,
            )

    def test_changed_hierarchy_is_refused(self):
        """A payer that is above the customers no more is refused when the payment is made."""
        wizard = self.wizard(self.invoice_n | self.invoice_s)
        self.south.billing_parent_id = False
        with self.assert_refused(UserError, "posted customer invoices"):
            wizard._create_payments()

    def test_only_money_that_comes_in(self):
        """Vendor bills, credit notes and drafts have no payer."""
        bills = self.invoice_n.browse()
        credit_notes = self.invoice_n.browse()
        for branch in (self.north, self.south):
            bills |= self._invoice(branch, 100.0, due="2026-01-10", move_type="in_invoice")
            credit_notes |= self._invoice(branch, 10.0, due="2026-01-10", move_type="out_refund")
        drafts = self.invoice_n.copy() | self.invoice_s.copy()
        drafts.invoice_date = "2026-01-01"
        for documents in (bills, credit_notes, drafts):
            wizard = self.wizard(documents)
            self.assertFalse(wizard.payer_id)
            self.assertFalse(wizard.available_payer_ids)
            with self.assert_refused(UserError, "posted customer invoices"):
                self.wizard(documents, payer_id=self.hq.id)

    def test_credit_notes_reduce_what_is_paid(self):
        """A credit note among the chosen documents pays its own customer's invoice first."""
        credit_note = self._invoice(self.south, 500.0, due="2026-01-10", move_type="out_refund")
        payment = self.register(self.invoice_n | self.invoice_s | credit_note)
        self.assertEqual(payment.amount, 5000.0)
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertEqual(self.last_settlement().amount, 5000.0)

    def test_head_office_and_branches(self):
        """The payer's own invoice is paid inside its own ledger."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        payment = self.register(own | self.invoice_n)
        self.assertEqual(payment.amount, 4000.0)
        self.assertEqual(self.last_settlement().amount, 3000.0)
        self.assertEqual(own.payment_state, "paid")
        self.assertEqual(payment.reconciled_invoice_ids, own | self.invoice_n)
        self.assert_open(HQ=0.0, N=0.0)

    # ------------------------------------------------------------------
    # Accounts, journals, batches
    # ------------------------------------------------------------------

    def test_receivable_accounts_differ(self):
        """Invoices on several receivable accounts are paid by one payment, oldest due first."""
        account = self.receivable.copy({"code": "121999"})
        self.west.property_account_receivable_id = account
        invoice = self._invoice(self.west, 1500.0, due="2026-01-05")
        wizard = self.wizard(self.invoice_n | invoice)
        self.assertTrue(wizard.can_edit_wizard)
        wizard.amount = 4000.0
        wizard._create_payments()
        self.assert_ledger()
        self.assert_entry(
            self.last_settlement().move_id,
            (self.hq, self.receivable, 4000.0),
            (self.north, self.receivable, -2500.0),
            (self.west, account, -1500.0),
        )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.invoice_n.amount_residual, 500.0)

    def test_payers_account(self):
        """The payment is on the payer's receivable account, or on that of its own invoices."""
        account = self.receivable.copy({"code": "121999"})
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        self.hq.property_account_receivable_id = account
        payment = self.register(self.invoice_n)
        self.assertEqual(payment.destination_account_id, self.receivable)
        payment = self.register(self.invoice_s | self.invoice_e)
        self.assertEqual(payment.destination_account_id, account)
        payment = self.register(own | self.invoice_w)
        self.assertEqual(payment.destination_account_id, self.receivable)
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0, W=0.0)

    def test_payers_accounts_differ(self):
        """The payer's own invoices on several accounts are refused: core can't match them."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        self.hq.property_account_receivable_id = self.receivable.copy({"code": "121999"})
        own |= self._invoice(self.hq, 1000.0, due="2026-01-05")
        with self.assert_refused(UserError, "several receivable accounts"):
            self.wizard(own | self.invoice_n)

    def test_sales_journals_and_bank_accounts_differ(self):
        """Invoices of several journals that ask for several bank accounts are one batch."""
        banks = self.env["res.partner.bank"].create(
            [{"acc_number": f"BE0{i}", "partner_id": self.company.partner_id.id} for i in range(2)]
        )
        journal = self.company_data["default_journal_sale"].copy()
        first = self._invoice(self.north, 10.0, due="2026-01-05", partner_bank_id=banks[0].id)
        second = self._invoice(
            self.south,
            20.0,
            due="2026-01-05",
            partner_bank_id=banks[1].id,
            journal_id=journal.id,
        )
        payment = self.register(first | second)
        self.assertEqual(payment.amount, 30.0)
        self.assertEqual(set((first | second).mapped("payment_state")), {"paid"})

    def test_bank_account_chooses_journal(self):
        """Where all invoices ask for one bank account its journal is proposed, as in core."""
        bank_journal = self.company_data["default_journal_bank"].copy()
        bank_journal.bank_account_id = self.env["res.partner.bank"].create(
            {"acc_number": "BE99", "partner_id": self.company.partner_id.id}
        )
        invoices = self.invoice_n.browse()
        for branch in (self.north, self.south):
            invoices |= self._invoice(
                branch,
                10.0,
                due="2026-01-05",
                partner_bank_id=bank_journal.bank_account_id.id,
            )
        self.assertEqual(self.wizard(invoices).journal_id, bank_journal)

    def test_one_payment_per_invoice(self):
        """Not grouped, each invoice gets a payment of its own, all in the payer's name."""
        payments = self.register(self.invoices, group_payment=False)
        self.assertEqual(len(payments), 4)
        self.assertEqual(payments.partner_id, self.hq)
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(self.invoice_e.reconciled_payment_ids.amount, 1750.0)

    def test_currencies_are_batches(self):
        """As in core each currency is a payment of its own."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        invoices = self.invoice_n | self.invoice_s
        invoices |= self._invoice(self.east, 100.0, due="2026-01-05", currency_id=euro.id)
        payments = self.register(invoices)
        self.assertEqual(payments.partner_id, self.hq)
        self.assertEqual(
            sorted(payments.mapped(lambda payment: (payment.currency_id.name, payment.amount))),
            [("EUR", 100.0), ("USD", 5500.0)],
        )
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})

    # ------------------------------------------------------------------
    # Entry points
    # ------------------------------------------------------------------

    def test_form(self):
        """In the form: the payer can be changed, and cleared for core's behaviour."""
        with self.form(self.invoice_n | self.invoice_s) as form:
            self.assertEqual(form.payer_id, self.hq)
            self.assertEqual(form.amount, 5500.0)
            self.assertTrue(form.group_payment)
            form.payer_id = self.env["res.partner"]
            self.assertFalse(form.can_edit_wizard)
            self.assertFalse(form.group_payment)
            form.payer_id = self.hq
            self.assertTrue(form.can_edit_wizard)
            form.amount = 4000.0
        payment = form.record._create_payments()
        self.assertEqual((payment.partner_id, payment.amount), (self.hq, 4000.0))
        self.assert_open(HQ=0.0, N=0.0, S=1500.0)

    def test_from_invoices_and_items(self):
        """The buttons of invoice form, list and journal items open the wizard with the payer."""
        invoices = self.invoice_n | self.invoice_s
        for action in (
            invoices.action_register_payment(),
            invoices.action_force_register_payment(),
            self._receivable_lines(invoices).action_register_payment(),
        ):
            wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
            self.assertEqual(wizard.payer_id, self.hq)
            self.assertEqual(wizard.amount, 5500.0)

    def test_from_head_office(self):
        """The head office's button opens the wizard on all open invoices of its hierarchy."""
        own = self._invoice(self.hq, 250.0, due="2026-01-05")
        self._invoice(self._create_customer("Other"), 1.0, due="2026-01-05")
        self.invoice_w.payment_state = "blocked"
        action = self.hq.action_register_hierarchy_payment()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual(wizard.amount, 7500.0)
        self.assertEqual(wizard.line_ids.move_id, self.invoices - self.invoice_w | own)
        wizard._create_payments()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0, W=1500.0)

    def test_from_head_office_of_one_branch(self):
        """The button proposes the head office also where one branch alone owes."""
        depot = self._create_customer("Depot", self.north)
        self.reconcile(self._payment(self.north, 3000.0), self.invoice_n)
        self._invoice(depot, 70.0, due="2026-01-05")
        action = self.north.action_register_hierarchy_payment()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual(wizard.payer_id, self.north)
        payment = wizard._create_payments()
        self.assertEqual((payment.partner_id, payment.amount), (self.north, 70.0))
        with self.assert_refused(UserError, "no open invoice"):
            depot.action_register_hierarchy_payment()

    def test_ordinary_customers_cost_one_look_up(self):
        """Ordinary customers: no payer, one query more than in core."""
        customer = self._create_customer("Ordinary")
        wizard = self.wizard(self._invoice(customer, 10.0, due="2026-01-05"))
        self.assertFalse(wizard.payer_id)
        self.assertFalse(wizard.available_payer_ids)
        wizard.invalidate_recordset()
        wizard.line_ids.partner_id.mapped("commercial_partner_id.name")
        wizard.line_ids.mapped(lambda line: (line.parent_state, line.account_type, line.balance))
        with self.assertQueryCount(1):
            wizard._get_common_payers()


@tagged("post_install", "-at_install")
class TestRegisterPaymentWithoutEntry(RegisterPaymentCommon):
    """Payments that wait for the bank's statement, as where bank matching is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["account.move"],
                "_get_invoice_in_payment_state",
                lambda self: "in_payment",
            )
        )
        cls.method_line = cls.company_data["default_journal_bank"].inbound_payment_method_line_ids
        cls.outstanding_account = cls.method_line.payment_account_id

    def match_with_bank(self, amount, invoices, date="2026-02-05"):
        """Match a statement line of the head office with invoices, as bank matching does."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": date,
                "payment_ref": "Transfer",
                "partner_id": self.hq.id,
                "amount": amount,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.write({"account_id": self.receivable.id, "partner_id": self.hq.id})
        (suspense | self._receivable_lines(invoices)).reconcile()
        self.assert_ledger()
        return statement_line

    def test_without_entry(self):
        """No entry is made: both invoices are in payment until the statement is matched."""
        self.method_line.payment_account_id = False
        invoices = self.invoice_n | self.invoice_s
        payment = self.register(invoices)
        self.assertFalse(payment.move_id)
        self.assertEqual((payment.partner_id, payment.amount), (self.hq, 5500.0))
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(payment.reconciled_invoice_ids, invoices)
        self.assertEqual(invoices.reconciled_payment_ids, payment)
        self.assertEqual(set(invoices.mapped("payment_state")), {"in_payment"})
        self.assertFalse(self.last_settlement())
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)
        self.match_with_bank(5500.0, invoices)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(payment.state, "paid")
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertEqual(self.last_settlement().amount, 5500.0)

    def test_without_entry_undone(self):
        """Taking the match with the statement back puts the invoices in payment again."""
        self.method_line.payment_account_id = False
        payment = self.register(self.invoice_n, payer_id=self.hq.id)
        self.assertEqual(self.invoice_n.payment_state, "in_payment")
        self.match_with_bank(3000.0, self.invoice_n)
        self.assertEqual((self.invoice_n.payment_state, payment.state), ("paid", "paid"))
        self._receivable_lines(self.invoice_n).remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-3000.0, N=3000.0)
        self.assertEqual(
            (self.invoice_n.payment_state, payment.state), ("in_payment", "in_process")
        )

    def test_with_entry(self):
        """Paid through an outstanding account the invoice is in payment until that is matched."""
        payment = self.register(self.invoice_n | self.invoice_s)
        self.assertTrue(payment.move_id)
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(self.invoice_n.payment_state, "in_payment")
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": "2026-02-05",
                "payment_ref": "Transfer",
                "amount": 5500.0,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.outstanding_account
        outstanding = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.outstanding_account
        )
        (suspense | outstanding).reconcile()
        self.assertEqual(payment.state, "paid")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_s.payment_state, "paid")
