# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import SettlementCommon


class WizardCommon(SettlementCommon):
    def open_wizard(self, record=None, **values):
        """Open the wizard from a record and change fields: the amounts follow by themselves."""
        action = (record or self.hq).action_settle_branches()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        if values:
            wizard.write(values)
        return wizard

    def get_amounts(self, wizard):
        return {line.move_id: line.amount for line in wizard.debt_ids if line.amount}

    def get_reasons(self, wizard):
        return {line.move_id: line.reason for line in wizard.skipped_ids}

    def type_amounts(self, wizard, amounts):
        wizard.policy = "manual"
        for line in wizard.debt_ids:
            line.amount = amounts.get(line.move_id, 0.0)

    def post(self, wizard):
        """Post, check the ledger, and return the settlements that the action shows."""
        action = wizard.action_post()
        self.assert_ledger()
        if action["res_model"] != "customer.settlement":
            return self.env["customer.settlement"]
        if action.get("res_id"):
            return self.env["customer.settlement"].browse(action["res_id"])
        return self.env["customer.settlement"].search(action["domain"])


@tagged("post_install", "-at_install")
class TestSettlementWizard(WizardCommon):
    """One grid of credits and invoices; what it says is what is posted."""

    def test_oldest_due_first(self):
        """Scenarios 1 and 2: the oldest due first, the rest stays open; undone with one click."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_s: 1000.0})
        self.assertEqual(wizard.amount_available, 4000.0)
        self.assertEqual(wizard.amount_allocated, 4000.0)
        self.assertEqual(wizard.amount_left, 0.0)
        settlement = self.post(wizard)
        self.assert_open(HQ=0.0, N=0.0, S=1500.0, E=1750.0, W=1500.0)
        self.assertEqual(settlement.amount, 4000.0)
        settlement.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0, E=1750.0, W=1500.0)

    def test_own_invoices_first(self):
        """The head office's own invoices first, though they are due last."""
        own = self._invoice(self.hq, 700.0, due="2026-02-20")
        self._payment(self.hq, 1000.0)
        wizard = self.open_wizard(policy="own")
        self.assertEqual(self.get_amounts(wizard), {own: 700.0, self.invoice_n: 300.0})
        settlement = self.post(wizard)
        self.assertEqual(own.payment_state, "paid")
        self.assertEqual(settlement.amount, 300.0)
        self.assert_open(HQ=0.0, N=2700.0)

    def test_pro_rata(self):
        """Every invoice gets its share, exact to the cent."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard(policy="pro_rata")
        self.assertEqual(
            self.get_amounts(wizard),
            {
                self.invoice_n: 1371.43,
                self.invoice_s: 1142.86,
                self.invoice_e: 800.0,
                self.invoice_w: 685.71,
            },
        )
        self.post(wizard)
        self.assert_open(HQ=0.0, N=1628.57, S=1357.14, E=950.0, W=814.29)

    def test_typed_amounts(self):
        """Amounts as typed; a payer's rest stays its credit."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard(policy="manual")
        self.assertFalse(wizard.amount_allocated, "manual starts empty")
        self.type_amounts(wizard, {self.invoice_s: 0.01, self.invoice_w: 1500.0})
        self.assertEqual(wizard.amount_left, 2499.99)
        self.post(wizard)
        self.assert_open(HQ=-2499.99, N=3000.0, S=2499.99, W=0.0)

    def test_running_totals(self):
        """A typed amount and a credit left out show in the totals before they are saved."""
        self._payment(self.hq, 4000.0)
        self._payment(self.hq, 500.0)
        wizard = self.open_wizard()
        line = wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_n)
        result = wizard.onchange(
            {"debt_ids": [Command.update(line.id, {"amount": 1000.0})]},
            ["debt_ids"],
            {"debt_ids": {}, "amount_left": {}},
        )
        self.assertEqual(
            result["value"],
            {"amount_available": 4500.0, "amount_allocated": 2500.0, "amount_left": 2000.0},
        )
        credit = wizard.credit_ids.filtered(lambda line: line.amount_open == 500.0)
        result = wizard.onchange(
            {"credit_ids": [Command.update(credit.id, {"selected": False})]}, ["credit_ids"], {}
        )
        self.assertEqual(result["value"]["amount_available"], 4000.0)
        self.assertEqual(result["value"]["amount_left"], 0.0, "filled in anew")

    def test_form(self):
        """What the screen does: choose a head office, then type an amount."""
        self._payment(self.hq, 4000.0)
        with Form(self.env["customer.settlement.wizard"]) as form:
            form.payer_id = self.hq
        wizard = form.record
        self.assertEqual(len(wizard.debt_ids), 4)
        with Form(wizard) as form, form.debt_ids.edit(0) as line:
            line.amount = 10.0
        self.assertEqual(wizard.amount_allocated, 1010.0)

    def test_filters(self):
        """Only invoices of chosen branches, with those below them, due by a day."""
        depot = self._create_customer("Depot", self.north)
        below = self._invoice(depot, 100.0, due="2026-01-02")
        late = self._invoice(depot, 100.0, due="2026-03-01")
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard(branch_ids=self.north.ids, date_due_until="2026-01-31")
        self.assertEqual(self.get_amounts(wizard), {below: 100.0, self.invoice_n: 3000.0})
        self.assertEqual(wizard.debt_ids.move_id, below | self.invoice_n)
        self.assertEqual(self.get_reasons(wizard)[late], "filtered")
        self.post(wizard)
        self.assert_open(HQ=-6900.0, N=0.0, S=2500.0)
        self.assertEqual(late.amount_residual, 100.0)

    def test_archived_branch(self):
        """A branch that still owes may be archived, and its invoice is still offered."""
        self.south.active = False
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard(branch_ids=self.south.ids)
        self.assertEqual(self.get_amounts(wizard), {self.invoice_s: 2500.0})
        self.post(wizard)
        self.assert_open(S=0.0)

    def test_from_payment(self):
        """From a payment: its credit alone is chosen, others can be added."""
        first, second = self._payment(self.hq, 100.0), self._payment(self.hq, 50.0)
        self.assertTrue(first.can_settle_branches)
        wizard = self.open_wizard(first)
        self.assertEqual(wizard.credit_ids.move_id, (first | second).move_id)
        self.assertEqual(wizard.credit_ids.filtered("selected").move_id, first.move_id)
        self.post(wizard)
        self.assert_open(HQ=-50.0, N=2900.0)
        self.assertFalse(first.can_settle_branches)
        self.assertFalse(self._payment(self.north, 5.0).can_settle_branches)

    def test_from_credit_note(self):
        """From a credit note: it is used, and is paid afterwards."""
        credit_note = self._invoice(self.hq, 1200.0, due="2026-01-20", move_type="out_refund")
        self._payment(self.hq, 50.0)
        self.assertTrue(credit_note.can_settle_branches)
        self.post(self.open_wizard(credit_note))
        self.assert_open(HQ=-50.0, N=1800.0)
        self.assertEqual(credit_note.payment_state, "paid")

    def test_from_invoices(self):
        """From the invoice list: only these invoices, with credits of the nearest head office."""
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard(self.invoice_s | self.invoice_e)
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual(wizard.debt_ids.move_id, self.invoice_s | self.invoice_e)
        self.post(wizard)
        self.assert_open(HQ=-5750.0, N=3000.0, S=0.0, E=0.0)
        wizard = self.open_wizard(self.invoice_n)
        self.assertEqual(wizard.payer_id, self.hq, "one branch: who pays is above it")
        self.post(wizard)
        self.assert_open(HQ=-2750.0, N=0.0)

    def test_from_invoices_and_credit_note(self):
        """Invoices chosen together with a credit note: it pays them."""
        credit_note = self._invoice(self.hq, 1200.0, due="2026-01-20", move_type="out_refund")
        self._payment(self.hq, 10000.0)
        self.post(self.open_wizard(self.invoice_e | credit_note))
        self.assert_open(HQ=-10000.0, E=550.0)

    def test_from_credit_note_of_branch(self):
        """A branch's credit note chosen with a sibling's invoice is not used: it says why."""
        credit_note = self._invoice(self.north, 10.0, due="2026-01-20", move_type="out_refund")
        wizard = self.open_wizard(self.invoice_s | credit_note)
        self.assertEqual(wizard.payer_id, self.hq)
        self.assertEqual(self.get_reasons(wizard)[credit_note], "branch_credit")

    def test_no_common_head_office(self):
        """Invoices of strangers can't be settled together."""
        stranger = self._invoice(self._create_customer("Stranger"), 10.0, due="2026-01-10")
        with self.assert_refused(UserError, "no head office in common"):
            (self.invoice_n | stranger).action_settle_branches()
        with self.assert_refused(UserError, "nothing to settle"):
            stranger.partner_id.action_settle_branches()

    def test_ancestors_credits(self):
        """Offered: the payer's credits, and unchosen those above it; never siblings' or below."""
        depot = self._create_customer("Depot", self.north)
        invoice = self._invoice(depot, 100.0, due="2026-01-02")
        above = self._payment(self.hq, 60.0)
        own = self._payment(self.north, 70.0)
        sibling, below = self._payment(self.south, 80.0), self._payment(depot, 90.0)
        wizard = self.open_wizard(self.north)
        self.assertEqual(wizard.credit_ids.move_id, (above | own).move_id)
        self.assertEqual(wizard.credit_ids.filtered("selected").move_id, own.move_id)
        self.assertEqual(wizard.debt_ids.move_id, invoice | self.invoice_n)
        self.assertEqual(self.get_reasons(wizard)[below.move_id], "branch_credit")
        self.assertNotIn(sibling.move_id, wizard.skipped_ids.move_id)
        wizard.credit_ids.selected = True
        settlements = self.post(wizard)
        self.assertEqual(settlements.payer_id, self.hq | self.north)
        self.assertEqual(invoice.amount_residual, 90.0, "the depot's own credit covers 90 of it")
        self.assert_open(HQ=0.0, N=2880.0)

    def test_skipped(self):
        """Never offered, with the reason: drafts, blocked, vendors', other companies' documents."""
        self._payment(self.hq, 10000.0)
        draft = self._draft(self.north)
        self.invoice_s.action_toggle_block_payment()
        bill = self._invoice(self.east, 10.0, due="2026-01-10", move_type="in_invoice")
        other = self.setup_other_company(name="Other")["company"]
        foreign = self._invoice(self.west, 5.0, due="2026-01-05", company_id=other.id)
        self.reconcile(self._payment(self.east, 1750.0), self.invoice_e)
        companies = [self.company.id, other.id]
        self.env = self.env(context={**self.env.context, "allowed_company_ids": companies})
        reasons = {
            draft: "draft",
            self.invoice_s: "blocked",
            bill: "vendor",
            foreign: "company",
            self.invoice_e: "paid",
        }
        chosen = self.env["account.move"].union(*reasons, self.invoice_n)
        action = self.env["customer.settlement.wizard"]._open(
            self.hq.with_env(self.env), self.company, debt_moves=chosen
        )
        wizard = self.env["customer.settlement.wizard"].browse(action["res_id"])
        self.assertEqual(wizard.debt_ids.move_id, self.invoice_n)
        self.assertEqual(self.get_reasons(wizard), reasons)
        wizard = self.open_wizard(self.hq.with_env(self.env))
        self.assertEqual(wizard.debt_ids.move_id, self.invoice_n | self.invoice_w)
        self.assertEqual(
            self.get_reasons(wizard),
            {move: reasons[move] for move in (draft, self.invoice_s, foreign)},
        )

    def _draft(self, partner):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 1.0})],
            }
        )

    def test_preview(self):
        """The preview says every journal item, and why the rest is not settled."""
        self._payment(self.hq, 4000.0)
        wizard = self.open_wizard()
        wizard.action_preview()
        self.assertEqual(wizard.state, "preview")
        self.assertEqual(
            [(leg.partner_id, leg.account_id, leg.debit, leg.credit) for leg in wizard.leg_ids],
            [
                (self.hq, self.receivable, 4000.0, 0.0),
                (self.north, self.receivable, 0.0, 3000.0),
                (self.south, self.receivable, 0.0, 1000.0),
            ],
        )
        self.assertEqual(
            self.get_reasons(wizard), {self.invoice_e: "no_credit", self.invoice_w: "no_credit"}
        )
        self.assertFalse(self.last_settlement(), "nothing is posted yet")
        legs = [(leg.name, leg.date, leg.debit, leg.credit) for leg in wizard.leg_ids]
        lines = self.post(wizard).move_id.line_ids.sorted("id")
        self.assertEqual([(line.name, line.date, line.debit, line.credit) for line in lines], legs)

    def test_preview_of_closed_period(self):
        """A closed period: the preview tells the date of the entry, in the first open month."""
        self._payment(self.hq, 4000.0)
        self.company.fiscalyear_lock_date = "2026-01-31"
        wizard = self.open_wizard()
        wizard.action_preview()
        dates = set(wizard.leg_ids.mapped("date"))
        settlement = self.post(wizard)
        self.assertEqual(dates, {settlement.date})
        self.assertGreater(str(settlement.date), "2026-01-31")
        settlement.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0)

    def test_more_than_open(self):
        """An amount above what is open, or below zero, is refused."""
        self._payment(self.hq, 9000.0)
        line = self.open_wizard().debt_ids[0]
        with self.assert_refused(ValidationError, "more than the .*3,000.00.* open"):
            line.amount = 3000.01
        with self.assert_refused(ValidationError, "negative"):
            line.amount = -1.0

    def test_more_than_credit(self):
        """Amounts above the chosen credit are refused, and nothing is posted."""
        self._payment(self.hq, 100.0)
        wizard = self.open_wizard()
        self.type_amounts(wizard, {self.invoice_n: 60.0, self.invoice_s: 40.01})
        with self.assert_refused(UserError, "exceed the chosen credit by .*0.01"):
            wizard.action_post()
        self.assert_open(HQ=-100.0, N=3000.0)

    def test_nothing_chosen(self):
        """Without a credit or an amount there is nothing to post."""
        self._payment(self.hq, 100.0)
        wizard = self.open_wizard()
        wizard.credit_ids.selected = False
        with self.assert_refused(UserError, "Nothing to settle"):
            wizard.action_post()
        wizard.credit_ids.selected = True
        self.type_amounts(wizard, {})
        with self.assert_refused(UserError, "Nothing to settle"):
            wizard.action_preview()

    def test_changed_meanwhile(self):
        """A document that changed since it was loaded stops the whole post; Refresh helps."""
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard()
        self.reconcile(self._payment(self.south, 10.0), self.invoice_s)
        with self.assert_refused(UserError, f"changed since.*{self.invoice_s.name}.*Refresh"):
            wizard.action_post()
        self.assertFalse(self.last_settlement())
        wizard.action_refresh()
        self.post(wizard)
        self.assert_open(HQ=-1260.0, N=0.0, S=0.0, E=0.0, W=0.0)

    def test_blocked_meanwhile(self):
        """An invoice blocked since it was loaded is not paid."""
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard()
        self.invoice_w.action_toggle_block_payment()
        with self.assert_refused(UserError, "changed since"):
            wizard.action_post()

    def test_credit_spent_meanwhile(self):
        """A credit that somebody else has spent is not spent again."""
        payment = self._payment(self.hq, 3000.0)
        wizard = self.open_wizard()
        self.reconcile(payment, self.invoice_w)
        with self.assert_refused(UserError, "changed since"):
            wizard.action_post()

    def test_own_invoices_only(self):
        """Where the head office pays only itself there is no settlement, just a match."""
        own = self._invoice(self.hq, 700.0, due="2026-02-20")
        self._payment(self.hq, 700.0)
        wizard = self.open_wizard(policy="own")
        wizard.action_preview()
        self.assertFalse(wizard.leg_ids)
        self.assertFalse(self.post(wizard))
        self.assertEqual(
            own.payment_state, self.env["account.move"]._get_invoice_in_payment_state()
        )

    def test_instalments(self):
        """Each instalment is a line of its own, with its due date."""
        term = self._halves_term(0, 60)
        invoice = self._invoice(
            self.north, 200.0, due=False, invoice_payment_term_id=term.id, date="2026-01-01"
        )
        self._payment(self.hq, 10000.0)
        wizard = self.open_wizard(date_due_until="2026-01-10")
        self.assertEqual(self.get_amounts(wizard), {invoice: 100.0, self.invoice_n: 3000.0})
        self.post(wizard)
        self.assertEqual(invoice.amount_residual, 100.0)

    def test_one_foreign_currency(self):
        """All in one foreign currency: totals and shares are in that currency."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        depot = self._create_customer("Depot", self._create_customer("Other HQ"))
        invoices = self.env["account.move"].union(
            *(self._invoice(depot, 100.0, "2026-01-10", currency_id=euro.id) for _i in range(3))
        )
        self._payment(depot.billing_parent_id, 100.0, currency_id=euro.id)
        wizard = self.open_wizard(depot.billing_parent_id, policy="pro_rata")
        self.assertEqual(wizard.currency_id, euro)
        self.assertEqual(wizard.amount_available, 100.0)
        self.assertEqual(sorted(self.get_amounts(wizard).values()), [33.33, 33.33, 33.34])
        settlement = self.post(wizard)
        self.assertEqual(settlement.amount, 200.0)
        self.assertEqual(sum(invoices.mapped("amount_residual")), 200.0)

    def test_mixed_currencies(self):
        """Several currencies: what is proposed is what core's arithmetic can pay, exactly."""
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 1 / 1.1), ("2026-01-20", 1 / 1.2)]
        )
        invoice = self._invoice(self.north, 1000.0, "2026-01-05", currency_id=euro.id)
        for policy in ("oldest", "own", "pro_rata"):
            with self.subTest(policy):
                payment = self._payment(self.hq, 2000.0, currency_id=euro.id)
                wizard = self.open_wizard(payment, policy=policy)
                self.assertEqual(wizard.currency_id, self.company.currency_id)
                amounts = self.get_amounts(wizard)
                self.assertTrue(amounts)
                residuals = {move: move.amount_residual for move in amounts}
                settlements = self.post(wizard)
                for move, amount in amounts.items():
                    self.assertAlmostEqual(move.amount_residual, residuals[move] - amount, 2)
                settlements.action_undo()
                self.assert_ledger()
                self.assertEqual(invoice.amount_residual, 1000.0)
                payment.action_cancel()

    def test_other_account_of_payer(self):
        """The payer's own debt on another account is left out of the proposal: it can't be paid."""
        account = self.receivable.copy({"code": "121998"})
        self.hq.property_account_receivable_id = account
        own = self._invoice(self.hq, 50.0, due="2026-01-02")
        self.hq.property_account_receivable_id = self.receivable
        self._payment(self.hq, 100.0)
        wizard = self.open_wizard()
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 100.0})
        self.type_amounts(wizard, {own: 50.0})
        with self.assert_refused(UserError, "can pay only"):
            wizard.action_post()

    def test_access(self):
        """Invoicing users settle; who only reads can't open the wizard."""
        self._payment(self.hq, 100.0)
        clerk = new_test_user(self.env, "clerk", groups="account.group_account_invoice")
        wizard = self.open_wizard(self.hq.with_user(clerk)).with_user(clerk)
        wizard.action_preview()
        settlement = self.post(wizard)
        settlement.with_user(clerk).action_undo()
        self.assert_ledger()
        reader = new_test_user(self.env, "reader", groups="account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.hq.with_user(reader).action_settle_branches()

    def test_query_count(self):
        """Opening costs the same with 8 and with 204 invoices."""
        self._payment(self.hq, 300000.0)
        self._create_invoices(self.north, 4)

        def open_first_screen():
            self.env.invalidate_all()
            wizard = self.open_wizard()
            spec = {"fields": {"move_id": {"fields": {"display_name": {}}}, "amount": {}}}
            self.env.flush_all()
            return wizard.web_read({"debt_ids": {**spec, "limit": 80}, "amount_left": {}})

        open_first_screen()
        with self.count_queries() as few:
            open_first_screen()
        self._create_invoices(self.north, 196)
        open_first_screen()
        with self.count_queries() as many:
            (values,) = open_first_screen()
        self.assertEqual(len(values["debt_ids"]), 204)
        self.assertEqual(many(), few())

    def test_preview_query_count(self):
        """A preview costs the same with 4 and with 200 invoices."""
        self._payment(self.hq, 300000.0)
        wizards = [self.open_wizard()]
        self._create_invoices(self.north, 196)
        wizards.append(self.open_wizard())
        counts = []
        for wizard in wizards:
            self.env.flush_all()
            self.env.invalidate_all()
            with self.count_queries() as count:
                wizard.action_preview()
                self.env.flush_all()
            counts.append(count())
        self.assertLessEqual(counts[1], counts[0])
