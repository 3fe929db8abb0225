# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import Form, tagged

from .common import SettlementCommon

VIEW = "account_reconcile_oca.bank_statement_line_form_reconcile_view"


@tagged("post_install", "-at_install")
class TestOcaReconcile(SettlementCommon):
    """OCA's reconcile screens, where `account_reconcile_oca` is installed, keep ledgers right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "account.account.reconcile" not in cls.env:
            cls.skipTest(cls, "account_reconcile_oca is not installed")

    def test_bank_statement_line(self):
        """A head office's transfer matched with two branches' invoices, and taken back."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-02",
                "payment_ref": "Transfer of Acme HQ",
                "partner_id": self.hq.id,
                "amount": 5500.0,
            }
        )
        with Form(statement_line, view=VIEW) as form:
            for line in self._receivable_lines(self.invoice_n | self.invoice_s):
                form.add_account_move_line_id = line
        self.assertTrue(statement_line.can_reconcile)
        statement_line.reconcile_bank_line()
        self.assert_ledger()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.invoice_s.payment_state, "paid")
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        # The screen books on the branches: no settlement, and the payer is named all the same.
        self.assertFalse(self.last_settlement())
        for invoice in (self.invoice_n, self.invoice_s):
            (values,) = invoice.invoice_payments_widget["content"]
            self.assertEqual(values["settlement_label"], "by Acme HQ")
        self.env.flush_all()
        rows = self.env["customer.settlement.report"].search([("payer_id", "=", self.hq.id)])
        self.assertEqual(rows.partner_id, self.north | self.south)
        statement_line.unreconcile_bank_line()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)

    def test_remittance(self):
        """A bank line that settles a request shows as matched, and is taken back there."""
        action = (self.invoice_n | self.invoice_s).action_request_payment()
        request = self.env["customer.remittance"].browse(action["res_id"])
        request.action_confirm()
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-02",
                "payment_ref": f"Acme {request.communication}",
                "amount": 5500.0,
            }
        )
        self.assertEqual(request.state, "settled")
        self.assertTrue(statement_line.is_reconciled)
        with Form(statement_line, view=VIEW) as form:
            shown = form.reconcile_data_info["data"]
        self.assertEqual(sum(line["amount"] for line in shown), 0.0)
        self.assertNotIn("suspense", [line["kind"] for line in shown])
        self.assertIn(self.hq.id, [line["partner_id"][0] for line in shown if line["partner_id"]])
        statement_line.unreconcile_bank_line()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)
        self.assertEqual(request.state, "draft")

    def test_keep_mode(self):
        """The same where the screen keeps the bank line's entry, and books another one."""
        journal = self.company_data["default_journal_bank"]
        journal.reconcile_mode = "keep"
        journal.suspense_account_id.reconcile = True
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-02-02",
                "payment_ref": "Transfer of Acme HQ",
                "partner_id": self.hq.id,
                "amount": 5500.0,
            }
        )
        with Form(statement_line, view=VIEW) as form:
            for line in self._receivable_lines(self.invoice_n | self.invoice_s):
                form.add_account_move_line_id = line
        statement_line.reconcile_bank_line()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=0.0, S=0.0)
        self.assertFalse(self.last_settlement())
        self.assertTrue(statement_line.is_reconciled)
        for invoice in (self.invoice_n, self.invoice_s):
            self.assertEqual(invoice.payment_state, "paid")
            (values,) = invoice.invoice_payments_widget["content"]
            self.assertEqual(values["settlement_label"], "by Acme HQ")
        self.env.flush_all()
        rows = self.env["customer.settlement.report"].search([("payer_id", "=", self.hq.id)])
        self.assertEqual(
            {row.partner_id: row.amount for row in rows}, {self.north: 3000.0, self.south: 2500.0}
        )
        self.assertEqual(rows.credit_move_id, statement_line.move_id)
        self.assertEqual(
            {part["partner"]: part["amount"] for part in statement_line._get_remittance_parts()},
            {self.north: 3000.0, self.south: 2500.0},
        )
        statement_line.unreconcile_bank_line()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)
        self.env.flush_all()
        self.assertFalse(
            self.env["customer.settlement.report"].search([("payer_id", "=", self.hq.id)])
        )

    def test_statement_line_with_credit(self):
        """A payment of the head office, matched with the bank after it was settled."""
        payment = self._payment(self.hq, 5500.0)
        self.reconcile(payment, self.invoice_n, self.invoice_s)
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-02",
                "payment_ref": "Transfer of Acme HQ",
                "partner_id": self.hq.id,
                "amount": 5500.0,
            }
        )
        liquidity, _counterpart, _writeoff = payment._seek_for_lines()
        with Form(statement_line, view=VIEW) as form:
            form.add_account_move_line_id = liquidity
        statement_line.reconcile_bank_line()
        self.assert_ledger()
        self.assertTrue(payment.is_matched)

    def test_account_reconcile(self):
        """The journal items' reconcile screen: HQ's payment with the branches' invoices."""
        payment = self._payment(self.hq, 8750.0)
        lines = self._receivable_lines(payment.move_id | self.invoices)
        self.env.flush_all()
        screen = self.env["account.account.reconcile"].with_context(
            active_test=False, default_account_move_lines=lines.ids
        )
        record = screen.search([("account_id", "=", self.receivable.id)], limit=1)
        record.reconcile()
        self.assert_ledger()
        self.assertTrue(all(line.reconciled for line in lines))
        self.assertEqual(self.last_settlement().amount, 8750.0)
