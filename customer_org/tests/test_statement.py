# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_statement import StatementCommon


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    """What a customer owes, alone and with its branches, by hand-calculated figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 4000.0, date="2026-02-05", memo="Wire 77")

    def test_hand_calculated(self):
        """Scenario: opening 8,750; 1,000 billed, 4,000 paid by the head office; closing 5,750.

        The 4,000 pay N whole and 1,000 of S. At the end of February S's rest of 1,500 (due
        January 15) and E's 1,750 (January 20) are 31 to 60 days late, W's 1,500 (January 31)
        1 to 30 days, and the head office's own 1,000 are not due.
        """
        own = self._invoice(self.hq, 1000.0, due="2026-03-10", date="2026-02-10")
        settlement = self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        statement = self.statement(date_to="2026-02-28", date_from="2026-02-01")
        section = self.get_section(statement)
        self.assertEqual(
            (section.opening, section.debit, section.credit, section.closing),
            (8750.0, 1000.0, 4000.0, 5750.0),
        )
        self.assertEqual(
            self.get_rows(statement),
            [
                ("Acme HQ", self.payment.name, 0.0, 4000.0, 4750.0),
                ("Acme HQ", own.name, 1000.0, 0.0, 5750.0),
            ],
        )
        self.assertEqual(section.buckets, [1000.0, 1500.0, 3250.0, 0.0, 0.0])
        self.assertEqual(section.overdue, 4750.0)
        ageing = {group.customer.name: group.buckets for group in section.groups}
        self.assertEqual(
            ageing,
            {
                "Acme HQ": [1000.0, 0.0, 0.0, 0.0, 0.0],
                "Acme E": [0.0, 0.0, 1750.0, 0.0, 0.0],
                "Acme S": [0.0, 0.0, 1500.0, 0.0, 0.0],
                "Acme W": [0.0, 1500.0, 0.0, 0.0, 0.0],
            },
        )
        self.assertEqual(statement.bucket_labels, ["Not Due", "1-30", "31-60", "61-90", "> 90"])
        self.assertFalse(statement.has_foreign_currency)
        # The branch alone: its invoice, and what the head office paid.
        statement = self.statement(self.south, date_to="2026-02-28", date_from="2026-01-01")
        self.assertEqual(
            self.get_rows(statement),
            [
                ("Acme S", self.invoice_s.name, 2500.0, 0.0, 2500.0),
                ("Acme S", settlement.name, 0.0, 1000.0, 1500.0),
            ],
        )

    def test_labels_of_settlements(self):
        """Who sees one side only reads who paid, or for whom; who sees both sees nothing of it."""
        settlement = self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        statement = self.statement(self.north)
        row = self.get_section(statement).groups[0].rows[1]
        self.assertEqual((row.reference, row.kind), ("Paid by Acme HQ", "settlement"))
        self.assertEqual((row.model, row.res_id), ("customer.settlement", settlement.id))
        statement = self.statement(self.hq, branches=False)
        rows = self.get_section(statement).groups[0].rows
        self.assertEqual(
            [(row.document, row.reference, row.amount) for row in rows],
            [
                (self.payment.name, "Wire 77", -4000.0),
                (settlement.name, "Paid for Acme N, Acme S", 4000.0),
            ],
        )
        documents = [row[1] for row in self.get_rows(self.statement(self.hq))]
        self.assertNotIn(settlement.name, documents)

    def test_labels_of_what_is_undone(self):
        settlement = self.reconcile(self.payment, self.invoice_n)
        self.company.fiscalyear_lock_date = "2026-02-28"
        settlement.action_undo()
        for customer, label in (
            (self.north, "Paid by Acme HQ"),
            (self.hq, "Paid for Acme N"),
        ):
            statement = self.statement(customer, "2099-01-01", branches=False)
            labels = [
                row.reference
                for row in self.get_section(statement).groups[0].rows
                if row.kind == "settlement"
            ]
            self.assertEqual(labels, [label, f"Undone: {label}"])

    def test_open_money_is_not_late_to_pay(self):
        """A credit lessens the bucket of its own date; what is overdue is said before credits."""
        payment = self._payment(self.hq, 8750.0, date="2026-02-20")
        refund = self._invoice(
            self.hq, 100.0, due="2026-03-20", date="2026-02-20", move_type="out_refund"
        )
        section = self.get_section(self.statement(date_to="2026-02-20"))
        self.assertEqual(section.closing, -4100.0)
        self.assertEqual((section.overdue, section.open_credit), (8750.0, 12850.0))
        self.assertEqual(section.buckets, [0.0, 1500.0 - 8850.0 - 4000.0, 7250.0, 0.0, 0.0])
        (payment.move_id | refund).button_draft()
        self.assertEqual(self.get_section(self.statement(date_to="2026-02-20")).overdue, 8750.0)

    def test_branch_companies(self):
        """What a payment in the company pays of its branch company's invoices is paid there too."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        both = self.env.context | {"allowed_company_ids": (self.company | branch).ids}
        self.env = self.env(context=both)
        invoice = self._invoice(self.north.with_env(self.env), 700.0, due="2026-01-05")
        invoice = self.env["account.move"].browse(invoice.id)
        invoice.button_draft()
        invoice.company_id = branch
        invoice.action_post()
        self.reconcile(self.payment, invoice)
        self.assertEqual(invoice.payment_state, "paid")
        for company in self.company, branch:
            statement = self.statement(self.north.with_company(company))
            self.assertEqual(self.get_section(statement).closing, 3000.0)

    def test_mid_level_top(self):
        """A customer in the middle: what comes from above is shown, what stays below is not."""
        self.east.billing_parent_id = self.west.billing_parent_id = self.north
        from_above = self.reconcile(self.payment, self.invoice_n)
        own = self._payment(self.north, 1750.0, date="2026-02-06")
        below = self.reconcile(own, self.invoice_e)
        statement = self.statement(self.north)
        documents = [row[1] for row in self.get_rows(statement)]
        self.assertIn(from_above.name, documents)
        self.assertNotIn(below.name, documents)
        self.assertEqual(self.get_section(statement).closing, 1500.0)

    def test_part_of_a_leg_for_others(self):
        """Where some of the paid customers are outside, the payer's leg is split."""
        self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        self.south.billing_parent_id = False
        rows = self.get_section(self.statement(self.hq)).groups[0].rows
        self.assertEqual(
            [(row.reference, row.amount) for row in rows],
            [("Wire 77", -4000.0), ("Paid for Acme S", 1000.0)],
        )

    def test_undo(self):
        """A cancelled settlement leaves nothing; of one undone in part the rest is shown."""
        before = self.get_rows(self.statement(self.south))
        settlement = self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        self._receivable_lines(self.invoice_n).matched_credit_ids.unlink()
        self.assert_ledger()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(self.get_section(self.statement(self.hq)).closing, 4750.0)
        rows = self.get_rows(self.statement(self.north))
        self.assertEqual([row[2:] for row in rows][1:], [(0.0, 3000.0, 0.0), (3000.0, 0.0, 3000.0)])
        rows = self.get_section(self.statement(self.hq, branches=False)).groups[0].rows
        self.assertEqual(sum(row.amount for row in rows), -3000.0)
        settlement.action_undo()
        self.assertEqual(self.get_rows(self.statement(self.south)), before)

    def test_reversed_settlement(self):
        """Where the settlement can't be cancelled, its reversal is netted in the same way."""
        settlement = self.reconcile(self.payment, self.invoice_n)
        self.company.fiscalyear_lock_date = "2026-02-28"
        settlement.action_undo()
        self.assertEqual(settlement.move_id.state, "posted")
        for date_to in ("2026-02-10", "2026-03-15", "2099-01-01"):
            for customer in (self.hq, self.north):
                for presentation in ("period", "open"):
                    statement = self.statement(customer, date_to, presentation=presentation)
                    documents = [row[1] for row in self.get_rows(statement)]
                    self.assertEqual(
                        settlement.name in documents,
                        customer == self.north
                        and (presentation == "period" or date_to == "2026-02-10"),
                        (date_to, customer.name, presentation),
                    )

    def test_past_date(self):
        """What was paid later is open on the earlier date; what is later is not there."""
        self.reconcile(self.payment, self.invoice_n)
        statement = self.statement(date_to="2026-02-01")
        self.assertEqual(self.get_section(statement).closing, 8750.0)
        self.assertEqual(self.get_section(statement).buckets, [0.0, 8750.0, 0.0, 0.0, 0.0])
        self.assertTrue(self.statement(date_to="2025-12-31").is_empty)

    def test_open_items(self):
        """The items open at a date, with what was left of them that day."""
        self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        later = self._payment(self.west, 500.0, date="2026-03-01")
        self.reconcile(later, self.invoice_w)
        statement = self.statement(date_to="2026-02-28", presentation="open")
        self.assertEqual(
            self.get_rows(statement),
            [
                ("Acme E", self.invoice_e.name, 1750.0, 0.0, 1750.0),
                ("Acme S", self.invoice_s.name, 1500.0, 0.0, 3250.0),
                ("Acme W", self.invoice_w.name, 1500.0, 0.0, 4750.0),
            ],
        )
        statement = self.statement(date_to="2026-03-01", presentation="open")
        self.assertEqual(self.get_section(statement).closing, 4250.0)

    def test_ordinary_customer(self):
        """A customer in no hierarchy, its contacts' items and archived branches included."""
        single = self._create_customer("Single")
        contact = self.env["res.partner"].create({"name": "Joe", "parent_id": single.id})
        self._invoice(contact, 100.0, due="2026-01-10")
        entry = self.env["account.move"].create(
            {
                "date": "2026-01-31",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Opening",
                            "partner_id": contact.id,
                            "account_id": self.receivable.id,
                            "debit": 30.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_revenue"].id,
                            "credit": 30.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        rows = self.get_section(self.statement(single)).groups[0].rows
        self.assertEqual([(row.amount, row.running) for row in rows], [(100, 100), (30, 130)])
        self.assertEqual(rows[1].reference, "Opening")
        self.west.active = False
        self.assertEqual(self.get_section(self.statement(self.hq)).closing, 4750.0)

    def test_conversion(self):
        """A debt paid in another currency leaves the one and the other; totals don't move."""
        eur = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-02-01", 0.8)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=eur.id)
        payment = self._payment(self.north, 200.0, date="2026-02-06")
        self.reconcile(invoice, payment)
        statement = self.statement(self.north, "2026-02-28", "2026-02-01")
        self.assertEqual(self.get_section(statement, eur).closing, 0.0)
        self.assertEqual(
            [row[1:] for row in self.get_rows(statement, eur)],
            [(invoice.name, 0.0, 100.0, 0.0)],
        )
        rows = self.get_section(statement).groups[0].rows
        self.assertEqual([row.kind for row in rows], ["", "converted"])
        self.assertTrue(statement.has_foreign_currency)
        # Before the payment it was open in euros.
        statement = self.statement(self.north, "2026-01-31")
        self.assertEqual(self.get_section(statement, eur).closing, 100.0)
        self.assertEqual(statement.total.closing, 3200.0)

    def test_settlement_in_two_currencies(self):
        """The head office's dollars pay euros: netted within, save for the conversion."""
        eur = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-02-01", 0.8)])
        invoice = self._invoice(self.north, 100.0, "2026-01-10", currency_id=eur.id)
        settlement = self.reconcile(self.payment, invoice)
        statement = self.statement(self.hq, "2026-02-28", "2026-02-01")
        self.assertEqual(self.get_section(statement, eur).closing, 0.0)
        self.assertEqual(
            [row[:4] for row in self.get_rows(statement, eur)],
            [("Acme HQ", settlement.name, 0.0, 100.0)],
        )
        self.assertEqual(
            [row[:4] for row in self.get_rows(statement)],
            [
                ("Acme HQ", self.payment.name, 0.0, 4000.0),
                ("Acme HQ", settlement.name, 125.0, 0.0),
            ],
        )
        self.statement(self.north, "2026-02-28", "2026-02-01")
        self.statement(self.hq, "2026-02-28", "2026-02-01", branches=False)

    def test_match_with_an_outsider(self):
        """A match with a stranger, which core makes, changes neither ledger nor statement."""
        stranger = self._create_customer("Stranger")
        payment = self._payment(stranger, 3000.0)
        (
            self._receivable_lines(self.invoice_n) + self._receivable_lines(payment.move_id)
        ).reconcile()
        self.assertEqual(self.get_section(self.statement(self.north)).closing, 3000.0)

    def test_ageing_days(self):
        """The company chooses the columns."""
        self.company.statement_ageing_days = "10, 20"
        statement = self.statement(date_to="2026-02-01")
        self.assertEqual(statement.bucket_labels, ["Not Due", "1-10", "11-20", "> 20"])
        self.assertEqual(self.get_section(statement).buckets, [0.0, 1500.0, 4250.0, 3000.0])
        for wrong in ("30, 20", "a", "0", "30,,60"):
            with self.assertRaises(ValidationError):
                self.company.statement_ageing_days = wrong

    def test_companies(self):
        """A statement is one company's."""
        other = self.setup_other_company()["company"]
        statement = self.env["customer.statement"].with_company(other)._build(self.hq)
        self.assertTrue(statement.is_empty)

    def test_access(self):
        """Users of Invoicing, also those who only read, and nobody else."""
        groups = {
            "account.group_account_invoice": True,
            "account.group_account_readonly": True,
            "base.group_user": False,
            "base.group_partner_manager": False,
        }
        for group, allowed in groups.items():
            user = new_test_user(self.env, group, f"base.group_user,{group}")
            user.company_ids = self.company
            user.company_id = self.company
            statements = self.env["customer.statement"].with_user(user).with_company(self.company)
            if allowed:
                self.assertEqual(statements._build(self.hq).total.closing, 4750.0)
            else:
                with self.assertRaises(AccessError):
                    statements._build(self.hq)

    def test_number_of_queries(self):
        """As many queries for two branches as for twenty."""
        self.reconcile(self.payment, self.invoice_n)
        few = self._create_customer("Few")
        for number in range(20):
            branch = self._create_customer(f"Shop {number}", self.hq)
            self._invoice(branch, 10.0, due="2026-02-01")
        branch = self._create_customer("Only one", few)
        self._invoice(branch, 10.0, due="2026-02-01")
        counts = []
        for customer in (self.hq, self.hq, few):  # the first one fills the caches
            self.env.flush_all()
            self.env.invalidate_all()
            with self.count_queries() as count:
                self.env["customer.statement"]._build(customer)
            counts.append(count())
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1], 10)
