# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestRegisterPaymentTour(SettlementCommon, AccountTestInvoicingHttpCommon):
    """What a person clicks to register a head office's payment."""

    def test_tour(self):
        """From the invoice list: payer proposed, amounts typed, one payment of the head office."""
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Open Invoices",
                "res_model": "account.move",
                "view_mode": "list,form",
                "view_id": self.env.ref("account.view_out_invoice_tree").id,
                "domain": [("id", "in", (self.invoice_n | self.invoice_s).ids)],
                "context": {"default_move_type": "out_invoice"},
            }
        )
        self.start_tour(
            f"/odoo/action-{action.id}", "customer_org_register_payment", login=self.env.user.login
        )
        self.assert_ledger()
        payment = self.invoice_s.reconciled_payment_ids
        self.assertEqual((payment.partner_id, payment.amount), (self.hq, 4000.0))
        self.assert_open(HQ=0.0, N=1500.0, S=0.0)
