# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo.tests import tagged

from .common import SettlementCommon
from .common_growing import GrowingHierarchy
from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestQueryCounts(GrowingHierarchy, SettlementCommon):
    """Every list and form of ours asks the database as often with 1,000 branches as with 10."""

    #: Core's screens that we add fields to, with the fixture that is opened in each.
    EXTENDED = {"res.partner": "hq", "account.move": "invoice_n"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["customer.group"].create({"name": "Grown", "discount": 5.0})
        cls.branches.customer_group_id = cls.group

    def test_lists_and_forms(self):
        """No screen asks once per branch, invoice, match, member or line."""
        self.assert_same_queries(self.count_screens, 20)

    def count_screens(self):
        """Return ``{(action, kind of view): queries}`` of all screens that show something."""
        counts = {}
        for name, action in self.get_actions().items():
            # Whether there is a second page or not, the records are counted.
            model = self.env[action.res_model].with_context(force_search_count=True)
            if not model.has_access("read"):
                continue
            views = [view for view in action.views if view[1] in ("list", "form")]
            for kind, view in model.get_views(views)["views"].items():
                specification = self.get_specification(model, view["arch"])
                if kind == "list":
                    counts[name, kind] = self.count_opening(
                        lambda model=model, specification=specification: model.web_search_read(
                            [], specification, limit=80
                        )
                    )
                elif record := self.get_shown(model):
                    counts[name, kind] = self.count_opening(
                        lambda record=record, specification=specification: record.web_read(
                            specification
                        )
                    )
        return counts

    def get_actions(self):
        """Return the windows of our addons on what is stored, by their names."""
        data = self.env["ir.model.data"].search(
            [("module", "like", "customer_org%"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        return {
            one.name: action
            for one, action in zip(data, actions, strict=True)
            if not self.env[action.res_model]._transient
        }

    def get_shown(self, records):
        """Return the record that a form is opened on: the fixture's, else the first of the list."""
        if fixture := self.EXTENDED.get(records._name):
            return records.browse(getattr(self, fixture).id)
        return records.search([], limit=1)

    def get_specification(self, model, arch):
        """Return what the client asks for to show a view."""
        return self._specify(model, etree.fromstring(arch))

    def _specify(self, model, node):
        specification = {}
        for field_node in node.xpath(".//field[not(ancestor::field or ancestor::groupby)]"):
            field = model._fields[field_node.get("name")]
            one = specification.setdefault(field.name, {})
            if field.type == "many2one":
                one["fields"] = {"display_name": {}}
            elif field.type in ("one2many", "many2many"):
                inner = {"id": {}, "display_name": {}}
                for view in field_node.xpath("./list | ./kanban"):
                    inner = self._specify_inner(self.env[field.comodel_name], view)
                one.update(fields=inner, limit=40)
        return specification

    def _specify_inner(self, model, view):
        return {
            node.get("name"): {"fields": {"display_name": {}}}
            if model._fields[node.get("name")].type == "many2one"
            else {}
            for node in view.iter("field")
        }

    def count_opening(self, open_screen):
        """Return the queries of the second time, when what Odoo keeps of models is there."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.count_queries() as count:
                open_screen()
        return count()


@tagged("post_install", "-at_install")
class TestPortalQueryCounts(GrowingHierarchy, PortalCommon):
    """Every portal page of ours asks the database as often with 1,000 branches as with 10."""

    def test_pages(self):
        """Neither branches nor their invoices make a page ask more often."""
        self.login("hq")
        self.assert_same_queries(self.count_pages, 5, billing_parent_access="pay")

    def count_pages(self):
        counts = {}
        for page, url in self.get_urls().items():
            for _time in range(2):
                before = self.cr.sql_log_count
                response = self.get(url)
                counts[page] = self.cr.sql_log_count - before
            self.assertEqual(response.status_code, 200, url)
        return counts

    def get_urls(self):
        """Return the addresses of our pages, and of core's lists with branches' documents."""
        urls = {"/my": "/my", "/my/invoices": "/my/invoices"}
        self.get("/web/login")  # The server makes the map of routes.
        remittance = self.env["customer.remittance"].search([], order="id desc", limit=1)
        for rule in self.env["ir.http"].routing_map().iter_rules():
            routing = rule.endpoint.routing
            if (
                rule.endpoint.func.__module__.startswith("odoo.addons.customer_org")
                and rule.rule.startswith("/my/organization")
                and routing["type"] == "http"
                and "GET" in (routing.get("methods") or ["GET"])
            ):
                if not rule.arguments:
                    urls[rule.rule] = rule.rule
                elif rule.arguments == {"remittance_id"}:
                    urls[rule.rule] = f"/my/organization/remittances/{remittance.id}"
        return urls
