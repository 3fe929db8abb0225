# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from .common import SettlementCommon


class BankPayerCommon(SettlementCommon):
    """What bank screens do that book the counterpart on the debtor itself."""

    def book(self, payer, invoices):
        """Do what OCA's and Enterprise's screens do: each counterpart is the debtor's."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-02",
                "payment_ref": "Transfer",
                "partner_id": payer.id,
                "amount": sum(invoices.mapped("amount_residual")),
            }
        )
        move = line.move_id.with_context(
            skip_account_move_synchronization=True, force_delete=True, skip_readonly_check=True
        )
        liquidity, suspense, _other = line._seek_for_lines()
        debts = self._receivable_lines(invoices)
        commands = [(2, suspense.id, 0)]
        commands += [
            (
                0,
                0,
                {
                    "name": debt.move_id.name,
                    "account_id": debt.account_id.id,
                    "partner_id": debt.partner_id.id,
                    "balance": -debt.amount_residual,
                    "amount_currency": -debt.amount_residual_currency,
                    "currency_id": debt.currency_id.id,
                },
            )
            for debt in debts
        ]
        move.write({"line_ids": commands})
        counterparts = move.line_ids - liquidity
        for debt in debts:
            counterpart = counterparts.filtered(
                lambda item, debt=debt: item.name == debt.move_id.name
            )
            (debt | counterpart).reconcile()
        self.env.invalidate_all()
        self.assert_ledger()
        return line

    def labels(self, invoice):
        widget = invoice.invoice_payments_widget or {"content": []}
        return [values.get("settlement_label") for values in widget["content"]]

    def report(self):
        self.env.flush_all()
        return self.env["customer.settlement.report"].search([("company_id", "=", self.company.id)])


@tagged("post_install", "-at_install")
class TestBankPayer(BankPayerCommon):
    """A head office's wire that a bank screen books on the branches: they were paid by it."""

    def setUp(self):
        super().setUp()
        self.wire = self.book(self.hq, self.invoice_n | self.invoice_s)

    def test_paid_by(self):
        """Scenario 35: the invoices say by whom, the ledgers are right, there is no settlement."""
        self.assertEqual(self.labels(self.invoice_n), ["by Acme HQ"])
        self.assertEqual(self.labels(self.invoice_s), ["by Acme HQ"])
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assert_open(HQ=0.0, N=0.0, S=0.0, E=1750.0)
        self.assertFalse(self.last_settlement())

    def test_who_paid_for_whom(self):
        """The report lists them beside settlements, and opens the bank line's entry."""
        self.reconcile(self._payment(self.hq, 1750.0), self.invoice_e)
        rows = {row.partner_id: row for row in self.report()}
        self.assertEqual(rows.keys(), set(self.north | self.south | self.east))
        row = rows[self.north]
        self.assertEqual(
            (row.payer_id, row.amount, row.billing_root_id), (self.hq, 3000.0, self.hq)
        )
        self.assertEqual((row.credit_move_id, str(row.date)), (self.wire.move_id, "2026-02-02"))
        self.assertFalse(row.settlement_id)
        action = row.action_open_settlement()
        self.assertEqual(action["res_id"], self.wire.id)
        self.assertEqual(action["res_model"], "account.bank.statement.line")
        self.assertEqual(
            rows[self.east].action_open_settlement()["res_model"], "customer.settlement"
        )

    def get_receipt(self, **context):
        """Return the payer and the rows of the receipt as text."""
        # A company that has not chosen its layout yet is asked for it first.
        rows = self.report().with_context(discard_logo_check=True)
        [action] = {row.action_print_receipt()["report_name"] for row in rows}
        report = self.env["ir.actions.report"].with_context(**context)
        page = html.fromstring(report._render_qweb_html(action, self.wire.ids)[0])
        rows = page.xpath("//table[hasclass('o_main_table')]//tbody/tr")
        payer = page.xpath("//strong[.='Paid By']/following-sibling::div")[0].text_content()
        return payer.strip(), [
            [" ".join(cell.text_content().split()) for cell in row] for row in rows
        ]

    def test_receipt(self):
        """The receipt names the bank line's customer as payer and each branch with its invoices."""
        payer, rows = self.get_receipt()
        self.assertEqual(payer, "Acme HQ")
        paid_from = f"{self.wire.move_id.name} (Transfer)"
        self.assertEqual(
            [(row[0], *row[3:]) for row in rows],
            [
                (self.invoice_n.name, paid_from, "02/02/2026", "$ 3,000.00"),
                ("Total of Acme N",),
                (self.invoice_s.name, paid_from, "02/02/2026", "$ 2,500.00"),
                ("Total of Acme S",),
            ],
        )

    def test_receipt_of_one_branch(self):
        """A branch's part tells nothing of the others, and one of somebody else nothing at all."""
        _payer, rows = self.get_receipt(customer_settlement_branch_id=self.south.id)
        self.assertEqual([row[0] for row in rows], [self.invoice_s.name, "Total of Acme S"])
        _payer, rows = self.get_receipt(customer_settlement_branch_id=self.east.id)
        self.assertFalse(rows)

    def test_undo(self):
        """One invoice freed, then the whole line: exact, and the report follows."""
        for values in self.invoice_s.invoice_payments_widget["content"]:
            self.invoice_s.js_remove_outstanding_partial(values["partial_id"])
        self.assert_ledger()
        self.assertFalse(self.labels(self.invoice_s))
        self.assertEqual(self.report().partner_id, self.north)
        self.wire.action_undo_reconciliation()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=3000.0, S=2500.0)
        self.assertFalse(self.report())

    def test_own_wire(self):
        """Who pays for itself is named by nobody."""
        self.book(self.east, self.invoice_e)
        self.assertEqual(self.labels(self.invoice_e), [None])
        self.assertNotIn(self.east, self.report().partner_id)

    def test_strangers(self):
        """Customers of no common hierarchy are core's affair."""
        stranger = self._create_customer("Stranger")
        self.book(stranger, self.invoice_e)
        self.assertEqual(self.labels(self.invoice_e), [None])
        self.assertNotIn(stranger, self.report().payer_id)

    def test_in_payment(self):
        """Money that is in the bank is no payment under way, where that state is used."""
        with patch.object(
            self.env.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        ):
            self.book(self.hq, self.invoice_w)
            self.assertEqual(self.invoice_w.payment_state, "paid")
            self.assertEqual(self.labels(self.invoice_w), ["by Acme HQ"])

    def test_findings(self):
        """The Receivables Check finds nothing wrong with it."""
        self.assertFalse(self.env["customer.receivable.finding"]._check(self.company))
