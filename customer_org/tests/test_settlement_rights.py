# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_ledger import CoreCommon


@tagged("post_install", "-at_install")
class TestSettlementRights(CoreCommon):
    """Locks, hashes, archived journals and accounts; done by the user who asked for it."""

    def create_manager(self):
        return new_test_user(
            self.env,
            "manager",
            groups="account.group_account_manager,base.group_user",
            company_ids=[Command.set(self.company.ids)],
            company_id=self.company.id,
        )

    def give_exception(self, user):
        """Let a user go on working in the closed January."""
        self.env["account.lock_exception"].create(
            {
                "company_id": self.company.id,
                "user_id": user.id,
                "lock_date_field": "fiscalyear_lock_date",
                "fiscalyear_lock_date": "2025-12-31",
                "end_datetime": False,
            }
        )

    def test_lock_exception(self):
        """Who may still post in January may cancel HQ's payment, as he may a customer's own."""
        user = self.create_manager()
        payment = self._payment(self.hq, 10000.0)
        settlement = self.reconcile(payment, self.invoices)
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.give_exception(user)
        payment.with_user(user).action_cancel()
        self.assertEqual(settlement.state, "cancelled")
        self.assertEqual(settlement.move_id.state, "cancel")

    def test_who_cancelled(self):
        """The entry's trail names the accountant who undid."""
        user = self.create_manager()
        settlement = self.reconcile(self._payment(self.hq, 10000.0), self.invoices)
        settlement.with_user(user).action_undo()
        self.env.flush_all()
        self.assertEqual(settlement.move_id.write_uid, user)
        self.assertEqual(settlement.message_ids[0].author_id, user.partner_id)

    def test_clerk_undoes_reviewed_entry(self):
        """A clerk may undo: the entry's review is not about him."""
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        settlement = self.reconcile(self._payment(self.hq, 10000.0), self.invoices)
        settlement.with_user(clerk).action_undo()
        self.assertEqual(settlement.move_id.state, "cancel")

    def test_branch_companies_without_root(self):
        """An accountant of two branch companies settles between them, and undoes it."""
        companies = self.env["res.company"].create(
            [{"name": name, "parent_id": self.company.id} for name in ("A", "B")]
        )
        first, second = companies
        self.env.user.company_ids |= companies
        for company in companies:
            customers = self.customers.with_company(company)
            customers.property_account_receivable_id = self.receivable
        user = new_test_user(
            self.env,
            "branches",
            groups="account.group_account_user,base.group_user",
            company_ids=[Command.set(companies.ids)],
            company_id=first.id,
        )
        due = {"due": "2026-01-10"}
        invoices = [
            self._invoice(self.north, 100.0, company_id=first.id, **due),
            self._invoice(self.south, 100.0, company_id=second.id, **due),
        ]
        payment = self._payment(self.hq, 500.0, company_id=first.id).move_id
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.lines(*invoices, payment).with_user(user)
        lines = lines.with_context(allowed_company_ids=companies.ids)
        lines.reconcile()
        self.assertEqual([invoice.payment_state for invoice in invoices], ["paid", "paid"])
        self.env.flush_all()
        self.env.invalidate_all()
        lines[1].remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual([invoice.payment_state for invoice in invoices], ["paid", "not_paid"])

    def test_archived_journal(self):
        """A match is removed also when the settlement journal is archived."""
        settlement = self.reconcile(self._payment(self.hq, 10000.0), self.invoices)
        settlement.move_id.journal_id.active = False
        self.lines(self.invoice_s).remove_move_reconcile()
        self.assert_ledger()
        self.assert_open(HQ=-3750.0, S=2500.0)

    def test_archived_account(self):
        """The same on a receivable account that is archived by now."""
        account = self.receivable.copy({"code": "121999", "name": "Receivable 2"})
        self.west.property_account_receivable_id = account
        invoice = self._invoice(self.west, 500.0, due="2026-01-10")
        self.reconcile(self._payment(self.hq, 5000.0), invoice, self.invoice_n)
        self.west.property_account_receivable_id = self.receivable
        account.active = False
        self.lines(invoice).remove_move_reconcile()
        self.assert_ledger()
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_storno(self):
        """In a storno company what is undone is taken back in red."""
        self.company.account_storno = True
        settlement = self.reconcile(self._payment(self.hq, 10000.0), self.invoices)
        self.lines(self.invoice_s).remove_move_reconcile()
        self.assert_ledger()
        entries = self.env["account.move"].search([("customer_settlement_id", "=", settlement.id)])
        reversal = entries - settlement.move_id
        self.assertEqual(len(reversal.line_ids), 2)
        for line in reversal.line_ids:
            self.assertLessEqual(max(line.debit, line.credit), 0.0)

    def test_number_of_closed_year(self):
        """A settlement that is booked in another year has a number of that year."""
        invoice = self._invoice(self.north, 10.0, due="2025-12-05", date="2025-12-05")
        payment = self._payment(self.hq, 10.0, date="2025-12-20")
        self.company.fiscalyear_lock_date = "2025-12-31"
        settlement = self.reconcile(invoice, payment)
        self.assertEqual(settlement.name, settlement.move_id.name)
        self.assertIn(str(settlement.date.year), settlement.name)

    def test_items_of_a_reversed_settlement(self):
        """A leg and its reversal don't come apart: no credit comes out of nothing."""
        settlement = self.reconcile(self._payment(self.hq, 10000.0), self.invoices)
        self.company.fiscalyear_lock_date = "2026-01-31"
        settlement.action_undo()
        leg = settlement.move_id.line_ids.filtered(lambda line: line.partner_id == self.north)
        leg.with_context(active_ids=leg.ids).action_unreconcile_match_entries()
        self.assert_ledger()
        self.invoice_n.js_assign_outstanding_line(leg.id)
        self.assertEqual(self.invoice_n.payment_state, "not_paid")

    def test_settled_by_exception(self):
        """Who may still post in January settles there; who may not, in the first open month."""
        user = self.create_manager()
        payment = self._payment(self.hq, 10000.0)
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.give_exception(user)
        self.lines(payment.move_id, self.invoice_n).with_user(user).reconcile()
        self.assertEqual(str(self.last_settlement().date), "2026-01-31")
        self.lines(payment.move_id, self.invoice_s).reconcile()
        self.assertGreater(str(self.last_settlement().date), "2026-01-31")
        self.assert_ledger()
        self.assert_open(HQ=-4500.0, N=0.0, S=0.0)

    def test_undone_without_exception(self):
        """Settled in January by exception, undone by who has none: January stays as it is."""
        user = self.create_manager()
        payment = self._payment(self.hq, 10000.0)
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.give_exception(user)
        self.lines(payment.move_id, self.invoice_n, self.invoice_s).with_user(user).reconcile()
        settlement = self.last_settlement()
        self.lines(self.invoice_s).remove_move_reconcile()
        self.assert_ledger()
        entries = self.env["account.move"].search([("customer_settlement_id", "=", settlement.id)])
        reversal = entries - settlement.move_id
        self.assertGreater(str(reversal.date), "2026-01-31")
        self.assertEqual(settlement.move_id.state, "posted")
        settlement.with_user(user).action_undo()
        self.assert_ledger()
        self.assertEqual(set(entries.mapped("state")), {"cancel"})
        self.assert_open(HQ=-10000.0, N=3000.0, S=2500.0)

    def test_exception_is_over(self):
        """The exception was revoked meanwhile: what it allowed is reversed in an open month."""
        user = self.create_manager()
        payment = self._payment(self.hq, 3000.0)
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.give_exception(user)
        self.lines(payment.move_id, self.invoice_n).with_user(user).reconcile()
        settlement = self.last_settlement()
        self.env["account.lock_exception"].search([("user_id", "=", user.id)]).action_revoke()
        settlement.with_user(user).action_undo()
        self.assert_ledger()
        self.assertEqual((settlement.state, settlement.move_id.state), ("cancelled", "posted"))
        self.assert_open(HQ=-3000.0, N=3000.0)
