# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .test_settlement_wizard import WizardCommon


@tagged("post_install", "-at_install")
class TestScenario15(WizardCommon):
    """300 branches, 1,000 invoices, one payment."""

    @classmethod
    def _create_open_invoices(cls):
        cls.branches = cls.env["res.partner"].create(
            [
                {
                    "name": f"Branch {number}",
                    "is_company": True,
                    "billing_parent_id": cls.hq.id,
                    "property_account_receivable_id": cls.receivable.id,
                }
                for number in range(300)
            ]
        )
        cls.invoices = cls._create_invoices(
            cls.branches, 1000, lambda number: 331.21 + 0.37 * (number % 613)
        )
        cls._analyze()

    def test_scenario_15(self):
        """One settlement, exact to the cent, undone with one click."""
        total = self.company.currency_id.round(sum(self.invoices.mapped("amount_total")))
        payment = self._payment(self.hq, 412337.56)
        self.assertGreater(total, payment.amount, "not all can be paid")
        wizard = self.open_wizard(policy="pro_rata")
        self.assertEqual(wizard.amount_left, 0.0)
        settlement = self.post(wizard)
        self.assertEqual(len(settlement), 1)
        self.assertEqual(settlement.amount, 412337.56)
        self.assertEqual(len(settlement.move_id.line_ids), 301)
        self.assert_open(HQ=0.0)
        self.assertTrue(all(0 < move.amount_residual < move.amount_total for move in self.invoices))
        self.assertEqual(settlement.invoice_count, 1000)
        self.assertAlmostEqual(
            sum(self.invoices.mapped("amount_residual")), total - 412337.56, places=2
        )
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertTrue(all(move.amount_residual == move.amount_total for move in self.invoices))
        self.assert_open(HQ=-412337.56)
