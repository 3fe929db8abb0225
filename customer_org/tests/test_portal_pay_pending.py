# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPayPending(PortalCommon):
    """Payments that take days: what held when the payer confirmed, and no match of strangers."""

    def start(self, invoices, payer="hq", amount=None, **values):
        """Return a transaction over invoices, as it is when the payer has confirmed."""
        return self._create_transaction(
            "direct",
            reference=f"{payer}-{invoices[0].id}",
            partner_id=self.users[payer].partner_id.id,
            amount=amount or sum(invoices.mapped("amount_residual")),
            currency_id=self.company.currency_id.id,
            invoice_ids=[Command.set(invoices.ids)],
            **values,
        )

    def finish(self, tx):
        tx._set_done()
        tx._post_process()
        self.env.invalidate_all()

    def assert_no_stranger(self):
        for partial in self.env["account.partial.reconcile"].search([]):
            self.assertEqual(
                partial.debit_move_id.partner_id.commercial_partner_id,
                partial.credit_move_id.partner_id.commercial_partner_id,
            )

    def open_credit(self, tx):
        lines = self._receivable_lines(tx.payment_id.move_id)
        return -sum(lines.mapped("amount_residual"))

    def test_branch_leaves(self):
        """N leaves while the money is on its way: S is paid, N's part stays HQ's credit."""
        tx = self.start(self.invoice_n | self.invoice_s)
        tx._set_pending()
        self.north.billing_parent_id = False
        self.finish(tx)
        self.assert_no_stranger()
        self.assertEqual(self.invoice_n.amount_residual, 3000.0)
        self.assertEqual(self.invoice_s.payment_state, "paid")
        self.assertEqual(self.open_credit(tx), 3000.0)
        self.assertEqual(tx.payment_id.partner_id, self.hq)
        activity = tx.payment_id.activity_ids
        self.assertIn("Acme N", activity.note)
        self.assertIn(self.invoice_n.name, activity.note)

    def test_only_branch_leaves(self):
        """The one branch that was paid for leaves: all of it stays HQ's, on HQ's account."""
        self.north.property_account_receivable_id = self.receivable.copy({"name": "R2"})
        late = self._invoice(self.north, 500.0, due="2026-01-20")
        tx = self.start(late)
        tx._set_pending()
        self.north.billing_parent_id = self.stranger
        self.finish(tx)
        self.assert_no_stranger()
        self.assertEqual(self.open_credit(tx), 500.0)
        self.assertEqual(tx.payment_id.destination_account_id, self.receivable)
        self.assertFalse(tx.payment_id.invoice_ids)

    def test_consent_withdrawn(self):
        """Consent that ended meanwhile takes nothing back: it held when the payer confirmed."""
        tx = self.start(self.invoice_n)
        tx._set_pending()
        self.north.billing_parent_access = "none"
        self.finish(tx)
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertFalse(tx.payment_id.activity_ids)

    def test_stranger_pays(self):
        """A customer of no common hierarchy who pays by a link: core's affair, as without us."""
        tx = self.start(self.invoice_n, payer="stranger")
        self.assertFalse(tx.hierarchy_customer_ids)
        self.finish(tx)
        self.assertEqual(self.invoice_n.payment_state, "paid")

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_partial_captures(self):
        """Captured in two parts, on any account: each part settles like a whole payment."""
        other_account = self.receivable.copy({"name": "R2"})
        self.south.property_account_receivable_id = other_account
        late = self._invoice(self.south, 500.0, due="2026-01-20")
        tx = self.start(late)
        tx._set_pending()
        for amount, left in ((200.0, 300.0), (300.0, 0.0)):
            child = tx._create_child_transaction(amount)
            self.finish(child)
            self.assert_no_stranger()
            self.assertEqual(late.amount_residual, left)
            self.assertEqual(child.payment_id.destination_account_id, self.receivable)
            self.assertFalse(self.open_credit(child))
        self.assertEqual(late.payment_state, "paid")

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_partial_capture_after_leaving(self):
        """A part that is captured after the branch left stays the payer's credit, too."""
        tx = self.start(self.invoice_n)
        tx._set_pending()
        self.finish(tx._create_child_transaction(1000.0))
        self.assertEqual(self.invoice_n.amount_residual, 2000.0)
        self.north.billing_parent_id = False
        child = tx._create_child_transaction(2000.0)
        self.finish(child)
        self.assert_no_stranger()
        self.assertEqual(self.open_credit(child), 2000.0)
        self.assertTrue(child.payment_id.activity_ids)
