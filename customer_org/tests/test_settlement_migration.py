# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import importlib.util
from pathlib import Path

from odoo.fields import Command
from odoo.tests import tagged

from .common_ledger import CoreCommon

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.2.0.0" / "post-settlement.py"


@tagged("post_install", "-at_install")
class TestSettlementMigration(CoreCommon):
    """Settlements of 19.0.1.0.0, a line for each credit and debtor, become lines for matches."""

    def settle_as_first_version(self, payment, *invoices):
        """Settle as that version did: one payer's leg, one debtor's leg and line per customer."""
        credit = self.lines(payment.move_id)
        debts = self.lines(*invoices)
        payer_amounts = [sum(credits) for credits in zip(*self._get_shares(debts), strict=True)]
        settlement = (
            self.env["customer.settlement"]
            .sudo()
            .create(
                {"name": "SET/2026/00001", "payer_id": self.hq.id, "company_id": self.company.id}
            )
        )
        values = [(credit, *payer_amounts)]
        for customer in debts.partner_id:
            of_customer = debts.filtered(
                lambda debt, customer=customer: debt.partner_id == customer
            )
            balance, amount = (
                sum(part) for part in zip(*self._get_shares(of_customer), strict=True)
            )
            values.append((of_customer[0], -balance, -amount))
        move = (
            self.env["account.move"]
            ._as_code()
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self.company._ensure_customer_settlement_journal().id,
                    "date": payment.date,
                    "ref": settlement.name,
                    "customer_settlement_id": settlement.id,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": item.account_id.id,
                                "partner_id": item.partner_id.id,
                                "currency_id": item.currency_id.id,
                                "balance": balance,
                                "amount_currency": amount,
                            }
                        )
                        for item, balance, amount in values
                    ],
                }
            )
        )
        move.action_post()
        settlement.write({"move_id": move.id, "date": move.date})
        payer_leg, *debtor_legs = move.line_ids.sorted("id")
        (payer_leg | credit).reconcile()
        for leg in debtor_legs:
            (
                leg | debts.filtered(lambda debt, leg=leg: debt.partner_id == leg.partner_id)
            ).reconcile()
        self.env.flush_all()
        for leg in debtor_legs:
            self.env.cr.execute(
                """
                INSERT INTO customer_settlement_line
                            (settlement_id, company_id, payer_id, partner_id, credit_line_id,
                             payer_leg_id, debtor_leg_id, amount)
                     VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                """,
                [
                    settlement.id,
                    self.company.id,
                    self.hq.id,
                    leg.partner_id.id,
                    credit.id,
                    payer_leg.id,
                    leg.id,
                    -leg.balance,
                ],
            )
        self.env.cr.execute(
            "UPDATE account_move SET has_customer_settlement = TRUE WHERE id = ANY(%s)",
            [(debts | credit).move_id.ids],
        )
        payment.invoice_ids = debts.move_id
        self.env.invalidate_all()
        return settlement

    def _get_shares(self, debts):
        """What each debt gets: (company currency at the rate of 20 January, own currency)."""
        return [
            (
                debt.amount_residual
                if debt.currency_id == self.usd
                else self.usd.round(debt.amount_residual_currency / 0.8),
                debt.amount_residual_currency,
            )
            for debt in debts
        ]

    def migrate(self):
        """Run the script as an upgrade does."""
        spec = importlib.util.spec_from_file_location("post_settlement", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.env.flush_all()
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        settlements = self.env["customer.settlement"].sudo().search([])
        self.env.add_to_compute(settlements._fields["amount"], settlements)

    def test_lines_become_matches(self):
        """Two invoices of N and one of S: three lines, the settlement's number is its entry's."""
        second = self._invoice(self.north, 777.0, due="2026-01-12")
        payment = self._payment(self.hq, 10000.0)
        settlement = self.settle_as_first_version(payment, self.invoice_n, second, self.invoice_s)
        self.migrate()
        self.assertEqual(settlement.name, settlement.move_id.name)
        self.assertEqual(
            settlement.line_ids.mapped(lambda line: (line.debt_name, line.amount)),
            [(self.invoice_n.name, 3000.0), (self.invoice_s.name, 2500.0), (second.name, 777.0)],
        )
        self.assertEqual(set(settlement.line_ids.mapped("credit_name")), {payment.name})
        self.assertEqual(settlement.amount, 6277.0)
        self.assert_ledger()

    def test_script_runs_again(self):
        """A second run changes nothing."""
        settlement = self.settle_as_first_version(self._payment(self.hq, 9000.0), self.invoice_n)
        self.migrate()
        before = settlement.line_ids.read()
        self.migrate()
        self.assertEqual(settlement.line_ids.read(), before)

    def test_undone_lines_stay_readable(self):
        """Of what was undone before nobody knows the invoice, but the amount is kept."""
        payment = self._payment(self.hq, 10000.0)
        settlement = self.settle_as_first_version(payment, self.invoice_n, self.invoice_s)
        self.env.cr.execute(
            "DELETE FROM account_partial_reconcile WHERE debit_move_id = %s",
            [self.lines(self.invoice_s).id],
        )
        self.env.cr.execute(
            "UPDATE customer_settlement_line SET amount = 0 WHERE partner_id = %s", [self.south.id]
        )
        self.env.invalidate_all()
        self.migrate()
        line = settlement.line_ids.filtered(lambda line: line.partner_id == self.south)
        self.assertTrue(line.is_undone)
        self.assertFalse(line.debt_line_id)
        self.assertEqual((line.amount, line.amount_settled), (0.0, 2500.0))

    def test_undo_in_company_currency(self):
        """What that version settled is undone invoice by invoice, exactly."""
        second = self._invoice(self.north, 777.0, due="2026-01-12")
        payment = self._payment(self.hq, 10000.0)
        settlement = self.settle_as_first_version(payment, self.invoice_n, second, self.invoice_s)
        self.migrate()
        for invoice, left in ((second, -4500.0), (self.invoice_n, -7500.0)):
            self.lines(invoice).remove_move_reconcile()
            self.assert_ledger()
            self.assertEqual(self.residuals(payment.move_id), [(left, left)])
        settlement.action_undo()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(self.residuals(payment.move_id), [(-10000.0, -10000.0)])

    def test_undo_of_averages(self):
        """Legs shared in a foreign currency: what one gives back is the average, all is all."""
        first = self.bill(self.north, self.eur, 100.0, "2026-01-05")
        second = self.bill(self.north, self.eur, 200.0, "2026-01-20")
        payment = self._payment(self.hq, 1000.0, date="2026-01-20", currency_id=self.eur.id)
        start = self.residuals(payment.move_id, first, second)
        exchange = self.exchange()
        settlement = self.settle_as_first_version(payment, first, second)
        self.migrate()
        self.assertEqual(settlement.line_ids.mapped("amount"), [125.0, 250.0])
        self.lines(first).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.residuals(payment.move_id), [(-1000.0, -800.0)])
        self.lines(second).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(self.residuals(payment.move_id, first, second), start)
        self.assertEqual(self.exchange(), exchange)
