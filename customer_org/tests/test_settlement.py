# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlement(SettlementCommon):
    """A head office's credit settles its branches' invoices, and every ledger stays right."""

    def test_scenario_01_all_paid(self):
        """HQ pays 10,000: all four paid, 1,250 left, one entry with one leg per customer."""
        payment = self._payment(self.hq, 10000.0)
        settlement = self.reconcile(payment, self.invoices)
        self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})
        self.assert_open(HQ=-1250.0, N=0.0, S=0.0, E=0.0, W=0.0)
        self.assert_entry(
            settlement.move_id,
            (self.hq, self.receivable, 8750.0),
            (self.north, self.receivable, -3000.0),
            (self.south, self.receivable, -2500.0),
            (self.east, self.receivable, -1750.0),
            (self.west, self.receivable, -1500.0),
        )
        self.assertEqual(settlement.amount, 8750.0)
        self.assertEqual(settlement.payer_id, self.hq)
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(settlement.date, payment.date)
        self.assertEqual(settlement.line_ids.payer_leg_id.balance, 8750.0)
        self.assertEqual(settlement.line_ids.partner_id, self.branches)
        self.assertEqual(settlement.line_ids.credit_line_id.move_id, payment.move_id)

    def test_scenario_02_short_credit(self):
        """HQ pays 4,000: the oldest due first, the second in part."""
        self.reconcile(self._payment(self.hq, 4000.0), self.invoices)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_s.payment_state, "partial")
        self.assert_open(HQ=0.0, N=0.0, S=1500.0, E=1750.0, W=1500.0)

    def test_scenario_03_own_invoice_due_first(self):
        """HQ's own invoice is due first: it is paid first, inside HQ's ledger."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-05")
        settlement = self.reconcile(self._payment(self.hq, 2000.0), own, self.invoice_n)
        self.assertEqual(own.payment_state, "paid")
        self.assert_open(HQ=0.0, N=2000.0)
        self.assertEqual(settlement.amount, 1000.0)

    def test_own_invoice_due_later(self):
        """The oldest due is paid first, also where that is a branch's."""
        own = self._invoice(self.hq, 1000.0, due="2026-02-05")
        self.reconcile(self._payment(self.hq, 3500.0), own, self.invoice_n)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(own.amount_residual, 500.0)

    def test_own_credit_first(self):
        """A branch's own payment stays its own when the head office's is reconciled with it."""
        own_payment = self._payment(self.south, 2500.0)
        payment = self._payment(self.hq, 3000.0)
        settlement = self.reconcile(payment, own_payment, self.invoice_n, self.invoice_s)
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertEqual(settlement.line_ids.partner_id, self.north)

    def test_only_own_credits(self):
        """Several customers with nothing to move between them: each keeps to its own items."""
        payments = [self._payment(self.west, 1.31), self._payment(self.south, 100.0)]
        lines = self._receivable_lines(
            self.invoices.union(*(payment.move_id for payment in payments))
        )
        lines.reconcile()
        self.assert_ledger()
        self.assert_open(N=1500.0 * 2, S=2400.0, W=1498.69)
        self.assertFalse(self.last_settlement())

    def test_nearest_ancestor_first(self):
        """With credits of several ancestors the nearest one pays."""
        depot = self._create_customer("Depot", self.north)
        invoice = self._invoice(depot, 100.0, due="2026-01-10")
        far, near = self._payment(self.hq, 100.0), self._payment(self.north, 100.0)
        settlement = self.reconcile(far, near, invoice)
        self.assertEqual(settlement.payer_id, self.north)
        self.assertFalse(self._receivable_lines(far.move_id).reconciled)

    def test_scenario_04_credit_note(self):
        """HQ's credit note used on N's invoice from *Outstanding credits*; taxes stand still."""
        tax = self.company_data["default_tax_sale"].copy({"name": "20%", "amount": 20.0})
        credit_note = self._invoice(
            self.hq,
            0.0,
            due="2026-01-20",
            move_type="out_refund",
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 1000.0, "tax_ids": tax.ids})
            ],
        )
        tax_lines = self.env["account.move.line"].search([("tax_line_id", "!=", False)])
        self.assertEqual(credit_note.amount_total, 1200.0)
        widget = self.invoice_n.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual(len(widget), 1)
        self.assertEqual(widget[0]["amount"], 1200.0)
        self.assertIn("Acme HQ", widget[0]["journal_name"])
        self.invoice_n.js_assign_outstanding_line(widget[0]["id"])
        self.assert_ledger()
        self.assertEqual(self.invoice_n.amount_residual, 1800.0)
        self.assertEqual(self.invoice_n.payment_state, "partial")
        self.assertEqual(credit_note.payment_state, "paid")
        self.assert_open(HQ=0.0, N=1800.0)
        self.assertEqual(
            self.env["account.move.line"].search([("tax_line_id", "!=", False)]), tax_lines
        )

    def test_credit_note_pays_all(self):
        """An invoice that a parent's credit note pays is paid, not reversed."""
        credit_note = self._invoice(self.hq, 3000.0, due="2026-01-20", move_type="out_refund")
        self.reconcile(credit_note, self.invoice_n)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(credit_note.payment_state, "paid")
        own = self._invoice(self.south, 2500.0, due="2026-01-20", move_type="out_refund")
        self.reconcile(own, self.invoice_s)
        self.assertEqual(self.invoice_s.payment_state, "reversed")

    def test_scenario_12_accounts_differ(self):
        """W's receivable account is another one: each leg is on its own account."""
        account = self.receivable.copy({"code": "121999", "name": "Receivable 2"})
        self.west.property_account_receivable_id = account
        invoice = self._invoice(self.west, 1500.0, due="2026-01-31")
        payment = self._payment(self.hq, 4500.0)
        settlement = self.reconcile(payment, self.invoice_n, invoice)
        self.assert_entry(
            settlement.move_id,
            (self.hq, self.receivable, 4500.0),
            (self.north, self.receivable, -3000.0),
            (self.west, account, -1500.0),
        )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(account.current_balance)

    def test_accounts_differ_from_widget(self):
        """*Outstanding credits* works across accounts too."""
        self.west.property_account_receivable_id = self.receivable.copy({"code": "121999"})
        invoice = self._invoice(self.west, 1500.0, due="2026-01-31")
        self._payment(self.hq, 1500.0)
        line_id = invoice.invoice_outstanding_credits_debits_widget["content"][0]["id"]
        invoice.js_assign_outstanding_line(line_id)
        self.assert_ledger()
        self.assertEqual(invoice.payment_state, "paid")

    def test_dates(self):
        """A pair's date is the later of both: one settlement a date."""
        late = self._invoice(self.north, 100.0, due="2026-03-01", date="2026-02-20")
        payment = self._payment(self.hq, 10000.0, date="2026-01-31")
        self.reconcile(payment, self.invoice_n, late)
        settlements = self.env["customer.settlement"].search([])
        self.assertEqual(
            sorted(settlements.mapped(lambda s: (str(s.date), s.amount))),
            [("2026-01-31", 3000.0), ("2026-02-20", 100.0)],
        )

    def test_legs_are_aggregated(self):
        """Several invoices of one branch share a leg."""
        invoices = self.invoice_n
        for _i in range(3):
            invoices |= self._invoice(self.north, 100.0, due="2026-01-10")
        settlement = self.reconcile(self._payment(self.hq, 9999.0), invoices, self.invoice_s)
        self.assertEqual(len(settlement.move_id.line_ids), 3)
        self.assertEqual(settlement.line_ids.debtor_leg_id.mapped("balance"), [-3300.0, -2500.0])
        self.assertEqual(settlement.line_ids.mapped("amount"), [100.0] * 3 + [3000.0, 2500.0])

    def test_legs_earn_and_cost_nothing(self):
        """A customer's analytic distribution is not for what moves between customers."""
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        account = self.env["account.analytic.account"].create({"name": "N", "plan_id": plan.id})
        self.env["account.analytic.distribution.model"].create(
            {"partner_id": self.north.id, "analytic_distribution": {account.id: 100}}
        )
        settlement = self.reconcile(self._payment(self.hq, 4000.0), self.invoices)
        self.assertFalse(any(settlement.move_id.line_ids.mapped("analytic_distribution")))

    def test_several_credits(self):
        """Two payments and a journal item pay together; each keeps its own leg."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-31",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.hq.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.receivable, -500.0),
                        (self.company_data["default_account_expense"], 500.0),
                    )
                ],
            }
        )
        entry.action_post()
        payments = [self._payment(self.hq, amount) for amount in (2000.0, 3000.0)]
        settlement = self.reconcile(*payments, entry, self.invoice_n, self.invoice_s)
        self.assertEqual(len(settlement.line_ids.payer_leg_id), 3)
        self.assert_open(HQ=0.0, N=0.0, S=0.0)

    def test_siblings_and_upwards(self):
        """Explicitly reconciled by an accountant, a branch's credit pays siblings and parent."""
        own = self._invoice(self.hq, 400.0, due="2026-01-05")
        payment = self._payment(self.north, 1000.0)
        settlement = self.reconcile(payment, self.invoice_s, own)
        self.assertEqual(settlement.payer_id, self.north)
        self.assert_open(HQ=0.0, S=1900.0, N=3000.0)

    def test_strangers_stay_cores_affair(self):
        """Customers of no common hierarchy are matched by core, as without us."""
        stranger = self._create_customer("Stranger")
        payment = self._payment(stranger, 3000.0)
        lines = self._receivable_lines(payment.move_id | self.invoice_n)
        lines.reconcile()
        self.assertTrue(all(line.reconciled for line in lines))
        self.assertFalse(self.last_settlement())

    def test_mixed_call(self):
        """A hierarchy's items are settled, the rest of the call is core's."""
        stranger = self._create_customer("Stranger")
        invoice = self._invoice(stranger, 700.0, due="2026-01-10")
        lines = self._receivable_lines(
            self._payment(self.hq, 3000.0).move_id
            | self.invoice_n
            | invoice
            | self._payment(stranger, 700.0).move_id
        )
        lines.reconcile()
        self.assert_ledger()
        self.assertEqual((self.invoice_n | invoice).mapped("payment_state"), ["paid", "paid"])

    def test_plan_of_several(self):
        """A plan of nested groups settles each group, in order."""
        payment = self._payment(self.hq, 4000.0)
        lines = self._receivable_lines
        plan = [
            [lines(self.invoice_s), lines(payment.move_id) | lines(self.invoice_e)],
            lines(self.invoice_w) | lines(self._payment(self.west, 100.0).move_id),
        ]
        self.env["account.move.line"]._reconcile_plan(plan)
        self.assert_ledger()
        self.assert_open(HQ=0.0, E=0.0, S=250.0, W=1400.0)

    def test_draft_stays_cores_affair(self):
        """Items of drafts are not settled."""
        draft = self.invoice_n.copy({"invoice_date": "2026-01-01"})
        payment = self._payment(self.hq, 100.0)
        self._receivable_lines(draft | payment.move_id).reconcile()
        self.assertFalse(self.last_settlement())

    def test_already_reconciled(self):
        """As in core: items that are matched already are refused."""
        payment = self._payment(self.hq, 3000.0)
        self.reconcile(payment, self.invoice_n)
        with self.assert_refused(UserError, "already reconciled"):
            self._receivable_lines(payment.move_id | self.invoice_s).reconcile()

    def test_scenario_13_reparent(self):
        """After S moved: what was paid keeps its payer, the rest is payable by the new parent."""
        payment = self._payment(self.hq, 4000.0)
        settlement = self.reconcile(payment, self.invoices)
        other = self._create_customer("Other HQ", vat="US12345671")
        self._payment(other, 5000.0)
        partners = {line: line.partner_id for line in settlement.move_id.line_ids}
        self.south.billing_parent_id = other
        self.assertEqual(partners, {line: line.partner_id for line in settlement.move_id.line_ids})
        self.assertEqual(self.invoice_s.amount_residual, 1500.0)
        content = self.invoice_s.invoice_payments_widget["content"]
        self.assertEqual(content[0]["settlement_label"], "by Acme HQ")
        offered = self.invoice_s.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual([values["billing_parent_name"] for values in offered], ["Other HQ"])
        self.invoice_s.js_assign_outstanding_line(offered[0]["id"])
        self.assert_ledger()
        self.assertEqual(self.invoice_s.payment_state, "paid")

    def test_offered_credits(self):
        """Offered: own and ancestors' credits. Not: siblings', branches', blocked, drafts."""
        depot = self._create_customer("Depot", self.north)
        invoice = self._invoice(depot, 100.0, due="2026-01-10")
        for customer in (self.hq, self.north, self.south, depot):
            self._payment(customer, 10.0)
        blocked = self._invoice(self.hq, 10.0, due="2026-01-20", move_type="out_refund")
        blocked.action_toggle_block_payment()
        self._invoice(self.hq, 10.0, due="2026-01-20", move_type="out_refund").button_draft()
        content = invoice.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual(
            [values.get("billing_parent_name") for values in content], [None, "Acme N", "Acme HQ"]
        )
        own = self._invoice(self.hq, 100.0, due="2026-01-10")
        content = own.invoice_outstanding_credits_debits_widget["content"]
        self.assertFalse([values for values in content if values.get("billing_parent_name")])

    def test_other_company(self):
        """Credits of another company are not offered."""
        other = self.setup_other_company()
        self._payment(
            self.hq,
            10.0,
            company_id=other["company"].id,
            journal_id=other["default_journal_bank"].id,
        )
        self.assertFalse(self.invoice_n.invoice_outstanding_credits_debits_widget)

    def test_see_through(self):
        """Invoice and payment see each other through the settlement."""
        payment = self._payment(self.hq, 10000.0)
        self.reconcile(payment, self.invoices)
        (values,) = self.invoice_n.invoice_payments_widget["content"]
        self.assertEqual(values["settlement_label"], "by Acme HQ")
        self.assertEqual(values["account_payment_id"], payment.id)
        self.assertEqual(values["move_id"], payment.move_id.id)
        self.assertEqual(values["amount"], 3000.0)
        self.assertEqual(payment.reconciled_invoice_ids, self.invoices)
        self.assertEqual(self.invoice_n.reconciled_payment_ids, payment)
        self.assertEqual(self.invoice_n.open_payments()["res_id"], payment.id)

    def test_see_through_credit_note(self):
        """The credit note's widget tells for whom it was used."""
        credit_note = self._invoice(self.hq, 4000.0, due="2026-01-20", move_type="out_refund")
        self.reconcile(credit_note, self.invoice_n, self.invoice_s)
        (values,) = credit_note.invoice_payments_widget["content"]
        self.assertEqual(values["settlement_label"], "for Acme N, Acme S")
        (values,) = self.invoice_n.invoice_payments_widget["content"]
        self.assertEqual(values["move_id"], credit_note.id)

    def test_in_payment(self):
        """Where bank matching is used, the invoice waits for the parent's payment."""
        move_class = type(self.env["account.move"])
        with patch.object(move_class, "_get_invoice_in_payment_state", lambda move: "in_payment"):
            payment = self._payment(self.hq, 10000.0)
            self.reconcile(payment, self.invoices)
            self.assertEqual(set(self.invoices.mapped("payment_state")), {"in_payment"})
            self._match_with_bank(payment)
            self.assertTrue(payment.is_matched)
            self.assertEqual(set(self.invoices.mapped("payment_state")), {"paid"})

    def _match_with_bank(self, payment):
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": "2026-02-02",
                "payment_ref": "transfer",
                "amount": payment.amount,
            }
        )
        _liquidity, suspense, _other = statement_line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        liquidity, _counterpart, _writeoff = payment._seek_for_lines()
        suspense.account_id = liquidity.account_id
        (suspense | liquidity).reconcile()

    def test_entry_is_protected(self):
        """The entry can't be reset, edited, reversed or deleted: the message says what to do."""
        settlement = self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        move = settlement.move_id
        message = f"settlement {settlement.name} and can't be changed"
        for change in (
            move.button_draft,
            move.button_cancel,
            move._reverse_moves,
            move.unlink,
            lambda: move.write({"date": "2026-02-01"}),
            lambda: move.line_ids[0].write({"account_id": self.receivable.copy().id}),
            lambda: move.line_ids[0].write({"partner_id": self.west.id}),
        ):
            with self.assert_refused(UserError, message):
                change()

    def test_rights(self):
        """Invoicing users settle and undo; others are refused and nothing is left half done."""
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        other = new_test_user(self.env, "other", "base.group_user")
        lines = self._receivable_lines(self._payment(self.hq, 3000.0).move_id | self.invoice_n)
        with self.assert_refused(AccessError, "not allowed|access"):
            lines.with_user(other).reconcile()
        self.assertFalse(self.last_settlement())
        lines.with_user(clerk).reconcile()
        self.assert_ledger()
        settlement = self.last_settlement()
        with self.assert_refused(AccessError, "not allowed|access"):
            settlement.with_user(other).action_undo()
        settlement.with_user(clerk).action_undo()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")

    def test_journal(self):
        """Every company has its journal, also one made later, and one that lost it."""
        journal = self.company.customer_settlement_journal_id
        self.assertEqual(journal.type, "general")
        other = self.setup_other_company()["company"]
        self.assertTrue(other.customer_settlement_journal_id)
        self.company.customer_settlement_journal_id = False
        settlement = self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.assertEqual(settlement.move_id.journal_id, self.company.customer_settlement_journal_id)

    def test_ordinary_customers_cost_nothing(self):
        """Reconciling one customer's items asks no question of ours."""
        stranger = self._create_customer("Stranger")
        invoices = [self._invoice(stranger, 10.0, due="2026-01-10") for _i in range(3)]
        payment = self._payment(stranger, 30.0)
        lines = self._receivable_lines(self.env["account.move"].union(*invoices, payment.move_id))
        links = type(self.env["customer.hierarchy.link"])
        with patch.object(links, "_get_ancestors", side_effect=AssertionError("asked")):
            lines.reconcile()
        self.assertEqual(invoices[0].payment_state, "paid")

    def test_root_is_stamped(self):
        """The invoice keeps the head office of the day it was posted."""
        self.assertEqual(self.invoice_n.billing_root_id, self.hq)
        self.north.billing_parent_id = False
        self.assertEqual(self.invoice_n.billing_root_id, self.hq)
        self.invoice_n.button_draft()
        self.invoice_n.action_post()
        self.assertEqual(self.invoice_n.billing_root_id, self.north)

    def test_archived_branch(self):
        """A branch that still owes may be archived, and is still paid."""
        self.north.active = False
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.assertEqual(self.invoice_n.payment_state, "paid")

    def test_branch_pays_what_is_settled(self):
        """A branch that pays again is warned, and its payment stays its own credit."""
        payments = self.env["account.payment"]
        draft = {"partner_id": self.north.id, "payment_type": "inbound", "amount": 3000.0}
        self.assertFalse(payments.create(draft).customer_settlement_warning)
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        again = payments.create(draft)
        self.assertIn("Acme HQ has already paid", again.customer_settlement_warning)
        self.assertFalse(
            payments.create({**draft, "partner_id": self.south.id}).customer_settlement_warning
        )
        again.action_post()
        self.assertFalse(again.customer_settlement_warning)
        notes = "".join(again.message_ids.mapped("body"))
        self.assertIn("Acme HQ has already paid", notes)
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=-3000.0)

    def test_branch_company(self):
        """Items of a branch of the selling company are settled in that company."""
        selling_branch = self.env["res.company"].create(
            {"name": "Selling branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= selling_branch
        customers = (self.hq | self.north).with_company(selling_branch)
        customers.property_account_receivable_id = self.receivable
        env_company = {"company_id": selling_branch.id}
        invoice = self._invoice(self.north, 100.0, due="2026-01-10", **env_company)
        payment = self._payment(self.hq, 100.0, **env_company)
        settlement = self.reconcile(payment, invoice)
        self.assertEqual(settlement.company_id, selling_branch)
        mixed = self._invoice(self.north, 50.0, due="2026-01-10", **env_company)
        settlement = self.reconcile(self._payment(self.hq, 50.0), mixed)
        self.assertEqual(settlement.company_id, self.company)
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(mixed.payment_state, "not_paid")
