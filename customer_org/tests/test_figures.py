# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import AcmeCommon, SettlementCommon

TODAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestGroupFigures(AcmeCommon):
    """The cards of customer groups."""

    FIGURES = (
        "member_count",
        "revenue_this_year",
        "revenue_last_year",
        "revenue_graph",
        "total_due",
        "total_overdue",
        "total_credit",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        groups = cls.env["customer.group"]
        cls.gold = groups.create({"name": "Gold"})
        cls.silver = groups.create({"name": "Silver", "parent_id": cls.gold.id})
        cls.south.customer_group_id = cls.gold
        cls.north.customer_group_id = cls.silver

    def _revenue(self, group):
        group.invalidate_recordset()
        return (group.revenue_this_year, group.revenue_last_year)

    def test_revenue(self):
        """Untaxed, less credit notes, by invoice date, of this and of last year."""
        tax = self.env["account.tax"].create({"name": "10 %", "amount": 10})
        invoice = self._invoice(self.south, 100.0, due="2026-03-31", date="2026-01-01")
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        self._invoice(self.south, 30.0, due="2026-03-31", move_type="out_refund")
        self._invoice(self.south, 7.0, due="2026-03-31", date="2025-12-31")
        self._invoice(self.south, 5.0, due="2025-03-31", date="2025-01-01")
        self._invoice(self.south, 3.0, due="2025-03-31", date="2024-12-31")
        self._invoice(self.south, 1000.0, due="2025-03-31").button_draft()
        self.assertEqual(self._revenue(self.gold), (70.0, 12.0))
        self.assertEqual(self.gold.total_invoiced, 85.0)

    def test_fiscal_year(self):
        """A company whose year ends in February compares its own years."""
        self.company.write({"fiscalyear_last_month": "2", "fiscalyear_last_day": 28})
        self._invoice(self.south, 10.0, due="2026-03-31", date="2026-03-01")
        self._invoice(self.south, 20.0, due="2026-03-31", date="2026-02-28")
        self.assertEqual(self._revenue(self.gold), (10.0, 20.0))

    def test_history_and_presence(self):
        """Revenue stays with the group it was earned in; what is due follows the member."""
        self._invoice(self.south, 100.0, due="2026-03-01")
        self.south.customer_group_id = self.silver
        groups = self.gold | self.silver
        groups.invalidate_recordset()
        self.assertEqual(groups.mapped("revenue_this_year"), [100.0, 0.0])
        self.assertEqual(groups.mapped("total_due"), [0.0, 100.0])
        self.assertEqual(groups.mapped("total_overdue"), [0.0, 100.0])

    def test_subgroups_count_for_themselves(self):
        """The groups add up to the whole."""
        self._invoice(self.south, 100.0, due="2026-03-01")
        self._invoice(self.north, 40.0, due="2026-03-31")
        groups = self.gold | self.silver
        self.assertEqual(groups.mapped("revenue_this_year"), [100.0, 40.0])
        self.assertEqual(groups.mapped("total_due"), [100.0, 40.0])
        self.assertEqual(groups.mapped("total_overdue"), [100.0, 0.0])

    def test_due_is_net_of_credits(self):
        """Due, overdue and credit are those of the member, as its own form says."""
        self._invoice(self.south, 100.0, due="2026-03-01")
        self._payment(self.south, 25.0, date=TODAY)
        self._payment(self.south, 10.0, date="2026-03-11")
        self.south.active = False
        self.assertEqual(self.gold.total_due, self.south.billing_total_due)
        self.assertEqual(self.gold.total_overdue, self.south.billing_total_overdue)
        self.assertEqual(self.gold.total_credit, self.south.billing_total_credit)
        numbers = (self.gold.total_due, self.gold.total_overdue, self.gold.total_credit)
        self.assertEqual(numbers, (65.0, 100.0, 35.0))

    def test_graph(self):
        """Twelve bars, the last one of this month."""
        self._invoice(self.south, 100.0, due="2026-03-31", date="2026-03-01")
        self._invoice(self.south, 30.0, due="2026-03-31", date="2025-04-01")
        self._invoice(self.south, 7.0, due="2026-03-31", date="2025-03-31")
        (graph,) = json.loads(self.gold.revenue_graph)
        self.assertEqual([value["value"] for value in graph["values"]], [30.0, *[0.0] * 10, 100.0])
        self.assertEqual(graph["values"][-1]["label"], "Mar")
        self.assertFalse(self.env["customer.group"].new({"name": "New"}).revenue_graph, "no bars")

    def test_other_company(self):
        """Figures are those of the company in which the user works."""
        self._invoice(self.south, 100.0, due="2026-03-01")
        other = self.setup_other_company(name="Other")["company"]
        group = self.gold.with_company(other)
        self.assertEqual((group.revenue_this_year, group.total_due), (0.0, 0.0))
        self.assertFalse(group.revenue_graph)
        self.assertEqual(group.currency_id, other.currency_id)

    def test_queries(self):
        """Twenty groups cost as many queries as two: one per figure."""
        groups = self.env["customer.group"].create(
            [{"name": f"Group {number}"} for number in range(20)]
        )
        for number, group in enumerate(groups):
            customer = self._create_customer(f"Customer {number}", customer_group_id=group.id)
            self._invoice(customer, 10.0, due="2026-03-01")
        counts = []
        for some in (groups, groups[:2], groups):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("name")
            self.env.company.currency_id.mapped("rounding")
            self.env.user.mapped("login")
            with self.count_queries() as count:
                for fname in self.FIGURES:
                    some.mapped(fname)
            counts.append(count())
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], len(self.FIGURES))


@tagged("post_install", "-at_install")
class TestHeadOfficeFigures(SettlementCommon):
    """Figures on the form of a head office."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))

    def test_due(self):
        self.assertEqual(self.hq.head_office_due, self.hq.billing_total_due)
        self.assertEqual(self.hq.head_office_overdue, self.hq.billing_total_overdue)
        self.assertEqual(self.hq.head_office_credit, self.hq.billing_total_credit)
        self.assertEqual(self.hq.head_office_due, 8750.0)
        self.assertEqual(self.south.head_office_due, 0.0, "no head office")

    def test_days_to_pay(self):
        """From the invoice to its last payment, on average over the paid invoices below."""
        self.assertEqual(self.hq.head_office_days_to_pay, 0.0)
        # Paid by the head office after 30 days.
        self.reconcile(self._payment(self.hq, 3000.0, date="2026-01-31"), self.invoice_n)
        # Paid in two parts, the last after 45 days.
        for day, amount in (("2026-01-11", 1500.0), ("2026-02-15", 1000.0)):
            self.reconcile(self._payment(self.south, amount, date=day), self.invoice_s)
        # Half paid: does not count.
        self.reconcile(self._payment(self.east, 750.0, date="2026-01-02"), self.invoice_e)
        # Paid more than a year ago: does not count.
        old = self._invoice(self.west, 10.0, due="2025-01-10", date="2025-01-01")
        self.reconcile(self._payment(self.west, 10.0, date="2025-03-10"), old)
        # A credit note that reverses an invoice is no payment.
        reversed_move = self._invoice(self.west, 20.0, due="2026-01-10")
        reversed_move._reverse_moves([{"date": TODAY, "invoice_date": TODAY}], cancel=True)
        self.env.invalidate_all()
        self.assertEqual(reversed_move.payment_state, "reversed")
        self.assertEqual(self.hq.head_office_days_to_pay, 37.5)
        self.south.active = False
        self.env.invalidate_all()
        self.assertEqual(self.hq.head_office_days_to_pay, 37.5, "archived branches count")

    def test_other_company(self):
        self.reconcile(self._payment(self.hq, 3000.0, date="2026-01-31"), self.invoice_n)
        other = self.setup_other_company(name="Other")["company"]
        self.env.invalidate_all()
        self.assertEqual(self.hq.with_company(other).head_office_days_to_pay, 0.0)
        self.assertEqual(self.hq.with_company(other).head_office_due, 0.0)

    def test_queries(self):
        """Others cost no query, many head offices no more than one."""
        fields = ["head_office_due", "head_office_overdue", "head_office_days_to_pay"]
        others = self.env["res.partner"].union(
            *(self._create_customer(f"Ordinary {number}") for number in range(20)),
            self.branches,
        )
        heads = self.env["res.partner"].union(
            *(self._create_customer(f"Head {number}") for number in range(20))
        )
        for head in heads:
            self._create_customer("Branch", head)
        counts = {}
        shown = {"warm": heads, "others": others, "one": heads[0], "all": heads}
        for name, partners in shown.items():
            self.env.flush_all()
            self.env.invalidate_all()
            partners.mapped("billing_branch_count")  # what the form shows anyway
            self.env.user.mapped("login")
            with self.count_queries() as count:
                for fname in fields:
                    partners.mapped(fname)
            counts[name] = count()
        self.assertEqual(counts["others"], 0)
        self.assertEqual(counts["one"], counts["all"])
