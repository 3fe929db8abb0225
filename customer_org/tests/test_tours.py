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
    """What a person clicks."""

    def test_settlement_wizard(self):
        """From the head office's form: type an amount, preview, post, undo."""
        payment = self._payment(self.hq, 4000.0)
        self.env.user.password = "settlement-tour"
        self.start_tour(
            f"/odoo/res.partner/{self.hq.id}",
            "customer_org_settlement_wizard",
            login=self.env.user.login,
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0)
        settlement = self.last_settlement()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(settlement.line_ids.credit_line_id.move_id, payment.move_id)


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
