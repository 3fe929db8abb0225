# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestTours(SettlementCommon, HttpCase):
    """What an accountant clicks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 3000.0)

    def test_settle_from_the_branchs_invoice(self):
        """The accountant applies the head office's credit to a branch's invoice and removes it."""
        self.start_tour(
            "/odoo/customer-invoices",
            "customer_org_settle_from_invoice",
            login=self.env.user.login,
        )
        self.assertEqual(self.last_settlement().state, "cancelled")
        self.assert_open(N=3000, HQ=-3000)
        self.assert_ledger()

    def test_head_office(self):
        """The accountant goes from the head office to its branches, its due, and a settlement."""
        self.reconcile(self.payment, self.invoice_n)
        self.start_tour(
            f"/odoo/customers/{self.hq.id}",
            "customer_org_head_office",
            login=self.env.user.login,
        )
        self.assertEqual(self.last_settlement().state, "cancelled")
        self.assert_open(N=3000, HQ=-3000)
        self.assert_ledger()


@tagged("post_install", "-at_install")
class TestWizardTour(SettlementCommon, HttpCase):
    """What a person clicks to settle; each tour counts the clicks."""

    def test_settlement_wizard(self):
        """From the head office's form: type an amount, change the policy, post, undo."""
        payment = self._payment(self.hq, 4000.0)
        self.start_tour(
            f"/odoo/customers/{self.hq.id}",
            "customer_org_settlement_wizard",
            login=self.env.user.login,
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0)
        settlement = self.last_settlement()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(settlement.line_ids.credit_line_id.move_id, payment.move_id)

    def test_own_choice(self):
        """From the payment: an own choice of four invoices, one short."""
        payment = self._payment(self.hq, 8650.0)
        self.start_tour(
            f"/odoo/customer-payments/{payment.id}",
            "customer_org_own_choice",
            login=self.env.user.login,
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=100.0, S=0.0, E=0.0, W=0.0)

    def test_wire_booked(self):
        """A wire that is booked: three clicks, the oldest due first."""
        self._payment(self.hq, 4000.0)
        self.start_tour("/odoo/customers", "customer_org_wire_booked", login=self.env.user.login)
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=1500.0)

    def test_wire_not_booked(self):
        """A wire that is not booked: payment and settlement in one."""
        # Not yet among the customers: it has no document of its own.
        self.hq._increase_rank("customer_rank")
        self.start_tour(
            "/odoo/customers", "customer_org_wire_not_booked", login=self.env.user.login
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=100.0, S=0.0, E=0.0, W=0.0)

    def test_undo(self):
        """A settlement is undone from the menu; it says what it was."""
        self.reconcile(self._payment(self.hq, 4000.0), self.invoices)
        self.start_tour(
            "/odoo/action-account.open_account_journal_dashboard_kanban",
            "customer_org_undo",
            login=self.env.user.login,
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0)

    def test_to_settle(self):
        """From the dashboard: all head offices that wait, after a preview that counts."""
        other = self._create_customer("Other HQ")
        invoice = self._invoice(self._create_customer("Depot", other), 100.0, due="2026-01-05")
        self._payment(self.hq, 4000.0)
        self._payment(other, 60.0)
        self.start_tour(
            "/odoo/action-account.open_account_journal_dashboard_kanban",
            "customer_org_to_settle",
            login=self.env.user.login,
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=1500.0)
        self.assertEqual(invoice.amount_residual, 40.0)


@tagged("post_install", "-at_install")
class TestReportsTour(SettlementCommon, HttpCase):
    """What an accountant clicks to see who owes what, and who paid."""

    def test_reports(self):
        """Aged receivable, pivot to invoice; who paid for whom; the cards of groups."""
        self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.south.customer_group_id = self.env["customer.group"].create({"name": "Gold"})
        today = fields.Date.today()
        self._invoice(self.south, 500.0, due=today, date=today)
        self.start_tour("/odoo", "customer_org_reports", login=self.env.user.login)
