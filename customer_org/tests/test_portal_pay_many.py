# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from lxml import html

from odoo.tests import tagged

from ..controllers import organization_pay
from .common_portal_pay import ROUTE, PortalPayCommon


@tagged("post_install", "-at_install")
class TestPortalPayMany(PortalPayCommon):
    """More invoices than fit on a page."""

    def _few_on_a_page(self, page=2, everything=5):
        for name, value in (("MAX_INVOICES", page), ("MAX_ALL_INVOICES", everything)):
            patcher = patch.object(organization_pay, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _offered(self, url):
        """Return the ids of the invoices that a page offers to choose from."""
        page = html.fromstring(self.get(url).text)
        return [int(box) for box in page.xpath("//input[@type='checkbox'][@value]/@value")]

    def test_pages_to_choose_from(self):
        """Every payable invoice is on some page, those due first on the first."""
        self._few_on_a_page()
        late = self._invoice(self.south, 10.0, due="2099-01-31")
        url = "/my/organization/pay"
        self.assertEqual(self._offered(url), (self.invoice_own | self.invoice_n).ids)
        self.assertEqual(self._offered(f"{url}/page/2"), (self.invoice_s | late).ids)
        self.assertEqual(
            self._offered(f"{url}?branch={self.south.id}"), (self.invoice_s | late).ids
        )
        self.assertEqual(self._offered(f"{url}?branch={self.east.id}"), [])
        for hidden in (self.west.id, self.stranger.id, "x"):
            self.assertEqual(self._offered(f"{url}?branch={hidden}"), self._offered(url))

    def test_other_currency_behind_many(self):
        """A currency that comes late is offered as well."""
        self._few_on_a_page(page=1)
        euro = self._invoice(self.north, 70.0, due="2099-01-31", currency_id=self.currency_euro.id)
        url = f"/my/organization/pay?company={self.company.id}&currency={self.currency_euro.id}"
        self.assertIn(
            f"company={self.company.id}&amp;currency={self.currency_euro.id}",
            self.get("/my/organization/pay").text,
        )
        self.assertEqual(self._offered(url), euro.ids)

    def test_pay_all(self):
        """More than a page holds, with one payment: the server finds them and knows the amount."""
        self._few_on_a_page()
        self._invoice(self.north, 70.0, due="2026-01-31", currency_id=self.currency_euro.id)
        page = html.fromstring(self.get("/my/organization/pay").text)
        (url,) = page.xpath("//a[contains(@href, 'all=1')]/@href")
        self.assertIn("6,500.00", self.get(url).text)
        route = f"{ROUTE}?{urlsplit(url).query}"
        for amount in (None, 6499.0):
            self.assert_refused_by_json(route, self.transaction_params(amount))
        result = self.make_jsonrpc_request(route, self.transaction_params(6500.0))
        tx = self._get_tx(result["reference"])
        self.assertEqual(tx.invoice_ids, self.invoice_own | self.invoice_n | self.invoice_s)
        self.finish(tx)
        self.assert_ledgers(hq=0, south=0, east=1750, west=1500)

    def test_pay_all_of_a_branch(self):
        """All of one branch; nothing of a branch that did not consent, or of no branch at all."""
        company = {"company": self.company.id, "currency": self.company.currency_id.id}
        query = "&".join(f"{key}={value}" for key, value in company.items())
        route = f"{ROUTE}?all=1&{query}&branch="
        for branch in (self.east.id, self.west.id, self.stranger.id, "x"):
            self.assert_refused_by_json(f"{route}{branch}", self.transaction_params(1750.0))
        result = self.make_jsonrpc_request(
            f"{route}{self.north.id}", self.transaction_params(3000.0)
        )
        self.assertEqual(self._get_tx(result["reference"]).invoice_ids, self.invoice_n)
        self.assert_refused_by_json(f"{ROUTE}?all=1", self.transaction_params(6500.0))

    def test_credits_for_all(self):
        """The open credits can be used for all of them, too."""
        self._payment(self.hq, 1500.0)
        query = f"all=1&company={self.company.id}&currency={self.company.currency_id.id}"
        page = html.fromstring(self.get(f"/my/organization/pay?{query}").text)
        (form,) = page.xpath("//form[@action='/my/organization/pay/credits']")
        response = self.url_open("/my/organization/pay/credits", data=dict(form.form_values()))
        self.assertEqual(parse_qs(urlsplit(response.url).query)["all"], ["1"])
        self.assertIn("5,000.00", response.text)
        self.assert_ledgers(hq=0, north=2500, south=2500)

    # Two companies

    def test_one_company_at_a_time(self):
        """Invoices of two companies make two payments; the page says so and offers each."""
        other = self.setup_other_company(name="Acme's other supplier")["company"]
        self.users["hq"].company_ids |= other
        invoice = (
            self.env["account.move"]
            .with_company(other)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.north.id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 80, "tax_ids": []})],
                }
            )
        )
        invoice.action_post()
        page = self.get("/my/organization/pay").text
        self.assertIn("One payment is for one company and one currency", page)
        self.assertIn(f"company={other.id}&amp;currency={invoice.currency_id.id}", page)
        self.assertIn("Acme&#39;s other supplier", page)
        url = f"/my/organization/pay?company={other.id}&currency={invoice.currency_id.id}"
        self.assertEqual(self._offered(url), invoice.ids)
        both = self.invoice_s | invoice
        ids = ",".join(map(str, both.ids))
        page = self.get(f"/my/organization/pay?invoice_ids={ids}").text
        self.assertIn("of another company", page)
        self.assert_refused_by_json(ROUTE, self.transaction_params(None, invoice_ids=both.ids))
        # The payer is a customer of both: the other company has a payment provider of its own.
        provider = self.provider.sudo().copy({"company_id": other.id, "state": "test"})
        provider.journal_id = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", other.id)], limit=1
        )
        tx = self.pay(invoice, 80.0, provider_id=provider.id)
        self.assertEqual(tx.company_id, other)
        self.finish(tx)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(tx.payment_id.company_id, other)
        self.assertEqual(tx.payment_id.partner_id, self.hq)
        self.assert_ledgers(hq=1000, south=2500)
