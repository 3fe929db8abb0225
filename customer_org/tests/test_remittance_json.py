# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_guide import EXAMPLE, GUIDE
from .common_remittance import RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceJson(RemittanceCommon, HttpCase):
    """Another system pays by invoice number over /json/2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 5400.0)
        cls.key = (
            cls.env["res.users.apikeys"]
            .sudo()
            ._generate("rpc", "test", fields.Datetime.now() + timedelta(days=1))
        )

    def call(self, path, body):
        """Post a body and return status and answer."""
        response = self.url_open(
            path,
            data=json.dumps(body),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        return response.status_code, response.json()

    def get_examples(self):
        """Return the paths and bodies in the guide, with the fixture's customers and numbers."""
        if not GUIDE.exists():
            self.skipTest("The guide is not part of the addon.")
        section = GUIDE.read_text().split("Pay by invoice number")[1]
        for path, body in EXAMPLE.findall(section):
            body = body.replace("42", str(self.hq.id))
            body = body.replace("INV/2026/00012", self.invoice_n.name)
            body = body.replace("INV/2026/00013", self.invoice_s.name)
            yield path, body

    def test_guide(self):
        """The guide's calls settle two invoices; the first one again is refused."""
        examples = list(self.get_examples())
        self.assertEqual(len(examples), 4)
        path, body = examples[0]
        status, ids = self.call(path, json.loads(body))
        self.assertEqual(status, 200, ids)
        answers = [
            self.call(path, json.loads(body.replace("7", str(ids[0]))))
            for path, body in examples[1:]
        ]
        self.assertEqual([status for status, _answer in answers], [200] * 3, answers)
        self.assertEqual([line["status"] for line in answers[1][1]], ["ok", "short"])
        self.env.invalidate_all()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=100.0)
        with mute_logger("odoo.http", "odoo.sql_db"):
            status, error = self.call(path, json.loads(body))
        self.assertNotEqual(status, 200)
        self.assertIn("PAY-2026-0815", error["message"])
        self.assertEqual(len(self.env["customer.remittance"].search([("ref", "!=", False)])), 1)

    def create_by_call(self, **values):
        """Create a remittance as another system does; return status and answer."""
        vals = {
            "partner_id": self.hq.id,
            "line_ids": [[0, 0, {"number": self.invoice_n.name, "amount": 3000.0}]],
            **values,
        }
        return self.call("/json/2/customer.remittance/create", {"vals_list": [vals]})

    def assert_refused_call(self, answer, message):
        """Expect an error with a message, and that nothing was posted or settled."""
        status, error = answer
        self.assertGreaterEqual(status, 400)
        self.assertIn(message, error["message"])
        self.env.invalidate_all()
        self.assertFalse(self.env["customer.settlement"].search([]))

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_settled_twice(self):
        """The same call of settling twice settles once, and says that it is settled."""
        payment = self._payment(self.hq, 3000.0)
        status, ids = self.create_by_call(ref="PAY-1")
        self.assertEqual(status, 200, ids)
        path, body = "/json/2/customer.remittance/action_settle", {"ids": ids}
        self.assertEqual(self.call(path, body)[0], 200)
        status, error = self.call(path, body)
        self.assertGreaterEqual(status, 400)
        self.assertIn("settled or cancelled already", error["message"])
        self.env.invalidate_all()
        self.assert_ledger()
        self.assertEqual(len(self.env["customer.settlement"].search([])), 1)
        self.assertTrue(payment.is_reconciled)

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_reference_of_two_payers(self):
        """A reference is the payer's: another payer may have the same, but nobody twice."""
        self.assertEqual(self.create_by_call(ref="PAY-1")[0], 200)
        for ref in ("PAY-1", " PAY-1 "):
            self.assert_refused_call(self.create_by_call(ref=ref), "PAY-1 already")
        self.assertEqual(self.create_by_call(ref="PAY-1", partner_id=self.north.id)[0], 200)
        # Without a reference each call is a list of its own.
        self.assertEqual([self.create_by_call()[0] for _time in range(2)], [200, 200])

    @mute_logger("odoo.http")
    def test_what_can_not_be_said(self):
        """State, status and settlements are nobody's to say, by no system either."""
        for values in (
            {"state": "settled"},
            {"name": "REM/1"},
            {"line_ids": [[0, 0, {"number": "x", "status": "ok"}]]},
        ):
            status, error = self.create_by_call(**values)
            self.assertEqual(status, 403, error)
            self.assertIn("can't be typed", error["message"])

    @mute_logger("odoo.http")
    def test_what_is_not_ready(self):
        """A list that does not add up is refused with the reason, and nothing is posted."""
        _status, ids = self.create_by_call(amount_announced=3100.0)
        answer = self.call("/json/2/customer.remittance/action_settle", {"ids": ids})
        self.assert_refused_call(answer, "100.00")
        _status, ids = self.create_by_call(line_ids=[[0, 0, {"number": "INV/77", "amount": 10.0}]])
        answer = self.call("/json/2/customer.remittance/action_settle", {"ids": ids})
        self.assert_refused_call(answer, "INV/77")
