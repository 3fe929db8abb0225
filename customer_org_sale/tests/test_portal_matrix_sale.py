# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_org.tests.common_portal import PortalMatrixCommon

READERS = ("own", "pay", "view")
MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
SIGNATURE = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


@tagged("post_install", "-at_install")
class TestPortalMatrixSale(PortalMatrixCommon):
    """Each visitor, each consent, each way to a quotation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        product = cls.env["product.product"].create({"name": "Widget", "list_price": 100.0})
        cls.documents = {
            name: cls.env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "require_signature": True,
                    "require_payment": True,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_uom_qty": 1})
                    ],
                }
            )
            for name, customer in cls.customers.items()
        }
        for document in cls.documents.values():
            document._portal_ensure_token()
            document.action_quotation_sent()
            document.message_post(
                body="Secret", message_type="comment", subtype_xmlid="mail.mt_comment"
            )

    def test_list(self):
        """The list of quotations."""
        self.assert_matrix("list", READERS)

    def _may_list(self, document, _token):
        return f">{document.name}<" in self.get("/my/quotes").text

    @mute_logger(*MUTED)
    def test_page(self):
        """The page, by its address and by token."""
        self.assert_matrix("page", READERS, with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_print(self):
        """The PDF and its HTML."""
        self.assert_matrix("print", READERS, with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_sign_and_decline(self):
        """Never for an ancestor; each signs or declines its own."""
        self.assert_matrix("sign", ("own",), with_token=self.BELOW)
        self.assert_matrix("decline", ("own",), with_token=self.BELOW)

    def _may_sign(self, document, token):
        document.write({"signature": False, "signed_by": False, "signed_on": False})
        self._succeeds(
            self.make_jsonrpc_request,
            f"/my/orders/{document.id}/accept",
            {"name": "Ann", "signature": SIGNATURE, "access_token": token},
        )
        document.invalidate_recordset()
        return document.signature

    def _may_decline(self, document, token):
        document.write({"signature": False, "state": "sent"})
        response = self.url_open(
            f"/my/orders/{document.id}/decline",
            data={
                "decline_message": "No",
                "csrf_token": self.csrf_token(),
                **({"access_token": token} if token else {}),
            },
        )
        self.assertLess(response.status_code, 500)
        document.invalidate_recordset()
        return document.state == "cancel"

    @mute_logger(*MUTED)
    def test_pay(self):
        """Paying accepts a quotation: never for an ancestor, whatever the consent."""
        self.assert_matrix("pay", ("own",), with_token=self.BELOW)

    def _may_pay(self, document, token):
        params = self.transaction_params(document.amount_total, access_token=token)
        return self._succeeds(
            self.make_jsonrpc_request, f"/my/orders/{document.id}/transaction", params
        )

    @mute_logger(*MUTED)
    def test_chatter(self):
        """Writing and reading messages and uploading, with or without the document's token."""
        self.assert_matrix("read_chatter", ("own",), with_token=self.BELOW)
        # For orders core asks for the token even of one's own, which the page has.
        self.assert_matrix("write_in_chatter", (), with_token=self.BELOW)
        self.assert_matrix("upload", (), with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_rpc(self):
        """Searching and reading as on the pages; changing never."""
        self.assert_matrix("search", READERS)
        self.assert_matrix("read", READERS)
        self.assert_matrix("change", ())


@tagged("post_install", "-at_install")
class TestPortalMatrixHeadOfficeInvoice(PortalMatrixCommon):
    """Orders of everybody on one invoice to the head office: nobody else sees it on their page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.hq.write(
            {"email": "hq@acme.example", "phone": "+1 555 0199", "street": "1 Secret Avenue"}
        )
        product = cls.env["product.product"].create({"name": "Widget", "list_price": 100.0})
        for customer in cls.customers.values():
            if customer != cls.hq:
                customer.billing_order_invoicing = "head_office"
        cls.documents = {
            name: cls.env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_uom_qty": 1})
                    ],
                }
            )
            for name, customer in cls.customers.items()
        }
        orders = cls.env["sale.order"].union(*cls.documents.values())
        for order in orders:
            order._portal_ensure_token()
        orders.action_confirm()
        cls.invoice = orders._create_invoices()
        cls.invoice.action_post()
        cls.invoice._portal_ensure_token()

    def assert_for_head_office(self, way, levels, with_token):
        """Try what is the head office's only, whosever order it is about."""
        visitors = {name: {} for name in self.VISITORS} | {"hq": levels}
        with patch.object(type(self), "VISITORS", visitors):
            self.assert_matrix(way, READERS, with_token=with_token)

    @mute_logger(*MUTED)
    def test_page(self):
        """The order's page opens as ever."""
        self.assertEqual(self.invoice.partner_id, self.hq)
        self.assert_matrix("page", READERS, with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_invoice_on_page(self):
        """Only the head office finds its invoice there; others if they hold its order's token."""
        others = set(self.customers) - {"hq"}
        self.assert_for_head_office(
            "find_the_invoice", self.VISITORS["hq"], dict.fromkeys(self.VISITORS, others)
        )

    def _may_find_the_invoice(self, document, token):
        page = self.get(self._url(document, token)).text
        found = f"{self.invoice.access_url}?" in page
        self.assertEqual(self.invoice.name in page, found)
        self.assertEqual(self.invoice.access_token in page, found)
        return found

    @mute_logger(*MUTED)
    def test_contact_data_on_page(self):
        """The head office's address, phone and e-mail are on its own order only."""
        others = set(self.customers) - {"hq"}
        self.assert_for_head_office(
            "find_contact_data", {"hq": "own"}, dict.fromkeys(self.VISITORS, others)
        )

    def _may_find_contact_data(self, document, token):
        if not self._may_page(document, token):
            return False
        pages = [
            self.get(self._url(document, token, query)).text
            for query in ("", "report_type=html", "report_type=pdf")
        ]
        found = {
            data in page
            for page in pages
            for data in ("hq@acme.example", "555 0199", "Secret Avenue")
            if document.partner_id != self.hq or page == pages[0]
        }
        self.assertEqual(len(found), 1, found)
        return found == {True}
