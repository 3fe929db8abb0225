# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceTour(RemittanceCommon, HttpCase):
    """What an accountant clicks."""

    def test_paste_and_settle(self):
        """Paste the list of a mail, see what it says, settle it."""
        for number, move in enumerate((self.invoice_n, self.invoice_s), start=1):
            move.ref = f"TOUR/{number}"
        payment = self._payment(self.hq, 5500.0)
        self.env.user.password = "remittance-tour"
        self.start_tour(
            "/odoo/customer-remittances", "customer_org_remittance", login=self.env.user.login
        )
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        remittance = self.env["customer.remittance"].search([])
        self.assertEqual(remittance.credit_line_ids.move_id, payment.move_id)
