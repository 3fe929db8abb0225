# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_org.tests.common_portal import PortalCommon

MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
SIGNATURE = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


@tagged("post_install", "-at_install")
class TestPortalSale(PortalCommon):
    """Quotations and orders of branches: seen with consent, never signed, declined or paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.product = cls.env["product.product"].create({"name": "Widget", "list_price": 100.0})
        cls.north.write({"email": "north@acme.example", "phone": "+1 555 0100"})
        cls.orders = {
            key: cls._order(customer, state)
            for key, customer, state in (
                ("n_draft", cls.north, "draft"),
                ("n_sent", cls.north, "sent"),
                ("n_sale", cls.north, "sale"),
                ("s_sent", cls.south, "sent"),
                ("s_sale", cls.south, "sale"),
                ("w_sent", cls.west, "sent"),
                ("w_sale", cls.west, "sale"),
                ("hq_sent", cls.hq, "sent"),
                ("hq_sale", cls.hq, "sale"),
            )
        }

    VISIBLE = {
        "hq": {"n_sent", "n_sale", "s_sent", "s_sale", "hq_sent", "hq_sale"},
        "north": {"n_draft", "n_sent", "n_sale"},
        "stranger": set(),
    }

    @classmethod
    def _order(cls, customer, state):
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "require_signature": True,
                "require_payment": True,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "product_uom_qty": 1})
                ],
            }
        )
        order._portal_ensure_token()
        if state == "sale":
            order.action_confirm()
        elif state == "sent":
            order.action_quotation_sent()
        order.message_post(body="Secret", message_type="comment", subtype_xmlid="mail.mt_comment")
        return order

    def test_rules(self):
        """Sent quotations and orders of consenting branches, with their lines; no drafts."""
        for login, keys in self.VISIBLE.items():
            user = self.users[login]
            expected = self.env["sale.order"].union(*(self.orders[key] for key in keys))
            visible = self.env["sale.order"].with_user(user).search([])
            self.assertEqual(visible.sudo(), expected.sorted(), login)
            lines = self.env["sale.order.line"].with_user(user).search([])
            self.assertEqual(lines.sudo(), expected.order_line.sorted(), login)
        for operation in ("write", "create", "unlink"):
            order = self.orders["n_sent"].with_user(self.users["hq"])
            self.assertFalse(order.has_access(operation))
        with self.assertRaises(AccessError):
            self.orders["n_draft"].with_user(self.users["hq"]).read(["name"])

    def test_fresh(self):
        """Consent and its withdrawal work at once."""
        orders = self.env["sale.order"].with_user(self.users["hq"])
        for access, expected in (("none", False), ("view", True), ("none", False)):
            self.west.billing_parent_access = access
            self.assertEqual(self.orders["w_sale"] in orders.search([]).sudo(), expected)

    def test_lists(self):
        """Core's lists show the branches' documents with their branch, and can be narrowed."""
        self.login("hq")
        for url, state in (("/my/quotes", "sent"), ("/my/orders", "sale")):
            page = self.get(url).text
            for key, order in self.orders.items():
                visible = key in self.VISIBLE["hq"] and key.endswith(state)
                self.assertEqual(f">{order.name}<" in page, visible, (url, key))
            self.assertIn("Acme S", page)
            page = self.get(f"{url}?branch={self.south.id}").text
            self.assertIn(f">{self.orders[f's_{state}'].name}<", page)
            self.assertNotIn(f">{self.orders[f'n_{state}'].name}<", page)
            page = self.get(f"{url}?branch={self.west.id}").text
            self.assertNotIn(f">{self.orders[f'w_{state}'].name}<", page)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["quotation_count", "order_count"]}
        )
        self.assertEqual(counters["quotation_count"], 1)

    @mute_logger("odoo.http")
    def test_page(self):
        """The page opens with consent only, without dialogs, chatter, token and contact data."""
        self.login("hq")
        for key, order in self.orders.items():
            for query in ("", f"?access_token={order.access_token}&payment_amount=10"):
                response = self.get(f"/my/orders/{order.id}{query}")
                if key not in self.VISIBLE["hq"]:
                    self.assertTrue(response.url.endswith("/my"), key)
                elif not key.startswith("hq"):
                    self.assertIn(order.name, response.text)
                    text = response.text.replace(f"?access_token={order.access_token}", "")
                    for forbidden in (
                        "modalaccept",
                        "modaldecline",
                        "o_payment_form",
                        "o_portal_chatter",
                        "north@acme.example",
                        "555 0100",
                        f'"{order.access_token}"',
                        f"={order.access_token}",
                    ):
                        self.assertFalse(forbidden in text, (key, forbidden))
        for report in ("html", "pdf"):
            url = f"/my/orders/{self.orders['s_sale'].id}?report_type={report}"
            self.assertIn(self.orders["s_sale"].name, self.get(url).text)
        self.assertFalse(
            any(
                "viewed by customer" in (body or "")
                for body in self.orders["n_sent"].message_ids.mapped("body")
            )
        )

    def test_no_token_in_pager(self):
        """Nor do the links to the neighbours in the list carry a token."""
        self.login("hq")
        self.get("/my/orders")
        for key in ("hq_sale", "n_sale", "s_sale"):
            page = self.get(f"/my/orders/{self.orders[key].id}").text
            for other in ("n_sale", "s_sale"):
                self.assertFalse(self.orders[other].access_token in page, (key, other))

    def test_invoice_of_another_customer(self):
        """The head office's order that is invoiced to a branch links its invoice without token."""
        for branch in (self.north, self.west):
            order = self._order(self.hq, "draft")
            order.partner_invoice_id = branch
            order.action_confirm()
            invoice = order._create_invoices()
            invoice.action_post()
            invoice._portal_ensure_token()
            self.login("hq")
            page = self.get(f"/my/orders/{order.id}").text
            self.assertEqual(invoice.name in page, branch == self.north)
            self.assertNotIn(invoice.access_token, page)
            self.assertNotIn("north@acme.example", page)

    def test_ordinary_customer_keeps_the_page(self):
        """In no hierarchy, who else is invoiced and how to reach them is said as in core."""
        payer = self._create_customer("Payer", email="payer@acme.example")
        order = self._order(self.stranger, "draft")
        order.partner_invoice_id = payer
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.login("stranger")
        page = self.get(f"/my/orders/{order.id}").text
        self.assertIn(invoice.name, page)
        self.assertIn("payer@acme.example", page)

    def test_own_page(self):
        """Branch and head office sign and pay their own as ever."""
        for login, key in (("hq", "hq_sent"), ("north", "n_sent")):
            self.login(login)
            page = self.get(f"/my/orders/{self.orders[key].id}").text
            for expected in ("modalaccept", "modaldecline", "o_portal_chatter"):
                self.assertIn(expected, page)
            self.make_jsonrpc_request(
                f"/my/orders/{self.orders[key].id}/accept",
                {"name": "Ann", "signature": SIGNATURE},
            )
            self.assertTrue(self.orders[key].signature)

    @mute_logger(*MUTED)
    def test_neither_sign_nor_decline_nor_pay(self):
        """Not with any consent, not with the right token."""
        self.login("hq")
        for key in ("n_sent", "s_sent", "w_sent"):
            order = self.orders[key]
            for token in (None, order.access_token):
                url = f"/my/orders/{order.id}"
                result = self.make_jsonrpc_request(
                    f"{url}/accept",
                    {"name": "HQ", "signature": SIGNATURE, "access_token": token},
                )
                self.assertIn("error", result)
                response = self.url_open(
                    f"{url}/decline",
                    data={
                        "decline_message": "No",
                        "csrf_token": self.csrf_token(),
                        **({"access_token": token} if token else {}),
                    },
                )
                self.assertLess(response.status_code, 500)
                with self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request(
                        f"{url}/transaction",
                        self.transaction_params(order.amount_total, access_token=token),
                    )
            self.assertEqual(order.state, "sent")
            self.assertFalse(order.signature)
            self.assertFalse(order.transaction_ids)

    @mute_logger(*MUTED)
    def test_chatter_and_token_by_rpc(self):
        """No messages, no posting, no token of a branch's order."""
        self.login("hq")
        order = self.orders["n_sent"]
        messages = order.message_ids
        for token in (None, order.access_token):
            thread = {"thread_model": "sale.order", "thread_id": order.id, "token": token}
            with self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    "/mail/message/post", {**thread, "post_data": {"body": "Hi"}}
                )
            try:
                result = self.make_jsonrpc_request("/mail/chatter_fetch", thread)
            except JsonRpcException:
                result = {}
            self.assertNotIn("Secret", str(result))
        with self.assertRaises(JsonRpcException):
            self.rpc("sale.order", "message_post", order.ids, body="Hi")
        with self.assertRaises(JsonRpcException):
            self.rpc("sale.order", "read", order.ids, ["access_token"])
        self.assertEqual(self.rpc("sale.order", "get_portal_url", order.ids), order.access_url)
        self.assertEqual(order.message_ids, messages)

    def test_probing(self):
        """Neither by searching messages nor by core's contexts: no chatter, e-mail or VAT."""
        self.north.vat = "US12345"
        order = self.orders["n_sale"].with_user(self.users["hq"])
        for fname in ("message_ids.body", "message_ids.email_from", "website_message_ids.body"):
            leaf = (fname, "!=", False)
            for model, domain in (
                ("sale.order", [leaf]),
                ("sale.order.line", [(f"order_id.{fname}", "!=", False)]),
            ):
                with self.assertRaises(AccessError, msg=(model, fname)):
                    order.env[model].search(domain)
        context = {"show_email": True, "show_address": True, "show_vat": True}
        for record, fnames in (
            (order, ("partner_id", "partner_invoice_id", "partner_shipping_id")),
            (order.order_line, ("order_partner_id",)),
        ):
            record = record.with_context(**context)
            domain = [("id", "in", record.ids)]
            for fname in fnames:
                for names in (
                    record.read([fname]),
                    record.web_search_read(domain, {fname: {"fields": {"display_name": {}}}}),
                    record.formatted_read_group(domain, [fname], ["__count"]),
                ):
                    self.assertIn("Acme N", str(names))
                    self.assertNotIn("north@acme.example", str(names))
                    self.assertNotIn("US12345", str(names))

    def test_who_is_invoiced(self):
        """Who gets the invoices owes: for managers of invoicing to decide, not for portal users."""
        groups = "account.group_account_invoice,sales_team.group_sale_manager"
        clerk = new_test_user(self.env, "clerk", f"{groups},base.group_partner_manager")
        vals = {"billing_order_invoicing": "head_office"}
        with self.assertRaisesRegex(AccessError, "Only invoicing administrators"):
            self.north.with_user(clerk).write(vals)
        partners = self.env["res.partner"].with_user(clerk)
        with self.assertRaisesRegex(AccessError, "Only invoicing administrators"):
            partners.with_context(default_billing_order_invoicing="head_office").create(
                {"name": "X"}
            )
        manager = new_test_user(
            self.env, "boss", "account.group_account_manager,base.group_partner_manager"
        )
        self.north.with_user(manager).write(vals)
        self.assertFalse(self.north.copy().billing_order_invoicing)
        with self.assertRaises(AccessError):
            self.north.with_user(self.users["north"]).read(["billing_order_invoicing"])
