# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal_pay import ROUTE, PortalPayCommon


@tagged("post_install", "-at_install")
class TestPortalPay(PortalPayCommon):
    """One transaction of the head office pays invoices of several branches; ledgers stay right."""

    def test_pay_several_customers(self):
        """Own, N's and S's invoices: one payment of HQ, all paid, every ledger right."""
        invoices = self.invoice_own | self.invoice_n | self.invoice_s
        tx = self.pay(invoices, 6500.0)
        self.assertEqual(tx.partner_id, self.users["hq"].partner_id)
        self.assertEqual(tx.invoice_ids, invoices)
        self.assert_ledgers(hq=1000, north=3000, south=2500, east=1750, west=1500)
        self.finish(tx)
        self.assertEqual(tx.payment_id.partner_id, self.hq)
        self.assertEqual(tx.payment_id.amount, 6500.0)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assert_ledgers(hq=0, north=0, south=0, east=1750, west=1500)
        page = self.get(tx.landing_route).text
        for invoice in invoices:
            self.assertIn(invoice.name, page)

    def test_amount_is_worked_out(self):
        """Without an amount the server's counts; another amount than that is refused."""
        self.assertEqual(self.pay(self.invoice_n | self.invoice_s).amount, 5500.0)
        for amount in (1.0, 5499.99, 5500.01, -5500.0):
            self.assert_refused_by_json(
                ROUTE,
                self.transaction_params(amount, invoice_ids=(self.invoice_n | self.invoice_s).ids),
            )

    def test_only_what_may_be_paid(self):
        """One invoice without the consent to pay, and there is no transaction at all."""
        stranger = self._invoice(self.stranger, 10.0, due="2026-01-31")
        for other in (self.invoice_e, self.invoice_w, stranger):
            for ids in (other.ids, (self.invoice_n | other).ids):
                self.assert_refused_by_json(ROUTE, self.transaction_params(None, invoice_ids=ids))
        for ids in ([], None, ["x"], [0], [99999999]):
            self.assert_refused_by_json(ROUTE, self.transaction_params(None, invoice_ids=ids))
        self.login("north")
        self.assert_refused_by_json(
            ROUTE, self.transaction_params(None, invoice_ids=self.invoice_n.ids)
        )

    def test_injected_values(self):
        """Neither payer nor currency nor landing page come from the browser."""
        self.assert_refused_by_json(
            ROUTE,
            self.transaction_params(
                None, invoice_ids=self.invoice_n.ids, partner_id=self.north.id, currency_id=1
            ),
        )
        tx = self.pay(self.invoice_n, landing_route="https://example.com", is_validation=True)
        self.assertTrue(tx.landing_route.startswith("/my/organization/pay/confirmation"))
        self.assertEqual((tx.amount, tx.operation), (3000.0, "online_direct"))

    def test_payer_tokens_only(self):
        """A saved card of the branch can't be used by the head office."""
        token = self._create_token(partner_id=self.users["north"].partner_id.id)
        self.assert_refused_by_json(
            ROUTE,
            self.transaction_params(
                None, invoice_ids=self.invoice_n.ids, flow="token", token_id=token.id
            ),
        )
        self.assertNotIn(
            token.payment_details,
            self.get(f"/my/organization/pay?invoice_ids={self.invoice_n.id}").text,
        )

    def test_paid_meanwhile(self):
        """What was paid meanwhile is dropped from the page with a message, and can't be paid."""
        ids = (self.invoice_n | self.invoice_s).ids
        url = f"/my/organization/pay?invoice_ids={ids[0]},{ids[1]}"
        self.assertIn("5,500.00", self.get(url).text)
        self._register_payment(self.invoice_s)
        page = self.get(url).text
        self.assertIn("have been paid meanwhile", page)
        self.assertIn("3,000.00", page)
        self.assertNotIn("5,500.00", page)
        self.assert_refused_by_json(ROUTE, self.transaction_params(None, invoice_ids=ids))
        self._register_payment(self.invoice_n)
        self.assertIn("have been paid meanwhile", self.get(url).text)

    def test_paid_between_transaction_and_confirmation(self):
        """Money that finds its invoice paid stays the head office's credit."""
        tx = self.pay(self.invoice_n | self.invoice_s)
        self._register_payment(self.invoice_s)
        self.finish(tx)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assert_ledgers(hq=1000 - 2500, north=0, south=0)

    def test_cancelled(self):
        """Failed, cancelled and pending transactions leave the ledger alone."""
        for method in ("_set_canceled", "_set_error", "_set_pending"):
            tx = self.pay(self.invoice_n | self.invoice_s)
            getattr(tx, method)(*(["No"] if method == "_set_error" else []))
            tx._post_process()
            self.assertFalse(tx.payment_id)
            self.assert_ledgers(hq=1000, north=3000, south=2500)
            self.assertIn(tx.reference, self.get(tx.landing_route).text)

    def test_one_currency_at_a_time(self):
        """Invoices in two currencies make two payments; the page says so."""
        euro = self._invoice(self.north, 70.0, due="2026-01-31", currency_id=self.currency_euro.id)
        invoices = self.invoice_n | euro
        self.assert_refused_by_json(ROUTE, self.transaction_params(None, invoice_ids=invoices.ids))
        page = self.get(f"/my/organization/pay?invoice_ids={invoices.ids[0]},{invoices.ids[1]}")
        self.assertIn("in another currency", page.text)
        choose = self.get("/my/organization/pay").text
        self.assertIn("EUR", choose)
        tx = self.pay(euro)
        self.assertEqual((tx.currency_id, tx.amount), (self.currency_euro, 70.0))
        self.finish(tx)
        self.assertEqual(euro.payment_state, "paid")
        self.assert_ledgers(hq=1000, north=3000)

    def test_other_receivable_account(self):
        """Branches with accounts of their own: each is credited on its own, HQ pays on its own."""
        other_account = self.receivable.copy({"name": "R2"})
        self.south.property_account_receivable_id = other_account
        late = self._invoice(self.south, 500.0, due="2026-01-20")
        self.assertEqual(self._receivable_lines(late).account_id, other_account)
        for invoices, expected in (
            (late, {"south": 2500}),
            (late.copy() | self.invoice_n, {"north": 0}),
        ):
            drafts = invoices.filtered(lambda move: move.state == "draft")
            drafts.invoice_date = "2026-01-01"
            drafts.action_post()
            tx = self.pay(invoices)
            self.finish(tx)
            self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
            self.assertEqual(tx.payment_id.destination_account_id, self.receivable)
            self.assert_ledgers(hq=1000, **expected)
        balance = self.env["account.move.line"]._read_group(
            [("account_id", "=", other_account.id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )[0][0]
        self.assertFalse(balance)

    def test_stock_page_of_one_invoice(self):
        """Core's own page for one invoice, used by the head office: the same result."""
        route = f"/invoice/transaction/{self.invoice_n.id}"
        params = self.transaction_params(3000.0, access_token=None)
        tx = self._get_tx(self.make_jsonrpc_request(route, params)["reference"])
        self.finish(tx)
        self.assertEqual(tx.payment_id.partner_id, self.hq)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assert_ledgers(hq=1000, north=0)

    def test_partial_amount(self):
        """A part of one invoice, as core allows: the rest stays open at the branch."""
        route = f"/invoice/transaction/{self.invoice_n.id}"
        params = self.transaction_params(1200.0, access_token=None)
        self.finish(self._get_tx(self.make_jsonrpc_request(route, params)["reference"]))
        self.assertEqual(self.invoice_n.payment_state, "partial")
        self.assert_ledgers(hq=1000, north=1800)
        self.finish(self.pay(self.invoice_n, 1800.0))
        self.assert_ledgers(hq=1000, north=0)

    def _discounted_invoice(self, customer, amount, **values):
        """Post an invoice of today: 2 % less within 10 days."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_days": 10,
                "discount_percentage": 2,
                "line_ids": [(0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})],
                **values.pop("term", {}),
            }
        )
        today = self.env.cr.now().date()
        return self._invoice(
            customer, amount, due=False, date=today, invoice_payment_term_id=term.id, **values
        )

    def test_early_payment_discount(self):
        """The discount of a branch's invoice, paid by the head office on core's page."""
        invoice = self._discounted_invoice(self.north, 1100.0)
        route = f"/invoice/transaction/{invoice.id}"
        params = self.transaction_params(1078.0, access_token=None)
        tx = self._get_tx(self.make_jsonrpc_request(route, params)["reference"])
        self.finish(tx)
        self.assertEqual(tx.payment_id.amount, 1078.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assert_ledgers(hq=1000, north=3000)

    def test_early_payment_discounts_together(self):
        """Each invoice's own discount, whatever its computation, paid with one transaction."""
        tax = self.company_data["default_tax_sale"]
        own = self._discounted_invoice(self.hq, 200.0)
        north = self._discounted_invoice(self.north, 1100.0)
        south = self._discounted_invoice(
            self.south,
            0.0,
            term={"discount_percentage": 5, "early_pay_discount_computation": "included"},
            invoice_line_ids=[
                (0, 0, {"name": "X", "price_unit": 100.0, "tax_ids": tax.ids}),
                (0, 0, {"name": "Y", "price_unit": 50.0, "tax_ids": tax.ids}),
            ],
        )
        invoices = own | north | south | self.invoice_s
        gross = south.amount_total
        discount = 4.0 + 22.0 + gross - south.currency_id.round(gross * 0.95)
        expected = own.currency_id.round(200.0 + 1100.0 + gross + 2500.0 - discount)
        ids = ",".join(map(str, invoices.ids))
        page = self.get(f"/my/organization/pay?invoice_ids={ids}").text
        self.assertIn("Early payment discount", page)
        self.assertIn(f"{expected:,.2f}", page)
        self.assert_refused_by_json(
            ROUTE, self.transaction_params(expected + discount, invoice_ids=invoices.ids)
        )
        tx = self.pay(invoices, expected)
        self.finish(tx)
        self.assertEqual(tx.payment_id.amount, expected)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assert_ledgers(hq=1000, north=3000, south=0)
        # As core books it for each invoice alone, on the accounts of discounts and taxes.
        booked = self._get_discount_balances(tx.payment_id.move_id)
        alone = dict.fromkeys(booked, 0.0)
        for invoice in (own, north, south):
            twin = invoice.copy({"invoice_date": invoice.invoice_date})
            twin.action_post()
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=twin.ids
            ).create({"payer_id": False})._create_payments()
            self.assertEqual(twin.payment_state, "paid")
            for account, balance in self._get_discount_balances(
                twin.matched_payment_ids.move_id
            ).items():
                alone[account] = alone.get(account, 0.0) + balance
        self.assertEqual(len(booked), 2)
        for account, balance in alone.items():
            self.assertAlmostEqual(booked.get(account, 0.0), balance, msg=account.code)

    def _get_discount_balances(self, move):
        lines = move.line_ids.filtered(
            lambda line: (
                line.account_type not in ("asset_receivable", "asset_cash", "asset_current")
                or line.tax_repartition_line_id
            )
        )
        balances = {}
        for line in lines:
            balances[line.account_id] = balances.get(line.account_id, 0.0) + line.balance
        return balances

    def test_early_payment_discount_lapsed(self):
        """Money that comes when a discount has lapsed leaves the difference open, as in core."""
        north = self._discounted_invoice(self.north, 1100.0)
        tx = self.pay(north | self.invoice_s, 3578.0)
        with freeze_time(self.env.cr.now() + timedelta(days=11)):
            self.finish(tx)
        self.assertEqual(tx.payment_id.amount, 3578.0)
        self.assertEqual((north | self.invoice_s).mapped("payment_state").count("paid"), 1)
        self.assert_ledgers(hq=1000, north=3022, south=0)

    def test_use_credits_first(self):
        """The head office's own open credit is offered, and used for the oldest debts."""
        self._payment(self.hq, 1500.0)
        ids = ",".join(map(str, (self.invoice_own | self.invoice_n).ids))
        url = f"/my/organization/pay?invoice_ids={ids}"
        self.assertIn("Use them first", self.get(url).text)
        response = self.url_open(
            "/my/organization/pay/credits",
            data={"invoice_ids": ids, "csrf_token": self.csrf_token()},
        )
        self.assertIn("Your open credits have been used", response.text)
        self.assertIn("2,500.00", response.text)
        self.assertEqual(self.invoice_own.payment_state, "paid")
        self.assert_ledgers(hq=0, north=2500, south=2500)
        self.assertNotIn("Use them first", self.get(url).text)

    def test_credits_only_where_allowed(self):
        """Credits settle what the visitor may pay, nothing else; a branch's own stay untouched."""
        self._payment(self.hq, 1500.0)
        self._payment(self.north, 5.0)
        for ids in (self.invoice_e.ids, self.invoice_w.ids):
            self.url_open(
                "/my/organization/pay/credits",
                data={"invoice_ids": ids[0], "csrf_token": self.csrf_token()},
            )
        self.assert_ledgers(hq=-500, east=1750, west=1500, north=2995)
        self.login("north")
        self.url_open(
            "/my/organization/pay/credits",
            data={"invoice_ids": self.invoice_n.id, "csrf_token": self.csrf_token()},
        )
        self.assert_ledgers(hq=-500, north=2995)

    def test_confirmation_is_private(self):
        """Only the payer's own users see what became of a payment."""
        tx = self.pay(self.invoice_n)
        for login in ("north", "stranger"):
            self.login(login)
            self.assertNotIn(tx.reference, self.get(tx.landing_route).text)

    @mute_logger("odoo.http")
    def test_amount_of_wrong_type(self):
        """What is no amount is refused with a message, not with an error of the server."""
        for amount in ("abc", "", [1], {}, 1e308, "1e999", "nan"):
            params = self.transaction_params(amount, invoice_ids=self.invoice_n.ids)
            with self.subTest(amount=amount), self.assertRaises(JsonRpcException) as error:
                self.make_jsonrpc_request(ROUTE, params)
            self.assertIn("ValidationError", str(error.exception))

    def test_confirmation_after_withdrawal(self):
        """Without consent: nothing of what was not paid, and no balance of what was."""
        tx = self.pay(self.invoice_own | self.invoice_n)
        self.assertIn(self.invoice_n.name, self.get(tx.landing_route).text)
        self.north.billing_parent_access = "none"
        for state in ("draft", "cancel"):
            if state == "cancel":
                tx._set_canceled()
            page = self.get(tx.landing_route).text
            self.assertIn(self.invoice_own.name, page)
            for forbidden in (self.invoice_n.name, self.north.name, "3,000.00"):
                self.assertNotIn(forbidden, page)
        self.north.billing_parent_access = "pay"
        tx = self.pay(self.invoice_n)
        self.finish(tx)
        for access, left_to_pay in (("pay", True), ("none", False)):
            self.north.billing_parent_access = access
            page = html.fromstring(self.get(tx.landing_route).text)
            cells = page.xpath("//table[@id='organization_paid']/tbody/tr/td")
            self.assertIn(self.invoice_n.name, cells[0].text_content())
            self.assertIn("3,000.00", cells[2].text_content())
            self.assertEqual(bool(cells[0].xpath(".//a")), left_to_pay)
            self.assertEqual("0.00" in cells[3].text_content(), left_to_pay)

    def test_no_transaction_by_rpc(self):
        """Transactions stay closed to portal users, as in core."""
        tx = self.pay(self.invoice_n)
        with self.assertRaises(AccessError):
            tx.with_user(self.users["hq"]).sudo(False).read(["amount"])
