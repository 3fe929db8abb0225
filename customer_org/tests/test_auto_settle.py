# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import gc
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import SettlementCommon

AUTO_SETTLE_LOGGER = "odoo.addons.customer_org.models.cron_batch"


@tagged("post_install", "-at_install")
class TestAutoSettle(SettlementCommon):
    """Every day open credits of head offices that want it pay the oldest due invoices."""

    def run_cron(self):
        """Run the scheduled action as the scheduler does, with its commits."""
        cron = self.env.ref("customer_org.cron_auto_settle")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assert_ledger()
        return self.env["ir.cron.progress"].search([("cron_id", "=", cron.id)], limit=1)

    def count_settlements(self):
        return self.env["customer.settlement"].search_count([])

    def test_off_by_default(self):
        """Nobody's credit is touched unasked."""
        self._payment(self.hq, 4000.0)
        self.assertFalse(self.hq.billing_auto_settle)
        self.run_cron()
        self.assertFalse(self.count_settlements())
        self.assert_open(HQ=-4000.0, N=3000.0)

    def test_oldest_due_first(self):
        """The oldest due are paid, own and branches' alike; a second run changes nothing."""
        own = self._invoice(self.hq, 100.0, due="2026-01-12")
        self.hq.billing_auto_settle = True
        self._payment(self.hq, 4000.0)
        progress = self.run_cron()
        self.assertEqual((progress.done, progress.remaining), (1, 0))
        self.assert_open(HQ=0.0, N=0.0, S=1600.0, E=1750.0, W=1500.0)
        self.assertFalse(own.amount_residual)
        self.assertEqual(self.count_settlements(), 1)
        self.run_cron()
        self.assertEqual(self.count_settlements(), 1)
        self.last_settlement().action_undo()
        self.assert_ledger()
        self.assert_open(HQ=-3900.0, N=3000.0, S=2500.0)

    def test_never_settled(self):
        """Blocked documents, and credits of others in the hierarchy, stay as they are."""
        self.hq.billing_auto_settle = True
        self.invoice_n.action_toggle_block_payment()
        blocked = self._invoice(self.hq, 800.0, due="2026-01-01", move_type="out_refund")
        blocked.action_toggle_block_payment()
        self._payment(self.hq, 2500.0)
        self._payment(self.east, 1750.0)
        self.run_cron()
        self.assert_open(HQ=-800.0, N=3000.0, S=0.0, E=0.0, W=1500.0)
        lines = self._receivable_lines(self.invoice_e)
        self.assertFalse(lines.reconciled, "E's own payment is not the head office's")
        self.assertEqual(blocked.amount_residual, 800.0)

    def test_many_in_one_transaction(self):
        """Core keeps each context until the commit, and looks through all of them each time."""
        for branch in self.branches:
            self._invoice(self._create_customer("Depot", branch), 10.0, due="2026-01-02")
            self._payment(branch, 10.0)
        kept = []
        for branch in self.branches:
            # As for users: tests track nothing.
            branch.with_context(tracking_disable=False, mail_notrack=False)._auto_settle()
            gc.collect()
            kept.append(len(self.env.transaction.envs))
        self.assertEqual(self.count_settlements(), 4)
        self.assertEqual(kept[3], kept[1])

    def test_each_parent_for_itself(self):
        """A parent in the middle settles below itself, also where the top does not."""
        depot = self._create_customer("Depot", self.north)
        invoice = self._invoice(depot, 500.0, due="2026-01-02")
        self.north.billing_auto_settle = True
        self._payment(self.hq, 100.0)
        self._payment(self.north, 600.0)
        self.run_cron()
        self.assertEqual(invoice.payment_state, "paid")
        self.assert_open(HQ=-100.0, N=2900.0, S=2500.0)

    def test_hierarchies_together(self):
        """Several hierarchies are settled in one go, each with a settlement of its own."""
        payers = self.hq
        for number in range(3):
            payers |= (payer := self._create_customer(f"Payer {number}"))
            branch = self._create_customer(f"Branch {number}", payer)
            self._invoice(branch, 10.0 + number, due="2026-01-02")
            self._payment(payer, 9.0 + number)
        self._payment(self.hq, 4000.0)
        # Nearer to its own debt than the head office's credit.
        self._payment(self.east, 1750.0)
        payers.billing_auto_settle = True
        settle = self.env.registry["customer.settlement"]._settle
        calls = []

        def settle_and_count(settlements, matches):
            calls.append(len(matches))
            return settle(settlements, matches)

        with patch.object(self.env.registry["customer.settlement"], "_settle", settle_and_count):
            progress = self.run_cron()
        self.assertEqual((progress.done, progress.remaining), (4, 0))
        self.assertEqual(calls, [5])
        settlements = self.env["customer.settlement"].search([])
        self.assertEqual(
            {one.payer_id.name: one.amount for one in settlements},
            {"Acme HQ": 4000.0, "Payer 0": 9.0, "Payer 1": 10.0, "Payer 2": 11.0},
        )
        self.assert_open(HQ=0.0, N=0.0, S=1500.0, E=0.0, W=1500.0)

    def test_one_of_each_hierarchy(self):
        """Customers of one hierarchy take turns, since one decides what is left for the other."""
        other = self._create_customer("Other")
        payers = self.hq | self.north | other
        payers.billing_auto_settle = True
        for payer in payers:
            self._payment(payer, 10.0)
        batches = self.env["res.partner"]._get_auto_settle_batches()
        self.assertEqual(batches, [self.hq | other, self.north])
        self._invoice(self.north, 15.0, due="2026-01-01")
        payers._auto_settle()
        self.assert_ledger()
        self.assert_open(HQ=0.0, N=2995.0)

    def test_companies(self):
        """Each company's documents are settled in that company."""
        other = self.setup_other_company(name="Other")
        self.hq.billing_auto_settle = True
        self._payment(self.hq, 3000.0)
        journal = other["default_journal_bank"]
        self._payment(self.hq, 50.0, company_id=other["company"].id, journal_id=journal.id)
        invoice = self._invoice(self.north, 80.0, "2026-01-01", company_id=other["company"].id)
        progress = self.run_cron()
        self.assertEqual(progress.done, 2)
        self.assertEqual(invoice.amount_residual, 30.0)
        self.assertFalse(self.invoice_n.amount_residual)
        settlements = self.env["customer.settlement"].search([])
        self.assertEqual(settlements.company_id, self.company | other["company"])

    @mute_logger(AUTO_SETTLE_LOGGER)
    def test_broken_hierarchy(self):
        """One that fails is reported, once, leaves nothing, and does not stop the rest."""
        manager = new_test_user(self.env, "manager", groups="account.group_account_manager")
        self.hq.user_id = manager
        other_hq = self._create_customer("Other HQ")
        branch = self._create_customer("Other branch", other_hq)
        invoice = self._invoice(branch, 10.0, due="2026-01-10")
        (self.hq | other_hq).billing_auto_settle = True
        self._payment(self.hq, 3000.0)
        self._payment(other_hq, 10.0)
        settle = self.env.registry["customer.settlement"]._settle

        def fail_for_hq(settlements, matches):
            lines = settle(settlements, matches)
            if self.hq.id in lines.partner_id.ids:
                raise UserError(self.env._("The journal is on holiday."))
            return lines

        with patch.object(self.env.registry["customer.settlement"], "_settle", fail_for_hq):
            for _run in range(2):
                progress = self.run_cron()
        self.assertEqual(progress.remaining, 0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assert_open(HQ=-3000.0, N=3000.0)
        activity = self.hq.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, manager)
        self.assertIn("The journal is on holiday.", activity.note)
        messages = self.hq.message_ids.filtered(lambda m: "could not be settled" in (m.body or ""))
        self.assertEqual(len(messages), 1)
        self.run_cron()
        self.assert_open(HQ=0.0, N=0.0)

    def test_rights(self):
        """Only invoicing managers switch it, and the switch is tracked."""
        clerk = new_test_user(
            self.env, "clerk", groups="account.group_account_invoice,base.group_partner_manager"
        )
        with self.assertRaises(AccessError):
            self.hq.with_user(clerk).billing_auto_settle = True
        self.assertTrue(self.env["res.partner"]._fields["billing_auto_settle"].tracking)
