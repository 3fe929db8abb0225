# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_settlement_wizard import WizardCommon


@tagged("post_install", "-at_install")
class TestSettlementReason(WizardCommon):
    """The settlement screen: what becomes of the rest of an invoice that is paid in part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.company_data["default_account_expense"]
        cls.open, cls.write_off = cls.env["customer.deduction.reason"].create(
            [
                {"name": "Freight", "action": "open"},
                {"name": "Price", "action": "write_off", "account_id": account.id},
            ]
        )

    def open_with(self, reason, payment=5400.0):
        """Return the screen with N paid in full and S paid short by 100, for a reason."""
        self._payment(self.hq, payment)
        wizard = self.open_wizard()
        self.type_amounts(wizard, {self.invoice_n: 3000.0, self.invoice_s: 2400.0})
        line = wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_s)
        wizard.change_grid("reason", line.ids, reason.id)
        return wizard

    def test_leave_open(self):
        """The rest stays open, and is disputed."""
        wizard = self.open_with(self.open)
        settlement = self.post(wizard)
        self.assertEqual(settlement.amount, 5400.0)
        self.assertEqual(settlement.remittance_id.partner_id, self.hq)
        self.assert_open(HQ=0.0, N=0.0, S=100.0)
        self.assertEqual(self.invoice_s.amount_disputed, 100.0)

    def test_write_off(self):
        """The rest is written off; undone with the settlement."""
        settlement = self.post(self.open_with(self.write_off))
        self.assertEqual(self.invoice_s.payment_state, "paid")
        settlement.remittance_id.action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-5400.0, N=3000.0, S=2500.0)

    def test_credit_left(self):
        """What the amounts leave of the credit stays open."""
        self.post(self.open_with(self.open, payment=6000.0))
        self.assert_open(HQ=-600.0, N=0.0, S=100.0)

    def test_nothing_is_left(self):
        """A reason of an invoice that is paid in full decides nothing."""
        wizard = self.open_with(self.open, payment=5500.0)
        line = wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_s)
        line.amount = 2500.0
        self.assertFalse(self.post(wizard).remittance_id)
        self.assertFalse(self.invoice_s.is_disputed)

    def test_screen(self):
        """The screen has the reasons, and says which was chosen; an unknown one is none."""
        wizard = self.open_with(self.open)
        page = wizard.get_grid()
        self.assertIn("Freight", [reason["name"] for reason in page["reasons"]])
        rows = {row["document"]: row for group in page["groups"] for row in group["rows"]}
        self.assertEqual(rows[self.invoice_s.name]["rest_reason"], self.open.id)
        self.assertFalse(rows[self.invoice_n.name]["rest_reason"])
        line = wizard.debt_ids.filtered(lambda line: line.move_id == self.invoice_s)
        wizard.change_grid("reason", line.ids, -1)
        self.assertFalse(line.deduction_reason_id)

    def test_several_currencies(self):
        """Reasons need one currency at a time, and we say so; nothing is posted."""
        euro = self.setup_other_currency("EUR")
        invoice = self._invoice(self.west, 100.0, "2026-01-05", currency_id=euro.id)
        wizard = self.open_with(self.open, payment=9000.0)
        wizard.debt_ids.filtered(lambda line: line.move_id == invoice).amount = 50.0
        with self.assert_refused(UserError, "one currency"), self.env.cr.savepoint():
            wizard.action_post()
