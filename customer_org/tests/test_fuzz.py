# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import inspect
import json
import re
from urllib.parse import quote

from odoo.http import Request
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon

HOSTILE = [
    "\0",
    "a\0b",
    "²",
    "٣",
    "9" * 20,
    "9" * 5000,
    "2147483648",
    "-1",
    "0",
    "1e400",
    "nan",
    "'\"; --",
    "%_\\",
    "ÿ" * 300,
    "\u202e",
    "[1]",
    "{}",
    "null",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
]
HOSTILE_JSON = [
    None,
    True,
    1.5,
    -1,
    2**70,
    "x",
    "\0",
    "²",
    "9" * 5000,
    [],
    [[1]],
    [None],
    [2**70],
    {"a": 1},
    {"date_from": []},
    {"date_to": {}},
    {"presentation": [1]},
    {"date_from": "0001-01-01", "date_to": "9999-12-31"},
]
# What pages read besides the names in their signatures.
MORE_NAMES = ("all", "company", "currency", "branch", "invoice_ids", "page", "search", "tx")
REFUSALS = re.compile(r"^(odoo\.exceptions|werkzeug\.exceptions|odoo\.http)\.")


@tagged("post_install", "-at_install")
class TestFuzz(PortalCommon):
    """Whatever comes in a parameter: an answer, a redirect or a refusal, never an error of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "accountant",
            "account.group_account_manager",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def iter_rules(self):
        """Yield our routes, those that will be added, too."""
        self.get("/web/login")  # The server makes the map of routes.
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if rule.rule.startswith(("/my/organization", "/customer_org/")):
                yield rule

    def fill(self, rule, value):
        """Return the address of a route with a value wherever there is a place for one."""
        digits = value if value.isdecimal() else "999999999"
        url = re.sub(r"<int:\w+>", quote(digits), rule.rule)
        return re.sub(r"<[^>]*>", quote(value, safe=""), url)

    def get_names(self, rule):
        names = inspect.signature(inspect.unwrap(rule.endpoint)).parameters.keys()
        return {*names, *MORE_NAMES} - {"self", "kw", "kwargs"}

    def assert_answered(self, response, what):
        self.assertLess(response.status_code, 500, what)

    @mute_logger("odoo.http", "werkzeug")
    def test_pages(self):
        """Our pages take any text in any parameter."""
        rules = [
            rule
            for rule in self.iter_rules()
            if rule.endpoint.routing["type"] == "http" and "GET" in (rule.methods or {"GET"})
        ]
        self.assertGreater(len(rules), 5)
        for user in ("hq", "accountant"):
            self.authenticate(user, user)
            for rule in rules:
                if user == "accountant" and not rule.rule.startswith("/customer_org/"):
                    continue
                for value in HOSTILE:
                    query = "&".join(f"{name}={quote(value)}" for name in self.get_names(rule))
                    with self.subTest(route=rule.rule, value=value[:20]):
                        url = f"{self.fill(rule, value)}?{query}&report_type=html"
                        self.assert_answered(self.url_open(url, allow_redirects=False), url[:200])

    @mute_logger("odoo.http", "werkzeug")
    def test_lists_of_core(self):
        """Nor does a branch's parameter that we add to core's lists."""
        self.login("hq")
        for url in ("/my/invoices", "/my/quotes", "/my/orders"):
            for value in HOSTILE:
                with self.subTest(url=url, value=value[:20]):
                    response = self.url_open(f"{url}?branch={quote(value)}")
                    self.assert_answered(response, url)

    @mute_logger("odoo.http", "werkzeug")
    def test_forms(self):
        """Our forms take any text in any field."""
        self.login("hq")
        self.company.portal_branch_consent = True
        for rule in self.iter_rules():
            if rule.endpoint.routing["type"] != "http" or "POST" not in (rule.methods or ()):
                continue
            for value in HOSTILE:
                data = {name: value for name in {*self.get_names(rule), "access"}}
                data["csrf_token"] = Request.csrf_token(self)
                with self.subTest(route=rule.rule, value=value[:20]):
                    response = self.url_open(
                        self.fill(rule, value), data=data, allow_redirects=False
                    )
                    self.assert_answered(response, rule.rule)

    @mute_logger("odoo.http", "werkzeug")
    def test_calls(self):
        """Our calls refuse values of wrong types with a message for people."""
        self.login("hq")
        rules = [r for r in self.iter_rules() if r.endpoint.routing["type"] == "jsonrpc"]
        self.assertTrue(rules)
        for rule in rules:
            for value in HOSTILE_JSON:
                params = dict.fromkeys(self.get_names(rule), value)
                with self.subTest(route=rule.rule, value=str(value)[:20]):
                    self.assert_call_answered(rule.rule, params)
                    self.assert_call_answered(f"{rule.rule}?all=1&company=%00", params)

    def assert_call_answered(self, url, params):
        response = self.url_open(
            url,
            data=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        self.assert_answered(response, url)
        if error := response.json().get("error"):
            self.assertRegex(error["data"]["name"], REFUSALS, error["data"].get("debug"))

    @mute_logger("odoo.http", "werkzeug", "odoo.addons.base.models.ir_qweb")
    def test_reports(self):
        """Our reports take any options, and ids of what is not there."""
        self.authenticate("accountant", "accountant")
        reports = self.env["ir.actions.report"].search([("report_name", "=like", "customer_org%")])
        self.assertGreater(len(reports), 1)
        for report in reports:
            url = f"/report/html/{report.report_name}"
            for ids in ("", "/999999999", f"/{'9' * 20}", "/1,999999999", "/0"):
                with self.subTest(report=report.report_name, ids=ids):
                    self.assert_answered(self.url_open(url + ids), ids)
            for value in HOSTILE_JSON:
                options = quote(json.dumps({"statement": value, "ids": value}))
                context = quote(
                    json.dumps(
                        {"customer_statement": value, "customer_settlement_branch_id": value}
                    )
                )
                with self.subTest(report=report.report_name, value=str(value)[:20]):
                    response = self.url_open(f"{url}?options={options}&context={context}")
                    self.assert_answered(response, str(value)[:50])
                    response = self.url_open(
                        f"{url}/{self.hq.id}?options={quote(json.dumps({'statement': value}))}"
                    )
                    self.assert_answered(response, str(value)[:50])
