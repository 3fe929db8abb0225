# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common_ledger import CashBasisCommon, CoreCommon


class RepairCommon(CoreCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.findings = cls.env["customer.receivable.finding"]

    def check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.findings._check(self.company)

    def damage(self, query, *args):
        """Do by SQL what no path of ours or core's does."""
        self.env.flush_all()
        self.env.cr.execute(query, args)
        self.env.invalidate_all()

    def cross(self, *moves, customer=None):
        """Make documents another customer's, N's by default, after core has matched them."""
        customer = customer or self.north
        # With the exchange differences of their items.
        lines = self.lines(*moves)
        differences = (lines.matched_debit_ids | lines.matched_credit_ids).filtered(
            lambda partial: (
                (partial.debit_move_id | partial.credit_move_id).move_id.exchange_diff_partial_ids
            )
        )
        items = differences.debit_move_id | differences.credit_move_id
        ids = [move.id for move in moves] + (items - lines).move_id.ids
        self.damage(
            "UPDATE account_move_line SET partner_id = %s WHERE move_id = ANY(%s)",
            customer.id,
            ids,
        )
        self.damage(
            "UPDATE account_move SET partner_id = %s, commercial_partner_id = %s"
            " WHERE id = ANY(%s)",
            customer.id,
            customer.id,
            ids,
        )

    def match(self, amount, *moves):
        """Match a part of what is open of these documents, inside their customer."""
        lines = self.lines(*moves)
        debts = lines.filtered(lambda line: line.balance > 0)
        matches = lines._plan_limited_settlement(dict.fromkeys(debts, amount))
        self.env["customer.settlement"]._settle(matches)


@tagged("post_install", "-at_install")
class TestRepairOfMatches(RepairCommon):
    """Repairing a match across customers settles what was matched, and nothing more."""

    def test_part_of_both(self):
        """500 of 1,000 and of 3,000 were matched: both rests are as open as they were."""
        own = self._invoice(self.hq, 1000.0, due="2026-01-10")
        payment = self._payment(self.hq, 3000.0).move_id
        self.match(500.0, own, payment)
        self.cross(own)
        found = self.check()
        self.assertEqual(sorted(found.mapped("kind")), ["balance", "balance", "match"])
        found.filtered("partial_id").action_repair()
        self.assert_ledger()
        self.assertEqual(self.residuals(own, payment), [(500.0, 500.0), (-2500.0, -2500.0)])
        self.assertEqual(self.last_settlement().amount, 500.0)
        self.assertFalse(self.check())

    def test_foreign_currency(self):
        """EUR at two rates: the exchange difference stays one, and what it was."""
        own = self.bill(self.hq, self.eur, 900.0, "2026-01-05")
        payment = self._payment(self.hq, 450.0, currency_id=self.eur.id, date="2026-02-05").move_id
        self.lines(own, payment).reconcile()
        before = self.residuals(own, payment), self.exchange()
        self.assertNotEqual(before[1], [0.0, 0.0])
        self.cross(own)
        self.check().filtered("partial_id").action_repair()
        self.assert_ledger()
        self.assertEqual((self.residuals(own, payment), self.exchange()), before)
        self.assertFalse(self.check())

    def test_several_of_one_credit(self):
        """One payment was matched with N's, S's and its own invoice: two findings, one click."""
        owns = [self._invoice(self.hq, amount, due="2026-01-10") for amount in (10.0, 20.0, 30.0)]
        payment = self._payment(self.hq, 100.0).move_id
        self.lines(*owns, payment).reconcile()
        self.cross(owns[0])
        self.cross(owns[1], customer=self.south)
        found = self.check()
        matches = found.filtered("partial_id")
        self.assertEqual(
            sorted((one.other_partner_id.name, one.amount) for one in matches),
            [("Acme N", 10.0), ("Acme S", 20.0)],
        )
        found.filtered(lambda one: one.kind == "balance" and one.partner_id == self.hq)[
            0
        ].action_repair()
        self.assert_ledger()
        self.assertFalse(self.check())
        self.assertEqual(self.residuals(*owns, payment), [(0.0, 0.0)] * 3 + [(-40.0, -40.0)])

    def test_locked_month(self):
        """January is closed: the repair is of February, and January's entries stay."""
        own = self._invoice(self.hq, 100.0, due="2026-01-10")
        payment = self._payment(self.hq, 100.0).move_id
        self.lines(own, payment).reconcile()
        self.cross(own)
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.check().filtered("partial_id").action_repair()
        self.assert_ledger()
        self.assertGreater(str(self.last_settlement().date), "2026-01-31")
        self.assertFalse(self.check())

    def test_all_at_once(self):
        """All findings are chosen in the list and repaired together."""
        for amount, customer in ((10.0, self.north), (20.0, self.south)):
            own = self._invoice(self.hq, amount, due="2026-01-10")
            self.lines(own, self._payment(self.hq, amount).move_id).reconcile()
            self.cross(own, customer=customer)
        found = self.check()
        self.assertEqual(len(found), 5)
        result = found.action_repair()
        self.assertEqual(result["tag"], "soft_reload")
        self.assert_ledger()
        self.assertFalse(self.check())

    def test_clerk_repairs(self):
        """An invoicing user repairs; the settlement is made in his name."""
        own = self._invoice(self.hq, 100.0, due="2026-01-10")
        self.lines(own, self._payment(self.hq, 100.0).move_id).reconcile()
        self.cross(own)
        found = self.check().filtered("partial_id")
        accountant = new_test_user(self.env, "accountant", "account.group_account_user")
        found.with_user(accountant).action_repair()
        self.env.flush_all()
        self.assert_ledger()
        self.assertEqual(self.last_settlement().move_id.create_uid, accountant)

    def test_drafts_are_no_finding(self):
        """Core keeps matches while a document is corrected in draft."""
        self.reconcile(self._payment(self.hq, 5500.0), self.invoice_n, self.invoice_s)
        self.invoice_n.button_draft()
        self.assertFalse(self.check())
        payment = self.last_settlement().line_ids.credit_line_id.payment_id
        payment.action_draft()
        self.assertFalse(self.check())


@tagged("post_install", "-at_install")
class TestRepairOfSettlements(RepairCommon, CashBasisCommon):
    """What is broken of a settlement itself, and how much of it a repair takes back."""

    def settle_in_euros(self):
        """Settle in EUR, with a pair of legs a match; return the documents and the settlement."""
        invoices = [
            self.bill(self.north, self.eur, 900.0, "2026-01-05"),
            self.bill(self.south, self.eur, 450.0, "2026-01-16"),
        ]
        payment = self._payment(self.hq, 2000.0, currency_id=self.eur.id, date="2026-02-05")
        self.lines(*invoices, payment.move_id).reconcile()
        return (*invoices, payment.move_id), self.last_settlement()

    def open_leg(self, leg):
        self.damage(
            "UPDATE account_move_line SET reconciled = FALSE, amount_residual = balance,"
            " amount_residual_currency = amount_currency WHERE id = %s",
            leg.id,
        )

    def test_open_leg_of_one_match(self):
        """The payer's leg of N's match is open: N is freed, S's match is untouched."""
        (first, second, payment), settlement = self.settle_in_euros()
        line = settlement.line_ids.filtered(lambda one: one.debt_line_id.move_id == first)
        self.open_leg(line.payer_leg_id)
        found = self.check().filtered(lambda one: one.kind == "leg")
        self.assertEqual(found.move_line_id, line.payer_leg_id)
        found.action_repair()
        self.assertEqual(first.payment_state, "not_paid")
        self.assertEqual(second.payment_state, "paid")
        self.assertEqual(self.residuals(first), [(1000.0, 900.0)])
        self.assertEqual(self.residuals(payment)[0][1], -1550.0)
        self.assert_ledger()
        self.assertFalse(self.check())

    def test_both_legs_of_one_match(self):
        """Both legs of N's match are open: the first repair frees them, the second finds that."""
        (first, second, _payment), settlement = self.settle_in_euros()
        line = settlement.line_ids.filtered(lambda one: one.debt_line_id.move_id == first)
        self.open_leg(line.payer_leg_id)
        self.open_leg(line.debtor_leg_id)
        found = self.check()
        self.assertEqual(len(found.filtered(lambda one: one.kind == "leg")), 2)
        found.action_repair()
        self.assertEqual((first.payment_state, second.payment_state), ("not_paid", "paid"))
        self.assert_ledger()
        self.assertFalse(self.check())

    def test_orphan_has_no_repair(self):
        """A leg without a line belongs to nobody: it is named, and the message says what to do."""
        settlement = self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        self.damage("DELETE FROM customer_settlement_line WHERE settlement_id = %s", settlement.id)
        legs = self.check().filtered(lambda one: one.kind == "leg")
        self.assertEqual(legs.move_line_id, settlement.move_id.line_ids)
        self.assertFalse(any(legs.mapped("can_repair")))
        with self.assert_refused(UserError, "can't be repaired by one settlement or one undo"):
            legs.action_repair()

    def test_cash_basis_tax_goes_with_it(self):
        """Undoing a settlement whose lines are wrong takes its tax back, too."""
        invoice = self.taxed_invoice(self.north)
        settlement = self.reconcile(self._payment(self.hq, 1100.0), invoice)
        self.assertEqual(self.due_tax(), {"2026-01-31": 100.0})
        self.damage(
            "UPDATE customer_settlement_line SET amount = 1099 WHERE settlement_id = %s",
            settlement.id,
        )
        found = self.check()
        self.assertEqual((found.kind, found.amount), ("settlement", 2.0))
        found.action_repair()
        self.assert_ledger()
        self.assertEqual(sum(self.due_tax().values()), 0.0)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertFalse(self.check())

    def test_finding_follows_what_it_finds(self):
        """The same finding, with its activity, while the difference grows; gone once it is none."""
        settlement = self.reconcile(self._payment(self.hq, 3000.0), self.invoice_n)
        query = "UPDATE customer_settlement_line SET amount = %s WHERE settlement_id = %s"
        self.damage(query, 2999, settlement.id)
        found = self.check()
        found._report()
        activity = found.activity_ids
        self.assertIn(settlement.name, found.display_name)
        self.damage(query, 2900, settlement.id)
        self.assertEqual(self.check(), found)
        self.assertEqual((found.amount, found.activity_ids), (200.0, activity))
        self.damage(query, 3000, settlement.id)
        self.assertFalse(self.check())
        self.assertFalse(activity.exists())

    def test_open_what_is_wrong(self):
        """Each finding opens what it is about: settlement, matched items, customer's items."""
        own = self._invoice(self.hq, 100.0, due="2026-01-10")
        payment = self._payment(self.hq, 100.0).move_id
        self.lines(own, payment).reconcile()
        self.cross(own)
        settlement = self.reconcile_silently()
        self.damage(
            "UPDATE customer_settlement_line SET amount = 1 WHERE settlement_id = %s",
            settlement.id,
        )
        found = self.check()
        items = self.env["account.move.line"]
        opened = {
            (one.kind, one.partner_id.name): action
            for one in found
            for action in [one.action_open()]
        }
        self.assertEqual(opened["settlement", "Acme HQ"]["res_id"], settlement.id)
        self.assertEqual(
            items.search(opened["match", "Acme HQ"]["domain"]), self.lines(own, payment)
        )
        balance = items.search(opened["balance", "Acme N"]["domain"])
        self.assertIn(self.lines(own), balance)
        self.assertEqual(balance.partner_id, self.north)

    def reconcile_silently(self):
        """Settle beside what is wrong already."""
        self.lines(self._payment(self.hq, 2500.0).move_id, self.invoice_s).reconcile()
        return self.last_settlement()

    def test_companies_of_the_cron(self):
        """Every company is looked at, and one of its own managers is asked."""
        other = self.setup_other_company(name="Other")["company"]
        invoice = self._invoice(self.north, 70.0, due="2026-01-01", company_id=other.id)
        self.damage(
            "UPDATE account_move_line SET amount_residual = 69 WHERE id = %s",
            self._receivable_lines(invoice).id,
        )
        with self.enter_registry_test_mode():
            self.env.ref("customer_org.cron_receivables_check").method_direct_trigger()
        self.env.invalidate_all()
        found = self.findings.search([("company_id", "=", other.id)])
        self.assertEqual((found.kind, found.partner_id, found.amount), ("balance", self.north, 1.0))
        self.assertIn(other, found.activity_ids.user_id.company_ids)
        self.assertFalse(self.findings.search([("company_id", "=", self.company.id)]))
