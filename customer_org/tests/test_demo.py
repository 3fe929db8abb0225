# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from .common_demo import DemoCommon


@tagged("post_install", "-at_install")
class TestDemo(DemoCommon):
    """The demo tells what README and guide say of it."""

    def test_first_settlement(self):
        """Acme HQ's transfer is unspent, and pays the oldest invoice of its hierarchy."""
        self.assertEqual(self.get_open(self.acme, self.north), [-5200.0, 3900.0])
        self.assertEqual(self.acme.billing_total_credit, 6200.0)
        self.assertEqual(self.acme.billing_total_overdue, 8750.0)
        self.add_credit(self.invoice_north, self.transfer.move_id)
        self.assertFalse(self.invoice_north.amount_residual)
        self.assertEqual(self.get_open(self.acme, self.north), [-2200.0, 900.0])
        self.assert_ledger()

    def test_list_was_read(self):
        """Globex's list is ready: 4,750, one invoice short by 100, which stay open and disputed."""
        remittance = self.demo("remittance_globex")
        self.assertEqual(remittance.state, "draft")
        self.assertEqual(remittance.line_ids.mapped("status"), ["ok", "ok", "ok"])
        self.assertEqual(remittance.amount_total, 4750.0)
        remittance.action_settle()
        self.assertEqual(remittance.state, "settled")
        self.assertEqual(self.demo("invoice_lille_switches").amount_residual, 100.0)
        self.assertTrue(remittance.line_ids[1].is_disputed)
        self.assert_ledger()

    def test_disputed_line(self):
        """Of Initech's list, which is settled, 50 stay open and are disputed."""
        remittance = self.demo("remittance_initech")
        self.assertEqual(remittance.state, "settled")
        self.assertEqual(self.demo("invoice_dallas_cabling").amount_residual, 50.0)
        self.assertEqual(remittance.line_ids.mapped("is_disputed"), [True, False])

    def test_announced_and_asked_for(self):
        """Initech has announced 1,370, and Globex is asked for 2,200."""
        wire, request = self.demo("remittance_wire"), self.demo("remittance_request")
        self.assertEqual((wire + request).mapped("state"), ["waiting", "waiting"])
        self.assertEqual((wire + request).mapped("amount_total"), [1370.0, 2200.0])
        self.assertTrue(all((wire + request).mapped("communication")))
        self.assertTrue(all((wire + request).line_ids.move_id.mapped("is_announced")))

    def test_suggestion(self):
        """One suggestion is certain: Hooli Nantes is billed under Hooli France."""
        suggestion = self.env["customer.hierarchy.suggestion"].search(
            [("partner_id", "=", self.demo("partner_hooli_nantes").id)]
        )
        self.assertEqual(suggestion.parent_id, self.demo("partner_hooli"))
        self.assertEqual((suggestion.certainty, suggestion.state), ("certain", "new"))

    def test_statement(self):
        """The statement is in Acme's chatter."""
        self.assertIn(self.demo("statement_acme"), self.acme.message_ids.attachment_ids)
        self.assertTrue(self.demo("statement_acme").raw.startswith(b"PK"))

    def test_invoices_are_sent(self):
        """No invoice is pro forma: each is sent, or Odoo's cron is about to make its PDF."""
        invoices = (
            self.env["account.move"]
            .search(
                [("partner_id", "child_of", (self.acme + self.north).ids), ("state", "=", "posted")]
            )
            .filtered(lambda move: move.is_invoice())
        )
        self.assertEqual(len(invoices), 4)
        self.assertTrue(all(invoices.mapped("is_move_sent")))
        can_print = self.env["ir.actions.report"].get_wkhtmltopdf_state() == "ok"
        self.assertEqual({bool(move.sending_data) for move in invoices}, {can_print})
