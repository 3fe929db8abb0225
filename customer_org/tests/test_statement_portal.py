# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io

from lxml import html
from openpyxl import load_workbook

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon

URL = "/my/organization/statement"
ALL = "date_from=2026-01-01&date_to=2026-12-31"


@tagged("post_install", "-at_install")
class TestStatementPortal(PortalCommon):
    """The statement in the portal: what consent allows, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(cls.hq, 6000.0)
        lines = cls._receivable_lines(cls.payment.move_id | cls.invoice_n | cls.invoice_w)
        lines.reconcile()

    def text(self, query=ALL):
        """Return the page's text."""
        page = html.fromstring(self.get(f"{URL}?{query}").text)
        return " ".join(" ".join(page.xpath("//main//text()")).split())

    def test_head_office(self):
        """Own items and those of N and S; of W only that something was paid, for somebody."""
        self.login("hq")
        self.assertIn(URL, self.get("/my/organization").text)
        text = self.text()
        for expected in (self.invoice_n.name, self.invoice_s.name, self.payment.name, "Acme S"):
            self.assertIn(expected, text)
        for hidden in ("Acme W", "Acme E", self.invoice_w.name, self.invoice_e.name):
            self.assertNotIn(hidden, text)
        self.assertIn("Paid for another branch", text)
        # 3,000 + 2,500 billed, 6,000 paid, 1,500 of it for W.
        self.assertIn("$ 1,000.00", text)

    def test_no_contact_data_no_tokens(self):
        """Nothing of the branches but their names; links carry no token."""
        self.south.write({"email": "secret@example.com", "phone": "555-0199", "street": "Hidden 1"})
        self.login("hq")
        for report_type in ("html", "pdf"):
            text = self.get(f"{URL}?{ALL}&report_type={report_type}").text
            for hidden in ("secret@example.com", "555-0199", "Hidden 1", "access_token"):
                self.assertNotIn(hidden, text)
        self.assertIn(f"/my/invoices/{self.invoice_s.id}", self.get(f"{URL}?{ALL}").text)

    def test_withdrawn_consent(self):
        """A withdrawn consent counts at the next request, in every format."""
        self.login("hq")
        self.assertIn("Acme S", self.text())
        self.south.billing_parent_access = "none"
        for report_type in ("html", "pdf"):
            text = self.get(f"{URL}?{ALL}&report_type={report_type}").text
            self.assertNotIn("Acme S", text)
            self.assertNotIn(self.invoice_s.name, text)

    def test_xlsx(self):
        """The workbook has the same rows as the page."""
        self.login("hq")
        response = self.get(f"{URL}?{ALL}&report_type=xlsx")
        sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
        customers = {row[1] for row in sheet.iter_rows(min_row=5, values_only=True)}
        self.assertTrue({"Acme HQ", "Acme N", "Acme S"} <= customers)
        self.assertFalse({"Acme W", "Acme E"} & customers)

    def test_pdf(self):
        """The PDF is for the visitor's company, and for it alone, whatever is in the URL."""
        self.login("hq")
        response = self.get(f"{URL}?{ALL}&report_type=pdf&ids={self.stranger.id}")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("Acme S", response.text)
        self.assertNotIn("Stranger", response.text)

    def test_branch(self):
        """A branch sees its own, and that the head office paid, but not its name or siblings."""
        self.login("north")
        self.assertIn(URL, self.get("/my/invoices").text)
        text = self.text()
        self.assertIn(self.invoice_n.name, text)
        self.assertIn("Paid by your head office", text)
        for hidden in ("Acme HQ", "Acme S", self.payment.name):
            self.assertNotIn(hidden, text)

    def test_stranger(self):
        """A customer in no hierarchy is led back, a visitor to the login."""
        self.login("stranger")
        self.assertNotIn(URL, self.get("/my/invoices").text)
        for report_type in ("html", "pdf", "xlsx"):
            self.assertTrue(self.get(f"{URL}?report_type={report_type}").url.endswith("/my"))
        self.authenticate(None, None)
        self.assertIn("/web/login", self.get(URL).url)

    def test_nonsense_in_the_url(self):
        """Bad dates give a statement of this month, never an error."""
        self.login("hq")
        for query in (
            "date_from=x&date_to=y",
            "date_from=2026-99-99",
            "date_to=0000-00-00",
            "date_to=99999-01-01",
            "date_from=2026-12-31&date_to=2026-01-01",
            "date_from=0001-01-01&date_to=9999-12-31",
            "report_type=exe&presentation=x",
            "date_from=%00",
            "presentation=open&date_to=2026-03-01",
        ):
            response = self.get(f"{URL}?{query}")
            self.assertEqual(response.status_code, 200, query)
            self.assertIn("Statement of account", response.text, query)

    @mute_logger("odoo.http")
    def test_rpc(self):
        """Portal users can't ask the server for more."""
        self.login("hq")
        for model, method, args in (
            ("customer.statement", "_get", [self.west.id]),
            ("res.partner", "_get_statement", [self.west.ids]),
            ("customer.statement.mail", "search_read", [[]]),
            ("customer.statement.wizard", "create", [{}]),
        ):
            with self.assertRaises(JsonRpcException, msg=method):
                self.rpc(model, method, *args)
