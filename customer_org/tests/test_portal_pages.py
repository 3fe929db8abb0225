# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import SUPERUSER_ID, fields
from odoo.fields import Command
from odoo.tests import tagged

from ..controllers import organization as organization_pages
from ..models.portal.portal_organization import PortalOrganization
from ..models.receivable import OPEN_RECEIVABLE
from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon):
    """The pages of a head office."""

    def page(self, url):
        return html.fromstring(self.get(url).text)

    def text(self, url, xpath="//main"):
        return " ".join(" ".join(self.page(url).xpath(f"{xpath}//text()")).split())

    def names(self, url):
        """Return the invoices that a list shows."""
        return set(self.page(url).xpath("//table//a[@title]/@title")) & set(
            self.env["account.move"].search([]).mapped("name")
        )

    def test_card(self):
        """Only a head office has the card on its portal's home page."""
        for login, expected in (("hq", True), ("north", False), ("stranger", False)):
            self.login(login)
            self.assertEqual("/my/organization" in self.get("/my").text, expected, login)

    def test_closed_for_others(self):
        """Who is no head office's portal user is led back to the portal."""
        for login in ("north", "stranger"):
            self.login(login)
            for url in (
                "/my/organization",
                "/my/organization/invoices",
                "/my/organization/pay",
                f"/my/organization/pay?invoice_ids={self.invoice_n.id}",
                "/my/organization/access",
            ):
                self.assertTrue(self.get(url).url.endswith("/my"), url)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.get("/my/organization").url)

    def test_scenario_18_overview(self):
        """N and S, 5,500 in total, apart from the head office's own; nothing of E and W."""
        self._invoice(self.hq, 1000.0, due="2099-01-31")
        self.login("hq")
        text = self.text("/my/organization")
        for expected in ("Acme N", "Acme S", "3,000.00", "2,500.00", "5,500.00", "6,500.00"):
            self.assertIn(expected, text)
        for hidden in ("Acme E", "Acme W", "1,750.00", "1,500.00"):
            self.assertNotIn(hidden, text)

    def test_scenario_18_list(self):
        """The lists show N's and S's invoices with their branch, and 5,500 open."""
        self.login("hq")
        expected = {self.invoice_n.name, self.invoice_s.name}
        for url in ("/my/organization/invoices", "/my/invoices"):
            self.assertEqual(self.names(url), expected, url)
            self.assertIn("Acme N", self.text(url, "//table"))
        self.assertIn(
            "5,500.00",
            self.text("/my/organization/invoices", "//div[@id='organization_invoice_totals']"),
        )

    def test_branch_filter(self):
        """Both lists can be narrowed to a branch; another customer's id is no filter."""
        self.login("hq")
        for url in ("/my/organization/invoices", "/my/invoices"):
            self.assertEqual(self.names(f"{url}?branch={self.south.id}"), {self.invoice_s.name})
            for other in (self.west.id, self.stranger.id, "x", ""):
                self.assertEqual(
                    self.names(f"{url}?branch={other}"), {self.invoice_n.name, self.invoice_s.name}
                )

    def test_search_a_branch(self):
        """Where a menu would be too long one searches: one that is found is chosen at once."""
        self.login("hq")
        page = self.page("/my/organization/invoices")
        self.assertFalse(page.xpath("//form[contains(@class, 'o_branch_search')]"))
        with patch.object(organization_pages, "MAX_BRANCHES_IN_MENU", 2):
            for url in ("/my/organization/invoices?filterby=open", "/my/invoices?filterby=all"):
                page = self.page(url)
                self.assertFalse(page.xpath("//button[@id='portal_searchbar_branch']"), url)
                (form,) = page.xpath("//form[contains(@class, 'o_branch_search')]")
                self.assertEqual(
                    url, f"{form.get('action')}?filterby={form.fields['filterby']}", url
                )
                self.assertEqual(self.names(f"{url}&branch_name=acme s"), {self.invoice_s.name})
            found = "//div[contains(@class, 'o_branches_found')]"
            url = "/my/organization/invoices?branch_name="
            self.assertEqual(self.text(f"{url}acme", found), "Acme HQ Acme N and 1 more")
            self.assertIn("No branch is called like this", self.text(f"{url}acme w", found))
            self.assertEqual(self.names(f"{url}acme w"), self.names(url))

    def test_filters(self):
        """Overdue, payable, paid; and core's overdue filter: what the visitor may pay."""
        own = self._invoice(self.hq, 10.0, due="2099-01-31")
        self.login("hq")
        url = "/my/organization/invoices?filterby="
        self.assertEqual(self.names(f"{url}overdue"), {self.invoice_n.name, self.invoice_s.name})
        self.assertEqual(self.names(f"{url}payable"), {self.invoice_n.name, own.name})
        self.assertEqual(self.names(f"{url}paid"), set())
        self.assertEqual(self.names(f"{url}wrong&sortby=wrong"), self.names(f"{url}open"))
        self.assertEqual(
            self.names("/my/invoices?filterby=overdue_invoices"), {self.invoice_n.name}
        )
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["overdue_invoice_count", "invoice_count"]}
        )
        self.assertEqual(counters, {"overdue_invoice_count": 1, "invoice_count": 1})
        self.assertIn("/my/organization/pay", self.get("/my/invoices/overdue").url)

    def test_search_and_paging(self):
        """Branches and invoices are found by name and number, and come in pages."""
        for number in range(90):
            self._create_customer(f"Shop {number:02}", self.hq, billing_parent_access="view")
        self.login("hq")
        self.assertIn("Shop 07", self.text("/my/organization?search=SHOP 07"))
        self.assertNotIn("Shop 08", self.text("/my/organization?search=SHOP 07"))
        self.assertIn("No branch is called like this", self.text("/my/organization?search=xyz"))
        self.assertNotIn("Shop 89", self.text("/my/organization"))
        self.assertIn("Shop 89", self.text("/my/organization/page/2"))
        self.assertEqual(
            self.names(f"/my/organization/invoices?search={self.invoice_s.name[-5:]}"),
            {self.invoice_s.name},
        )

    def test_empty_state(self):
        """A head office without any consent reads what to do about it."""
        self.branches.billing_parent_access = "none"
        self.login("hq")
        self.assertIn("None of your branches shares", self.text("/my/organization"))
        self.assertIn("There are no such invoices", self.text("/my/organization/invoices"))
        self.assertIn("nothing to pay", self.text("/my/organization/pay"))

    def test_currencies_and_companies(self):
        """Amounts of different currencies are never added up."""
        self._invoice(self.north, 70.0, due="2099-01-31", currency_id=self.currency_euro.id)
        self.login("hq")
        self.assertIn("70.00 €", self.text("/my/organization").replace("\xa0", " "))
        self.assertIn("5,500.00", self.text("/my/organization"))

    def test_ageing_ties_to_the_documents(self):
        """Due per branch is what its visible documents say, credit notes subtracted."""
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.north.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 200, "tax_ids": []})],
            }
        )
        refund.action_post()
        self._invoice(self.north, 50.0, due="2099-01-31")
        self._payment(self.north, 10.0)
        ageing = PortalOrganization(self.env(user=self.users["hq"])).get_ageing()
        for customer in self.north | self.south:
            lines = self.env["account.move.line"].search(
                [*OPEN_RECEIVABLE, ("partner_id", "=", customer.id)]
            )
            amounts = ageing[customer.id][self.company.currency_id]
            self.assertEqual(amounts.due, sum(lines.mapped("amount_residual")))
        self.assertEqual(set(ageing), {self.north.id, self.south.id})
        north = ageing[self.north.id][self.company.currency_id]
        self.assertEqual((north.due, north.overdue, north.credit), (2840.0, 3000.0, 210.0))
        self.assertEqual(north.buckets[0], 50.0)
        self.assertEqual(sum(north.buckets[1:]), 3000.0)
        self.assertEqual(sum(north.shares), 100.0)

    def test_ageing_of_all_that_is_open(self):
        """Receipts, entries and payments on account count as on the statement; drafts do not."""
        organization = PortalOrganization(self.env(user=self.users["hq"]))
        before = organization.get_ageing()[self.north.id][self.company.currency_id]
        contact = self.env["res.partner"].create({"name": "Joe", "parent_id": self.north.id})
        self._invoice(self.north, 40.0, due="2026-01-31", move_type="out_receipt")
        self._payment(contact, 10.0)
        for journal in ("default_journal_sale", "default_journal_misc"):
            self._post_opening(self.company_data[journal], self.north, 30.0)
        self.invoice_n.copy({"invoice_date": "2026-01-01"})
        after = organization.get_ageing()[self.north.id][self.company.currency_id]
        self.assertEqual(after.due - before.due, 40.0 - 10.0 + 60.0)
        self.assertEqual(after.overdue - before.overdue, 40.0 + 60.0)
        self.assertEqual(after.credit - before.credit, 10.0)

    def _post_opening(self, journal, partner, amount):
        """Post an entry that makes a customer owe something."""
        accounts = (
            (self.receivable, amount),
            (self.company_data["default_account_revenue"], -amount),
        )
        self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": "2026-01-01",
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "partner_id": partner.id, "balance": balance}
                    )
                    for account, balance in accounts
                ],
            }
        ).action_post()

    def test_ageing_by_day(self):
        """Each amount is in its bucket from the first day on; credits are apart, and in none."""
        today = fields.Date.today()
        currency = self.company.currency_id
        for number, days in enumerate((-1, 0, 1, 30, 31, 60, 61, 90, 91)):
            due = today - timedelta(days=days)
            self._invoice(self.north, 2.0**number, due=due, date=today - timedelta(days=200))
        organization = PortalOrganization(self.env(user=self.users["hq"]))
        north = organization.get_ageing()[self.north.id][currency]
        late = 3000.0  # the fixture's invoice
        expected = [1.0 + 2.0, 4.0 + 8.0, 16.0 + 32.0, 64.0 + 128.0, 256.0]
        days = (today - self.invoice_n.invoice_date_due).days
        expected[sum(days > limit for limit in (0, 30, 60, 90))] += late
        self.assertEqual(list(north.buckets), expected)
        self.assertEqual(north.due, sum(expected))
        self.assertEqual(north.overdue, sum(expected[1:]))
        for days in (0, -1):
            refund = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.north.id,
                    "invoice_date": today - timedelta(days=days),
                    "date": today - timedelta(days=days),
                    "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 5, "tax_ids": []})],
                }
            )
            refund.action_post()
            before = north
            north = organization.get_ageing()[self.north.id][currency]
            self.assertEqual(before.due - north.due, 5.0)
            self.assertEqual(north.credit - before.credit, 5.0)
            self.assertEqual(north.overdue, before.overdue)
            self.assertEqual(north.buckets, before.buckets)

    def test_tree_order(self):
        """Each branch comes below its billing parent, with a broken chain left out."""
        depot = self._create_customer("A depot", self.north, billing_parent_access="view")
        self._create_customer("Hidden", depot)
        self._create_customer("B below W", self.west, billing_parent_access="pay")
        organization = PortalOrganization(self.env(user=self.users["hq"]))
        self.assertEqual(
            [(branch.name, branch.depth, branch.can_pay) for branch in organization.branches],
            [("Acme N", 1, True), ("A depot", 2, False), ("Acme S", 1, False)],
        )

    def test_query_count(self):
        """Neither branches nor invoices nor levels make the pages ask more often."""
        self.login("hq")
        urls = ("/my/organization", "/my/organization/invoices", "/my/organization/pay")

        def counts():
            result = []
            for url in urls:
                self.get(url)
                before = self.cr.sql_log_count
                self.get(url)
                result.append(self.cr.sql_log_count - before)
            return result

        few = counts()
        self.assertGreater(min(few), 5)
        parent = self.north
        for number in range(20):
            parent = self._create_customer(f"Shop {number}", parent, billing_parent_access="pay")
            self._invoice(parent, 10.0, due="2026-01-31")
            self._invoice(parent, 10.0, due="2026-01-31")
        self.assertEqual(counts(), few)

    def test_consent_is_promised_where_branches_give_it(self):
        """A head office is sent to the branch only where branches decide in the portal."""
        # As on core's pages: as superuser, who remembers the visitor.
        invoice = self.invoice_s.with_user(SUPERUSER_ID)
        invoice = invoice.with_context(portal_visitor_id=self.users["hq"].id)
        self.assertIn("Ask us", invoice._get_online_payment_error())
        self.company.portal_branch_consent = True
        self.assertIn("Ask the branch or us", invoice._get_online_payment_error())

    def test_consent_page(self):
        """Where the seller allows it the branch gives and takes its consent, and no one else."""
        self.login("north")
        self.assertTrue(self.get("/my/organization/access").url.endswith("/my"))
        self.post_access("none")
        self.assertEqual(self.north.billing_parent_access, "pay")
        self.company.portal_branch_consent = True
        self.assertIn("/my/organization/access", self.get("/my").text)
        self.assertIn("Acme HQ", self.text("/my/organization/access"))
        messages = self.north.message_ids
        self.assertIn("Saved", self.post_access("view").text)
        self.assertEqual(self.north.billing_parent_access, "view")
        note = (self.north.message_ids - messages)[:1]
        self.assertEqual(note.author_id, self.users["north"].partner_id)
        self.assertEqual(note.sudo().tracking_value_ids.new_value_char, "See documents")
        self.post_access("everything")
        self.assertEqual(self.north.billing_parent_access, "view")
        for login in ("hq", "stranger"):
            self.login(login)
            self.assertTrue(self.post_access("pay").url.endswith("/my"), login)
        self.assertEqual(self.north.billing_parent_access, "view")
        self.assertEqual(self.hq.billing_parent_access, "none")

    def post_access(self, access):
        return self.url_open(
            "/my/organization/access",
            data={"access": access, "csrf_token": self.csrf_token()},
        )
