# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalMatrixCommon

READERS = ("own", "pay", "view")
MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestPortalMatrix(PortalMatrixCommon):
    """Each visitor, each consent, each way to an invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = {
            name: cls._invoice(customer, 100.0, due="2026-01-31")
            for name, customer in cls.customers.items()
        }
        for document in cls.documents.values():
            document._portal_ensure_token()
            document.message_post(
                body="Secret", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            cls.env["ir.attachment"].create(
                [
                    {
                        "name": "secret.txt",
                        "raw": b"Secret file",
                        "res_model": document._name,
                        "res_id": document.id,
                        "res_field": field,
                    }
                    for field in (False, "invoice_pdf_report_file")
                ]
            )
        cls.env.invalidate_all()

    def test_list(self):
        """Core's list, our list, and the list to choose from."""
        self.assert_matrix("list", READERS)
        self.assert_matrix("list_organization", READERS)
        self.assert_matrix("choose", ("own", "pay"))

    def _may_list(self, document, _token):
        return f'title="{document.name}"' in self.get("/my/invoices").text

    def _may_list_organization(self, document, _token):
        response = self.get("/my/organization/invoices")
        if "/organization" not in response.url:
            # Who has no branches has no such page; its own are in core's list.
            return self._may_list(document, _token)
        return f'title="{document.name}"' in response.text

    def _may_choose(self, document, _token):
        response = self.get("/my/organization/pay")
        if "/organization" not in response.url:
            page = self.get(f"{document.access_url}?payment=True")
            return document.access_url in page.url and "o_payment_form" in page.text
        return f'value="{document.id}"' in response.text

    @mute_logger(*MUTED)
    def test_page(self):
        """The page, by its address and by token."""
        self.assert_matrix("page", READERS, with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_print(self):
        """The PDF and its HTML."""
        self.env["ir.attachment"].search(
            [("name", "=", "secret.txt"), ("res_field", "!=", False)]
        ).unlink()
        self.assert_matrix("print", READERS, with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_pay(self):
        """Core's transaction of one invoice, and ours of several."""
        self.assert_matrix("pay", ("own", "pay"), with_token=self.BELOW)
        # Who has no branches has no such route, nor needs it.
        visitors = {name: self.VISITORS[name] for name in ("hq", "west", "north")}
        with patch.object(type(self), "VISITORS", visitors):
            self.assert_matrix("pay_together", ("own", "pay"))
        visitors = dict.fromkeys(self.VISITORS.keys() - visitors.keys(), {})
        with patch.object(type(self), "VISITORS", visitors):
            self.assert_matrix("pay_together", ())

    def _may_pay(self, document, token):
        params = self.transaction_params(100.0, access_token=token)
        return self._succeeds(
            self.make_jsonrpc_request, f"/invoice/transaction/{document.id}", params
        )

    def _may_pay_together(self, document, _token):
        params = self.transaction_params(100.0, invoice_ids=document.ids)
        return self._succeeds(self.make_jsonrpc_request, "/my/organization/pay/transaction", params)

    @mute_logger(*MUTED)
    def test_wire(self):
        """Announcing a transfer: who has no branches has no such route, nor needs it."""
        visitors = {name: self.VISITORS[name] for name in ("hq", "west", "north")}
        with patch.object(type(self), "VISITORS", visitors):
            self.assert_matrix("announce", ("own", "pay"))
        visitors = dict.fromkeys(self.VISITORS.keys() - visitors.keys(), {})
        with patch.object(type(self), "VISITORS", visitors):
            self.assert_matrix("announce", ())

    def _may_announce(self, document, _token):
        before = document.sudo().customer_remittance_line_ids
        self.url_open(
            "/my/organization/pay/wire",
            data={
                "invoice_ids": document.id,
                "amount": 100.0,
                "date_expected": fields.Date.today(),
                "csrf_token": self.csrf_token(),
            },
        )
        self.env.invalidate_all()
        made = document.sudo().customer_remittance_line_ids - before
        # Free for the next visitor: an invoice is announced once.
        made.remittance_id.action_cancel()
        return made

    @mute_logger(*MUTED)
    def test_remittances(self):
        """Remittances are their payer's: no branch, sister or parent sees or cancels one."""
        remittances = {
            name: self.env["customer.remittance"].create(
                {
                    "kind": "wire",
                    "partner_id": self.customers[name].id,
                    "date_expected": fields.Date.today(),
                    "line_ids": [Command.create({"move_id": document.id, "amount": 100.0})],
                }
            )
            for name, document in self.documents.items()
        }
        for remittance in remittances.values():
            remittance.action_confirm()
        visitors = {name: self.VISITORS[name] for name in ("hq", "west", "north")}
        others = dict.fromkeys(self.VISITORS.keys() - visitors.keys(), {})
        for names, allowed in ((visitors, ("own",)), (others, ())):
            with (
                patch.object(type(self), "VISITORS", names),
                patch.object(type(self), "documents", remittances),
            ):
                for way in ("list_remittance", "open_remittance", "cancel_remittance"):
                    self.assert_matrix(way, allowed)
                self.assert_matrix("read", ())
                self.assert_matrix("search", ())
                self.assert_matrix("change", ())

    def _may_list_remittance(self, remittance, _token):
        return f'title="{remittance.name}"' in self.get("/my/organization/remittances").text

    def _may_open_remittance(self, remittance, _token):
        page = self.get(f"/my/organization/remittances/{remittance.id}")
        return remittance.communication in page.text

    def _may_cancel_remittance(self, remittance, _token):
        self.url_open(
            f"/my/organization/remittances/{remittance.id}/cancel",
            data={"csrf_token": self.csrf_token()},
        )
        self.env.invalidate_all()
        is_cancelled = remittance.state == "cancelled"
        if is_cancelled:
            remittance.action_draft()
            remittance.action_confirm()
        return is_cancelled

    @mute_logger(*MUTED)
    def test_chatter(self):
        """Writing and reading messages, with or without the document's token."""
        self.assert_matrix("read_chatter", ("own",), with_token=self.BELOW)
        self.assert_matrix("write_in_chatter", ("own",), with_token=self.BELOW)

    @mute_logger(*MUTED)
    def test_rpc(self):
        """Searching and reading as on the pages; changing never."""
        self.assert_matrix("search", READERS)
        self.assert_matrix("read", READERS)
        self.assert_matrix("change", ())

    @mute_logger(*MUTED)
    def test_attachments(self):
        """The file of the invoice as its PDF; other files and uploads are the chatter's."""
        self.assert_matrix("download_file", ())
        self.assert_matrix("download_pdf", READERS)
        self.assert_matrix("upload", ("own",), with_token=self.BELOW)

    def _may_download_file(self, document, _token):
        attachment = self.env["ir.attachment"].search(
            [("res_id", "=", document.id), ("name", "=", "secret.txt"), ("res_field", "=", False)]
        )
        return b"Secret file" in self.get(f"/web/content/{attachment.id}").content

    def _may_download_pdf(self, document, _token):
        url = f"/web/content/account.move/{document.id}/invoice_pdf_report_file"
        return b"Secret file" in self.get(url).content
