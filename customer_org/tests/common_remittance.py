# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import json
from pathlib import Path

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SettlementCommon

LISTS = Path(__file__).parent / "data" / "remittances"


class ReasonMixin:
    """Reasons of deductions, in classes of any common."""

    def _reason(self, action):
        return self.env["customer.deduction.reason"].create(
            {
                "name": "Freight",
                "action": action,
                "account_id": self.company_data["default_account_expense"].id,
            }
        )


class RemittanceCommon(SettlementCommon):
    """Remittances of Acme HQ, and whole cases that are told by a JSON file."""

    def create_remittance(self, *lines, payer=None, **values):
        """Return a remittance of HQ with lines: (number or document, amount, other values)."""
        vals_list = []
        for number, amount, *more in lines:
            name = number if isinstance(number, str) else number.name
            vals_list.append({"number": name, "amount": amount, **(more[0] if more else {})})
        return self.env["customer.remittance"].create(
            {
                "partner_id": (payer or self.hq).id,
                "line_ids": [Command.create(vals) for vals in vals_list],
                **values,
            }
        )

    def create_matched(self, *lines, **values):
        remittance = self.create_remittance(*lines, **values)
        remittance.action_match()
        return remittance

    def get_statuses(self, remittance):
        return remittance.line_ids.mapped("status")

    def settle(self, remittance, *payments):
        """Settle, with the open credits of these payments if there are some, and check."""
        if payments:
            moves = self.env["account.move"].union(*(payment.move_id for payment in payments))
            remittance.credit_line_ids = self._receivable_lines(moves)
        remittance.action_settle()
        self.assert_ledger()

    def receive(self, text, amount=5500.0, **values):
        """Receive a bank line, and check the ledger."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-03-04",
                "payment_ref": text,
                "amount": amount,
                **values,
            }
        )
        self.assert_ledger()
        return line

    def assert_not_settled(self, remittance, *messages):
        """Expect that settling is refused, that all of this is said, and nothing is posted."""
        moves = self.env["account.move"].search_count([])
        with self.assertRaises(UserError) as catcher, self.env.cr.savepoint():
            remittance.action_settle()
        for message in messages:
            self.assertIn(message, str(catcher.exception))
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        self.assertNotEqual(remittance.state, "settled")

    # ------------------------------------------------------------------
    # Cases
    # ------------------------------------------------------------------

    def import_list(self, payer, content=None, name="list.csv", text=None):
        """Import a list and return its remittance."""
        values = {"partner_id": payer.id}
        if text is not None:
            values["text"] = text
        else:
            values |= {"file": base64.b64encode(content), "file_name": name}
        action = self.env["customer.remittance.import"].create(values).action_import()
        return self.env["customer.remittance"].browse(action["res_id"])

    def load_case(self, name):
        return json.loads((LISTS / f"{name}.json").read_text())

    def build_case(self, case):
        """Create the customers, documents and the credit of a case."""
        customers = {}
        for vals in case["customers"]:
            parent = customers.get(vals["billed_under"])
            customers[vals["key"]] = self._create_customer(vals["name"], parent)
        documents = {
            vals["id"]: self._build_document(customers[vals["customer"]], vals)
            for vals in case["documents"]
        }
        payment = self.env["account.payment"]
        if "credit" in case:
            payment = self._payment(customers[case["payer"]], **case["credit"])
        return customers[case["payer"]], documents, payment

    def _build_document(self, customer, vals):
        is_note = vals["type"] == "credit_note"
        move = self.env["account.move"].create(
            {
                "move_type": "out_refund" if is_note else "out_invoice",
                "partner_id": customer.id,
                "name": vals["number"],
                "invoice_date": vals["date"],
                "invoice_payment_term_id": False,
                "invoice_date_due": vals["date"],
                "ref": vals["ref"] or False,
                "invoice_origin": vals["order"] or False,
                "currency_id": self.env["res.currency"]
                .search([("name", "=", vals["currency"])])
                .id,
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": vals["amount"], "tax_ids": []})
                ],
            }
        )
        if vals["payment_reference"]:
            move.payment_reference = vals["payment_reference"]
        if vals["state"] != "draft":
            move.action_post()
        if vals["paid"]:
            payment = self._payment(customer, vals["paid"], vals["date"])
            self._receivable_lines(move | payment.move_id).reconcile()
        if vals["state"] == "cancelled":
            move.button_cancel()
        if vals["state"] == "blocked":
            move.action_toggle_block_payment()
        return move

    def import_case(self, case, payer):
        path = LISTS / case["file"]
        if case["door"] == "text":
            return self.import_list(payer, text=path.read_text())
        return self.import_list(payer, path.read_bytes(), case["file"])
