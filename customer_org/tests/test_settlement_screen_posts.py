# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_ledger import CashBasisCommon, CoreCommon
from .test_settlement_wizard import WizardCommon


class ScreenCommon(WizardCommon, CoreCommon):
    def get_paid(self, moves):
        """Return what of each document is paid, in its own currency."""
        return {
            move: move.currency_id.round(
                sum(self.lines(move).mapped("amount_currency"))
                - sum(self.lines(move).mapped("amount_residual_currency"))
            )
            for move in moves
        }

    def get_preview(self, wizard):
        return sorted(
            (str(leg.date), leg.partner_id.name, leg.account_id.code, leg.name, leg.debit)
            + (leg.credit, leg.currency_id.name, leg.amount_currency)
            for leg in wizard.leg_ids
        )

    def get_posted(self, settlements):
        return sorted(
            (str(leg.date), leg.partner_id.name, leg.account_id.code, leg.name, leg.debit)
            + (leg.credit, leg.currency_id.name, leg.amount_currency)
            for leg in settlements.move_id.line_ids
        )

    def assert_posts_what_it_says(self, wizard):
        """Post; grid, totals and preview have said just what is booked now."""
        wizard.action_preview()
        preview = self.get_preview(wizard)
        amounts = self.get_amounts(wizard)
        debts = wizard.debt_ids.move_id
        before = self.get_paid(debts)
        settlements = self.post(wizard)
        paid = {
            move: move.currency_id.round(amount - before[move])
            for move, amount in self.get_paid(debts).items()
            if amount != before[move]
        }
        self.assertEqual(paid, amounts)
        self.assertEqual(self.get_posted(settlements), preview)
        return settlements


@tagged("post_install", "-at_install")
class TestPreviewIsPosted(ScreenCommon, CashBasisCommon):
    """Every journal item is booked as the preview says: customer, account, date, both amounts."""

    def assert_all(self, *policies):
        """Preview, post and undo by each policy; return the dates of the last entries."""
        for policy in policies:
            with self.subTest(policy=policy), self.taken_back():
                settlements = self.assert_posts_what_it_says(self.open_wizard(policy=policy))
                dates = sorted(str(date) for date in settlements.mapped("move_id.date"))
                settlements.action_undo()
                self.assert_ledger()
            self.env.invalidate_all()
            self.assertTrue(dates)
        return dates

    def test_currencies(self):
        """Debts in three currencies, credits in two of them."""
        self.bill(self.north, self.eur, 900.0, "2026-01-05")
        self.bill(self.west, self.gbp, 70.0, "2026-01-16")
        self._payment(self.hq, 6000.0)
        self._payment(self.hq, 500.0, currency_id=self.eur.id, date="2026-02-02")
        self.assert_all("oldest", "pro_rata")

    def test_accounts(self):
        """A branch's invoice on another receivable account."""
        other = self.receivable.copy({"code": "121997", "name": "Receivable 2"})
        self.west.property_account_receivable_id = other
        self._invoice(self.west, 800.0, due="2026-01-02")
        self._payment(self.hq, 5000.0)
        self.assert_all("oldest")

    def test_cash_basis(self):
        """Taxed documents, whose matches have legs of their own."""
        self.taxed_invoice(self.north)
        self._invoice(
            self.hq,
            0.0,
            due="2026-01-05",
            move_type="out_refund",
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 300.0, "tax_ids": self.tax.ids})
            ],
        )
        self._payment(self.hq, 2000.0)
        self.assert_all("oldest")

    def test_own_invoice(self):
        """The head office's own invoice, of which there is no leg, by two policies."""
        self._invoice(self.hq, 700.0, due="2026-01-30")
        self._payment(self.hq, 4000.0)
        self.assert_all("own", "pro_rata")

    def test_two_months(self):
        """An invoice of February and a payment of January: an entry of each date."""
        self._invoice(self.south, 900.0, due="2026-02-15", date="2026-02-10")
        self._payment(self.hq, 12000.0, date="2026-01-12")
        self.assertEqual(self.assert_all("oldest"), ["2026-01-12", "2026-02-10"])

    def test_closed_months(self):
        """The date of a closed month, closed for this year or for good, is the entry's own."""
        self._payment(self.hq, 4000.0)
        days = {"fiscalyear_lock_date": "2026-01-31", "hard_lock_date": "2026-02-05"}
        for field, day in days.items():
            self.company[field] = day
            [date] = self.assert_all("oldest")
            self.assertGreater(date, day)

    def test_closed_sales(self):
        """A lock for sales alone is none for entries of settlements."""
        self._payment(self.hq, 4000.0)
        self.company.sale_lock_date = "2026-01-31"
        self.assertEqual(self.assert_all("oldest"), ["2026-01-31"])


@tagged("post_install", "-at_install")
class TestTypedAmountsArePosted(ScreenCommon):
    """What somebody typed is booked to the cent, and what core would make of such a match."""

    def test_parts_of_everything(self):
        """A part of each document, in three currencies, by a payment in one of them."""
        debts = [
            self.bill(self.north, self.eur, 900.0, "2026-01-05"),
            self.bill(self.south, self.gbp, 70.0, "2026-01-16"),
            self.bill(self.east, self.usd, 333.33, "2026-02-03"),
        ]
        for currency in (self.usd, self.eur, self.gbp):
            with self.subTest(currency=currency.name), self.taken_back():
                self._payment(self.hq, 3000.0, currency_id=currency.id, date="2026-02-05")
                wizard = self.open_wizard()
                amounts = dict(zip(debts, (123.45, 0.07, 333.32), strict=True))
                self.type_amounts(wizard, {**amounts, self.invoice_w: 0.01})
                self.assert_posts_what_it_says(wizard)
            self.env.invalidate_all()

    def test_part_of_a_foreign_debt(self):
        """1/9 of 900 EUR: the rest is worth 8/9 in dollars, too, as core's partials leave it."""
        invoice = self.bill(self.north, self.eur, 900.0, "2026-01-05")
        self._payment(self.hq, 3000.0, date="2026-02-05")
        wizard = self.open_wizard()
        self.type_amounts(wizard, {invoice: 100.0})
        self.post(wizard)
        self.assertEqual(self.residuals(invoice), [(888.89, 800.0)])

    def test_exactly_the_credit(self):
        """A cent more than the credit is refused with the amount; the credit itself passes."""
        self._payment(self.hq, 1000.0)
        wizard = self.open_wizard()
        self.type_amounts(wizard, {self.invoice_n: 600.0, self.invoice_w: 400.01})
        with self.assert_refused(UserError, r"exceed the chosen credit by \$.0\.01"):
            wizard.action_post()
        self.assert_open(HQ=-1000.0, N=3000.0, W=1500.0)
        wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_w).amount = 400.0
        settlement = self.assert_posts_what_it_says(wizard)
        self.assertEqual(settlement.amount, 1000.0)
        self.assert_open(HQ=0.0, N=2400.0, W=1100.0)

    def test_own_and_branches(self):
        """Typed for the head office's own invoice as well: inside its ledger no leg is made."""
        own = self._invoice(self.hq, 500.0, due="2026-03-01")
        self._payment(self.hq, 1000.0)
        wizard = self.open_wizard()
        self.type_amounts(wizard, {own: 250.0, self.invoice_e: 750.0})
        settlement = self.assert_posts_what_it_says(wizard)
        self.assert_entry(
            settlement.move_id,
            (self.hq, self.receivable, 750.0),
            (self.east, self.receivable, -750.0),
        )
        self.assertEqual(own.amount_residual, 250.0)

    def test_credits_in_turn(self):
        """Two credits: the first due is used up first; the other keeps what is left."""
        first = self._payment(self.hq, 1000.0, date="2026-01-10")
        second = self._payment(self.hq, 1000.0, date="2026-01-20")
        wizard = self.open_wizard()
        self.type_amounts(wizard, {self.invoice_s: 700.0, self.invoice_e: 500.0})
        self.post(wizard)
        self.assertEqual(self.residuals(first.move_id, second.move_id), [(0.0, 0.0), (-800.0,) * 2])


@tagged("post_install", "-at_install")
class TestStaleScreen(ScreenCommon):
    """Two people look at the same invoices: who comes second posts nothing wrong."""

    def setUp(self):
        super().setUp()
        self.payment = self._payment(self.hq, 4000.0)
        self.wizard = self.open_wizard()

    def assert_stale(self, *moves):
        """Nothing is posted; the message names the documents; *Refresh* makes it right."""
        before = self.last_settlement()
        names = ".*".join(move.display_name.split(" ")[0] for move in moves)
        for act in (self.wizard.action_post, self.wizard.action_preview):
            with self.assert_refused(UserError, rf"have changed since they were loaded: {names}"):
                act()
        self.assertIn("have changed", self.wizard.get_preview()["message"])
        self.assertEqual(self.last_settlement(), before)
        self.wizard.action_refresh()
        self.assert_posts_what_it_says(self.wizard)

    def test_second_screen(self):
        """Both have the same proposal open; the first posts it."""
        second = self.open_wizard()
        self._payment(self.hq, 500.0)
        self.post(second)
        self.assert_stale(self.invoice_n, self.invoice_s)

    def test_paid_by_itself(self):
        """N has paid a part of its invoice meanwhile."""
        self.reconcile(self._payment(self.north, 10.0), self.invoice_n)
        self.assert_stale(self.invoice_n)
        self.assert_open(HQ=0.0, N=0.0, S=1490.0)

    def test_credit_used_in_part(self):
        """A dollar of the credit was used elsewhere."""
        self.reconcile(self.payment, self._invoice(self.hq, 1.0, due="2026-01-01"))
        self.assert_stale(self.payment.move_id)

    def test_credit_bounced(self):
        """The payment was rejected: there is nothing left to settle with."""
        self.payment.action_reject()
        with self.assert_refused(UserError, "have changed since they were loaded"):
            self.wizard.action_post()
        self.wizard.action_refresh()
        with self.assert_refused(UserError, "Nothing to settle yet"):
            self.wizard.action_post()

    def test_invoice_in_draft(self):
        """The invoice was reset to draft to be corrected."""
        self.invoice_s.button_draft()
        self.assert_stale(self.invoice_s)
        self.assert_open(HQ=0.0, N=0.0, E=750.0)

    def test_amount_corrected(self):
        """The invoice is 100 less than when it was loaded."""
        self.invoice_n.button_draft()
        self.invoice_n.invoice_line_ids.price_unit = 2900.0
        self.invoice_n.action_post()
        self.assert_stale(self.invoice_n)

    def test_branch_left(self):
        """S left the hierarchy: its invoice is not for this head office any more."""
        self.south.billing_parent_id = False
        with self.assertRaises(UserError) as catcher, self.env.cr.savepoint():
            self.wizard.action_post()
        self.assertRegex(str(catcher.exception), r"Acme S|INV/")
        self.assertFalse(self.last_settlement())
        self.wizard.action_refresh()
        self.assert_posts_what_it_says(self.wizard)
        self.assert_open(HQ=0.0, N=0.0, S=2500.0, E=750.0)

    def test_new_documents(self):
        """What came after loading is not on the screen, and is neither paid nor used."""
        older = self._invoice(self.west, 100.0, due="2026-01-01")
        late = self._payment(self.hq, 800.0).move_id
        self.assert_posts_what_it_says(self.wizard)
        self.assertEqual(older.amount_residual, 100.0)
        self.assertEqual(self.residuals(late), [(-800.0, -800.0)])
        self.wizard.action_refresh()
        self.assertEqual(self.get_amounts(self.wizard), {older: 100.0, self.invoice_s: 700.0})

    def test_posted_twice(self):
        """A second click of *Post* posts nothing a second time."""
        settlement = self.post(self.wizard)
        with self.assert_refused(UserError, "have changed since they were loaded"):
            self.wizard.action_post()
        self.assertEqual(self.last_settlement(), settlement)

    def test_amount_above_what_is_left(self):
        """A typed amount is refused where less is open; the other ones stay typed."""
        line = self.wizard.debt_ids.filtered(lambda one: one.move_id == self.invoice_e)
        with self.assert_refused(ValidationError, r"1,750\.01 is more than the \$.1,750\.00 open"):
            line.amount = 1750.01
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestFiltersArePosted(ScreenCommon):
    """Filters at their edges, and what becomes of what they hide."""

    def setUp(self):
        super().setUp()
        self._payment(self.hq, 20000.0)

    def test_due_until(self):
        """Due on that very day is in, a day later is out."""
        wizard = self.open_wizard(date_due_until="2026-01-15")
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, self.invoice_s: 2500.0})
        self.assert_posts_what_it_says(wizard)
        self.assert_open(N=0.0, S=0.0, E=1750.0, W=1500.0)

    def test_branch_and_those_below(self):
        """A branch stands for all that are billed below it, archived ones too."""
        depot = self._create_customer("Acme Depot", self.north)
        invoice = self._invoice(depot, 50.0, due="2026-01-05")
        depot.active = False
        wizard = self.open_wizard(branch_ids=[Command.set(self.north.ids)])
        self.assertEqual(self.get_amounts(wizard), {self.invoice_n: 3000.0, invoice: 50.0})
        self.assert_posts_what_it_says(wizard)
        self.assert_open(N=0.0, S=2500.0, E=1750.0, W=1500.0)

    def test_nothing_is_left(self):
        """Filters that leave nothing say so, and post nothing."""
        wizard = self.open_wizard(
            branch_ids=[Command.set(self.west.ids)], date_due_until="2026-01-30"
        )
        self.assertEqual(
            wizard.get_grid()["message"],
            "The filters leave no invoice. Choose other branches or another day.",
        )
        with self.assert_refused(UserError, "Nothing to settle yet"):
            wizard.action_post()

    def test_other_head_office(self):
        """Another payer loads another hierarchy's documents, by the policy chosen before."""
        other = self._create_customer("Globex")
        branch = self._create_customer("Globex East", other)
        invoices = [self._invoice(branch, amount, due="2026-01-05") for amount in (30.0, 10.0)]
        self._payment(other, 20.0)
        wizard = self.open_wizard(policy="pro_rata")
        wizard.payer_id = other
        self.assertEqual(self.get_amounts(wizard), dict(zip(invoices, (15.0, 5.0), strict=True)))
        self.assertEqual(self.post(wizard).payer_id, other)
