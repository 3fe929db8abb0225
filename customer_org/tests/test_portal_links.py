# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_links import MUTED, LinksCommon


@tagged("post_install", "-at_install")
class TestPortalLinks(LinksCommon):
    """Links and tokens of invoices, drafts, bills and entries: as in core, for nobody else."""

    LINK_METHODS = (*LinksCommon.LINK_METHODS, "preview_invoice")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customers = {**cls.customers, "stranger": cls.stranger}
        cls.documents = {
            name: cls._invoice(customer, 100.0, due="2026-01-31")
            for name, customer in customers.items()
        }
        cls.documents |= {
            "draft": cls.documents["hq"].copy(),
            "draft_of_north": cls.documents["north"].copy(),
            "draft_of_stranger": cls.documents["stranger"].copy(),
            "bill_of_north": cls._create_bill(cls.north),
            "bill_of_stranger": cls._create_bill(cls.stranger),
            "entry": cls._payment(cls.stranger, 10.0).move_id,
            "foreign": cls._create_foreign_invoice(),
        }
        cls.may_read = {
            **{name: {name} for name in ("hq", "south", "west", "depot")},
            # In core a portal user reads bills, too.
            "stranger": {"stranger", "bill_of_stranger"},
            "north": {"north", "bill_of_north"},
            # Invoicing in another company.
            "foreigner": {"foreign"},
        }
        cls._set_tokens()

    @classmethod
    def _create_bill(cls, partner):
        bill = cls._invoice(
            partner, 100.0, due="2026-01-31", move_type="in_invoice", ref=partner.name
        )
        return bill

    @classmethod
    def _create_foreign_invoice(cls):
        data = cls.collect_company_accounting_data(cls.other_company)
        invoice = (
            cls.env["account.move"]
            .with_company(cls.other_company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": cls.other_company.id,
                    "partner_id": cls.env["res.partner"].create({"name": "Foreign Customer"}).id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Service",
                                "price_unit": 100.0,
                                "tax_ids": [],
                                "account_id": data["default_account_revenue"].id,
                            }
                        )
                    ],
                }
            )
        )
        invoice.action_post()
        return invoice

    def test_links_by_session_rpc(self):
        """By the session's RPC only who reads a document in core gets its link."""
        self.check_session_rpc()

    def test_links_by_json_2(self):
        """By an API key only who reads a document in core gets its link."""
        self.check_json_2()

    def test_links_on_pages(self):
        """Neither a page nor the link of a mail leads to a token that is not the visitor's."""
        self.check_pages()

    def test_links_of_all_methods(self):
        """No public method, called with the id of another's document, answers with a token."""
        documents = self.documents["north"] | self.documents["draft_of_north"]
        self.check_all_methods(documents, ("hq", "south", "stranger", "staff", "foreigner"))

    def test_links_to_share(self):
        """The wizard that shares a document gives the link to who may read it only."""
        self.check_share_wizard()

    def test_links_to_pay(self):
        """The wizard of payment links needs the right to read the invoice."""
        invoice = self.documents["north"]
        wizards = self.env(user=self.users["foreigner"])["payment.link.wizard"]
        with self.assertRaises(AccessError), mute_logger(*MUTED):
            wizard = wizards.create(
                {"res_model": "account.move", "res_id": invoice.id, "amount": 100.0}
            )
            wizard.mapped("link")

    @mute_logger(*MUTED)
    def test_link_of_a_closed_branch(self):
        """Even the link without a token is refused where the document may not be read."""
        west = self.documents["west"].with_user(self.users["hq"])
        with self.assertRaises(AccessError):
            west.get_portal_url()
        north = self.documents["north"].with_user(self.users["hq"])
        self.assertEqual(north.get_portal_url(), north.access_url)

    def test_no_token_for_a_guest(self):
        """Whatever of core asks for the token of a branch's document: the parent gets none."""
        north = self.documents["north"].with_user(self.users["hq"])
        self.assertFalse(north._portal_ensure_token())
        own = self.documents["hq"].with_user(self.users["hq"])
        self.assertEqual(own._portal_ensure_token(), "secret-hq")
