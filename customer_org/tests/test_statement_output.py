# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import json
from datetime import date, datetime

from lxml import html
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_statement import StatementCommon

FEBRUARY = {"date_from": "2026-02-01", "date_to": "2026-02-28"}


class WizardCommon(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 4000.0, date="2026-02-05", memo="Wire 77")

    def open_wizard(self, partners, **values):
        wizard = Form(
            partners.env["customer.statement.wizard"].with_context(
                active_model="res.partner", active_ids=partners.ids
            )
        )
        wizard.date_from = date(2026, 2, 1)
        wizard.date_to = date(2026, 2, 28)
        for fname, value in values.items():
            wizard[fname] = value
        return wizard.save()


@tagged("post_install", "-at_install")
class TestStatementOutput(WizardCommon, HttpCase):
    """Statements on the screen, as PDF and as workbook."""

    def render(self, partners, options=None, **context):
        report = self.env["ir.actions.report"].with_context(**context)
        content, _type = report._render_qweb_html(
            "customer_org.report_statement",
            None,
            data={"ids": partners.ids, "statement": options or FEBRUARY},
        )
        return html.fromstring(content)

    def get_table(self, page, name):
        return [
            [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
            for row in page.xpath(f"//table[hasclass('{name}')]/tbody/tr")
        ]

    def test_html(self):
        """Opening, movements under their customer, closing, and the ageing per branch."""
        self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        page = self.render(self.hq)
        self.assertEqual(
            self.get_table(page, "o_statement_movements"),
            [
                ["Opening balance", "$ 8,750.00"],
                ["Acme HQ"],
                ["02/05/2026", self.payment.name, "Wire 77", "", "", "$ 4,000.00", "$ 4,750.00"],
                ["Total of Acme HQ", "", "$ 4,000.00", ""],
                ["Closing balance", "$ 0.00", "$ 4,000.00", "$ 4,750.00"],
            ],
        )
        self.assertEqual(
            self.get_table(page, "o_statement_ageing"),
            [
                ["Acme E", "", "", "$ 1,750.00", "", "", "$ 1,750.00"],
                ["Acme S", "", "", "$ 1,500.00", "", "", "$ 1,500.00"],
                ["Acme W", "", "$ 1,500.00", "", "", "", "$ 1,500.00"],
                ["Total", "", "$ 1,500.00", "$ 3,250.00", "", "", "$ 4,750.00"],
            ],
        )
        (link,) = page.xpath("//span[@res-model]")
        self.assertEqual(
            (link.get("res-model"), link.get("res-id"), link.get("view-type")),
            ("account.payment", str(self.payment.id), "form"),
        )

    def test_several_customers(self):
        """A page of its own for each customer, in the customer's language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.north.lang = "fr_FR"
        page = self.render(self.hq | self.north, {"presentation": "open"})
        self.assertEqual(len(page.xpath("//div[hasclass('article')]")), 2)
        self.assertEqual(page.xpath("//div[hasclass('article')]/@data-oe-lang"), ["en_US", "fr_FR"])

    def test_report_without_options(self):
        """Core's own URL of the report, without anything, gives what there is until today."""
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "customer_org.report_statement", self.north.ids
        )
        self.assertIn(self.invoice_n.name, content.decode())

    def test_xlsx(self):
        """Numbers are numbers, dates are dates, names are no formulas; the heading stays."""
        self.north.name = "=1+1"
        self._invoice(self.north, 12.5, due="2026-03-05", date="2026-02-07", ref="PO 1")
        wizard = self.open_wizard(self.hq | self.north)
        action = wizard.action_xlsx()
        self.authenticate(self.env.user.login, self.env.user.login)
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200)
        book = load_workbook(io.BytesIO(response.content))
        self.assertEqual(len(book.worksheets), 2)
        sheet = book["Acme HQ"]
        self.assertEqual(sheet.freeze_panes, "A5")
        rows = list(sheet.iter_rows(min_row=5, values_only=True))
        self.assertEqual(rows[0][:2] + rows[0][8:], ("USD", "Opening Balance", 8750))
        self.assertIn(
            (
                "USD",
                "=1+1",
                datetime(2026, 2, 7),
                self.env["account.move"].search([("ref", "=", "PO 1")]).name,
                "PO 1",
                datetime(2026, 3, 5),
                12.5,
                None,
                4762.5,
            ),
            rows,
        )
        self.assertFalse([cell for row in sheet for cell in row if cell.data_type == "f"])
        closing = next(row for row in rows if row[1] == "Closing Balance")
        self.assertEqual(closing[6:], (12.5, 4000, 4762.5))
        total = next(row for row in rows if row[1] == "Total")
        # The 4,000 are as old as W's 1,500, which were due five days before.
        self.assertEqual(total[:8], ("USD", "Total", 12.5, -2500, 7250, 0, 0, 4762.5))

    def test_wizard_actions(self):
        """View and PDF ask for the report with what was chosen."""
        wizard = self.open_wizard(self.hq)
        self.assertTrue(wizard.include_branches)
        action = wizard.action_view()
        self.assertEqual(action["report_type"], "qweb-html")
        self.assertEqual(action["display_name"], "Statement of Acme HQ")
        self.assertEqual(
            action["data"],
            {
                "ids": self.hq.ids,
                "statement": {**FEBRUARY, "branches": True, "presentation": "period"},
            },
        )
        self.assertEqual(wizard.action_pdf()["report_type"], "qweb-pdf")
        action = self.open_wizard(self.north, presentation="open").action_view()
        self.assertEqual(action["data"]["statement"]["date_from"], False)
        self.assertFalse(action["data"]["statement"]["branches"])
        with self.assertRaises(UserError):
            self.open_wizard(self.north, date_from=date(2026, 3, 1)).action_view()

    def test_wizard_contact(self):
        """From a contact's form it is the statement of its company."""
        contact = self.env["res.partner"].create({"name": "Joe", "parent_id": self.north.id})
        self.assertEqual(self.open_wizard(contact | self.north).partner_ids, self.north)

    def test_only_open_or_overdue(self):
        """In bulk: customers that owe nothing, or nothing late, can be left out."""
        free = self._create_customer("Free")
        later = self._create_customer("Later")
        self._invoice(later, 10.0, due="2026-03-31")
        paid = self._create_customer("Paid")
        self.reconcile(self._payment(paid, 5.0), self._invoice(paid, 5.0, due="2026-01-31"))
        chosen = self.hq | self.north | free | later | paid
        self.assertEqual(self.open_wizard(chosen)._get_customers(), chosen)
        wizard = self.open_wizard(chosen, only="open")
        self.assertEqual(wizard._get_customers(), self.hq | self.north | later)
        wizard = self.open_wizard(chosen, only="overdue")
        self.assertEqual(wizard._get_customers(), self.hq | self.north)
        wizard.include_branches = False
        self.assertEqual(wizard._get_customers(), self.north)
        with self.assertRaises(UserError):
            self.open_wizard(free | paid, only="open").action_view()

    @mute_logger("odoo.http")
    def test_urls_of_others(self):
        """Who may not see statements gets none by any URL; what makes no sense is no error."""
        options = json.dumps({"ids": self.hq.ids, "statement": FEBRUARY})
        urls = [
            self.open_wizard(self.hq).action_xlsx()["url"],
            f"/report/html/customer_org.report_statement?options={options}",
            f"/report/html/customer_org.report_statement/{self.hq.id}",
        ]
        new_test_user(self.env, "nobody", "base.group_user")
        new_test_user(self.env, "visitor", "base.group_portal")
        for login in ("nobody", "visitor"):
            self.authenticate(login, login)
            for url in urls:
                response = self.url_open(url)
                self.assertIn(response.status_code, (403, 404), url)
                self.assertNotIn(self.invoice_n.name, response.text)
        self.authenticate(self.env.user.login, self.env.user.login)
        self.assertEqual(self.url_open("/customer_org/statement/xlsx/0").status_code, 404)

    def test_xlsx_of_the_company_of_the_wizard(self):
        """Also where the browser has another one chosen, or none."""
        other = self.setup_other_company()["company"]
        wizard = self.open_wizard((self.hq | self.north).with_company(other))
        self.assertEqual(wizard.company_id, other)
        self.authenticate(self.env.user.login, self.env.user.login)
        content = self.url_open(wizard.action_xlsx()["url"]).content
        cells = [
            str(cell.value)
            for sheet in load_workbook(io.BytesIO(content))
            for row in sheet
            for cell in row
        ]
        self.assertTrue([cell for cell in cells if other.name in cell], cells)
        self.assertNotIn(self.invoice_n.name, cells)

    def test_nobody_chosen(self):
        wizard = self.open_wizard(self.hq)
        wizard.write({"partner_ids": False, "only": "open"})
        with self.assertRaisesRegex(UserError, "nothing to send"):
            wizard.action_view()

    def test_rights_of_the_wizard(self):
        """Readers may look, only users of Invoicing may send."""
        reader = new_test_user(self.env, "reader", "base.group_user,account.group_account_readonly")
        wizard = self.env["customer.statement.wizard"].with_user(reader)
        self.assertTrue(wizard.create({"partner_ids": self.hq.ids}).action_view())
        with self.assertRaises(AccessError):
            self.hq.with_user(reader)._send_statement(FEBRUARY)
        self.assertIn("ids", self.open_wizard(self.hq).action_view()["data"])

    def test_tour(self):
        """From the head office's form to the statement on the screen, and on to a document."""
        self.start_tour(
            f"/odoo/customers/{self.hq.id}",
            "customer_org_statement",
            login=self.env.user.login,
        )
