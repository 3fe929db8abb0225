# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingHttpCommon
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    odoo_charts,
    odoo_view_links,
)


@tagged("post_install", "-at_install")
class TestDashboard(AccountTestInvoicingHttpCommon, HttpCase):
    """The dashboard asks only for what exists, of those who may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref("customer_org_dashboard.dashboard_customer_organization")
        cls.snapshot = json.loads(cls.dashboard.spreadsheet_data)

    def test_fields(self):
        """Every model, field and menu exists; a renamed field would fail here."""
        models = fields_in_spreadsheet(self.snapshot)
        self.assertEqual(
            set(models),
            {"account.invoice.report", "customer.aged.receivable", "customer.settlement.report"},
        )
        for model, fnames in models.items():
            for fname in fnames:
                path = self.env[model]
                for part in fname.split("."):
                    self.assertIn(part, path._fields, f"{model}: {fname}")
                    field = path._fields[part]
                    path = self.env[field.comodel_name] if field.relational else None
        for xmlid in self.snapshot["chartOdooMenusReferences"].values():
            self.assertEqual(self.env.ref(xmlid)._name, "ir.ui.menu")

    def test_questions(self):
        """The questions of its pivots, charts and links are answered with what is there."""
        head_office = self.env["res.partner"].create({"name": "Acme HQ", "is_company": True})
        branch = self.env["res.partner"].create(
            {"name": "Acme N", "is_company": True, "billing_parent_id": head_office.id}
        )
        group = self.env["customer.group"].create({"name": "Gold"})
        branch.customer_group_id = group
        invoice = self.init_invoice("out_invoice", partner=branch, amounts=[100.0], post=True)
        payment = self.env["account.payment"].create(
            {"partner_id": head_office.id, "amount": 30.0, "payment_type": "inbound"}
        )
        payment.action_post()
        lines = (invoice | payment.move_id).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        expected = {
            "customer.aged.receivable": (head_office.id, 70.0),
            "account.invoice.report": (group.id, 100.0),
            "customer.settlement.report": (head_office.id, 30.0),
        }
        for pivot in self.snapshot["pivots"].values():
            aggregates = [
                f"{measure['fieldName']}:{measure.get('aggregator', 'sum')}"
                for measure in pivot["measures"]
            ]
            groupby = [row["fieldName"] for row in pivot["rows"]]
            rows = self.env[pivot["model"]].formatted_read_group(
                pivot["domain"], groupby, aggregates
            )
            key, amount = expected[pivot["model"]]
            sums = {row[groupby[0]][0]: row[aggregates[0]] for row in rows if row[groupby[0]]}
            self.assertEqual(sums[key], amount, pivot["name"])
        for chart in odoo_charts(self.snapshot):
            meta = chart["metaData"]
            self.env[meta["resModel"]].formatted_read_group(
                chart["searchParams"]["domain"], meta["groupBy"], [f"{meta['measure']}:sum"]
            )
        for link in odoo_view_links(self.snapshot):
            action = link["action"]
            model = self.env[action["modelName"]]
            model.search(action["domain"])
            model.get_views(action["views"])

    def test_access(self):
        """Invoicing users find it among their dashboards, others do not."""
        for groups, allowed in (
            ("account.group_account_invoice", True),
            ("base.group_user", False),
        ):
            user = new_test_user(self.env, login=groups, groups=groups)
            dashboards = self.env["spreadsheet.dashboard"].with_user(user).search([])
            self.assertEqual(self.dashboard in dashboards, allowed)
            dashboard = self.dashboard.with_user(user)
            if allowed:
                self.assertTrue(dashboard._get_serialized_readonly_dashboard())
            else:
                with self.assertRaises(AccessError):
                    dashboard.read(["spreadsheet_data"])

    def test_tour(self):
        """It opens, and draws its charts, without an error."""
        self.start_tour("/odoo/dashboards", "customer_org_dashboard", login=self.env.user.login)
