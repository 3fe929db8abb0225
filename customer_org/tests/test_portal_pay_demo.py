# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest import SkipTest
from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from ..controllers import organization_pay
from .common_portal import PortalCommon

ROUTE = "/my/organization/pay/transaction"


@tagged("post_install", "-at_install")
class TestPortalPayDemo(PortalCommon):
    """Payments by core's demo provider, from the pay form to what the payer reads at the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.env["ir.module.module"]._get("payment_demo").state != "installed":
            raise SkipTest("payment_demo is not installed; ./dev test installs it")
        cls.south.billing_parent_access = "pay"
        cls.invoice_own = cls._invoice(cls.hq, 1000.0, due="2026-01-05")
        cls.chosen = cls.invoice_own | cls.invoice_n | cls.invoice_s
        # The only one to choose from, so that the form opens with it.
        cls.dummy_provider.state = "disabled"
        cls.provider = cls._prepare_provider("demo", update_values={"is_published": True})
        cls.payment_method_id = cls.env.ref("payment_demo.payment_method_demo").id

    def setUp(self):
        super().setUp()
        self.ledger = self._ledger()

    def _ledger(self):
        """Return all posted journal items of receivables, with what is open of them."""
        lines = self.env["account.move.line"].search(
            [("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
        )
        return {line: (line.balance, line.amount_residual) for line in lines}

    def _open(self, *customers):
        return [
            sum(
                residual
                for line, (_balance, residual) in self._ledger().items()
                if line.partner_id == customer
            )
            for customer in customers
        ]

    def _simulate(self, state):
        """Pay as the browser does: form, transaction, provider, status page; return the last."""
        ids = ",".join(map(str, self.chosen.ids))
        form = html.fromstring(self.get(f"/my/organization/pay?invoice_ids={ids}").text)
        (route,) = form.xpath("//form[@id='o_payment_form']/@data-transaction-route")
        result = self.make_jsonrpc_request(route, self.transaction_params(6500.0))
        self.make_jsonrpc_request(
            "/payment/demo/simulate_payment",
            {
                "reference": result["reference"],
                "payment_details": "1234",
                "simulated_state": state,
            },
        )
        status = self.make_jsonrpc_request("/payment/status/poll", {})
        self.assertEqual(status["state"], state)
        self.env.invalidate_all()
        return self._get_tx(result["reference"]), self.get(status["landing_route"])

    def _assert_paid(self):
        settlements = self.env["customer.settlement"].search([])
        payment = self.env["account.payment"].search([("partner_id", "=", self.hq.id)])
        self.assertEqual(payment.amount, 6500.0)
        self.assertEqual(set(self.chosen.mapped("payment_state")), {"paid"})
        self.assertEqual(
            set(settlements.line_ids.partner_id.ids), set((self.north | self.south).ids)
        )
        self.assertEqual(sum(settlements.line_ids.mapped("amount")), 5500.0)
        self.assertEqual(
            self._open(self.hq, self.north, self.south, self.east, self.west),
            [0.0, 0.0, 0.0, 1750.0, 1500.0],
        )

    def test_done(self):
        """One payment of the head office, settled with both branches; each invoice is listed."""
        self.login("hq")
        tx, page = self._simulate("done")
        self.assertEqual(tx.payment_id.partner_id, self.hq)
        self._assert_paid()
        rows = html.fromstring(page.text).xpath("//table[@id='organization_paid']/tbody/tr")
        self.assertEqual(len(rows), 3)
        for row, invoice in zip(rows, self.chosen, strict=True):
            text = " ".join(row.text_content().split())
            self.assertIn(invoice.name, text)
            self.assertIn(invoice.commercial_partner_id.name, text)
            self.assertIn("$ 0.00", text.replace("\xa0", " "))

    def test_nothing_left_behind(self):
        """A payment that failed, was cancelled or is pending changes nothing in the ledger."""
        self.login("hq")
        for state, message in (
            ("cancel", "has not been made"),
            ("error", "has not been made"),
            ("pending", "is on its way"),
        ):
            tx, page = self._simulate(state)
            self.assertIn(message, page.text)
            self.assertFalse(tx.payment_id)
            self.assertEqual(self._ledger(), self.ledger, state)
            self.assertFalse(self.env["customer.settlement"].search([]))
        # It may still arrive: meanwhile nobody pays the same invoices again.
        page = self.get("/my/organization/pay").text
        self.assertIn("There is nothing to pay", page)
        tx.action_demo_set_done()
        tx._post_process()
        self.env.invalidate_all()
        self._assert_paid()

    def test_on_its_way_is_no_obstacle(self):
        """Invoices whose payment is pending make room for the others on the page."""
        self.login("hq")
        with patch.object(organization_pay, "MAX_INVOICES", 1):
            params = self.transaction_params(1000.0, invoice_ids=self.invoice_own.ids)
            tx = self._get_tx(self.make_jsonrpc_request(ROUTE, params)["reference"])
            tx._set_pending()
            page = html.fromstring(self.get("/my/organization/pay").text)
            self.assertEqual(
                page.xpath("//input[@name='invoice_ids']/@value"), [str(self.invoice_n.id)]
            )

    def test_in_the_browser(self):
        """A person chooses all, pays, and reads what has been paid."""
        self.start_tour("/my/organization", "customer_org_portal_pay_demo", login="hq")
        self._assert_paid()
