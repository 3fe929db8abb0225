# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import html

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon

MUTED = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestPortalCompanies(PortalCommon):
    """A hierarchy that two companies bill: each portal user sees its own companies' documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.setup_other_company(name="Other Company")
        cls.other_company = data["company"]
        cls.theirs = {
            name: cls._bill_there(data, customer, amount)
            for name, customer, amount in (
                ("north", cls.north, 777.0),
                ("south", cls.south, 888.0),
                ("hq", cls.hq, 999.0),
            )
        }
        # Customers of one company only, with different consents.
        cls.private_here = cls._create_customer(
            "Private Here", cls.hq, company_id=cls.company.id, billing_parent_access="none"
        )
        cls.private_there = cls._create_customer(
            "Private There", cls.hq, company_id=cls.other_company.id, billing_parent_access="pay"
        )
        both = cls._create_portal_user("both", cls.hq)
        both.company_ids |= cls.other_company
        cls.users["both"] = both
        cls.env.flush_all()

    @classmethod
    def _bill_there(cls, data, customer, amount):
        """Post an invoice of the other company."""
        customer = customer.with_company(cls.other_company)
        customer.property_account_receivable_id = data["default_account_receivable"]
        moves = cls.env["account.move"].with_company(cls.other_company)
        move = moves.create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": "2026-01-01",
                "invoice_payment_term_id": False,
                "invoice_date_due": "2026-01-31",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "There",
                            "price_unit": amount,
                            "tax_ids": [],
                            "account_id": data["default_account_revenue"].id,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move.with_env(cls.env)

    def text(self, url):
        page = html.fromstring(self.get(url).text)
        return " ".join(" ".join(page.xpath("//main//text()")).split())

    def test_pages_of_one_company(self):
        """Neither lists, overview nor statement of the one company's user have the other's."""
        self.login("hq")
        for url in (
            "/my/invoices?filterby=all",
            "/my/organization",
            "/my/organization/invoices?filterby=all",
            "/my/organization/pay",
            "/my/organization/statement?date_from=2026-01-01&date_to=2026-12-31",
        ):
            with self.subTest(url):
                text = self.text(url)
                for amount in ("777.00", "888.00", "999.00"):
                    self.assertNotIn(amount, text)
        self.assertIn("5,500.00", self.text("/my/organization"))

    @mute_logger(*MUTED)
    def test_document_of_another_company(self):
        """By its address, its PDF or a payment, whatever the consent."""
        self.login("hq")
        invoice = self.theirs["north"]
        for url in (
            f"/my/invoices/{invoice.id}",
            f"/my/invoices/{invoice.id}?report_type=pdf&download=true",
        ):
            self.assertNotIn("777.00", self.get(url).text, url)
        self.assertIn("nothing to pay", self.text(f"/my/organization/pay?branch={self.south.id}"))
        page = self.text(f"/my/organization/pay?invoice_ids={invoice.id}")
        self.assertNotIn("777.00", page)
        params = self.transaction_params(777.0, invoice_ids=invoice.ids)
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request("/my/organization/pay/transaction", params)

    def test_pages_of_both_companies(self):
        """Who is a user of both sees both, by the consent of each branch; sums stay apart."""
        self.login("both")
        text = self.text("/my/organization/invoices?filterby=all")
        for number in (self.theirs["north"].name, self.theirs["south"].name):
            self.assertIn(number, text)
        currency = self.other_company.currency_id
        query = f"company={self.other_company.id}&currency={currency.id}"
        self.assertIn("777.00", self.text(f"/my/organization/pay?{query}"))

    def test_withdrawn_in_both_companies(self):
        """Consent is the branch's: it ends for all companies at once."""
        self.north.billing_parent_access = "none"
        self.env.flush_all()
        self.login("both")
        text = self.text("/my/organization/invoices?filterby=all")
        self.assertNotIn(self.theirs["north"].name, text)
        self.assertIn(self.theirs["south"].name, text)

    def test_names_of_private_branches(self):
        """A branch of one company is named where it consented, and nowhere else."""
        self.login("hq")
        text = self.text("/my/organization")
        self.assertNotIn("Private Here", text)
        self.assertIn("Private There", text)

    @mute_logger(*MUTED)
    def test_accountants(self):
        """Each company's accountant sees the branches and the sums of his company."""
        for company, name, hidden, due in (
            (self.company, "Private Here", "Private There", 8750.0),
            (self.other_company, "Private There", "Private Here", 777.0 + 888.0 + 999.0),
        ):
            user = new_test_user(
                self.env,
                f"accountant of {company.name}",
                "account.group_account_user,base.group_partner_manager",
                company_id=company.id,
                company_ids=company.ids,
            )
            self.env.invalidate_all()
            hq = self.hq.with_user(user).with_company(company)
            names = hq.billing_child_ids.mapped("name")
            with self.subTest(company.name):
                self.assertIn(name, names)
                self.assertNotIn(hidden, names)
                self.assertEqual(hq.billing_branch_count, 5)
                self.assertEqual(hq.billing_total_due, due)
                report = self.env(user=user)["customer.aged.receivable"].with_company(company)
                ((amount,),) = report._read_group(
                    [("billing_root_id", "=", self.hq.id)], [], ["amount_residual:sum"]
                )
                self.assertEqual(amount, due)

    def test_settling_in_one_company(self):
        """A credit of the one company pays no debt of the other, by no screen."""
        self._payment(self.hq, 9000.0)
        wizard = self.env["customer.settlement.wizard"].browse(
            self.hq.action_settle_branches()["res_id"]
        )
        moves = wizard.debt_ids.move_id
        self.assertIn(self.invoice_n, moves)
        self.assertFalse(moves & self.env["account.move"].union(*self.theirs.values()))
        wizard.action_post()
        self.assertEqual(self.theirs["north"].amount_residual, 777.0)
        self.assertEqual(self.invoice_n.amount_residual, 0.0)

    def test_parent_of_another_company(self):
        """A customer of one company has no billing parent that only another company knows."""
        with self.assert_refused(ValidationError, "is a customer of Other Company only"):
            self.private_here.billing_parent_id = self.private_there
        with self.assert_refused(ValidationError, "is a customer of Other Company only"):
            self.north.billing_parent_id = self.private_there
        head = self._create_customer("Head Without Users")
        self._create_customer("Branch Here", head, company_id=self.company.id)
        with self.assert_refused(ValidationError, "is a customer of Other Company only"):
            head.company_id = self.other_company
