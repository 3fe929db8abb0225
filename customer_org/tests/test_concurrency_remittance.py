# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_concurrency import SettlementConcurrencyCase


@tagged("post_install", "-at_install")
class TestConcurrentRemittance(SettlementConcurrencyCase):
    """Two at once: nothing is announced or settled twice."""

    def setUp(self):
        super().setUp()
        self._commit(self._create_bank)
        self.invoice_ids = [self._create_invoice(self.north), self._create_invoice(self.south)]

    def _create_bank(self, env):
        self.bank_account_id, self.suspense_id = (
            env["account.account"]
            .create(
                [
                    {"name": "Bank", "code": "CONCURR3", "account_type": "asset_cash"},
                    {"name": "Suspense", "code": "CONCURR4", "account_type": "asset_current"},
                ]
            )
            .ids
        )
        self.bank_id, self.sale_id = (
            env["account.journal"]
            .create(
                [
                    {
                        "name": "Bank",
                        "code": "CONCB",
                        "type": "bank",
                        "default_account_id": self.bank_account_id,
                        "suspense_account_id": self.suspense_id,
                    },
                    {
                        "name": "Sales",
                        "code": "CONCS",
                        "type": "sale",
                        "default_account_id": self.revenue_id,
                    },
                ]
            )
            .ids
        )
        customers = env["res.partner"].browse([self.hq, self.north, self.south])
        customers.property_account_receivable_id = self.receivable_id

    def _create_invoice(self, partner_id, amount=1000.0):
        def create(env):
            values = {"name": "Service", "price_unit": amount, "tax_ids": []}
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "journal_id": self.sale_id,
                    "partner_id": partner_id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [Command.create({**values, "account_id": self.revenue_id})],
                }
            )
            move.action_post()
            return move.id

        return self._commit(create)

    def _get_journal_ids(self):
        return [*super()._get_journal_ids(), self.bank_id, self.sale_id]

    def _get_account_ids(self):
        return [*super()._get_account_ids(), self.bank_account_id, self.suspense_id]

    def _remove(self, env):
        lines = env["account.bank.statement.line"].search([("journal_id", "=", self.bank_id)])
        lines.action_undo_reconciliation()
        lines.move_id.button_draft()
        lines.unlink()
        remittances = env["customer.remittance"].search([("partner_id", "=", self.hq)])
        remittances.settlement_ids.remittance_id = False
        remittances.action_cancel()
        remittances.unlink()
        customers = env["res.partner"].browse([self.hq, self.north, self.south])
        customers.property_account_receivable_id = False
        return super()._remove(env)

    def _announce(self, env):
        """Announce both invoices as the portal does."""
        env["customer.remittance"]._announce_transfer(
            env["res.partner"].browse(self.hq),
            env["account.move"].browse(self.invoice_ids),
            fields.Date.today(),
        )

    def _receive(self, amount=2000.0):
        """Return a function that receives a bank line with the reference of the remittance."""

        def receive(env):
            remittance = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            env["account.bank.statement.line"].create(
                {
                    "journal_id": self.bank_id,
                    "payment_ref": f"wire {remittance.communication}",
                    "amount": amount,
                }
            )

        return receive

    def _check(self, function):
        self._commit(function)

    def test_announced_twice(self):
        """Two users announce the same invoices: one of them is told."""
        results = self._run_at_once(self._announce, self._announce)
        refused = [error for error in results if error]
        self.assertEqual(len(refused), 1, results)
        self.assertIn("announced for these invoices already", str(refused[0]))

        def check(env):
            remittances = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            self.assertEqual(remittances.mapped("state"), ["waiting"])

        self._check(check)

    def _ask(self, env):
        """Ask the head office to pay both invoices."""
        moves = env["account.move"].browse(self.invoice_ids)
        amounts = {move: move.amount_residual for move in moves}
        env["customer.remittance"]._create_requests(amounts).action_confirm()

    def test_asked_twice(self):
        """Two users ask for the same invoices: one of them is told which request has them."""
        results = self._run_at_once(self._ask, self._ask)
        refused = [error for error in results if error]
        self.assertEqual(len(refused), 1, results)

        def check(env):
            request = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            self.assertEqual(request.mapped("state"), ["waiting"])
            self.assertIn(f"asked for already by {request.name}", str(refused[0]))

        self._check(check)

    def test_two_bank_lines(self):
        """Two bank lines with the same reference: one settles, the other is queued."""
        self._commit(self._announce)
        results = self._run_at_once(self._receive(), self._receive())
        self.assertEqual(results, [None, None])

        def check(env):
            remittance = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            self.assertEqual(remittance.state, "settled")
            lines = env["account.bank.statement.line"].search([("journal_id", "=", self.bank_id)])
            self.assertEqual(sorted(lines.mapped("is_reconciled")), [False, True])
            queued = lines.filtered("remittance_problem")
            self.assertEqual(queued, lines.filtered(lambda line: not line.is_reconciled))
            self.assertIn("settled", queued.remittance_problem)
            invoices = env["account.move"].browse(self.invoice_ids)
            self.assertEqual(invoices.mapped("amount_residual"), [0.0, 0.0])

        self._check(check)
        self._assert_settled(2000.0)

    def test_bank_line_while_it_is_cancelled(self):
        """The payer cancels while the money comes in: one of both, never half of both."""
        self._commit(self._announce)

        def cancel(env):
            remittance = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            remittance._cancel_announcement()

        refused = self._run_at_once(self._receive(), cancel)[1]

        def check(env):
            remittance = env["customer.remittance"].search([("partner_id", "=", self.hq)])
            residuals = env["account.move"].browse(self.invoice_ids).mapped("amount_residual")
            expected = ("settled", [0.0, 0.0]) if refused else ("cancelled", [1000.0, 1000.0])
            self.assertEqual((remittance.state, residuals), expected)
            self.assertEqual(remittance.statement_line_ids.is_reconciled, bool(refused))

        self._check(check)
