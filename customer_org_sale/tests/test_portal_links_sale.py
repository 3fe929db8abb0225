# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_org.tests.common_links import LinksCommon


@tagged("post_install", "-at_install")
class TestPortalLinksSale(LinksCommon):
    """Links and tokens of quotations: as in core, for nobody else."""

    LINK_METHODS = (*LinksCommon.LINK_METHODS, "action_preview_sale_order")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.users["seller"] = new_test_user(
            cls.env, "seller", "sales_team.group_sale_salesman", company_id=cls.company.id
        )
        product = cls.env["product.product"].create({"name": "Widget", "list_price": 100.0})
        customers = {**cls.customers, "stranger": cls.stranger}
        cls.documents = {
            name: cls.env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "user_id": cls.env.user.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_uom_qty": 1})
                    ],
                }
            )
            for name, customer in customers.items()
        }
        for document in cls.documents.values():
            document.action_quotation_sent()
        cls.documents["draft_of_stranger"] = cls.documents["stranger"].copy()
        cls.may_read = {
            **{name: {name} for name in ("hq", "north", "south", "west", "depot")},
            # In core drafts are open to the customer by their address.
            "stranger": {"stranger", "draft_of_stranger"},
        }
        cls._set_tokens()

    def test_links_by_session_rpc(self):
        """By the session's RPC only who reads a quotation in core gets its link."""
        self.check_session_rpc()

    def test_links_by_json_2(self):
        """By an API key only who reads a quotation in core gets its link."""
        self.check_json_2()

    def test_links_on_pages(self):
        """Neither a page nor the link of a mail leads to a token that is not the visitor's."""
        self.check_pages()

    def test_links_of_all_methods(self):
        """No public method, called with the id of another's quotation, answers with a token."""
        documents = self.documents["north"]
        self.check_all_methods(documents, ("hq", "south", "stranger", "staff", "seller"))
