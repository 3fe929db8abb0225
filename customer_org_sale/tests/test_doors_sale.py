# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.customer_org.tests.common import AcmeCommon
from odoo.addons.customer_org.tests.common_doors import DoorsMixin


@tagged("post_install", "-at_install")
class TestDoorsSale(DoorsMixin, AcmeCommon):
    """Orders and groups by RPC: who may not read an order learns nothing by our methods."""

    FIGURES = ("31415.9", "31,415.9", "Hushed Ref")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.other_company = cls._create_company(name="Other Company")
        cls.stranger = cls._create_customer("Outsider")
        (cls.hq | cls.branches).company_id = cls.company
        for number, customer in enumerate(cls.hq | cls.branches):
            customer.name = f"Hushed {number}"
        cls.group = cls.env["customer.group"].create({"name": "Group", "discount": 5.0})
        cls.north.customer_group_id = cls.group
        product = cls.env["product.product"].create({"name": "Pump", "taxes_id": False})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.north.id,
                "client_order_ref": "Hushed Ref",
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": cls.AMOUNT})
                ],
            }
        )
        cls.order.action_confirm()
        sellers = "sales_team.group_sale_salesman_all_leads"
        portal = cls._create_door_user("door buyer", "base.group_portal")
        portal.partner_id.parent_id = cls.stranger
        cls.users = {
            "buyer": portal,
            "foreign seller": cls._create_door_user("door seller", sellers, cls.other_company),
            # A salesperson with own documents only.
            "own seller": cls._create_door_user("door own", "sales_team.group_sale_salesman"),
        }
        cls.env.flush_all()
        cls.env.invalidate_all()

    def get_secrets(self, visitor):
        return self.FIGURES if visitor == "own seller" else (*self.NAMES, *self.FIGURES)

    def test_methods(self):
        """No public method of ours on an order, its lines or the analysis answers."""
        records = (self.order, self.order.order_line)
        knocks = [(visitor, record) for visitor in self.users for record in records]
        self.assertGreater(self.assert_methods_are_hushed(knocks), 20)

    def test_fields(self):
        """Nor do our fields on orders and on the sales analysis."""
        names = ["customer_group_id", "billing_root_id", "client_order_ref"]
        for visitor in self.users:
            with self.subTest(visitor):
                for method, args in (
                    ("read", [self.order.ids, names]),
                    ("search_read", [[], names]),
                    ("formatted_read_group", [[], ["billing_root_id"], ["amount_total:sum"]]),
                    ("formatted_read_group", [[], ["customer_group_id"], ["amount_total:sum"]]),
                ):
                    text = self.knock(visitor, self.order, method, *args)
                    self.assert_hushed(visitor, method, text)
                report = self.env["sale.report"]
                for name in ("billing_root_id", "customer_group_id"):
                    text = self.knock(
                        visitor, report, "formatted_read_group", [], [name], ["price_total:sum"]
                    )
                    self.assert_hushed(visitor, name, text)

    def test_terms_by_hand(self):
        """Who may not write an order gives it no terms, and confirms nothing."""
        draft = self.order.copy()
        for visitor in self.users:
            for method in ("action_apply_customer_group_terms", "action_confirm"):
                with self.subTest(visitor=visitor, method=method):
                    text = self.knock(visitor, draft, method, draft.ids)
                    self.assertRegex(text, "^(AccessError|UserError)")
                    self.assertFalse(draft.customer_group_applied)
                    self.assertEqual(draft.state, "draft")

    def test_control(self):
        """The seller of the company reads all of it: the other tests would see it."""
        self.users = {"seller": self.env.user}
        text = self.knock(
            "seller", self.order, "read", self.order.ids, ["partner_id", "client_order_ref"]
        )
        self.assertIn("Hushed 1", text)
        self.assertIn("Hushed Ref", text)
        report = self.env["sale.report"]
        text = self.knock(
            "seller",
            report,
            "formatted_read_group",
            [("order_reference", "=", f"sale.order,{self.order.id}")],
            ["billing_root_id"],
            ["price_total:sum"],
        )
        self.assertIn("Hushed 0", text)
