# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_demo import DemoCommon


@tagged("post_install", "-at_install")
class TestGuideDemo(DemoCommon):
    """The numbers of the guide's pages for accountants, from the demo's data."""

    def open_wizard(self, policy="oldest", without=()):
        """Open *Settle* of Acme HQ, without some of its credits."""
        wizard = self.env["customer.settlement.wizard"].browse(
            self.acme.action_settle_branches()["res_id"]
        )
        wizard.policy = policy
        left_out = wizard.credit_ids.filtered(lambda line: line.move_id in without)
        left_out.selected = False
        return wizard

    def settle_transfer(self):
        """Settle with the transfer alone, the oldest due first."""
        self.open_wizard(without=self.demo("credit_note_acme")).action_post()
        return self.last_settlement()

    def settle_automatically(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_auto_settle").method_direct_trigger()

    def get_residuals(self, *names):
        self.env.invalidate_all()
        return [self.demo(f"invoice_{name}").amount_residual for name in names]

    def test_transfer(self):
        """6,200 pay North, South, and 700 of East."""
        wizard = self.open_wizard()
        self.assertEqual(wizard.amount_available, 6200.0)
        wizard.action_post()
        names = ("north_switches", "south_fibre", "east_wifi", "west_firewall")
        self.assertEqual(self.get_residuals(*names), [0.0, 0.0, 1050.0, 1500.0])
        self.assert_ledger()

    def test_small_transfer(self):
        """5,000 pay North, and South but for 500."""
        self.settle_transfer()
        self.assertEqual(self.get_residuals("north_switches", "south_fibre"), [0.0, 500.0])
        self.assert_ledger()

    def test_own_invoices_first(self):
        """The head office's own 1,000, then North; South keeps 300 open."""
        self.open_wizard("own").action_post()
        names = ("acme_backbone", "north_switches", "south_fibre")
        self.assertEqual(self.get_residuals(*names), [0.0, 0.0, 300.0])
        self.assert_ledger()

    def test_pro_rata(self):
        """6,200 over 11,740: North's 3,000 gets 1,584.33, and nothing is lost."""
        wizard = self.open_wizard("pro_rata")
        self.assertEqual(sum(wizard.debt_ids.mapped("amount_open")), 11740.0)
        wizard.action_post()
        self.assertAlmostEqual(3000 - self.get_residuals("north_switches")[0], 1584.33)
        self.assertEqual(self.acme.billing_total_credit, 0.0)
        self.assert_ledger()

    def test_credit_note(self):
        """The credit note leaves 1,800 open on North's invoice, and is paid itself."""
        note = self.demo("credit_note_acme")
        self.add_credit(self.invoice_north, note)
        self.assertEqual(self.get_residuals("north_switches"), [1800.0])
        self.assertEqual(note.payment_state, "paid")
        self.assert_ledger()

    def test_register_payment(self):
        """One payment of 1,350 in Acme HQ's name pays North's 900 and South's 450."""
        invoices = self.demo("invoice_north_support") | self.demo("invoice_south_support")
        register = Form(
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            )
        )
        self.assertEqual((register.payer_id, register.amount), (self.acme, 1350.0))
        payment = register.save()._create_payments()
        self.assertEqual((payment.partner_id, payment.amount), (self.acme, 1350.0))
        self.assertEqual(self.get_residuals("north_support", "south_support"), [0.0, 0.0])
        labels = [
            invoice.invoice_payments_widget["content"][0]["settlement_label"]
            for invoice in invoices
        ]
        self.assertEqual(labels, ["by Acme HQ"] * 2)
        self.assert_ledger()

    def test_unreconcile(self):
        """South's match removed: its 2,500 and 2,000 of the transfer are open, North is paid."""
        self.settle_transfer()
        south = self.demo("invoice_south_fibre")
        south.js_remove_outstanding_partial(
            south.invoice_payments_widget["content"][0]["partial_id"]
        )
        self.assertEqual(self.get_residuals("north_switches", "south_fibre"), [0.0, 2500.0])
        self.assertEqual(self._receivable_lines(self.transfer.move_id).amount_residual, -2000.0)
        self.assert_ledger()

    def assert_all_open(self):
        names = ("north_switches", "south_fibre", "east_wifi", "west_firewall")
        self.assertEqual(self.get_residuals(*names), [3000.0, 2500.0, 1750.0, 1500.0])
        self.assertEqual(self._receivable_lines(self.transfer.move_id).amount_residual, -5000.0)
        self.assert_ledger()

    def test_undo(self):
        """*Undo*, as the payment's *Cancel*, opens all again."""
        self.settle_transfer().action_undo()
        self.assert_all_open()
        self.settle_transfer()
        self.transfer.action_cancel()
        self.assertEqual(self.get_residuals("north_switches", "south_fibre"), [3000.0, 2500.0])
        self.assert_ledger()

    def test_locked(self):
        """After the period was closed the undo is a reversal of today."""
        settlement = self.settle_transfer()
        today = fields.Date.context_today(settlement)
        self.company.fiscalyear_lock_date = today - timedelta(days=1)
        settlement.action_undo()
        self.assertEqual(settlement.move_id.reversal_move_ids.date, today)
        self.assert_all_open()

    def test_branch_is_sold(self):
        """Under another head office: what was paid keeps its payer, the 900 is the new one's."""
        self.settle_transfer()
        globex = self.demo("partner_globex")
        self.north.billing_parent_id = globex
        (paid,) = self.invoice_north.invoice_payments_widget["content"]
        self.assertEqual(paid["settlement_label"], "by Acme HQ")
        support = self.demo("invoice_north_support")
        self.add_credit(support, self.demo("payment_globex").move_id)
        self.assertEqual(self.get_residuals("north_switches", "north_support"), [0.0, 0.0])
        self.assert_ledger()

    def test_branch_has_left(self):
        """The credit of an old settlement goes back to who paid."""
        settlement = self.settle_transfer()
        self.north.billing_parent_id = False
        settlement.action_undo()
        self.assert_all_open()

    def test_automatic(self):
        """The night does the same as *Settle* and *Post*."""
        self.acme.billing_auto_settle = True
        self.settle_automatically()
        self.assertEqual(self.get_residuals("south_fibre", "east_wifi"), [0.0, 1050.0])
        self.assert_ledger()

    def test_who_paid_for_whom(self):
        """Initech has paid 1,150 for Dallas and 800 for Houston."""
        amounts = self.env["customer.settlement.report"]._read_group(
            [("payer_id", "=", self.demo("partner_initech").id)], ["partner_id"], ["amount:sum"]
        )
        branches = [self.demo(f"partner_initech_{name}") for name in ("dallas", "houston")]
        self.assertEqual(dict(amounts), dict(zip(branches, (1150.0, 800.0), strict=True)))

    def test_aged_receivable(self):
        """8,750 overdue and 2,990 not due, less 6,200 of credit: 5,540."""
        aged = self.env["customer.aged.receivable"]
        domain = [("billing_root_id", "=", self.acme.id)]
        ((overdue, due),) = aged._read_group(
            domain, [], ["amount_overdue:sum", "amount_residual:sum"]
        )
        self.assertEqual((overdue, due), (8750.0, 5540.0))
        self.assertEqual(due - overdue + self.acme.billing_total_credit, 2990.0)
        self.assertEqual(self.acme.billing_total_due, 5540.0)

    def test_statement(self):
        """5,540 in all; a branch's own names nobody else."""
        statement = self.acme._get_statement({"presentation": "open"})
        self.assertEqual(sum(section.closing for section in statement.sections), 5540.0)
        report = self.env["ir.actions.report"].with_context(
            customer_statement={"presentation": "open"}
        )
        content, _type = report._render_qweb_html("customer_org.report_statement", self.north.ids)
        self.assertIn(b"Acme North", content)
        for name in (b"Acme HQ", b"Acme South"):
            self.assertNotIn(name, content)

    def test_list(self):
        """Globex's list of three lines settles 4,750."""
        remittance = self.demo("remittance_globex")
        self.assertEqual((len(remittance.line_ids), remittance.amount_total), (3, 4750.0))
        remittance.action_settle()
        transfer = self.demo("payment_globex").move_id
        self.assertEqual(self._receivable_lines(transfer).amount_residual, 0.0)
        self.assert_ledger()

    def test_deduction(self):
        """Lille's 2,400 is paid by 2,300, 100 are disputed, and undo takes it back."""
        remittance = self.demo("remittance_globex")
        remittance.action_settle()
        self.assertEqual(self.get_residuals("lille_switches"), [100.0])
        remittance.action_undo()
        self.assertEqual(self.get_residuals("lille_switches"), [2400.0])
        self.assertFalse(any(remittance.line_ids.mapped("is_disputed")))
        self.assert_ledger()

    def test_disputed(self):
        """Dallas has 50 open, disputed."""
        self.assertEqual(self.get_residuals("dallas_cabling"), [50.0])
        disputed = self.env["account.move"].search([("is_disputed", "=", True)])
        self.assertIn(self.demo("invoice_dallas_cabling"), disputed)

    def test_list_does_not_add_up(self):
        """4,850 announced and 4,750 listed: refused, with the 100.00 between them."""
        remittance = self.demo("remittance_globex")
        remittance.amount_announced = 4850.0
        with self.assertRaisesRegex(UserError, "100.00"):
            remittance.action_settle()
        self.assertEqual(self.get_residuals("lille_switches"), [2400.0])

    def test_announced(self):
        """What Initech announced, 1,370 for in four days, waits for it."""
        wire = self.demo("remittance_wire")
        today = fields.Date.context_today(wire)
        self.assertEqual((wire.amount_total, wire.date_expected - today), (1370.0, timedelta(4)))
        initech = self.demo("partner_initech")
        initech.billing_auto_settle = True
        self._payment(initech, 500.0, date=today)
        self.settle_automatically()
        self.assertEqual(self.get_residuals("dallas_firewall", "houston_support"), [950.0, 420.0])

    def test_request(self):
        """1,300 and 900 are asked for; what was paid meanwhile is marked so."""
        request = self.demo("remittance_request")
        self.assertEqual(request.line_ids.mapped("amount"), [1300.0, 900.0])
        lille = self.demo("invoice_lille_support")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=lille.ids
        ).create({"payer_id": self.demo("partner_globex_lille").id})._create_payments()
        request.action_match()
        self.assertEqual(request.line_ids.mapped("status"), ["ok", "paid"])

    def test_suggestion(self):
        """Accepted, Hooli Nantes is billed under Hooli France, and shows it nothing."""
        nantes = self.demo("partner_hooli_nantes")
        suggestion = self.env["customer.hierarchy.suggestion"].search(
            [("partner_id", "=", nantes.id)]
        )
        self.assertEqual(suggestion.certainty, "certain")
        suggestion.action_accept()
        self.assertEqual(nantes.billing_parent_id, self.demo("partner_hooli"))
        self.assertEqual(nantes.billing_parent_access, "none")
