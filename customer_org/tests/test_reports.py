# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import AcmeCommon, SettlementCommon

TODAY = date(2026, 3, 1)
BUCKETS = ("amount_not_due", "amount_30", "amount_60", "amount_90", "amount_older")


class ReportCommon(AcmeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.aged = cls.env["customer.aged.receivable"]
        cls.paid_for = cls.env["customer.settlement.report"]

    def _rows(self, *domain):
        return self.aged.search([("partner_id", "in", (self.hq | self.branches).ids), *domain])

    def _sum(self, fname, *domain):
        return sum(self._rows(*domain).mapped(fname))

    @classmethod
    def _create_other_company(cls):
        """Return a company in foreign currency, at 2 to 1, in which the branches buy too."""
        currency = cls.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        other = cls.setup_other_company(name="Other", currency_id=currency.id)["company"]
        cls.env["res.currency.rate"].create(
            {
                "name": "2016-01-01",
                "currency_id": cls.company.currency_id.id,
                "company_id": other.id,
                "rate": 0.5,
            }
        )
        return other

    def _invoice_in(self, company, partner, amount):
        env = self.env(context={"allowed_company_ids": company.ids})
        receivable = self.env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("company_ids", "=", company.id)], limit=1
        )
        partner.with_env(env).property_account_receivable_id = receivable
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move


@tagged("post_install", "-at_install")
class TestAgedReceivable(ReportCommon):
    """What customers owe, by how late it is, added up by head office."""

    def test_buckets(self):
        """Each item is in one bucket, by the days since its due date."""
        for days, bucket in (
            (-1, "amount_not_due"),
            (0, "amount_not_due"),
            (1, "amount_30"),
            (30, "amount_30"),
            (31, "amount_60"),
            (60, "amount_60"),
            (61, "amount_90"),
            (90, "amount_90"),
            (91, "amount_older"),
        ):
            due = TODAY - timedelta(days=days)
            with self.subTest(days=days), self.taken_back():
                invoice = self._invoice(self.south, 100.0, due=due, date=date(2025, 1, 1))
                row = self._rows(("move_id", "=", invoice.id))
                amounts = {fname: row[fname] for fname in BUCKETS if row[fname]}
                self.assertEqual(amounts, {bucket: 100.0})
                self.assertEqual(row.age, str(BUCKETS.index(bucket)))
                self.assertEqual(row.days_overdue, max(days, 0))
                self.assertEqual(row.amount_overdue, 100.0 if days > 0 else 0.0)
                self.assertEqual(row.date_due, due)

    def test_ties_with_the_consolidated_totals(self):
        """Due and overdue of a head office are those of its form, credits and all."""
        self._create_open_invoices()
        self._invoice(self.east, 70.0, due="2026-03-20")
        self._invoice(self.hq, 50.0, due="2026-02-28", move_type="out_refund")
        payment = self._payment(self.hq, 1000.0, date=TODAY)
        self._payment(self.west, 200.0, date="2026-02-01")
        lines = self._receivable_lines(payment.move_id | self.invoice_n)
        lines.reconcile()
        later = self._invoice(self.south, 30.0, due="2026-04-01", date="2026-03-15")
        later.line_ids.filtered("date_maturity").date_maturity = False
        self.west.active = False
        self.env.invalidate_all()
        for customer in self.hq | self.south:
            domain = ("partner_id.billing_ancestor_link_ids.ancestor_id", "=", customer.id)
            self.assertEqual(self._sum("amount_residual", domain), customer.billing_total_due)
            self.assertEqual(self._sum("amount_overdue", domain), customer.billing_total_overdue)
            self.assertEqual(self._sum("amount_credit", domain), customer.billing_total_credit)
        self.assertEqual(self.hq.billing_total_due, 8750 + 70 - 50 - 1000 - 200 + 30)
        self.assertEqual(self.hq.billing_total_overdue, 8750 - 1000)
        self.assertEqual(self.hq.billing_total_credit, 50 + 200)
        self.assertEqual(sum(self._sum(fname) for fname in BUCKETS), self._sum("amount_residual"))

    def test_credits_have_their_own_dates(self):
        """A credit lessens the bucket of its own date, and never what is overdue."""
        self._invoice(self.hq, 100.0, due="2026-01-10")
        self._payment(self.hq, 30.0, date=TODAY)
        self._payment(self.hq, 20.0, date=TODAY + timedelta(days=1))
        self.assertEqual(self._sum("amount_overdue"), 100.0)
        self.assertEqual(self._sum("amount_credit"), 50.0)
        self.assertEqual(self._sum("amount_not_due"), -20.0)
        self.assertEqual(self.hq.billing_total_overdue, 100.0)

    def test_as_of_another_day(self):
        """What was open then, and how late: later documents and matches don't count."""
        self._create_open_invoices()
        payment = self._payment(self.hq, 4000.0, date="2026-02-05")
        report = self.env["customer.aged.receivable"]
        lines = self._receivable_lines(payment.move_id | self.invoice_n | self.invoice_s)
        lines.reconcile()
        domain = [("billing_root_id", "=", self.hq.id)]
        measures = ["amount_residual", "amount_overdue", "amount_credit", "amount_30", "amount_60"]
        for day, expected in (
            ("2026-01-18", (8750.0, 5500.0, 0.0, 5500.0, 0.0)),
            ("2026-02-04", (8750.0, 8750.0, 0.0, 8750.0, 0.0)),
            ("2026-02-05", (4750.0, 4750.0, 0.0, 4750.0, 0.0)),
            ("2026-02-28", (4750.0, 4750.0, 0.0, 1500.0, 3250.0)),
        ):
            report = report.with_context(customer_aged_as_of=day)
            (sums,) = report._read_group(domain, [], [f"{fname}:sum" for fname in measures])
            self.assertEqual(tuple(number or 0.0 for number in sums), expected, day)
            statement = self.hq._get_statement({"date_to": day, "presentation": "open"})
            (section,) = statement.sections
            self.assertEqual((section.closing, section.overdue), expected[:2], day)
        action = self.env["customer.aged.receivable.wizard"].create({"date": day}).action_open()
        self.assertEqual(action["context"], {"customer_aged_as_of": day})
        for wrong in ("x", "2026-99-99", [1]):
            with self.assertRaises(UserError):
                report.with_context(customer_aged_as_of=wrong).search_count([])

    def test_as_of_today_is_today(self):
        """With the day of today it is what the report says without."""
        self._create_open_invoices()
        self._payment(self.hq, 4000.0, date="2026-02-05")
        self._invoice(self.east, 120.0, due="2026-03-01", move_type="out_refund")
        report = self.env["customer.aged.receivable"]
        fnames = ["id", "amount_residual", "amount_overdue", "amount_credit", "age", *BUCKETS]
        expected = report.search([]).read(fnames)
        report.invalidate_model()
        as_of = report.with_context(customer_aged_as_of=fields.Date.to_string(TODAY))
        self.assertEqual(as_of.search([]).read(fnames), expected)

    def test_by_head_office_of_today(self):
        """A moved branch takes what it owes along; a customer on its own is its own head."""
        self._create_open_invoices()
        alone = self._create_customer("Alone")
        self._invoice(alone, 40.0, due="2026-01-10")
        self.south.billing_parent_id = False
        rows = dict(
            self.aged._read_group(
                [("partner_id", "in", (self.hq | self.branches | alone).ids)],
                ["billing_root_id"],
                ["amount_residual:sum"],
            )
        )
        self.assertEqual(rows, {self.hq: 6250.0, self.south: 2500.0, alone: 40.0})
        in_hierarchy = self.aged.search([("partner_id.billing_ancestor_link_ids", "!=", False)])
        self.assertNotIn(alone, in_hierarchy.partner_id)
        self.west.active = False
        in_hierarchy = self.aged.search([("partner_id.billing_ancestor_link_ids", "!=", False)])
        self.assertIn(self.west, in_hierarchy.partner_id)

    def test_only_what_is_open(self):
        """Drafts, cancelled and paid invoices, and vendors' bills, are not in it."""
        draft = self._invoice(self.south, 10.0, due="2026-01-10")
        draft.button_draft()
        paid = self._invoice(self.south, 20.0, due="2026-01-10")
        self._register_payment(paid)
        self._invoice(self.south, 30.0, due="2026-01-10", move_type="in_invoice")
        self.assertFalse(self._rows())

    def test_foreign_currency(self):
        """Amounts are in company currency; one column is in the document's."""
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._invoice(self.south, 500.0, due="2026-01-10", currency_id=currency.id)
        row = self._rows()
        self.assertEqual((row.amount_residual, row.amount_60), (250.0, 250.0))
        self.assertEqual(row.amount_residual_currency, 500.0)
        self.assertEqual(row.currency_id, currency)
        self.assertEqual(row.company_currency_id, self.company.currency_id)

    def test_pivot(self):
        """The view's own question: totals and groups by name, each amount in one currency."""
        self._create_open_invoices()
        spec = ["amount_residual:sum", "amount_residual:sum_currency", "amount_60:sum"]
        total, groups = self.aged.formatted_read_grouping_sets(
            [("billing_root_id", "=", self.hq.id)],
            [[], ["partner_id"]],
            [*spec, "company_currency_id:array_agg_distinct"],
        )
        self.assertEqual([total[0][name] for name in spec], [8750.0, 8750.0, 7250.0])
        self.assertEqual(
            total[0]["company_currency_id:array_agg_distinct"], self.company.currency_id.ids
        )
        names = [group["partner_id"][1] for group in groups]
        self.assertEqual(names, ["Acme E", "Acme N", "Acme S", "Acme W"])
        listed = self.aged.formatted_read_group(
            [("billing_root_id", "=", self.hq.id)],
            ["partner_id"],
            ["amount_residual:sum"],
            order="partner_id DESC",
        )
        self.assertEqual([group["partner_id"][1] for group in listed], names[::-1])

    def test_companies(self):
        """Users see their companies' items, in the currency of the company they are in."""
        other = self._create_other_company()
        self._invoice(self.south, 100.0, due="2026-01-10")
        self._invoice_in(other, self.south, 100.0)
        domain = [("partner_id", "=", self.south.id)]
        both = self.company | other
        for companies, expected in (
            (self.company, 100.0),
            (other, 100.0),
            (both, 150.0),
            (other | self.company, 300.0),
        ):
            with self.subTest(companies=companies.mapped("name")):
                self.env.invalidate_all()
                user = new_test_user(
                    self.env,
                    login=f"accountant-{'-'.join(map(str, companies._ids))}",
                    groups="account.group_account_invoice",
                    company_id=companies[0].id,
                    company_ids=[Command.set(companies.ids)],
                )
                report = self.aged.with_user(user).with_context(
                    allowed_company_ids=list(companies._ids)
                )
                rows = report.search(domain)
                self.assertEqual(len(rows), len(companies))
                self.assertEqual(sum(rows.mapped("amount_residual")), expected)
                self.assertEqual(rows.company_currency_id, companies[0].currency_id)
                spec = "amount_residual:sum_currency"
                self.assertEqual(report._read_group(domain, [], [spec]), [(expected,)])

    def test_access(self):
        """Invoicing users and auditors read it; nobody else does."""
        self._create_open_invoices()
        self._register_payment(self.invoice_n, payer_id=self.hq.id)
        for groups, allowed in (
            ("account.group_account_invoice", True),
            ("account.group_account_readonly", True),
            ("base.group_user", False),
            ("base.group_portal", False),
            ("base.group_public", False),
        ):
            user = new_test_user(
                self.env,
                login=groups,
                groups=groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for report in self.aged, self.paid_for:
                report = report.with_user(user)
                if allowed:
                    self.assertTrue(report.search([]).mapped("display_name"))
                else:
                    with self.assertRaises(AccessError):
                        report.search([])

    def test_drill_down(self):
        """A row opens its invoice or its payment."""
        invoice = self._invoice(self.south, 10.0, due="2026-01-10")
        payment = self._payment(self.hq, 20.0)
        action = self._rows(("partner_id", "=", self.south.id)).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", invoice.id))
        action = self._rows(("partner_id", "=", self.hq.id)).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (payment._name, payment.id))

    def test_export(self):
        self._invoice(self.south, 10.0, due="2026-01-10")
        data = self._rows().export_data(["partner_id/name", "age", "amount_residual"])["datas"]
        self.assertEqual(data, [["Acme S", "31-60 days", 10.0]])


@tagged("post_install", "-at_install")
class TestWhoPaidForWhom(ReportCommon, SettlementCommon):
    def _paid(self):
        self.env.invalidate_all()
        rows = self.paid_for.search([("payer_id", "=", self.hq.id)])
        return {row.partner_id: row.amount for row in rows}

    def test_settled_amounts(self):
        """What a settlement still pays is listed, and gone when it is undone."""
        payment = self._payment(self.hq, 4000.0)
        self.reconcile(payment, self.invoice_n, self.invoice_s)
        self.assertEqual(self._paid(), {self.north: 3000.0, self.south: 1000.0})
        row = self.paid_for.search([("partner_id", "=", self.south.id)])
        settlement = self.last_settlement()
        self.assertEqual(row.settlement_id, settlement)
        self.assertEqual(row.date, settlement.date)
        self.assertEqual(row.billing_root_id, self.hq)
        self.assertEqual(row.credit_move_id, payment.move_id)
        self.assertEqual(row.journal_id, payment.journal_id)
        self.assertEqual(row.company_currency_id, self.company.currency_id)
        action = row.action_open_settlement()
        self.assertEqual((action["res_model"], action["res_id"]), (settlement._name, settlement.id))
        self._receivable_lines(self.invoice_s).remove_move_reconcile()
        self.assertEqual(self._paid(), {self.north: 3000.0})
        self._receivable_lines(self.invoice_n).remove_move_reconcile()
        self.assertFalse(self._paid())

    def test_credit_note(self):
        note = self._invoice(self.hq, 500.0, due="2026-01-01", move_type="out_refund")
        self.reconcile(note, self.invoice_e)
        self.assertEqual(self._paid(), {self.east: 500.0})

    def test_own_payments_are_not_in_it(self):
        self._register_payment(self.invoice_n)
        self.assertFalse(self.paid_for.search([("partner_id", "=", self.north.id)]))

    def test_by_payer(self):
        """Grouped as the pivot does; sums tie with the settlements."""
        payment = self._payment(self.hq, 4000.0)
        self.reconcile(payment, self.invoice_n, self.invoice_s)
        groups = self.paid_for.formatted_read_group(
            [("payer_id", "=", self.hq.id)], ["payer_id", "date:month"], ["amount:sum"]
        )
        amounts = [group["amount:sum"] for group in groups]
        self.assertEqual(sum(amounts), self.last_settlement().amount)

    def test_other_company(self):
        """Others see only what their own company's settlements paid."""
        self.reconcile(self._payment(self.hq, 100.0), self.invoice_n)
        other = self._create_other_company()
        user = new_test_user(
            self.env,
            login="other-accountant",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.paid_for.with_user(user).search([]))
        both = [other.id, self.company.id]
        user.company_ids = [Command.set(both)]
        report = self.paid_for.with_user(user).with_context(allowed_company_ids=both)
        self.assertEqual(report.search([]).mapped("amount"), [200.0], "in the other's currency")


@tagged("post_install", "-at_install")
class TestInvoiceAnalysis(AcmeCommon):
    def test_history_stands_still(self):
        """Invoices stay with the group and the head office of the day on which they were posted."""
        gold, silver = self.env["customer.group"].create([{"name": "Gold"}, {"name": "Silver"}])
        self.south.customer_group_id = gold
        self._invoice(self.south, 100.0, due="2026-02-01")
        self.south.customer_group_id = silver
        self.south.billing_parent_id = False
        self._invoice(self.south, 10.0, due="2026-02-01")
        rows = self.env["account.invoice.report"]._read_group(
            [("partner_id", "=", self.south.id)],
            ["customer_group_id", "billing_root_id"],
            ["price_subtotal:sum"],
        )
        self.assertCountEqual(rows, [(gold, self.hq, 100.0), (silver, self.south, 10.0)])

    def test_search_view(self):
        arch = self.env["account.invoice.report"].get_view(view_type="search")["arch"]
        for name in ("group_customer_group", "group_billing_root"):
            self.assertIn(f'name="{name}"', arch)
