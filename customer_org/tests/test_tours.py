# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestTours(SettlementCommon, HttpCase):
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
