# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from contextlib import suppress

from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon

MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestPortalGates(PortalCommon):
    """View means view, on every way in: page, PDF, JSON-RPC, token, chatter, attachment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.depot = cls._create_customer("Depot", cls.west, billing_parent_access="pay")
        cls.invoice_depot = cls._invoice(cls.depot, 700.0, due="2026-01-31")
        cls.users["west"] = cls._create_portal_user("west", cls.west)
        cls.users["east"] = cls._create_portal_user("east", cls.east)
        for invoice in cls.invoices | cls.invoice_depot:
            invoice._portal_ensure_token()
            invoice.message_post(body=f"Secret of {invoice.partner_id.name}")

    # What each user may do with each invoice: None, "view", "pay" or "own"
    MATRIX = {
        "hq": {"n": "pay", "s": "view", "w": None, "depot": None},
        "west": {"n": None, "s": None, "w": "own", "depot": "pay"},
        "east": {"n": None, "s": None, "w": None, "depot": None},
        "north": {"n": "own", "s": None, "w": None, "depot": None},
        "stranger": {"n": None, "s": None, "w": None, "depot": None},
    }

    def _matrix(self, login):
        """Yield invoices with what ``login`` may do, as that user."""
        self.login(login)
        for key, allowed in self.MATRIX[login].items():
            yield getattr(self, f"invoice_{key}"), allowed

    def _refused_to_portal(self, response):
        self.assertTrue(response.url.split("?")[0].endswith(("/my", "/my/home")), response.url)

    def test_list(self):
        """Core's list shows what may be seen."""
        for login in self.MATRIX:
            self.login(login)
            page = self.get("/my/invoices").text
            for key, allowed in self.MATRIX[login].items():
                name = getattr(self, f"invoice_{key}").name
                self.assertEqual(f'title="{name}"' in page, bool(allowed), (login, key))

    def test_page_and_pdf(self):
        """The page and the PDF open with consent, else they lead back to the portal."""
        for login in self.MATRIX:
            for invoice, allowed in self._matrix(login):
                url = f"/my/invoices/{invoice.id}"
                for query in ("", "?report_type=html", "?report_type=pdf&download=true"):
                    response = self.get(url + query)
                    if allowed:
                        self.assertIn(url, response.url)
                        self.assertIn(invoice.name, response.text)
                    else:
                        self._refused_to_portal(response)

    def test_pay_button(self):
        """The pay form is on the page where paying is allowed, and nowhere else."""
        for login in self.MATRIX:
            for invoice, allowed in self._matrix(login):
                page = self.get(f"/my/invoices/{invoice.id}?payment=True").text
                self.assertEqual("o_payment_form" in page, allowed in ("own", "pay"))

    @mute_logger(*MUTED)
    def test_pay_by_json(self):
        """No transaction without the consent to pay, whatever token is sent along."""
        for login in self.MATRIX:
            for invoice, allowed in self._matrix(login):
                for token in (None, "wrong", invoice.access_token):
                    params = self.transaction_params(100.0, access_token=token)
                    route = f"/invoice/transaction/{invoice.id}"
                    # For others than ancestors a right token is as good as in core.
                    if allowed in ("own", "pay") or (
                        token == invoice.access_token
                        and not invoice.with_user(self.users[login]).sudo().portal_consent
                    ):
                        self.assertTrue(self.make_jsonrpc_request(route, params)["reference"])
                        continue
                    with self.assertRaises(JsonRpcException, msg=(login, allowed, token)):
                        self.make_jsonrpc_request(route, params)
        payers = self.env["payment.transaction"].search([]).grouped("invoice_ids")
        self.assertNotIn(self.users["hq"].partner_id, payers[self.invoice_s].partner_id)
        self.assertNotIn(self.users["hq"].partner_id, payers[self.invoice_w].partner_id)

    def test_token(self):
        """A token opens nothing for an ancestor without consent; for others it stays core's."""
        url = f"/my/invoices/{self.invoice_w.id}?access_token={self.invoice_w.access_token}"
        self.login("hq")
        for query in ("", "&report_type=pdf&download=true", "&report_type=html"):
            self._refused_to_portal(self.get(url + query))
        self.authenticate(None, None)
        self.assertIn(self.invoice_w.name, self.get(url).text)

    def test_payment_link(self):
        """A payment link of a branch's invoice lets a guest do what consent says, no more."""
        for key, allowed in self.MATRIX["hq"].items():
            invoice = getattr(self, f"invoice_{key}")
            link = invoice._get_portal_payment_link()
            pay_token = self._generate_test_access_token(
                invoice.partner_id.id, 100.0, invoice.currency_id.id
            )
            self.login("hq")
            for path in (
                link[link.index("/my/invoices") :],
                f"/payment/pay?invoice_id={invoice.id}&amount=100.0&access_token={pay_token}"
                f"&partner_id={invoice.partner_id.id}&currency_id={invoice.currency_id.id}",
            ):
                response = self.get(path)
                text = response.text.replace(f"?access_token={invoice.access_token}", "")
                self.assertFalse(f'"{invoice.access_token}"' in text, path)
                self.assertEqual("o_payment_form" in text, allowed == "pay", path)

    def test_no_token_leaks(self):
        """No page for a guest has the access token of a branch's document."""
        self._invoice(self.hq, 10.0, due="2026-01-31")
        self.login("hq")
        tokens = (self.invoices | self.invoice_depot).mapped("access_token")
        for url in (
            "/my/invoices",
            f"/my/invoices/{self.invoice_n.id}",
            f"/my/invoices/{self.invoice_s.id}",
            f"/my/invoices/{self.invoice_s.id}?report_type=html",
            f"/mail/view?model=account.move&res_id={self.invoice_n.id}",
        ):
            response = self.get(url)
            for token in tokens:
                self.assertFalse(token in response.text + response.url, url)

    @mute_logger(*MUTED)
    def test_no_token_by_rpc(self):
        """Neither reading, searching, grouping nor public methods give a branch's token away."""
        self.login("hq")
        invoice, token = self.invoice_s, self.invoice_s.access_token
        ids = [invoice.id]
        for args, kwargs in (
            (("read", ids, ["access_token"]), {}),
            (("search_read", [["id", "in", ids]], ["access_token"]), {}),
            (("search", [["access_token", "=", token]]), {}),
            (("formatted_read_group", [], ["access_token"], ["__count"]), {}),
            (("web_read", ids), {"specification": {"access_token": {}}}),
        ):
            with self.assertRaises(JsonRpcException, msg=args):
                self.rpc("account.move", *args, **kwargs)
        self.assertNotIn("access_token", self.rpc("account.move", "fields_get"))
        for context in ({}, {"portal_visitor_id": 1}, {"portal_visitor_id": 2}):
            url = self.rpc("account.move", "get_portal_url", ids, context=context)
            self.assertEqual(url, invoice.access_url)

    def test_own_token_still_works(self):
        """A head office's and a branch's own links carry their token, as in core."""
        own = self._invoice(self.hq, 10.0, due="2026-01-31")
        self.login("hq")
        own._portal_ensure_token()
        self.assertIn(
            f"{own.access_url}?access_token={own.access_token}", self.get("/my/invoices").text
        )
        self.login("north")
        self.assertIn(self.invoice_n.access_token, self.get("/my/invoices").text)
        self.assertEqual(
            self.rpc("account.move", "read", self.invoice_n.ids, ["access_token"])[0][
                "access_token"
            ],
            self.invoice_n.access_token,
        )

    @mute_logger(*MUTED)
    def test_chatter(self):
        """A guest neither writes in the chatter nor reads it, follows it or sees its people."""
        self.north.email = "north@acme.example"
        self.invoice_n.message_subscribe(self.north.ids)
        for invoice in (self.invoice_n, self.invoice_s, self.invoice_w):
            self.login("hq")
            messages = invoice.message_ids
            thread = {"thread_model": "account.move", "thread_id": invoice.id}
            for extra in ({}, {"token": invoice.access_token}, {"token": "wrong"}):
                with self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request(
                        "/mail/message/post", {**thread, "post_data": {"body": "Hi"}, **extra}
                    )
                for route in ("/mail/chatter_fetch", "/portal/chatter_init"):
                    try:
                        result = self.make_jsonrpc_request(route, {**thread, **extra})
                    except JsonRpcException:
                        continue
                    self.assertNotIn("Secret", str(result))
                    self.assertNotIn("north@acme", str(result))
            for method, args in (
                ("message_post", {"body": "Hi"}),
                ("message_subscribe", {"partner_ids": self.users["hq"].partner_id.ids}),
            ):
                with suppress(JsonRpcException):
                    self.assertFalse(self.rpc("account.move", method, invoice.ids, **args))
            for values in ({}, {"message_type": "comment", "subtype_id": 1}):
                with self.assertRaises(JsonRpcException):
                    self.rpc(
                        "mail.message",
                        "create",
                        {"model": "account.move", "res_id": invoice.id, "body": "Hi", **values},
                    )
            for route in ("/mail/thread/messages", "/mail/thread/recipients"):
                try:
                    result = self.make_jsonrpc_request(route, thread)
                except JsonRpcException:
                    continue
                self.assertNotIn("Secret", str(result))
                self.assertNotIn("north@acme", str(result))
            found = self.rpc(
                "mail.message",
                "search_read",
                [["model", "=", "account.move"], ["res_id", "=", invoice.id]],
                ["body"],
            )
            self.assertFalse(found)
            self.assertEqual(invoice.message_ids, messages)
            self.assertNotIn(self.users["hq"].partner_id, invoice.message_partner_ids)
        self.login("hq")
        self.assertNotIn("o_portal_chatter", self.get(f"/my/invoices/{self.invoice_n.id}").text)

    def test_chatter_of_own_invoice(self):
        """The branch and the head office write in the chatter of their own invoices as ever."""
        own = self._invoice(self.hq, 10.0, due="2026-01-31")
        for login, invoice in (("hq", own), ("north", self.invoice_n)):
            self.login(login)
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": "account.move",
                    "thread_id": invoice.id,
                    "post_data": {"body": "Hello"},
                },
            )
            self.assertIn("Hello", invoice.message_ids[0].body)
            self.assertIn("o_portal_chatter", self.get(f"/my/invoices/{invoice.id}").text)

    def test_upload(self):
        """A guest can't upload to a branch's document."""
        self.login("hq")
        for invoice in (self.invoice_n, self.invoice_s, self.invoice_w):
            for token in ("", invoice.access_token):
                response = self.url_open(
                    "/mail/attachment/upload",
                    data={
                        "thread_model": "account.move",
                        "thread_id": invoice.id,
                        "token": token,
                        "is_pending": "true",
                        "csrf_token": self.csrf_token(),
                    },
                    files={"ufile": ("x.txt", b"x", "text/plain")},
                )
                self.assertGreaterEqual(response.status_code, 400)
                self.assertLess(response.status_code, 500)
            self.assertFalse(
                self.env["ir.attachment"].search(
                    [("res_model", "=", "account.move"), ("res_id", "=", invoice.id)]
                )
            )

    @mute_logger(*MUTED)
    def test_attachment(self):
        """Core opens no attachment of an invoice to portal users by its id; nor do we."""
        for login in self.MATRIX:
            for invoice, _allowed in self._matrix(login):
                attachment = self.env["ir.attachment"].create(
                    {
                        "name": "file.txt",
                        "raw": b"content",
                        "res_model": "account.move",
                        "res_id": invoice.id,
                    }
                )
                self.assertEqual(self.get(f"/web/content/{attachment.id}").status_code, 404)
                with self.assertRaises(JsonRpcException):
                    self.rpc("ir.attachment", "read", attachment.ids, ["raw"])

    def test_revoked_at_the_next_click(self):
        """Scenario 19: consent withdrawn while HQ's user is logged in; bookmarks are dead."""
        self.login("hq")
        self.assertIn(self.invoice_s.name, self.get("/my/invoices").text)
        bookmark = re.search(
            rf'href="([^"]*/my/invoices/{self.invoice_s.id}[^"]*)"', self.get("/my/invoices").text
        ).group(1)
        self.assertIn(self.invoice_s.name, self.get(bookmark).text)
        self.south.billing_parent_access = "none"
        self.assertNotIn(self.invoice_s.name, self.get("/my/invoices").text)
        for url in (bookmark, f"{bookmark}?report_type=pdf&download=true"):
            self._refused_to_portal(self.get(url))

    def test_stored_pdf_with_payment_link(self):
        """A PDF on file that has a payment link is printed anew for a guest, without it."""
        self.company.link_qr_code = True
        for invoice in (self.invoice_n, self.invoice_s):
            attachment = self.env["ir.attachment"].create(
                {
                    "name": "invoice.pdf",
                    "raw": b"%PDF on file /payment/pay?access_token=",
                    "res_model": "account.move",
                    "res_id": invoice.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
            invoice.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
            self.assertEqual(invoice.invoice_pdf_report_id, attachment)
            self.login("hq")
            text = self.get(f"{invoice.access_url}?report_type=pdf&download=true").text
            self.assertIn(invoice.name, text)
            self.assertNotIn("/payment/pay", text)
            file_url = f"/web/content/account.move/{invoice.id}/invoice_pdf_report_file"
            self.assertNotIn("%PDF on file", self.get(file_url).text)
        self.login("north")
        text = self.get(f"{self.invoice_n.access_url}?report_type=pdf&download=true").text
        self.assertIn("%PDF on file", text)

    def test_contact_tree(self):
        """A branch filed as a contact of its head office: core shows it, paying needs consent."""
        child = self.env["res.partner"].create(
            {"name": "Child", "is_company": True, "parent_id": self.hq.id}
        )
        child.billing_parent_id = self.hq
        invoice = self._invoice(child, 50.0, due="2026-01-31")
        self.login("hq")
        page = self.get(f"/my/invoices/{invoice.id}").text
        self.assertIn(invoice.name, page)
        self.assertNotIn("o_payment_form", page)

    def test_internal_user(self):
        """An accountant who is no portal user notices none of it."""
        accountant = self.env.user
        self.assertFalse(self.invoice_n.with_user(accountant).portal_consent)
        self.assertIn("access_token=", self.invoice_n.with_user(accountant).get_portal_url())

    def test_consent_field(self):
        """The consent of a list of documents costs one query."""
        invoices = (self.invoices | self.invoice_depot).with_user(self.users["hq"]).sudo()
        invoices.mapped("commercial_partner_id")
        self.users["hq"]._is_head_office_portal()
        with self.assertQueryCount(1):
            consents = invoices.mapped("portal_consent")
        self.assertEqual(consents, ["pay", "view", "none", "none", "none"])

    def test_refused_by_orm(self):
        """The same refusals below the web layer."""
        invoice = self.invoice_s.with_user(self.users["hq"])
        with self.assertRaises(AccessError):
            invoice.message_post(body="Hi")
        with self.assertRaises(AccessError):
            invoice.write({"ref": "X"})
        with self.assertRaises(AccessError):
            _token = invoice.access_token
