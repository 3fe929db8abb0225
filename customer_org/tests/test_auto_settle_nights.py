# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_ledger import CoreCommon
from .test_auto_settle import AUTO_SETTLE_LOGGER


class NightsCommon(CoreCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hq.billing_auto_settle = True

    def run_night(self):
        """Run the scheduled action as the scheduler does; return the settlements it made."""
        settlements = self.env["customer.settlement"]
        before = settlements.search([])
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_auto_settle").method_direct_trigger()
        self.env.invalidate_all()
        self.assert_ledger()
        return settlements.search([]) - before

    def assert_quiet(self):
        """The next night has nothing left to do."""
        self.assertFalse(self.run_night())

    def get_paid(self, settlements):
        return {
            (line.payer_id, line.debt_line_id.move_id): self.usd.round(line.amount)
            for line in settlements.line_ids
        }


@tagged("post_install", "-at_install")
class TestAutoSettleNights(NightsCommon):
    """What each night finds, what it leaves, and that the next one finds nothing more."""

    def test_payers_of_one_hierarchy(self):
        """HQ, N and the depot below N all settle by themselves: each debt by the nearest."""
        depot = self._create_customer("Acme Depot", self.north)
        (self.north | depot).billing_auto_settle = True
        own = self._invoice(depot, 100.0, due="2026-01-02")
        for customer, amount in ((self.hq, 50.0), (self.north, 30.0), (depot, 60.0)):
            self._payment(customer, amount)
        settlements = self.run_night()
        self.assertEqual(
            self.get_paid(settlements),
            {(self.north, own): 30.0, (self.hq, own): 10.0, (self.hq, self.invoice_n): 40.0},
        )
        self.assertEqual(own.payment_state, "paid")
        self.assert_open(HQ=0.0, N=2960.0)
        self.assert_quiet()

    def test_credits_in_order(self):
        """Of several credits the oldest is used up first, a credit note like a payment."""
        late = self._payment(self.hq, 4000.0, date="2026-01-25").move_id
        note = self._invoice(
            self.hq, 4000.0, due="2026-01-08", date="2026-01-08", move_type="out_refund"
        )
        middle = self._payment(self.hq, 4000.0, date="2026-01-15").move_id
        self.run_night()
        opened = [self.residuals(move)[0][0] for move in (note, middle, late)]
        self.assertEqual(opened, [0.0, 0.0, -3250.0])
        self.assert_quiet()

    def test_instalments(self):
        """Every instalment has its turn by its own due date."""
        term = self._halves_term(2, 60)
        invoice = self._invoice(
            self.east, 1000.0, due="2026-01-03", invoice_payment_term_id=term.id
        )
        self._payment(self.hq, 4000.0)
        self.run_night()
        by_due = self.lines(invoice).sorted("date_maturity").mapped("amount_residual")
        self.assertEqual(by_due, [0.0, 500.0])
        self.assert_open(HQ=0.0, N=0.0, S=2000.0, E=2250.0)

    def test_nearer_credit_in_another_currency(self):
        """N's 900 EUR of 1,000 USD cover a part of N; HQ's money pays all the rest."""
        self._payment(self.north, 900.0, currency_id=self.eur.id, date="2026-01-05")
        self._payment(self.hq, 10000.0)
        settlements = self.run_night()
        paid = self.get_paid(settlements)
        self.assertEqual(paid[self.hq, self.invoice_n], 2000.0)
        self.assertEqual(self.invoice_n.amount_residual, 1000.0)
        self.assert_open(S=0.0, E=0.0, W=0.0, N=0.0)
        self.assert_quiet()

    def test_money_under_a_contacts_name(self):
        """What came in the name of the head office's contact is the head office's."""
        contact = self.env["res.partner"].create({"name": "Payables", "parent_id": self.hq.id})
        payment = self.opening_item(contact, self.usd, -300.0, -300.0, "2026-01-20")
        settlement = self.run_night()
        self.assertEqual((settlement.payer_id, settlement.amount), (self.hq, 300.0))
        self.assertEqual(self.residuals(payment), [(0.0, 0.0)])
        self.assert_quiet()

    def test_archived_contact(self):
        """The same where the contact, and the branch that owes, are archived by now."""
        contact = self.env["res.partner"].create({"name": "Payables", "parent_id": self.hq.id})
        self.opening_item(contact, self.usd, -300.0, -300.0, "2026-01-20")
        (contact | self.north).active = False
        self.assertEqual(self.get_paid(self.run_night()), {(self.hq, self.invoice_n): 300.0})

    def test_closed_months(self):
        """January is closed: dated in the first open month, whoever closed it, and only once."""
        self._payment(self.hq, 4000.0)
        self.company.fiscalyear_lock_date = "2026-01-31"
        settlement = self.run_night()
        self.assertGreater(str(settlement.date), "2026-01-31")
        self.assertEqual(
            {str(date) for date in settlement.line_ids.mapped("date_matched")}, {"2026-01-31"}
        )
        self.assert_quiet()

    def test_two_dates(self):
        """Invoices of two months: a settlement of each month, together all of the credit."""
        late = self._invoice(self.west, 100.0, due="2026-01-01", date="2026-02-03")
        self._payment(self.hq, 1100.0)
        settlements = self.run_night()
        self.assertEqual(
            {str(one.date): one.amount for one in settlements},
            {"2026-02-03": 100.0, "2026-01-31": 1000.0},
        )
        self.assertEqual(late.payment_state, "paid")
        self.assert_quiet()

    def test_branch_that_left(self):
        """Who has left is not paid; who has joined is."""
        self.north.billing_parent_id = False
        joined = self._create_customer("Joined", self.south)
        invoice = self._invoice(joined, 40.0, due="2026-01-01")
        self._payment(self.hq, 50.0)
        self.assertEqual(
            self.get_paid(self.run_night()),
            {(self.hq, invoice): 40.0, (self.hq, self.invoice_s): 10.0},
        )

    def test_switched_off(self):
        """Only who wants it: N's credit stays N's choice, for its depot too."""
        depot = self._create_customer("Acme Depot", self.north)
        invoice = self._invoice(depot, 40.0, due="2026-01-01")
        payment = self._payment(self.north, 100.0).move_id
        self.hq.billing_auto_settle = False
        self._payment(self.hq, 500.0)
        self.assert_quiet()
        self.hq.billing_auto_settle = True
        self.assertEqual(self.get_paid(self.run_night()), {(self.hq, self.invoice_n): 500.0})
        self.assertEqual(self.residuals(payment), [(-100.0, -100.0)])
        self.assertEqual(invoice.amount_residual, 40.0)

    def test_blocked(self):
        """A blocked invoice is passed over by every night until it is unblocked."""
        self.invoice_n.action_toggle_block_payment()
        self._payment(self.hq, 9000.0)
        self.run_night()
        self.assert_open(HQ=-3250.0, N=3000.0, S=0.0, E=0.0, W=0.0)
        self.assert_quiet()
        self.invoice_n.action_toggle_block_payment()
        self.assertEqual(self.get_paid(self.run_night()), {(self.hq, self.invoice_n): 3000.0})


@tagged("post_install", "-at_install")
class TestBrokenHierarchies(NightsCommon):
    """One hierarchy that core itself refuses stops no other one of its batch."""

    def setUp(self):
        super().setUp()
        self.manager = new_test_user(self.env, "manager", groups="account.group_account_manager")
        self.broken = self._create_customer("Broken", user_id=self.manager.id)
        branch = self._create_customer("Broken East", self.broken)
        self.broken.billing_auto_settle = True
        # Core needs a journal for the exchange difference, and says so.
        self.invoice = self.bill(branch, self.eur, 900.0, "2026-01-05")
        self.payment = self._payment(self.broken, 100.0, date="2026-02-05")
        self._payment(self.hq, 3000.0)
        self.journal = self.company.currency_exchange_journal_id
        self.company.currency_exchange_journal_id = False

    def test_refused_by_core(self):
        """The others are paid; the broken one is as it was, and its salesperson knows why."""
        with mute_logger(AUTO_SETTLE_LOGGER):
            settlement = self.run_night()
        self.assertEqual(self.get_paid(settlement), {(self.hq, self.invoice_n): 3000.0})
        self.assertEqual(self.residuals(self.invoice), [(1000.0, 900.0)])
        self.assertEqual(self.residuals(self.payment.move_id), [(-100.0, -100.0)])
        self.assertFalse(self.hq.activity_ids)
        activity = self.broken.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Exchange Gain or Loss Journal", activity.note)
        self.assertIn("could not be settled automatically", activity.note)

    def test_mended(self):
        """The next night, with the journal there, it is settled; nobody is asked once more."""
        with mute_logger(AUTO_SETTLE_LOGGER):
            self.run_night()
        self.company.currency_exchange_journal_id = self.journal
        settlement = self.run_night()
        self.assertEqual(settlement.payer_id, self.broken)
        self.assertEqual(self.residuals(self.payment.move_id), [(0.0, 0.0)])
        self.assertEqual(len(self.broken.activity_ids), 1)
        self.assert_quiet()

    def test_by_hand_it_says_the_same(self):
        """Who settles by hand reads core's own message, and nothing is half done."""
        action = self.broken.action_settle_branches()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        before = self.last_settlement()
        with self.assert_refused(UserError, "Exchange Gain or Loss Journal"):
            wizard.action_post()
        self.assertEqual(self.last_settlement(), before)
        self.assert_ledger()
