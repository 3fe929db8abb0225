# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import html

from odoo import fields
from odoo.tests import tagged

from ..models.portal.portal_organization import PortalOrganization
from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestThreeNumbers(PortalCommon):
    """Due, overdue, credit: the same wherever one reads what a hierarchy owes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branches.billing_parent_access = "view"
        # Overdue, not due yet, paid in part, credits of head office, branch and contact.
        cls._invoice(cls.south, 400.0, due="2099-01-31")
        cls._invoice(cls.hq, 50.0, due="2026-01-05")
        cls._receivable_lines(cls._payment(cls.north, 1000.0).move_id | cls.invoice_n).reconcile()
        cls._payment(cls.hq, 7000.0)
        cls._invoice(cls.east, 120.0, due="2026-02-28", move_type="out_refund")
        cls.joe = cls.env["res.partner"].create({"name": "Joe", "parent_id": cls.west.id})
        cls._payment(cls.joe, 30.0, date=fields.Date.today())
        cls.west.active = False
        cls.group = cls.env["customer.group"].create({"name": "All of Acme"})
        (cls.hq | cls.branches).customer_group_id = cls.group
        cls.numbers = (1050.0, 7800.0, 7150.0)

    def get_form(self):
        self.env.invalidate_all()
        fnames = ("billing_total_due", "billing_total_overdue", "billing_total_credit")
        return tuple(self.hq[fname] for fname in fnames)

    def get_head_office(self):
        fnames = ("head_office_due", "head_office_overdue", "head_office_credit")
        return tuple(self.hq[fname] for fname in fnames)

    def get_group(self):
        return self.group.total_due, self.group.total_overdue, self.group.total_credit

    def get_aged(self):
        """The aged report, which the dashboard reads as well."""
        domain = [("billing_root_id", "=", self.hq.id)]
        fnames = ("amount_residual", "amount_overdue", "amount_credit")
        report = self.env["customer.aged.receivable"]
        (sums,) = report._read_group(domain, [], [f"{fname}:sum" for fname in fnames])
        return sums

    def get_statement(self, **options):
        (section,) = self.hq._get_statement(options).sections
        numbers = section.closing, section.overdue, section.open_credit
        self.assertEqual(sum(group.overdue for group in section.groups), section.overdue)
        self.assertEqual(sum(group.open_credit for group in section.groups), section.open_credit)
        return numbers

    def get_overview(self):
        organization = PortalOrganization(self.env(user=self.users["hq"]))
        total = organization.sum_by_currency(organization.get_ageing().values())
        (amounts,) = total.values()
        return amounts.due, amounts.overdue, amounts.credit

    def get_page(self, url):
        page = html.fromstring(self.get(url).text)
        return " ".join(" ".join(page.xpath("//main//text()")).split())

    def test_the_same_everywhere(self):
        """Form, head office, group, aged report, statement and portal say the same."""
        for read in (
            self.get_form,
            self.get_head_office,
            self.get_group,
            self.get_aged,
            self.get_statement,
            lambda: self.get_statement(presentation="open"),
            self.get_overview,
        ):
            numbers = tuple(self.company.currency_id.round(number) for number in read())
            self.assertEqual(numbers, self.numbers, read)
        partners = self.hq | self.branches | self.joe
        self.assertEqual(self.hq.billing_total_due, sum(partners.mapped("credit")))

    def test_on_the_pages(self):
        """Overview, statement, invoices and pay page of the portal show them, to the cent."""
        self.login("hq")
        for url in (
            "/my/organization",
            "/my/organization/statement?presentation=open",
            "/my/organization/invoices",
            "/my/organization/invoices?filterby=paid",
            "/my/organization/pay",
        ):
            text = self.get_page(url)
            for number in ("1,050.00", "7,800.00", "7,150.00"):
                self.assertIn(number, text, url)

    def test_of_a_branch(self):
        """Narrowed to a branch, invoices and pay page show what the overview says of it."""
        self.branches.billing_parent_access = "pay"
        self.login("hq")
        for url in ("/my/organization/invoices", "/my/organization/pay"):
            text = self.get_page(f"{url}?branch={self.south.id}")
            self.assertIn("Due $ 2,900.00 Overdue $ 2,500.00", text.replace("\xa0", " "), url)
            self.assertNotIn("Open credits", text, url)

    def test_credit_above_debts(self):
        """Open credit beyond all debts: due is negative, overdue never is."""
        self._payment(self.hq, 10000.0)
        self.assertEqual(self.get_form(), (1050.0 - 10000.0, 7800.0, 17150.0))
        self.assertEqual(self.get_aged(), self.get_form())
        self.assertEqual(self.get_statement(), self.get_form())
