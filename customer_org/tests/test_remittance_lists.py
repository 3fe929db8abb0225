# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_remittance import LISTS, RemittanceCommon


@tagged("post_install", "-at_install")
class TestRemittanceLists(RemittanceCommon):
    """Lists as head offices send them, with what has to become of them to the line."""

    @classmethod
    def _create_open_invoices(cls):
        """None: the lists' own documents have the numbers that these would take."""

    def test_lists(self):
        """Import, find, settle: each of the lists gives its result."""
        for path in sorted(LISTS.glob("*.json")):
            with self.subTest(path.stem), self.taken_back():
                self.run_case(self.load_case(path.stem))

    def run_case(self, case):
        payer, documents, payment = self.build_case(case)
        if case["import"] == "refused":
            count = self.env["customer.remittance"].search_count([])
            with self.assertRaises(UserError):
                self.import_case(case, payer)
            self.assertEqual(self.env["customer.remittance"].search_count([]), count)
            return
        remittance = self.import_case(case, payer)
        remittance.action_match()
        self.check_lines(case, remittance, documents)
        remittance.credit_line_ids = self._receivable_lines(payment.move_id)
        self.check_settling(case, case["settle"], remittance, documents, payment)
        if "settle_without_the_others" in case:
            remittance.action_leave_out_others()
            expected = case["settle_without_the_others"]
            self.check_settling(case, expected, remittance, documents, payment)

    def check_lines(self, case, remittance, documents):
        ids = {move: key for key, move in documents.items()}
        self.assertEqual(remittance.currency_id.name, case["currency"])
        self.assertEqual(remittance.amount_announced, case["announced"] or 0.0)
        self.assertAlmostEqual(remittance.amount_total, case["total"], 2)
        found = [
            {
                "number": line.number or "",
                "amount": line.amount,
                "deduction": line.deduction,
                "document": ids.get(line.move_id),
                "status": line.status,
            }
            for line in remittance.line_ids
        ]
        expected = [
            {key: line[key] for key in ("number", "amount", "deduction", "document", "status")}
            for line in case["lines"]
        ]
        self.assertEqual(found, expected)
        for line, said in zip(remittance.line_ids, case["lines"], strict=True):
            self.assertEqual(line.note or "", said.get("reason", ""))
            self.assertEqual(line.cell or line.number, said.get("cell", line.number))

    def check_settling(self, case, expected, remittance, documents, payment):
        reason = self.env["customer.deduction.reason"].create({"name": "X", "action": "open"})
        remittance.line_ids.filtered("deduction").reason_id = reason
        if expected["result"] == "refused":
            says = {"lines": "not ready", "announced": "the list says", "credit": "missing"}
            self.assert_not_settled(remittance, *(says[key] for key in expected["because"]))
            return
        self.settle(remittance)
        credit = self._receivable_lines(payment.move_id)
        self.assertAlmostEqual(-credit.amount_residual, expected["credit_left"], 2)
        for key, amount in expected["open_after"].items():
            items = self._receivable_lines(documents[key])
            self.assertAlmostEqual(sum(items.mapped("amount_residual")), amount, 2, key)
        remittance.action_undo()
        self.assert_ledger()
        for vals in case["documents"]:
            items = self._receivable_lines(documents[vals["id"]])
            self.assertAlmostEqual(sum(items.mapped("amount_residual")), vals["open"], 2)
        self.assertAlmostEqual(-credit.amount_residual, payment.amount, 2)
