# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestReceivablesCheck(SettlementCommon):
    """The check finds every kind of damage, and nothing where all is right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.findings = cls.env["customer.receivable.finding"]

    def check(self, company=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.findings._check(company or self.company)

    def damage(self, query, *args):
        """Do by SQL what no path of ours or core's does."""
        self.env.flush_all()
        self.env.cr.execute(query, args)
        self.env.invalidate_all()

    def cross(self):
        """Match HQ's payment with N's invoice as a database of before our time has it."""
        payment = self._payment(self.hq, 3000.0)
        own = self._invoice(self.hq, 3000.0, due="2026-01-10")
        self.reconcile(payment, own)
        partial = self._receivable_lines(own).matched_credit_ids
        self.damage(
            "UPDATE account_move_line SET partner_id = %s WHERE move_id = %s",
            self.north.id,
            own.id,
        )
        return own, payment, partial

    def settle(self):
        return self.reconcile(self._payment(self.hq, 5500.0), self.invoice_n, self.invoice_s)

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_receivables_check").method_direct_trigger()
        self.env.invalidate_all()

    def test_clean(self):
        """A year's ordinary life has no finding: payments, settlements, undo, drafts, branches."""
        settlement = self.settle()
        self._receivable_lines(self.invoice_s).remove_move_reconcile()
        self.reconcile(self._payment(self.east, 1000.0), self.invoice_e)
        self.invoice_e.button_draft()
        self.assertEqual(settlement.amount, 3000.0)
        self.assertFalse(self.check())

    def test_branch_companies(self):
        """What one branch company is paid for another's invoice is one ledger."""
        branch = self.env["res.company"].create({"name": "A", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.customers.with_company(branch).property_account_receivable_id = self.receivable
        invoice = self._invoice(self.north, 10.0, due="2026-01-01", company_id=branch.id)
        self.env["account.move.line"].union(
            self._receivable_lines(invoice),
            self._receivable_lines(self._payment(self.north, 10.0).move_id),
        ).reconcile()
        self.assertTrue(self._receivable_lines(invoice).reconciled)
        self.assertFalse(self.check())

    def test_match_across_customers(self):
        """It is listed, with both customers' balances; one click settles it."""
        own, payment, partial = self.cross()
        found = self.check()
        self.assertEqual(sorted(found.mapped("kind")), ["balance", "balance", "match"])
        match = found.filtered(lambda finding: finding.kind == "match")
        self.assertEqual((match.partner_id, match.other_partner_id), (self.hq, self.north))
        self.assertEqual((match.amount, match.partial_id), (3000.0, partial))
        balances = {f.partner_id: f.amount for f in found - match}
        self.assertEqual(balances, {self.hq: -3000.0, self.north: 3000.0})
        self.assertTrue(all(finding.can_repair for finding in found))
        match.action_repair()
        self.assert_ledger()
        self.assertFalse(self.check())
        self.assertEqual(own.amount_residual, 0.0)
        self.assertEqual(self.last_settlement().line_ids.credit_line_id.move_id, payment.move_id)

    def test_repair_by_balance(self):
        """The customer's own line repairs the matches that make its balance wrong."""
        self.cross()
        found = self.check().filtered(lambda f: f.kind == "balance" and f.partner_id == self.north)
        found.action_repair()
        self.assert_ledger()
        self.assertFalse(self.check())

    def test_balance_alone(self):
        """An open item that lost its match is named; no settlement can put it right."""
        line = self._receivable_lines(self.invoice_n)
        self.damage("UPDATE account_move_line SET amount_residual = 2999 WHERE id = %s", line.id)
        found = self.check()
        self.assertEqual((found.kind, found.partner_id), ("balance", self.north))
        self.assertEqual(found.amount, 1.0)
        self.assertFalse(found.can_repair)
        with self.assert_refused(UserError, "No match within the hierarchy explains"):
            found.action_repair()

    def test_strangers_are_core_affair(self):
        """Customers of no hierarchy matched by core: listed, but nobody is asked to look."""
        one, two = self._create_customer("One"), self._create_customer("Two")
        lines = self._receivable_lines(
            self._invoice(one, 10.0, due="2026-01-01") | self._payment(two, 10.0).move_id
        )
        lines.reconcile()
        found = self.check()
        self.assertEqual(found.partner_id, one | two)
        self.assertEqual(set(found.mapped("kind")), {"balance"})
        self.run_cron()
        self.assertFalse(found.activity_ids)

    def test_open_leg(self):
        """A leg whose match was lost is found; undoing what it carried repairs it."""
        settlement = self.settle()
        leg = settlement.line_ids.filtered(lambda line: line.partner_id == self.south).debtor_leg_id
        self.damage(
            "UPDATE account_move_line SET reconciled = FALSE, amount_residual = balance,"
            " amount_residual_currency = amount_currency WHERE id = %s",
            leg.id,
        )
        found = self.check().filtered(lambda finding: finding.kind == "leg")
        self.assertEqual((found.move_line_id, found.settlement_id), (leg, settlement))
        self.assertTrue(found.can_repair)
        found.action_repair()
        self.assertEqual(self.invoice_s.payment_state, "not_paid")
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assert_ledger()
        self.assertFalse(self.check())

    def test_orphaned_leg(self):
        """A leg that no line of its settlement names is found."""
        settlement = self.settle()
        line = settlement.line_ids.filtered(lambda line: line.partner_id == self.south)
        leg = line.debtor_leg_id
        self.damage("DELETE FROM customer_settlement_line WHERE id = %s", line.id)
        found = self.check()
        self.assertEqual(found.filtered(lambda f: f.kind == "leg").move_line_id, leg)
        self.assertEqual(found.filtered(lambda f: f.kind == "settlement").amount, 5000.0)

    def test_settlement_and_entry(self):
        """Lines that say another amount than the entry are found; undoing the settlement helps."""
        settlement = self.settle()
        line = settlement.line_ids.filtered(lambda line: line.partner_id == self.south)
        self.damage("UPDATE customer_settlement_line SET amount = 2000 WHERE id = %s", line.id)
        found = self.check()
        self.assertEqual((found.kind, found.settlement_id), ("settlement", settlement))
        self.assertEqual(found.amount, 1000.0)
        found.action_repair()
        self.assert_ledger()
        self.assertEqual(settlement.state, "cancelled")
        self.assertFalse(self.check())

    def test_nightly(self):
        """One activity per finding, not again while it is open; gone with what was wrong."""
        self.cross()
        self.run_cron()
        found = self.findings.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(found.activity_ids), 3)
        reviewer = found.activity_ids.user_id
        self.assertTrue(reviewer.has_group("account.group_account_manager"))
        self.assertIn(self.company, reviewer.company_ids)
        found[0].activity_ids.action_done()
        self.run_cron()
        self.assertEqual(self.findings.search([("company_id", "=", self.company.id)]), found)
        self.assertEqual(len(found.activity_ids), 2)
        activities = found.activity_ids
        found.filtered("partial_id").action_repair()
        self.assertFalse(found.exists())
        self.assertFalse(activities.exists())

    def test_menu(self):
        """The menu checks what is so now, and shows the list."""
        self.cross()
        action = self.findings.action_check()
        self.assertEqual(action["res_model"], "customer.receivable.finding")
        self.assertEqual(len(self.findings.search([("company_id", "=", self.company.id)])), 3)
        menu = self.env.ref("customer_org.menu_receivables_check")
        self.assertEqual(menu.parent_id, self.env.ref("account.account_audit_menu"))

    def test_rights(self):
        """Only accountants see and repair, and only of their companies."""
        self.cross()
        found = self.check()
        company = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        seller = new_test_user(self.env, "seller", groups="base.group_user", **company)
        auditor = new_test_user(
            self.env, "auditor", groups="account.group_account_readonly", **company
        )
        other = self.setup_other_company(name="Other")["company"]
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="account.group_account_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            found.with_user(seller).read(["amount"])
        with self.assertRaises(AccessError):
            self.findings.with_user(seller).action_check()
        self.assertEqual(len(self.findings.with_user(auditor).search([])), 3)
        with self.assert_refused(AccessError, "Only accountants may repair"):
            found.with_user(auditor).action_repair()
        self.findings.with_user(stranger).action_check()
        self.assertFalse(self.findings.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            found.with_user(stranger).action_repair()
