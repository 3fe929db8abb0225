# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import json
from datetime import date, datetime, timedelta
from unittest.mock import patch
from urllib.parse import quote, unquote

from freezegun import freeze_time
from lxml import html
from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..wizards import customer_statement_wizard as statement_wizard
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
            [
                " ".join(cell.text_content().replace("\ufeff", "").split())
                for cell in row.xpath("td")
            ]
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
        wizard = self.open_wizard(self.hq.with_user(reader).sudo(False))
        wizard.action_view()
        with self.assertRaises(AccessError):
            wizard.action_send()
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

    def test_five_clicks(self):
        """Last month's statement, looked at and sent: at most five clicks, typing apart."""
        self._create_mail_contacts()
        self.start_tour(
            "/odoo/action-account.res_partner_action_customer?view_type=list",
            "customer_org_statement_clicks",
            login=self.env.user.login,
        )
        delivery = self.env["customer.mail.delivery"].search([])
        self.assertEqual(delivery.recipient_ids.partner_id, self.contact)
        self.assertEqual(len(delivery.message_id.attachment_ids), 1)
        # The next one begins with last month.
        last_month = fields.Date.today().replace(day=1) - timedelta(days=1)
        self.assertEqual(delivery.date_to, last_month)
        wizard = self.env["customer.statement.wizard"].create({"partner_ids": self.hq.ids})
        self.assertEqual((wizard.period, wizard.date_to), ("last_month", last_month))

    def test_composer(self):
        """One customer's is written with the composer: PDF attached, period in the subject."""
        self._create_mail_contacts()
        action = self.open_wizard(self.hq).action_send()
        self.assertEqual(action["res_model"], "mail.compose.message")
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        self.assertIn("02/01/2026 - 02/28/2026", composer.subject)
        self.assertEqual(composer.partner_ids, self.contact)
        name = composer.attachment_ids.name
        self.assertTrue(name.startswith("2026-02-28 Statement of Account - Acme HQ."), name)
        composer.action_send_mail()
        delivery = self.env["customer.mail.delivery"].browse(action["context"]["default_res_ids"])
        self.assertEqual(delivery.recipient_ids.partner_id, self.contact)
        self.assertEqual(delivery.state, "sending")

    def test_nothing_to_say(self):
        """An empty statement is not sent, unless asked."""
        idle = self._create_customer("Idle", email="idle@example.com")
        with self.assertRaisesRegex(UserError, "nothing to send"):
            self.open_wizard(idle).action_send()
        action = self.open_wizard(idle, send_empty=True).action_send()
        self.assertEqual(action["res_model"], "mail.compose.message")

    def test_remembered_for_the_same_user(self):
        """The next statement begins with the last choice; one customer is never left out by it."""
        paid = self._create_customer("Paid", email="paid@example.com")
        wizard = self.open_wizard(self.hq | self.north, presentation="open", only="overdue")
        wizard.action_pdf()
        many = Form(self.env["customer.statement.wizard"])
        self.assertEqual((many.presentation, many.only), ("open", "overdue"))
        context = {"active_model": "res.partner", "active_ids": paid.ids}
        one = self.env["customer.statement.wizard"].with_context(**context).create({})
        self.assertEqual((one.presentation, one.only), ("open", "all"))
        other = new_test_user(self.env, "other", "account.group_account_invoice")
        wizards = self.env["customer.statement.wizard"].with_user(other)
        self.assertEqual(wizards.default_get(["only"])["only"], "all")

    def test_periods(self):
        """Named periods end today or with last month; own dates are a period of one's own."""
        wizard = Form(self.env["customer.statement.wizard"])
        with freeze_time("2026-05-20"):
            for period, first, last in (
                ("last_month", date(2026, 4, 1), date(2026, 4, 30)),
                ("this_quarter", date(2026, 4, 1), date(2026, 5, 20)),
                ("this_year", date(2026, 1, 1), date(2026, 5, 20)),
                ("this_month", date(2026, 5, 1), date(2026, 5, 20)),
            ):
                wizard.period = period
                self.assertEqual((wizard.date_from, wizard.date_to), (first, last))
            wizard.date_from = date(2026, 2, 2)
            self.assertEqual(wizard.period, "custom")
            self.assertEqual(wizard.date_to, date(2026, 5, 20))

    def test_pages(self):
        """The screen shows a page of rows at a time, with the sums of all."""
        wizard = self.open_wizard(self.hq)
        wizard.date_from = False
        with patch.object(statement_wizard, "ROWS_PER_PAGE", 2):
            self.assertEqual(wizard.page_count, 3)
            self.assertIn(self.payment.name, wizard.preview)
            self.assertNotIn(self.invoice_w.name, wizard.preview)
            for _page in range(2):
                wizard.action_next_page()
            self.assertIn(self.invoice_w.name, wizard.preview)
            self.assertNotIn(self.payment.name, wizard.preview)
            self.assertIn("4,750.00", wizard.preview)
            wizard.action_next_page()
            self.assertEqual(wizard.page, 3)

    def test_by_customer(self):
        """Opening and closing of each branch, and what was settled among them."""
        self.reconcile(self.payment, self.invoice_n, self.invoice_s)
        rows = self.get_table(self.render(self.hq), "o_statement_branches")
        self.assertEqual(
            rows[-2:],
            [
                ["Acme S", "$ 2,500.00", "", "", "$ -1,000.00", "$ 1,500.00", "$ 1,500.00", ""],
                ["Acme W", "$ 1,500.00", "", "", "", "$ 1,500.00", "$ 1,500.00", ""],
            ],
        )

    def test_how_to_pay(self):
        """The document says where to pay, and where the account is online, without any token."""
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": self.company.partner_id.id}
        )
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", True)
        text = self.render(self.hq).text_content()
        self.assertIn("BE71 0961 2345 6769", text)
        self.assertNotIn("/my/", text, "nobody of it has a login")
        contact = self.env["res.partner"].create({"name": "Joe", "parent_id": self.hq.id})
        new_test_user(self.env, "joe", "base.group_portal", partner_id=contact.id)
        text = self.render(self.hq).text_content()
        self.assertIn("/my/organization/statement", text)
        self.assertIn("/my/organization/pay?select=overdue", text)
        self.assertNotIn("token", text)

    def test_name_of_the_download(self):
        """The PDF is named after customer and date."""
        self.authenticate(self.env.user.login, self.env.user.login)
        options = json.dumps({"ids": self.hq.ids, "statement": FEBRUARY})
        url = f"/report/pdf/customer_org.report_statement?options={quote(options)}"
        data = quote(json.dumps([url, "qweb-pdf"]))
        response = self.url_open(f"/report/download?data={data}&context={quote('{}')}")
        self.assertEqual(response.status_code, 200)
        name = unquote(response.headers["Content-Disposition"])
        self.assertIn("2026-02-28 Statement of Account - Acme HQ.pdf", name)

    def test_company_of_a_stranger(self):
        """Another company's ledger is not told, whatever a client says."""
        other = self.setup_other_company()["company"]
        wizard = self.open_wizard(self.hq | self.north, only="open")
        wizard.sudo().company_id = other
        self.env.user.write({"company_id": self.company.id, "company_ids": self.company.ids})
        for read in (wizard.action_view, wizard.action_send, wizard.action_xlsx):
            with self.assertRaises(AccessError):
                read()

    def test_screen_of_another_user(self):
        """A statement on the screen is its owner's alone."""
        wizard = self.open_wizard(self.hq)
        other = new_test_user(self.env, "other", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            wizard.with_user(other).read(["preview"])
