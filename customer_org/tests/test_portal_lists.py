# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.tests import tagged

from odoo.addons.portal.controllers.portal import CustomerPortal

from .common_portal import PortalCommon

URL = "/my/organization/invoices"


@tagged("post_install", "-at_install")
class TestPortalLists(PortalCommon):
    """The list of an organization's invoices: what each filter, order and page shows, in truth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = {
            "late": cls.invoice_n,
            "future": cls._invoice(cls.north, 10.0, due="2099-01-31", date="2026-02-03"),
            "partial": cls._invoice(cls.north, 20.0, due="2026-01-12", date="2026-01-05"),
            "paid": cls._invoice(cls.north, 30.0, due="2026-01-11", date="2026-01-04"),
            "blocked": cls._invoice(cls.north, 40.0, due="2026-01-13", date="2026-01-03"),
            "note": cls._invoice(
                cls.north, 50.0, due="2026-01-14", date="2026-01-02", move_type="out_refund"
            ),
            "view": cls.invoice_s,
            "own": cls._invoice(cls.hq, 60.0, due="2026-01-16", date="2026-01-06"),
        }
        for name, amount in (("partial", 5.0), ("paid", 30.0)):
            payment = cls._payment(cls.north, amount)
            cls._receivable_lines(payment.move_id | cls.documents[name]).reconcile()
        cls.documents["blocked"].action_toggle_block_payment()
        cls.names = {move.name: name for name, move in cls.documents.items()}
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.login("hq")

    def read_list(self, **query):
        """Return the documents of the list, by our names, in its order."""
        query = "&".join(f"{name}={value}" for name, value in query.items())
        page = html.fromstring(self.get(f"{URL}?{query}").text)
        return self.get_names(page)

    def get_names(self, page):
        titles = page.xpath("//table//a[@title]/@title")
        return [self.names[title] for title in titles if title in self.names]

    def read_row(self, name, **query):
        """Return the text of a document's row."""
        query = "&".join(f"{name}={value}" for name, value in query.items())
        page = html.fromstring(self.get(f"{URL}?{query}").text)
        number = self.documents[name].name
        (row,) = page.xpath(f"//table//tr[.//a[@title='{number}']]")
        return " ".join(row.text_content().replace("\ufeff", "").split())

    def test_filters(self):
        """Each document is either open or paid; overdue and payable are debts."""
        expected = {
            "all": set(self.documents),
            "open": set(self.documents) - {"paid"},
            "paid": {"paid"},
            "overdue": {"late", "partial", "blocked", "view", "own"},
            "payable": {"late", "future", "partial", "own"},
        }
        for filterby, names in expected.items():
            with self.subTest(filterby):
                self.assertEqual(set(self.read_list(filterby=filterby)), names)

    def test_filters_of_a_branch(self):
        """Narrowed to a branch, or to the head office itself, each filter shows the same less."""
        for branch, filterby, names in (
            (self.south, "all", {"view"}),
            (self.south, "payable", set()),
            (self.hq, "all", {"own"}),
            (self.hq, "payable", {"own"}),
            (self.north, "paid", {"paid"}),
            (self.north, "overdue", {"late", "partial", "blocked"}),
        ):
            with self.subTest(branch=branch.name, filterby=filterby):
                found = self.read_list(branch=branch.id, filterby=filterby)
                self.assertEqual(set(found), names)

    def test_credit_note_is_never_overdue(self):
        """An open credit note whose date has passed is no debt: it is open, not overdue."""
        row = self.read_row("note", filterby="open")
        self.assertNotIn("Overdue", row)
        self.assertIn("Open", row)
        self.assertIn("-50.00", row)
        self.assertIn("Overdue", self.read_row("late", filterby="open"))

    def test_one_instalment_is_late(self):
        """An invoice of which one instalment is late is overdue, as the sums above it say."""
        term = self._halves_term(0, 30000)
        invoice = self._invoice(self.north, 90.0, due=False, invoice_payment_term_id=term.id)
        first = self._receivable_lines(invoice).sorted("date_maturity")[0]
        with self.named("parts", invoice):
            self.assertIn("parts", self.read_list(filterby="overdue"))
            self.assertIn("Overdue", self.read_row("parts", filterby="open"))
            page = html.fromstring(self.get("/my/organization/pay?select=overdue").text)
            (box,) = page.xpath(f"//input[@value='{invoice.id}'][@type='checkbox']")
            self.assertIsNotNone(box.get("checked"))
            payment = self._payment(self.north, 45.0)
            (self._receivable_lines(payment.move_id) | first).reconcile()
            self.env.flush_all()
            self.assertNotIn("parts", self.read_list(filterby="overdue"))
            self.assertIn("Partially Paid", self.read_row("parts", filterby="open"))

    @contextmanager
    def named(self, name, move):
        """Let a document have a name of ours for a while."""
        self.env.flush_all()
        with patch.dict(self.names, {move.name: name}), patch.dict(self.documents, {name: move}):
            yield

    def test_blocked_is_not_paid(self):
        """Who blocks a payment does not make it paid."""
        row = self.read_row("blocked", filterby="open")
        self.assertIn("Overdue", row)
        self.assertIn("40.00", row)

    def test_status_in_words(self):
        for name, word in (
            ("paid", "Paid"),
            ("future", "Open"),
            ("partial", "Overdue"),
            ("view", "Overdue"),
        ):
            with self.subTest(name):
                self.assertIn(word, self.read_row(name, filterby="all"))

    def test_totals_of_the_list(self):
        """The sum over a list is what is open of it, credit notes subtracted."""
        for query, amount in (
            ("filterby=open", 3000 + 10 + 15 + 40 - 50 + 2500 + 60),
            ("filterby=overdue", 3000 + 15 + 40 + 2500 + 60),
            ("filterby=payable", 3000 + 10 + 15 + 60),
            ("filterby=paid", 0),
            (f"filterby=all&branch={self.south.id}", 2500),
        ):
            with self.subTest(query):
                page = html.fromstring(self.get(f"{URL}?{query}").text)
                (totals,) = page.xpath("//div[@id='organization_invoice_totals']")
                text = " ".join(totals.text_content().split()).replace("\xa0", " ")
                self.assertTrue(text.endswith(f"$ {amount:,.2f}"), text)

    def test_orders(self):
        """By due date, by invoice date, by number."""
        documents = self.env["account.move"].union(*self.documents.values())
        for sortby, key, is_reversed in (
            ("duedate", lambda move: (move.invoice_date_due, move.id), False),
            ("date", lambda move: (move.invoice_date, move.id), True),
            ("name", lambda move: move.name, True),
        ):
            with self.subTest(sortby):
                expected = documents.sorted(key, reverse=is_reversed).mapped("name")
                found = self.read_list(sortby=sortby, filterby="all")
                self.assertEqual(found, [self.names[name] for name in expected])

    def test_every_document_on_one_page(self):
        """Whatever the order, the pages together have each document once."""
        pages = patch.object(CustomerPortal, "_items_per_page", 3)
        for sortby in ("duedate", "date", "name"):
            with self.subTest(sortby), pages:
                found = []
                for number in (1, 2, 3):
                    page = html.fromstring(
                        self.get(f"{URL}/page/{number}?filterby=all&sortby={sortby}").text
                    )
                    names = self.get_names(page)
                    self.assertEqual(len(names), 3 if number < 3 else 2)
                    found += names
                self.assertEqual(sorted(found), sorted(self.documents))

    def test_page_beyond_the_last(self):
        """A bookmark of a page that is not there any more shows the last one."""
        with patch.object(CustomerPortal, "_items_per_page", 3):
            page = html.fromstring(self.get(f"{URL}/page/99?filterby=all").text)
            self.assertEqual(len(self.get_names(page)), 2)

    def test_links_of_the_pager_keep_the_choice(self):
        """The next page is one of the same filter, order, branch and search."""
        with patch.object(CustomerPortal, "_items_per_page", 2):
            query = f"filterby=open&sortby=name&branch={self.north.id}&search=INV"
            page = html.fromstring(self.get(f"{URL}?{query}").text)
            links = [link for link in page.xpath("//a/@href") if "/invoices/page/2" in link]
        self.assertTrue(links)
        for part in query.split("&"):
            self.assertIn(part, links[0])

    def test_search(self):
        """By number or reference, any capitals; what is wild in SQL finds nothing more."""
        self.documents["own"].ref = "PO-77_x"
        self.env.flush_all()
        for search, names in (
            ("po-77", {"own"}),
            (self.documents["own"].name.lower(), {"own"}),
            ("nothing like it", set()),
            ("%20", set(self.documents)),
        ):
            with self.subTest(search):
                self.assertEqual(set(self.read_list(filterby="all", search=search)), names)

    def test_of_another_day(self):
        """An invoice that is due today is not overdue yet, in the visitor's time zone."""
        today = fields.Date.context_today(self.hq.with_user(self.users["hq"]))
        due = self._invoice(self.north, 70.0, due=today, date="2026-01-01")
        with self.named("due", due):
            self.assertNotIn("due", self.read_list(filterby="overdue"))
            self.assertIn("Open", self.read_row("due", filterby="open"))


@tagged("post_install", "-at_install")
class TestPortalMeanwhile(PortalCommon):
    """Consent and hierarchy that change between the page and the click."""

    def post(self, url, **data):
        response = self.url_open(url, data={**data, "csrf_token": self.csrf_token()})
        self.assertLess(response.status_code, 500)
        self.env.invalidate_all()
        return response

    def get_form(self, url):
        """Return the values that the form of a page would send, as it is filled in."""
        (form,) = (
            form
            for form in html.fromstring(self.get(url).text).forms
            if (form.get("action") or "").endswith("/my/organization/access")
        )
        return {name: value for name, value in form.form_values() if name != "csrf_token"}

    def test_new_head_office_before_consent_is_saved(self):
        """The branch decided about the head office that the page named, and about no other."""
        self.company.portal_branch_consent = True
        self.login("north")
        form = self.get_form("/my/organization/access")
        self.assertEqual(form["access"], "pay")
        self.north.billing_parent_id = self._create_customer("New Head Office")
        self.env.flush_all()
        response = self.post("/my/organization/access", **{**form, "access": "pay"})
        self.assertEqual(self.north.billing_parent_access, "none")
        self.assertIn("Your head office is another one now", response.text)
        self.assertIn("New Head Office", response.text)
        form = self.get_form("/my/organization/access")
        self.post("/my/organization/access", **{**form, "access": "view"})
        self.assertEqual(self.north.billing_parent_access, "view")

    def test_no_head_office_before_consent_is_saved(self):
        """Without a billing parent there is nobody to consent to."""
        self.company.portal_branch_consent = True
        self.login("north")
        form = self.get_form("/my/organization/access")
        self.north.billing_parent_id = False
        self.env.flush_all()
        self.assertTrue(self.post("/my/organization/access", **form).url.endswith("/my"))
        self.assertEqual(self.north.billing_parent_access, "none")

    def test_odd_parents(self):
        """Whatever is sent as the billing parent but the one itself saves nothing."""
        self.company.portal_branch_consent = True
        self.login("north")
        for parent in ("", "x", "0", "-1", "9" * 30, str(self.south.id)):
            self.post("/my/organization/access", access="view", parent=parent)
            self.assertEqual(self.north.billing_parent_access, "pay", parent)

    def test_consent_withdrawn_before_the_transfer(self):
        """What was shown may not be announced any more; nothing of it is kept."""
        self.login("hq")
        page = self.get(f"/my/organization/pay?invoice_ids={self.invoice_n.id}").text
        self.assertIn("/my/organization/pay/wire", page)
        self.north.billing_parent_access = "view"
        self.env.flush_all()
        response = self.post(
            "/my/organization/pay/wire",
            invoice_ids=self.invoice_n.id,
            amount=3000.0,
            date_expected="2026-03-05",
        )
        self.assertIn("you may not pay them", response.text)
        self.assertFalse(self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)]))

    def test_consent_withdrawn_before_credits_are_used(self):
        """The head office's credit stays where it is."""
        payment = self._payment(self.hq, 3000.0)
        self.login("hq")
        self.get(f"/my/organization/pay?invoice_ids={self.invoice_n.id}")
        self.north.billing_parent_access = "none"
        self.env.flush_all()
        self.post("/my/organization/pay/credits", invoice_ids=self.invoice_n.id)
        self.assertEqual(self.invoice_n.amount_residual, 3000.0)
        (credit,) = self._receivable_lines(payment.move_id)
        self.assertEqual(credit.amount_residual, -3000.0)

    def test_moved_between_the_pages(self):
        """A branch that moved is seen by neither head office before it consents anew."""
        other = self._create_customer("New Head Office")
        self.users["new"] = self._create_portal_user("new", other)
        self.login("hq")
        self.assertIn("Acme N", self.get("/my/organization").text)
        self.north.billing_parent_id = other
        self.env.flush_all()
        for login in ("hq", "new"):
            self.login(login)
            for url in ("/my/organization", "/my/organization/invoices?filterby=all"):
                text = self.get(url).text
                self.assertNotIn(self.invoice_n.name, text, (login, url))
                if login == "hq":
                    self.assertNotIn("Acme N", text, url)
            url = f"/my/invoices/{self.invoice_n.id}"
            self.assertNotIn(self.invoice_n.name, self.get(url).text, login)
        self.north.billing_parent_access = "view"
        self.env.flush_all()
        self.assertIn(self.invoice_n.name, self.get("/my/organization/invoices").text)

    def test_broken_chain(self):
        """A branch between that withdraws hides what is below it, and brings it back."""
        shop = self._create_customer("Shop of N", self.north, billing_parent_access="pay")
        invoice = self._invoice(shop, 80.0, due="2026-01-31")
        self.login("hq")
        for access, is_visible in (("pay", True), ("none", False), ("view", True)):
            self.north.billing_parent_access = access
            self.env.flush_all()
            text = self.get("/my/organization/invoices?filterby=all").text
            self.assertEqual(invoice.name in text, is_visible, access)
            pay = self.get(f"/my/organization/pay?invoice_ids={invoice.id}").text
            self.assertEqual("/my/organization/pay/wire" in pay, access == "pay", access)

    def test_archived_branch(self):
        """An archived branch that still owes is seen and paid as before."""
        self.north.active = False
        self.env.flush_all()
        self.login("hq")
        self.assertIn("Acme N", self.get("/my/organization").text)
        page = self.get(f"/my/organization/pay?invoice_ids={self.invoice_n.id}").text
        self.assertIn("3,000.00", page)

    def test_archived_hierarchy(self):
        """A whole hierarchy that is archived can still be looked at by who has a login."""
        (self.hq | self.branches).active = False
        self.env.flush_all()
        self.login("hq")
        text = self.get("/my/organization").text
        self.assertIn("Acme N", text)
        self.assertNotIn("Acme W", text)
