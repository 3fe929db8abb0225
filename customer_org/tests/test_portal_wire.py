# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.portal.controllers.portal import CustomerPortal

from .common_portal_pay import PayingCommon

PAY = "/my/organization/pay"
LIST = "/my/organization/remittances"


class WireCommon(PayingCommon):
    """Acme HQ announces transfers in the portal; N and S let it pay, E lets it see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "DE89370400440532013000",
                "partner_id": cls.company.partner_id.id,
            }
        )
        cls.day = fields.Date.today() + timedelta(days=3)

    def post(self, url, files=None, **data):
        """Send a form as the browser would; an error of the server fails the test."""
        data = {"csrf_token": self.csrf_token(), **data}
        response = self.url_open(url, data=data, files=files)
        self.assertLess(response.status_code, 500, url)
        self.env.invalidate_all()
        return response

    def announce(self, invoices, amount=None, day=None):
        """Announce a transfer as the form does; return the page to which that leads."""
        return self.post(
            f"{PAY}/wire",
            invoice_ids=",".join(map(str, invoices.ids)),
            amount=sum(invoices.mapped("amount_residual")) if amount is None else amount,
            date_expected=str(day or self.day),
        )

    def find_remittances(self):
        return self.env["customer.remittance"].search([("partner_id", "=", self.hq.id)])

    def receive(self, text, amount):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_ref": text,
                "amount": amount,
            }
        )

    def assert_not_announced(self, response, message):
        self.assertIn(message, html.fromstring(response.content).text_content())
        self.assertFalse(self.find_remittances())


@tagged("post_install", "-at_install")
class TestPortalWire(WireCommon):
    """Announcing a transfer, and what becomes of it."""

    def test_announce(self):
        """Scenario 40: N and S by wire; the bank line with its reference pays both."""
        page = self.announce(self.invoice_n | self.invoice_s)
        remittance = self.find_remittances()
        self.assertEqual(page.url.partition("?")[0], f"{self.base_url()}{LIST}/{remittance.id}")
        self.assertEqual(remittance.kind, "wire")
        self.assertEqual(remittance.state, "waiting")
        self.assertEqual(remittance.date_expected, self.day)
        self.assertEqual(remittance.line_ids.move_id, self.invoice_n | self.invoice_s)
        self.assertEqual(set(remittance.line_ids.mapped("status")), {"ok"})
        for text in (remittance.communication, "5,500.00", self.account.acc_number):
            self.assertIn(text, page.text)
        self.receive(f"ref {remittance.communication.lower()} thank you", 5500.0)
        self.env.invalidate_all()
        self.assertEqual(remittance.state, "settled")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_s.payment_state, "paid")
        self.assertIn("Thank you", self.get(f"{LIST}/{remittance.id}").text)

    def test_on_the_pay_page(self):
        """The transfer is offered beside the providers, for what is open on the chosen ones."""
        page = self.get(f"{PAY}?invoice_ids={self.invoice_n.id},{self.invoice_s.id}")
        card = html.fromstring(page.content).get_element_by_id("organization_pay_wire")
        self.assertIn("Pay by bank transfer", card.text_content())
        self.assertIn("5,500.00", card.text_content())

    def test_only_what_may_be_paid(self):
        """One invoice without the consent to pay, and nothing is announced."""
        stranger = self._invoice(self.stranger, 10.0, due="2026-01-31")
        for other in (self.invoice_e, self.invoice_w, stranger):
            for invoices in (other, self.invoice_n | other):
                self.assert_not_announced(self.announce(invoices), "you may not pay them")
        self.post(f"{PAY}/wire", amount=1.0, date_expected=str(self.day))
        self.assertFalse(self.find_remittances())

    def test_paid_meanwhile(self):
        """What was paid meanwhile is not announced, in whole or in part."""
        invoices = self.invoice_n | self.invoice_s
        self._register_payment(self.invoice_s)
        response = self.announce(invoices, amount=5500.0)
        self.assert_not_announced(response, "have been paid meanwhile")
        response = self.announce(self.invoice_n, amount=2999.0)
        self.assert_not_announced(response, "has changed meanwhile")

    def test_day(self):
        """The day is one from today to two months ahead: invoices are not forgotten."""
        today = fields.Date.today()
        for day in (today - timedelta(days=1), today + timedelta(days=61), "x", "9999-12-31"):
            self.assert_not_announced(self.announce(self.invoice_n, day=day), "Choose the day")
        self.announce(self.invoice_n, day=today)
        self.assertEqual(self.find_remittances().date_expected, today)

    def test_one_currency_at_a_time(self):
        """Invoices in two currencies are two transfers."""
        euro = self._invoice(
            self.north, 10.0, due="2026-01-31", currency_id=self.env.ref("base.EUR").id
        )
        response = self.announce(self.invoice_n | euro)
        self.assert_not_announced(response, "one currency at a time")
        self.announce(euro)
        self.assertEqual(self.find_remittances().currency_id.name, "EUR")

    def test_announced_once(self):
        """What is announced is announced once, by whom it was; after cancelling it is free."""
        self.announce(self.invoice_n)
        first = self.find_remittances()
        response = self.announce(self.invoice_n | self.invoice_s)
        self.assertIn("announced for these invoices already", response.text)
        self.assertEqual(self.find_remittances(), first)
        page = self.get(f"{PAY}?invoice_ids={self.invoice_n.id},{self.invoice_s.id}")
        card = html.fromstring(page.content).get_element_by_id("organization_pay_wire")
        self.assertIn(f"announced already for {self.invoice_n.name}", self.squeeze(card))
        self.assertIn("Announce $ 2,500.00", self.squeeze(card))
        self.post(f"{LIST}/{first.id}/cancel")
        self.announce(self.invoice_n)
        self.assertEqual(len(self.find_remittances()), 2)

    def squeeze(self, element):
        return " ".join(element.text_content().split())

    def test_request_is_no_announcement(self):
        """A request of ours does not keep the payer from announcing its transfer."""
        self.env["customer.remittance"].create(
            {
                "kind": "request",
                "partner_id": self.hq.id,
                "line_ids": [(0, 0, {"move_id": self.invoice_n.id, "amount": 3000.0})],
            }
        ).action_confirm()
        self.announce(self.invoice_n)
        self.assertEqual(set(self.find_remittances().mapped("kind")), {"request", "wire"})

    def test_cancel(self):
        """While it waits, the payer cancels it; its money then pays nothing by itself."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        page = self.post(f"{LIST}/{remittance.id}/cancel")
        self.assertEqual(remittance.state, "cancelled")
        self.assertIn("This is cancelled", page.text)
        line = self.receive(remittance.communication, 3000.0)
        self.assertIn("cancelled", line.remittance_problem)
        self.assertEqual(self.invoice_n.payment_state, "not_paid")

    def test_cancel_too_late(self):
        """What is settled is not cancelled, nor is a request of ours."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        self.receive(remittance.communication, 3000.0)
        page = self.post(f"{LIST}/{remittance.id}/cancel")
        self.assertIn("can't be cancelled", html.fromstring(page.content).text_content())
        self.assertEqual(remittance.state, "settled")
        request = self.env["customer.remittance"].create(
            {
                "kind": "request",
                "partner_id": self.hq.id,
                "line_ids": [(0, 0, {"move_id": self.invoice_s.id, "amount": 2500.0})],
            }
        )
        request.action_confirm()
        self.post(f"{LIST}/{request.id}/cancel")
        self.assertEqual(request.state, "waiting")

    def test_early_payment_discount(self):
        """A transfer is for what is open: discounts are for who pays today, in full."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in ten days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [(0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        invoice = self._invoice(
            self.north,
            100.0,
            due=False,
            date=str(fields.Date.today()),
            invoice_payment_term_id=term.id,
        )
        page = self.get(f"{PAY}?invoice_ids={invoice.id}")
        document = html.fromstring(page.content)
        self.assertIn("98.00", document.get_element_by_id("organization_payment").text_content())
        card = self.squeeze(document.get_element_by_id("organization_pay_wire"))
        self.assertIn("Announce $ 100.00", card)
        self.announce(invoice)
        self.assertEqual(self.find_remittances().amount_total, 100.0)

    @mute_logger("odoo.http")
    def test_forged_form(self):
        """Without the form's token nothing is announced, cancelled or uploaded."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        for url in (f"{PAY}/wire", f"{LIST}/{remittance.id}/cancel", f"{LIST}/upload"):
            response = self.url_open(url, data={"invoice_ids": self.invoice_s.id, "text": "x"})
            self.assertEqual(response.status_code, 400, url)
        self.env.invalidate_all()
        self.assertEqual(self.find_remittances().mapped("state"), ["waiting"])

    def test_list(self):
        """The list has the number, day, amount and state of each, page by page."""
        for _number in range(2):
            self.announce(self.invoice_n)
            self.find_remittances()[0].action_cancel()
        self.announce(self.invoice_n | self.invoice_s)
        newest, _middle, oldest = self.find_remittances()
        with patch.object(CustomerPortal, "_items_per_page", 2):
            first, second = self.get(LIST).text, self.get(f"{LIST}/page/2").text
        for text in (newest.name, "5,500.00", "Waiting for the money", "Cancelled"):
            self.assertIn(text, first)
        self.assertNotIn(oldest.name, first)
        self.assertIn(oldest.name, second)
        self.assertIn(f'href="{LIST}"', self.get("/my/organization").text)

    def test_other_company(self):
        """What was announced to a company that is not the visitor's is not shown."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        self.assertIn(remittance.name, self.get(LIST).text)
        other = self.env["res.company"].create({"name": "Other Company"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_remittance SET company_id = %s WHERE id = %s",
            [other.id, remittance.id],
        )
        self.env.invalidate_all()
        self.assertNotIn(remittance.name, self.get(LIST).text)
        self.assertNotIn(remittance.name, self.get(f"{LIST}/{remittance.id}").text)
        self.post(f"{LIST}/{remittance.id}/cancel")
        self.assertEqual(remittance.state, "waiting")

    def test_accountants_drafts(self):
        """What an accountant has not confirmed is not shown."""
        draft = self.env["customer.remittance"].create({"partner_id": self.hq.id})
        self.assertNotIn(draft.name, self.get(LIST).text)
        self.assertNotIn(draft.name, self.get(f"{LIST}/{draft.id}").text)


@tagged("post_install", "-at_install")
class TestPortalWireBank(WireCommon):
    """The account to pay to, and its QR code."""

    def create_account(self, number, **values):
        partner = self.company.partner_id
        return self.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": partner.id, **values}
        )

    def create_wire(self, *invoices):
        return self.env["customer.remittance"].create(
            {
                "kind": "wire",
                "partner_id": self.hq.id,
                "currency_id": invoices[0].currency_id.id,
                "line_ids": [
                    (0, 0, {"move_id": invoice.id, "amount": invoice.amount_residual})
                    for invoice in invoices
                ],
            }
        )

    def test_account_of_the_documents(self):
        """The account that is on all documents; where they differ, the company's."""
        other = self.create_account("DE02120300000000202051")
        (self.invoice_n | self.invoice_s).partner_bank_id = other
        both = self.create_wire(self.invoice_n, self.invoice_s)
        self.assertEqual(both._get_transfer().account, other)
        self.invoice_s.partner_bank_id = self.account
        self.assertEqual(both._get_transfer().account, self.account)

    def test_account_of_the_currency(self):
        """An account in the currency of the transfer goes before one in another."""
        self.account.currency_id = self.company.currency_id
        euro = self.env.ref("base.EUR")
        account = self.create_account("DE02120300000000202051", currency_id=euro.id)
        invoice = self._invoice(self.north, 10.0, due="2026-01-31", currency_id=euro.id)
        invoice.partner_bank_id = False
        self.invoice_n.partner_bank_id = False
        self.assertEqual(self.create_wire(invoice)._get_transfer().account, account)
        self.assertEqual(self.create_wire(self.invoice_n)._get_transfer().account, self.account)

    def test_qr_code(self):
        """Core's generator is given amount, reference and currency; its picture is on the page."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        url = f"{LIST}/{remittance.id}"
        picture = "data:image/png;base64,AAAA"
        accounts = type(self.env["res.partner.bank"])
        with patch.object(accounts, "build_qr_code_base64", return_value=picture) as build:
            self.assertIn(picture, self.get(url).text)
        self.assertEqual(build.call_args.args[0], 3000.0)
        self.assertEqual(build.call_args.args[2], remittance.communication)
        # In dollars core has none to draw.
        self.assertNotIn("data:image/png;base64", self.get(url).text)

    def test_no_qr_code(self):
        """A server that can't draw pictures costs the QR code, not the page with the account."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        accounts = type(self.env["res.partner.bank"])
        failure = RuntimeError("no backend to draw with")
        with patch.object(accounts, "build_qr_code_base64", side_effect=failure):
            page = self.get(f"{LIST}/{remittance.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn(remittance.communication, page.text)
        self.assertNotIn("data:image/png;base64", page.text)

    def test_no_account(self):
        """Without an account of the company the page says so, and tells the rest."""
        (self.invoice_n | self.invoice_s).partner_bank_id = False
        self.account.active = False
        page = self.announce(self.invoice_n)
        self.assertIn("Use the bank account that you always pay to", page.text)
        self.assertIn(self.find_remittances().communication, page.text)


@tagged("post_install", "-at_install")
class TestPortalAnnounced(WireCommon):
    """Invoices say in the portal for which day their payment is announced."""

    def assert_says(self, url, login, expected=True):
        self.login(login)
        page = self.get(url)
        self.assertEqual("Announced for" in page.text, expected, (url, login))
        self.assertNotIn(self.hq.name, page.text if login == "north" else "")

    def test_pages(self):
        """On lists and on the invoice's page, for the head office and for the branch."""
        urls = ("/my/invoices", self.invoice_n.get_portal_url())
        for url in urls:
            self.assert_says(url, "north", False)
        self.login("hq")
        self.announce(self.invoice_n)
        for login in ("hq", "north"):
            for url in urls:
                self.assert_says(url, login)
        for url in ("/my/organization/invoices", PAY):
            self.assert_says(url, "hq")

    def test_not_proposed_to_pay(self):
        """*Pay* proposes what is overdue and not announced."""
        self.announce(self.invoice_n)
        page = html.fromstring(self.get(f"{PAY}?select=overdue").content)
        checked = page.xpath("//input[@name='invoice_ids'][@checked]/@value")
        self.assertEqual(checked, [str(self.invoice_s.id)])

    def test_over(self):
        """Not when it is cancelled, paid, or when the days of grace have passed."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances()
        url = "/my/invoices"
        remittance.date_expected = fields.Date.today() - timedelta(days=30)
        self.assert_says(url, "hq", False)
        remittance.date_expected = self.day
        self.assert_says(url, "hq")
        remittance.action_cancel()
        self.assert_says(url, "hq", False)

    def test_ordinary_customer(self):
        """A customer in no hierarchy pays not one query for it."""
        invoice = self._invoice(self.stranger, 10.0, due="2026-01-31")
        lines = type(self.env["customer.remittance.line"])
        self.login("stranger")
        with patch.object(lines, "search", side_effect=AssertionError("asked")):
            self.assertIn(invoice.name, self.get("/my/invoices").text)
            self.get(invoice.get_portal_url())


@tagged("post_install", "-at_install")
class TestPortalWireMethods(WireCommon):
    """What the pages build on holds by itself."""

    def test_not_by_rpc(self):
        """Portal users reach remittances by the pages alone."""
        self.announce(self.invoice_n)
        remittance = self.find_remittances().with_user(self.users["hq"])
        for model in ("customer.remittance", "customer.remittance.line"):
            self.assertFalse(self.env[model].with_user(self.users["hq"]).has_access("read"))
        with self.assertRaises(UserError):
            remittance.action_cancel()
