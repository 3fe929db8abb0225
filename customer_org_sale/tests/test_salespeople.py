# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_org.tests.common import AcmeCommon


@tagged("post_install", "-at_install")
class TestSalespeople(AcmeCommon):
    """A salesperson with own documents only sees as much as without these addons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_open_invoices()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.salesman, cls.colleague = (
            new_test_user(
                cls.env,
                login,
                "base.group_user,sales_team.group_sale_salesman",
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for login in ("salesman", "colleague")
        )
        # Theirs is the head office; its branches are a colleague's.
        cls.hq.user_id = cls.salesman
        product = cls.env["product.product"].create({"name": "Widget", "list_price": 100.0})
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "user_id": user.id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
                for customer in (cls.hq, cls.north)
                for user in (cls.salesman, cls.colleague)
            ]
        )
        cls.own_orders = orders.filtered(lambda order: order.user_id == cls.salesman)
        invoices = cls.env["account.move"]
        for customer in (cls.hq, cls.north):
            for user in (cls.salesman, cls.colleague):
                invoices |= cls._invoice(customer, 100.0, due="2026-01-31", invoice_user_id=user.id)
        cls.own_invoices = invoices.filtered(lambda inv: inv.invoice_user_id == cls.salesman)
        cls.env.invalidate_all()

    def _visible(self, model):
        return self.env[model].with_user(self.salesman).search([]).sudo()

    def test_documents(self):
        """Orders, invoices and their lines: the own ones, of head office and branch alike."""
        self.assertEqual(self._visible("sale.order"), self.own_orders.sorted())
        self.assertEqual(self._visible("sale.order.line").order_id, self.own_orders.sorted())
        self.assertEqual(self._visible("account.move"), self.own_invoices.sorted())
        self.assertEqual(self._visible("account.move.line").move_id, self.own_invoices.sorted())
        for record in (
            self.env["sale.order"].search([("user_id", "=", self.colleague.id)])[:1],
            self.invoice_n,
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.salesman).read(["name"])

    def test_no_rule_widens(self):
        """Of our rules on documents none is for internal users: group rules only add up."""
        rules = self.env["ir.model.data"].search(
            [("module", "in", ("customer_org", "customer_org_sale")), ("model", "=", "ir.rule")]
        )
        rules = self.env["ir.rule"].browse(rules.mapped("res_id"))
        documents = rules.filtered(
            lambda rule: (
                rule.model_id.model
                in ("account.move", "account.move.line", "sale.order", "sale.order.line")
            )
        )
        self.assertEqual(len(documents), 4)
        self.assertEqual(documents.groups, self.env.ref("base.group_portal"))
        self.assertFalse(any(documents.mapped("perm_write")))

    def test_settlements_stay_closed(self):
        """What accountants settle is theirs."""
        for model in ("customer.settlement", "customer.settlement.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.salesman).search([])

    def test_figures(self):
        """The head office's form opens, without the figures of others' documents."""
        hq = self.hq.with_user(self.salesman)
        for name in hq._fields:
            if name.startswith("billing_") and hq._has_field_access(hq._fields[name], "read"):
                value = hq[name]
                if hq._fields[name].type == "monetary":
                    self.assertFalse(value, name)
