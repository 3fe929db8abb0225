# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import JsonRpcException
from odoo.tools import mute_logger

from .common_portal import PortalCommon

ROUTE = "/my/organization/pay/transaction"


class PayingCommon(PortalCommon):
    """A head office, logged in, that may pay for two branches and sees a third."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south.billing_parent_access = "pay"
        cls.east.billing_parent_access = "view"

    def setUp(self):
        super().setUp()
        self.login("hq")


class PortalPayCommon(PayingCommon):
    """It has an invoice of its own, and pays by transactions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice_own = cls._invoice(cls.hq, 1000.0, due="2026-01-05")

    def pay(self, invoices, amount=None, **values):
        """Create a transaction as the pay form does and return it."""
        params = self.transaction_params(amount, invoice_ids=invoices.ids, **values)
        reference = self.make_jsonrpc_request(ROUTE, params)["reference"]
        return self._get_tx(reference)

    def finish(self, tx):
        tx._set_done()
        tx._post_process()
        self.env.invalidate_all()

    def open_amount(self, customer):
        return sum(self._open_lines(customer).mapped("amount_residual"))

    def _open_lines(self, customer):
        return self.env["account.move.line"].search(
            [
                ("partner_id", "=", customer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )

    def assert_ledgers(self, **expected):
        """Each customer's receivable balance is the sum of its open items, as expected."""
        for name, amount in expected.items():
            customer = getattr(self, name)
            balance = sum(
                self.env["account.move.line"]
                .search(
                    [
                        ("partner_id", "=", customer.id),
                        ("account_type", "=", "asset_receivable"),
                        ("parent_state", "=", "posted"),
                    ]
                )
                .mapped("balance")
            )
            self.assertAlmostEqual(balance, self.open_amount(customer), msg=name)
            self.assertAlmostEqual(balance, amount, msg=name)

    def assert_refused_by_json(self, route, params):
        count = self.env["payment.transaction"].search_count([])
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(route, params)
        self.assertEqual(self.env["payment.transaction"].search_count([]), count)
