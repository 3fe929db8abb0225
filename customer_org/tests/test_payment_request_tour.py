# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from .common_payment_request import PaymentRequestCommon


@tagged("post_install", "-at_install")
class TestPaymentRequestTour(PaymentRequestCommon, HttpCase):
    """What an accountant clicks, from the head office to paid."""

    def test_request_to_paid(self):
        """Request what is due, send it, and find it settled when the money is here."""
        self.env.user.password = "payment-request-tour"
        tour = {"login": self.env.user.login}
        with self.mock_mail_gateway():
            self.start_tour(
                f"/odoo/res.partner/{self.hq.id}", "customer_org_payment_request", **tour
            )
        self.env.invalidate_all()
        request = self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)])
        self.assertEqual(request.state, "waiting")
        self.assertTrue(request.delivery_ids)
        self.receive(f"Acme {request.communication}", 8750.0)
        self.start_tour(
            f"/odoo/customer-remittances/{request.id}", "customer_org_payment_request_paid", **tour
        )
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=0.0, W=0.0)
