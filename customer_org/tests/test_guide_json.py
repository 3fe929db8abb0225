# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import SettlementCommon
from .common_guide import EXAMPLE, GUIDE


@tagged("post_install", "-at_install")
class TestGuideJson(SettlementCommon, HttpCase):
    """The integrator's calls do what the guide says of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._payment(cls.hq, 4000.0)
        keys = cls.env["res.users.apikeys"].sudo()
        cls.key = keys._generate("rpc", "test", fields.Datetime.now() + timedelta(days=1))
        cls.depots = [cls._create_customer(f"Depot {number}") for number in (1, 2)]

    def call(self, path, body):
        response = self.url_open(
            path,
            data=json.dumps(body),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()

    def call_examples(self):
        """Call one example after the other, with the fixture's ids; yield path and answer."""
        if not GUIDE.exists():
            self.skipTest("The guide is not part of the addon.")
        ids = {"42": self.hq.id, "43": self.depots[0].id, "44": self.depots[1].id}
        text = GUIDE.read_text().split("Pay by invoice number")[0]
        for path, body in EXAMPLE.findall(text):
            body = re.sub(r"\b\d+\b", lambda found: str(ids.get(found[0], found[0])), body)
            method = path.removeprefix("/json/2/")
            answer = self.call(path, json.loads(body))
            if method == "res.partner/action_settle_branches":
                ids["7"] = answer["res_id"]
            elif method == "customer.settlement.line/search_read":
                ids["8"] = answer[0]["settlement_id"][0]
            elif method == "customer.statement.wizard/create":
                ids["9"] = answer[0]
            yield method, answer

    def test_guide(self):
        """Depots are put under the head office; 4,000 is settled, undone, and on a statement."""
        answers = list(self.call_examples())
        self.env.invalidate_all()
        self.assertEqual([depot.billing_parent_id for depot in self.depots], [self.hq] * 2)
        self.assertEqual(self.depots[0].billing_parent_access, "pay")
        by_method = dict(answers)
        customers = {row["name"]: row for row in by_method["res.partner/search_read"]}
        self.assertIn("Depot 2", customers)
        self.assertEqual(customers["Acme HQ"]["billing_total_due"], 4750.0)
        (proposal,) = by_method["customer.settlement.wizard/read"]
        self.assertEqual((proposal["amount_allocated"], proposal["amount_left"]), (4000.0, 0.0))
        lines = by_method["customer.settlement.line/search_read"]
        self.assertEqual([line["amount"] for line in lines], [3000.0, 1000.0])
        self.assertEqual(self.last_settlement().state, "cancelled")
        self.assert_open(HQ=-4000.0, N=3000.0, S=2500.0)
        self.assertIn("4,750.00", by_method["customer.statement.wizard/read"][0]["preview"])
        self.assert_ledger()


@tagged("post_install", "-at_install")
class TestAutomation(SettlementCommon):
    """What automation rules listen to is written and created through the ORM."""

    def record_calls(self, model, method):
        """Return a list that grows by the arguments of each call of a method of a model."""
        calls = []
        cls = self.env.registry[model]
        original = getattr(cls, method)

        def record(records, vals):
            calls.append(vals)
            return original(records, vals)

        self.startPatcher(patch.object(cls, method, record))
        return calls

    def test_rules(self):
        """Settled, freed, undone, moved and consented: each reaches what a rule patches."""
        created = self.record_calls("customer.settlement", "create")
        written = self.record_calls("customer.settlement", "write")
        moved = self.record_calls("res.partner", "write")
        self.reconcile(self._payment(self.hq, 6000.0), self.invoice_n, self.invoice_s)
        self.assertEqual(len(created), 1)
        settlement = self.last_settlement()
        before = settlement.amount
        settlement.line_ids[0]._get_debt_partials().unlink()
        self.assertLess(settlement.amount, before)
        settlement.action_undo()
        self.env.flush_all()
        self.assertIn({"state": "cancelled"}, written)
        self.north.billing_parent_id = False
        self.south.billing_parent_access = "view"
        self.assertIn({"billing_parent_id": False}, moved)
        self.assertIn({"billing_parent_access": "view"}, moved)
