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
