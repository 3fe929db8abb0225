# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io
import re

from freezegun import freeze_time
from lxml import html
from openpyxl import load_workbook

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import MailCommon

from ..report.statement_xlsx import _get_sheet_name
from .common_portal import PortalCommon
from .common_statement import StatementCommon

AMOUNT = re.compile(r"-?\d[\d,]*\.\d\d")
DAYS = ("2026-01-09", "2026-01-10", "2026-01-31", "2026-02-15", "2026-03-01", "2026-05-31")


def read_amounts(text):
    """Return the amounts in a text, whatever the currency's sign."""
    # Odoo keeps the sign of a number on its line by a character that has no width.
    text = text.replace("\ufeff", "")
    return [float(amount.replace(",", "")) for amount in AMOUNT.findall(text)]


class MixedStatementCommon(StatementCommon):
    """Acme with another currency, instalments, credit notes, settlements, and one taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.8), ("2026-02-01", 0.5)])
        cls.invoice_euro = cls._invoice(
            cls.north, 1000.0, due="2026-01-25", date="2026-01-10", currency_id=cls.euro.id
        )
        cls.split = cls._create_instalments(cls.south, 900.0)
        cls.note = cls._invoice(
            cls.east, 120.0, due="2026-02-28", date="2026-02-10", move_type="out_refund"
        )
        euros = cls._payment(cls.hq, 400.0, date="2026-02-03", currency_id=cls.euro.id)
        dollars = cls._payment(cls.hq, 4000.0, date="2026-02-05")
        cls._reconcile(euros, cls.invoice_euro)
        cls._reconcile(dollars, cls.invoice_n, cls.split)
        cls.env["customer.settlement"].search([], limit=1, order="id desc").action_undo()
        cls._reconcile(dollars, cls.invoice_s)
        cls._receivable_lines(cls.note | cls.invoice_e).reconcile()
        cls._payment(cls.west, 2000.0, date="2026-02-20")
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _create_instalments(cls, partner, amount):
        term = cls.env["account.payment.term"].create(
            {
                "name": "In two parts",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 60)
                ],
            }
        )
        return cls._invoice(
            partner, amount, due=False, date="2026-01-15", invoice_payment_term_id=term.id
        )

    @classmethod
    def _reconcile(cls, payment, *moves):
        lines = cls._receivable_lines(payment.move_id.union(*moves))
        lines.filtered(lambda line: not line.reconciled).reconcile()


@tagged("post_install", "-at_install")
class TestStatementSame(MixedStatementCommon, MailCommon):
    """The same numbers on the screen, on paper, in the workbook and in the mail; and over time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()

    def get_closings(self, partner, options):
        return {
            section.currency.name: section.closing
            for section in partner._get_statement(options).sections
        }

    def read_closings(self, page):
        """Return the last amount of each closing row of a page, in its order."""
        rows = page.xpath("//tr[contains(@class, 'o_statement_closing')]")
        return [read_amounts(row.text_content())[-1] for row in rows]

    def test_every_output(self):
        """Screen, print, workbook and mail close with the figures of the ledger."""
        for partner in (self.hq, self.north, self.south):
            for presentation in ("period", "open"):
                options = {
                    "date_from": "2026-02-01",
                    "date_to": "2026-03-31",
                    "branches": True,
                    "presentation": presentation,
                }
                with self.subTest(partner=partner.name, presentation=presentation):
                    expected = self.get_closings(partner, options)
                    self.assertTrue(expected)
                    self.assertEqual(self.on_screen(partner, options), list(expected.values()))
                    self.assertEqual(self.on_paper(partner, options), list(expected.values()))
                    self.assertEqual(self.in_workbook(partner, options), expected)
                    self.assertEqual(self.in_mail(partner, options), list(expected.values()))

    def on_screen(self, partner, options):
        wizard = self.env["customer.statement.wizard"].create(
            {
                "partner_ids": partner.ids,
                "include_branches": True,
                "presentation": options["presentation"],
                "date_from": options["date_from"],
                "date_to": options["date_to"],
            }
        )
        return self.read_closings(html.fromstring(str(wizard.preview)))

    def on_paper(self, partner, options):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "customer_org.report_statement", None, data={"ids": partner.ids, "statement": options}
        )
        return self.read_closings(html.fromstring(content))

    def in_workbook(self, partner, options):
        content = self.env["report.customer_org.report_statement"]._render_xlsx(partner, options)
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        return {
            row[0]: row[8]
            for row in sheet.iter_rows(values_only=True)
            if row[1] == "Closing Balance" and row[8] is not None
        }

    def in_mail(self, partner, options):
        partner.email = partner.email or "someone@example.com"
        with self.mock_mail_gateway():
            partner._send_statement(options)
        page = html.fromstring(self._new_mails.body_html)
        return [read_amounts(item.text_content())[0] for item in page.xpath("//li")]

    def test_opening_is_the_last_closing(self):
        """Month by month each statement begins where the one before ended, in each currency."""
        months = [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28")]
        months += [("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-06-30")]
        for partner in self.customers:
            for branches in (True, False):
                closings = {}
                for date_from, date_to in months:
                    statement = self.statement(partner, date_to, date_from, branches=branches)
                    openings = {one.currency: one.opening for one in statement.sections}
                    for currency in closings | openings:
                        self.assertAlmostEqual(
                            openings.get(currency, 0.0),
                            closings.get(currency, 0.0),
                            msg=f"{partner.name} {currency.name} {date_from}",
                        )
                    closings = {one.currency: one.closing for one in statement.sections}

    def test_aged_report_of_any_day(self):
        """The aged report as of a day is the statement of that day: sums, buckets, overdue."""
        columns = ("amount_not_due", "amount_30", "amount_60", "amount_90", "amount_older")
        names = ("amount_residual", "amount_overdue", "amount_credit", *columns)
        currency = self.company.currency_id
        for day in DAYS:
            report = self.env["customer.aged.receivable"].with_context(customer_aged_as_of=day)
            for partner in self.customers:
                (sums,) = report._read_group(
                    [("partner_id", "=", partner.id)], [], [f"{name}:sum" for name in names]
                )
                sums = [currency.round(amount or 0.0) for amount in sums]
                total = self.statement(partner, day, branches=False).total
                buckets = total.buckets or [0.0] * len(columns)
                expected = [total.closing, total.overdue, total.open_credit, *buckets]
                with self.subTest(day=day, partner=partner.name):
                    self.assertEqual(sums, [currency.round(amount) for amount in expected])

    def test_aged_report_of_a_hierarchy(self):
        """Of a head office it is the sum of its customers' statements."""
        for day in DAYS:
            report = self.env["customer.aged.receivable"].with_context(customer_aged_as_of=day)
            ((amount,),) = report._read_group(
                [("billing_root_id", "=", self.hq.id)], [], ["amount_residual:sum"]
            )
            self.assertAlmostEqual(amount or 0.0, self.statement(self.hq, day).total.closing)

    def test_odd_days_of_the_aged_report(self):
        """What is no day is refused in words, whatever a client sends."""
        for day in ("x", "2026-13-01", [1], {"a": 1}, True, 5, "2026"):
            report = self.env["customer.aged.receivable"].with_context(customer_aged_as_of=day)
            with self.subTest(day=day), self.assertRaisesRegex(Exception, "is not valid"):
                report.search([])

    def test_periods_join_at_midnight(self):
        """An invoice of the last day is in the month, one of the first day in the next."""
        last = self._invoice(self.west, 11.0, due="2026-06-30", date="2026-04-30")
        first = self._invoice(self.west, 13.0, due="2026-06-30", date="2026-05-01")
        april = self.statement(self.west, "2026-04-30", "2026-04-01")
        may = self.statement(self.west, "2026-05-31", "2026-05-01")
        self.assertEqual([row[1] for row in self.get_rows(april)], [last.name])
        self.assertEqual([row[1] for row in self.get_rows(may)], [first.name])
        self.assertEqual(may.total.opening, april.total.closing)

    def test_today_is_the_users(self):
        """The months and today are those of the user's clock, not of the server's."""
        self.env.user.tz = "America/New_York"
        invoice = self._invoice(self.west, 7.0, due="2026-03-01", date="2026-03-01")
        for tz, month, has_invoice in (
            ("America/New_York", "2026-02-01", False),
            ("Asia/Tokyo", "2026-03-01", True),
        ):
            self.env.user.tz = tz
            with self.subTest(tz), freeze_time("2026-03-01 04:30:00"):
                wizard = Form(
                    self.env["customer.statement.wizard"].with_context(
                        active_model="res.partner", active_ids=self.west.ids, tz=tz
                    )
                )
                self.assertEqual(fields.Date.to_string(wizard.date_from), month)
                west = self.west.with_context(tz=tz)
                statement = west._get_statement({})
                documents = [row[1] for row in self.get_rows(statement)]
                self.assertEqual(invoice.name in documents, has_invoice)
                name = west._get_statement_file_name()
                self.assertTrue(name.startswith("2026-02-28" if not has_invoice else "2026-03-01"))

    def test_names_of_sheets(self):
        """Whatever customers are called, Excel gets a name that it accepts, each once."""
        taken = set()
        names = [
            "Acme [East]: 1/2 * ?",
            "acme  east   1 2",
            "",
            None,
            "'quoted'",
            "x" * 40,
            "X" * 35,
            "x" * 31,
            "Statement",
        ]
        found = [_get_sheet_name(name, taken) for name in names]
        self.assertEqual(len({name.lower() for name in found}), len(names))
        for name in found:
            self.assertTrue(0 < len(name) <= 31, name)
            self.assertFalse(re.search(r"[\[\]:*?/\\]", name), name)
            self.assertFalse(name.startswith("'") or name.endswith("'"), name)

    def test_one_mailbox_gets_it_once(self):
        """Branch and head office share a mailbox: one mail, however it is spelled."""
        self.north.write({"billing_mail_to": "both", "email": "Payables@Example.com"})
        self.contact.email = '"Acme" <payables@example.com>'
        self.assertEqual(self.north._get_statement_recipients(), self.north)
        with self.mock_mail_gateway():
            self.north._send_statement({})
            self.env["mail.mail"].sudo().browse(self._new_mails.ids).send()
        self.assertEqual(len(self._mails), 1)
        delivery = self.env["customer.mail.delivery"].search([], limit=1)
        self.assertEqual((delivery.state, delivery.recipient_ids.partner_id), ("sent", self.north))
        self.contact.email = "other@example.com"
        self.assertEqual(self.north._get_statement_recipients(), self.north | self.contact)


@tagged("post_install", "-at_install")
class TestStatementSamePortal(PortalCommon, MixedStatementCommon):
    """In the portal a head office reads what the accountant reads, as far as branches allow it."""

    def read_page(self, query):
        page = html.fromstring(self.get(f"/my/organization/statement?{query}").text)
        rows = page.xpath("//tr[contains(@class, 'o_statement_closing')]")
        return [read_amounts(row.text_content())[-1] for row in rows]

    def test_closing(self):
        """With the consent of all it is the accountant's statement, to the cent."""
        self.branches.billing_parent_access = "view"
        self.env.flush_all()
        options = {"date_from": "2026-02-01", "date_to": "2026-03-31", "branches": True}
        for login, partner in (("hq", self.hq), ("north", self.north)):
            self.login(login)
            for presentation in ("period", "open"):
                statement = partner._get_statement({**options, "presentation": presentation})
                expected = [section.closing for section in statement.sections]
                query = f"date_from=2026-02-01&date_to=2026-03-31&presentation={presentation}"
                self.assertEqual(self.read_page(query), expected, (login, presentation))

    def test_workbook(self):
        """The workbook says the same as the page."""
        self.login("hq")
        query = "date_from=2026-01-01&date_to=2026-03-31"
        expected = self.read_page(query)
        response = self.get(f"/my/organization/statement?report_type=xlsx&{query}")
        sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
        closings = [
            row[8]
            for row in sheet.iter_rows(values_only=True)
            if row[1] == "Closing Balance" and row[8] is not None
        ]
        self.assertEqual(closings, expected)

    def test_consent_of_some(self):
        """What a branch does not show is not in the sums; W's is no part of them."""
        self.login("hq")
        query = "date_from=2026-01-01&date_to=2026-12-31"
        self.branches.billing_parent_access = "none"
        self.env.flush_all()
        alone = self.read_page(query)
        self.west.billing_parent_access = "view"
        self.env.flush_all()
        west = self.west._get_statement({"date_to": "2026-12-31"}).total.closing
        together = self.read_page(query)
        self.assertAlmostEqual(together[0] - alone[0], west)
