# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalProbing(PortalCommon):
    """What a portal user may not see can't be found out by searching or by core's contexts."""

    CHATTER = {
        "message_ids": {
            "body": "Secret",
            "email_from": "@",
            "author_id.email": "@",
            "attachment_ids.name": "Secret",
        },
        "website_message_ids": {"body": "Secret"},
        "audit_trail_message_ids": {"body": "Secret"},
        "message_follower_ids": {"partner_id.email": "@"},
        "message_partner_ids": {"email": "@"},
        "activity_ids": {"summary": "Secret"},
        "rating_ids": {"feedback": "Secret"},
    }
    ADDRESS_BOOK = {"show_email": True, "show_address": True, "show_vat": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.hq | cls.north).write({"email": "north@acme.example", "vat": "US12345", "city": "Ely"})
        cls.invoice_hq = cls._invoice(cls.hq, 100.0, due="2026-01-31")
        for invoice in cls.invoice_hq | cls.invoice_n:
            attachment = cls.env["ir.attachment"].create(
                {
                    "name": "Secret.txt",
                    "raw": b"x",
                    "res_model": invoice._name,
                    "res_id": invoice.id,
                }
            )
            for subtype in ("mail.mt_note", "mail.mt_comment"):
                invoice.message_post(
                    body="Secret",
                    message_type="comment",
                    subtype_xmlid=subtype,
                    attachment_ids=attachment.ids,
                )

    def _find(self, model, domain):
        """Return what the head office's user finds; nothing where the search is refused."""
        try:
            return self.env[model].with_user(self.users["hq"]).search(domain).sudo()
        except (AccessError, ValueError):
            return self.env[model]

    @mute_logger("odoo.models", "odoo.orm.models")
    def test_chatter_by_domain(self):
        """A branch's messages, their senders, files and followers are no criterion."""
        for fname, paths in self.CHATTER.items():
            for path, value in paths.items():
                leaf = (f"{fname}.{path}", "ilike", value)
                self.assertNotIn(self.invoice_n, self._find("account.move", [leaf]), leaf)
                lines = self._find("account.move.line", [(f"move_id.{leaf[0]}", *leaf[1:])])
                self.assertNotIn(self.invoice_n, lines.move_id, leaf)
        with self.assertRaises(AccessError):
            self.invoice_n.with_user(self.users["hq"]).read(["message_ids"])

    def test_chatter_of_own(self):
        """One's own chatter stays as it is in core, also for a head office."""
        for login, invoice in (("hq", self.invoice_hq), ("north", self.invoice_n)):
            invoice = invoice.with_user(self.users[login])
            self.assertTrue(invoice.read(["message_ids"])[0]["message_ids"])
            self.login(login)
            messages = self.make_jsonrpc_request(
                "/mail/chatter_fetch", {"thread_model": "account.move", "thread_id": invoice.id}
            )
            self.assertIn("Secret", str(messages))
        found = self.env["account.move"].with_user(self.users["north"])
        self.assertEqual(
            found.search([("message_ids.body", "ilike", "Secret")]).sudo(), self.invoice_n
        )

    def test_names_without_contact_data(self):
        """Core's contexts put a branch's e-mail and VAT into its name, but not for others."""
        data = ("north@acme.example", "US12345")
        for formatted in (False, True):
            context = {**self.ADDRESS_BOOK, "formatted_display_name": formatted}
            for record, fnames in (
                (self.invoice_n, ("partner_id", "commercial_partner_id", "partner_shipping_id")),
                (self.invoice_n.line_ids, ("partner_id",)),
            ):
                guest = record.with_user(self.users["hq"]).with_context(**context)
                domain = [("id", "in", record.ids)]
                for fname in fnames:
                    for names in (
                        guest.read([fname]),
                        guest.web_search_read(domain, {fname: {"fields": {"display_name": {}}}}),
                        guest.formatted_read_group(domain, [fname], ["__count"]),
                    ):
                        self.assertIn("Acme N", str(names))
                        for value in data:
                            self.assertNotIn(value, str(names), fname)

    def test_names_upwards(self):
        """A branch reads the name of who is above it, where a document says it, and no more."""
        self.invoice_n.partner_shipping_id = self.hq
        guest = self.invoice_n.with_user(self.users["north"]).with_context(**self.ADDRESS_BOOK)
        name = guest.read(["partner_shipping_id"])[0]["partner_shipping_id"][1]
        self.assertEqual(name, "Acme HQ")

    def test_names_of_own(self):
        """Everybody else gets what the context asks for: the branch itself, internal users."""
        for user in (self.users["north"], self.env.user):
            name = self.north.with_user(user).with_context(**self.ADDRESS_BOOK).display_name
            for value in ("north@acme.example", "US12345", "Ely"):
                self.assertIn(value, name)

    def test_nothing_upwards_by_name(self):
        """A branch's user learns from no field who is above it or its siblings' consent."""
        user = self.users["north"]
        for record, fnames in (
            (
                self.north,
                (
                    "billing_parent_id",
                    "billing_root_id",
                    "billing_child_ids",
                    "billing_branch_count",
                    "billing_parent_access",
                ),
            ),
            (self.invoice_n, ("billing_root_id", "can_settle_branches")),
        ):
            for fname in fnames:
                with self.assertRaises(AccessError, msg=fname):
                    record.with_user(user).read([fname])
                with self.assertRaises(AccessError, msg=fname):
                    record.with_user(user).search([(fname, "!=", False)])
        report = self.env["account.invoice.report"].with_user(user)
        self.assertNotIn("billing_root_id", report.fields_get())
