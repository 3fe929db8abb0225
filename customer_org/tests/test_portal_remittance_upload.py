# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.tests import tagged

from .common_portal import PortalCommon
from .common_remittance import LISTS, RemittanceCommon

URL = "/my/organization/remittances"


class UploadCommon(RemittanceCommon, PortalCommon):
    """Portal users of head offices upload lists."""

    def upload(self, content=None, name="list.csv", text="", **data):
        """Send the form as the browser would; return the page to which that leads."""
        data = {
            "csrf_token": self.csrf_token(),
            "date_expected": str(fields.Date.today() + timedelta(days=3)),
            "text": text,
            **data,
        }
        files = {"file": (name, content)} if content is not None else None
        response = self.url_open(f"{URL}/upload", data=data, files=files)
        self.assertLess(response.status_code, 500)
        self.env.invalidate_all()
        return response

    def read_rows(self, response):
        """Return ``(number, status)`` of the lines on a page."""
        page = html.fromstring(response.content)
        return [
            [" ".join(cell.text_content().split()) for cell in row]
            for row in page.xpath("//tbody[@id='remittance_lines']/tr")
        ]

    def find_remittances(self, payer=None):
        return self.env["customer.remittance"].search([("partner_id", "=", (payer or self.hq).id)])

    def count_kept(self):
        """Return how much there is of what an upload may leave behind."""
        models = (
            "customer.remittance",
            "customer.remittance.line",
            "customer.remittance.import",
            "customer.remittance.layout",
            "ir.attachment",
            "mail.message",
        )
        return {model: self.env[model].search_count([]) for model in models}


@tagged("post_install", "-at_install")
class TestPortalUploadLists(UploadCommon):
    """The lists of head offices, uploaded by these themselves."""

    @classmethod
    def _create_open_invoices(cls):
        """None: the lists' own documents have the numbers that these would take."""

    @classmethod
    def _create_customer(cls, name, parent=None, **values):
        access = "pay" if parent else "none"
        return super()._create_customer(name, parent, billing_parent_access=access, **values)

    def test_lists(self):
        """Each list gives the same as in the back office, or is refused as there."""
        for path in sorted(LISTS.glob("*.json")):
            with self.subTest(path.stem), self.taken_back():
                self.run_case(self.load_case(path.stem), path.stem)

    def run_case(self, case, login):
        payer, documents, _payment = self.build_case(case)
        self._create_portal_user(login, payer)
        if not payer.billing_child_ids:
            self._create_customer("Branch", payer)
        self.login(login)
        before = self.count_kept()
        content = (LISTS / case["file"]).read_bytes()
        if case["door"] == "text":
            response = self.upload(text=content.decode())
        else:
            response = self.upload(content, case["file"])
        remittance = self.find_remittances(payer)
        if case["import"] == "refused":
            self.assertFalse(remittance)
            self.assertEqual(self.count_kept(), before)
            self.assertIn("PDF", response.text)
            return
        self.check_lines(case, remittance, documents)
        self.check_page(case, response, remittance)
        clear = {line["status"] for line in case["lines"]} <= {"ok", "short"}
        clear &= case["announced"] in (None, case["total"])
        self.assertEqual(remittance.state, "waiting" if clear else "draft")
        self.assertEqual(bool(remittance.activity_ids), not clear)

    def check_lines(self, case, remittance, documents):
        ids = {move: key for key, move in documents.items()}
        found = [
            (line.number or "", line.amount, line.deduction, ids.get(line.move_id), line.status)
            for line in remittance.line_ids
        ]
        keys = ("number", "amount", "deduction", "document", "status")
        self.assertEqual(found, [tuple(line[key] for key in keys) for line in case["lines"]])

    def check_page(self, case, response, remittance):
        words = {key: word for key, (word, _advice) in remittance._get_portal_words().items()}
        words["ok"] = words["ok" if remittance.state == "draft" else "open"]
        rows = self.read_rows(response)
        self.assertEqual(len(rows), len(case["lines"]))
        for row, line in zip(rows, case["lines"], strict=True):
            status = line["status"] if line["status"] in words else "unknown"
            self.assertTrue(row[-1].startswith(words[status]), (row, line))


@tagged("post_install", "-at_install")
class TestPortalUpload(UploadCommon):
    """What uploads tell, and what becomes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south.billing_parent_access = "pay"
        cls.east.billing_parent_access = "view"
        cls.foreign = cls._invoice(cls.stranger, 700.0, due="2026-01-31")

    def setUp(self):
        super().setUp()
        self.login("hq")

    def upload_lines(self, *lines, **data):
        rows = [f"{number};{amount}" for number, amount in lines]
        return self.upload("\n".join(["Invoice;Amount", *rows]).encode(), **data)

    def test_clear_list(self):
        """All found, all may be paid: announced, with the file in the chatter."""
        page = self.upload_lines((self.invoice_n.name, 3000), (self.invoice_s.name, 2000))
        remittance = self.find_remittances()
        self.assertEqual((remittance.kind, remittance.state), ("advice", "waiting"))
        self.assertIn("All documents of your list were found", page.text)
        self.assertTrue(self.invoice_n.is_announced)
        self.assertEqual(remittance.message_ids.attachment_ids.mapped("name"), ["list.csv"])
        self.assertFalse(remittance.message_partner_ids & self.users["hq"].partner_id)

    def test_nothing_of_others(self):
        """A stranger's, an unconsenting branch's and no document: not told apart."""
        self.west.billing_parent_access = "none"
        rows = []
        numbers = (self.foreign.name, self.invoice_w.name, "INV/2026/99999")
        for number in numbers:
            for amount in (700, 1500):
                response = self.upload_lines((self.invoice_n.name, 3000), (number, amount))
                self.assertNotIn("Stranger", response.text)
                self.assertNotIn("Acme W", response.text)
                row = self.read_rows(response)[1]
                rows.append([cell for cell in row if cell != number and "00.00" not in cell])
                self.assertEqual(self.find_remittances()[0].state, "draft")
        self.assertEqual(len(set(map(tuple, rows))), 1, rows)

    def test_nothing_of_others_in_a_cell(self):
        """Several numbers in one cell are not told apart by what is open on a hidden one."""
        cell = f"{self.invoice_n.name}, {self.invoice_w.name}"
        response = self.upload_lines((cell, 4500))
        self.assertEqual(len(self.read_rows(response)), 1)
        remittance = self.find_remittances()
        # An accountant, who sees all, finds both: the payer still sees what it wrote.
        remittance.action_match()
        self.assertEqual(len(remittance.line_ids), 2)
        (row,) = self.read_rows(self.get(f"{URL}/{remittance.id}"))
        self.assertEqual(row[0], cell)
        self.assertIn("4,500.00", " ".join(row))
        self.assertTrue(row[-1].startswith("Not found"))

    def test_nothing_of_others_by_columns(self):
        """Which of two columns has the numbers is not told by hidden documents either."""
        rows = ["A;B;Amount", f"{self.invoice_w.name};INV/2026/88888;1500.00"]
        self.upload("\n".join(rows).encode())
        hidden = self.find_remittances().line_ids.number
        rows[1] = rows[1].replace(self.invoice_w.name, "INV/2026/99999")
        self.upload("\n".join(rows).encode())
        self.assertEqual(
            self.find_remittances()[0].line_ids.number == "INV/2026/99999",
            hidden == self.invoice_w.name,
        )

    def test_looked_at_by_an_accountant(self):
        """What an accountant finds or adds tells the payer nothing of hidden documents."""
        self.upload_lines(("lost", 1500))
        remittance = self.find_remittances()
        remittance.line_ids.move_id = self.invoice_w
        remittance.line_ids = [(0, 0, {"move_id": self.invoice_w.id, "amount": 1.0})]
        page = self.get(f"{URL}/{remittance.id}")
        self.assertNotIn(self.invoice_w.name, page.text)
        self.assertNotIn("Acme W", page.text)

    def test_may_see_but_not_pay(self):
        """A branch that lets its invoices be seen: found, not announced."""
        page = self.upload_lines((self.invoice_e.name, 1750))
        self.assertIn("May not be paid by you", page.text)
        self.assertEqual(self.find_remittances().state, "draft")

    def test_announced_already(self):
        """A second list with the same invoice waits for an accountant."""
        self.upload_lines((self.invoice_n.name, 3000))
        page = self.upload_lines((self.invoice_n.name, 3000), (self.invoice_s.name, 2500))
        self.assertEqual(self.find_remittances()[0].state, "draft")
        self.assertIn("Announced already", page.text)

    def test_consent_withdrawn(self):
        """When a consent has ended, neither link nor branch nor status remain."""
        self.upload_lines((self.invoice_n.name, 3000))
        self.north.billing_parent_access = "none"
        (row,) = self.read_rows(self.get(f"{URL}/{self.find_remittances().id}"))
        self.assertEqual(row[:2], [self.invoice_n.name, ""])
        self.assertNotIn("Acme N", row[0])
        self.assertTrue(row[-1].startswith("Not found"))

    def test_reference_of_the_payer(self):
        """The same list twice is refused, as in the back office."""
        rows = ["Remittance no.;W-4711", "", "Invoice;Amount", f"{self.invoice_n.name};3000.00"]
        for _time in range(2):
            page = self.upload("\n".join(rows).encode())
        self.assertEqual(self.find_remittances().ref, "W-4711")
        self.assertIn("has the reference W-4711 already", page.text)

    def test_cancel_and_send_again(self):
        """A list with mistakes is cancelled, a corrected one takes its place."""
        self.upload_lines(("lost", 3000))
        draft = self.find_remittances()
        self.url_open(f"{URL}/{draft.id}/cancel", data={"csrf_token": self.csrf_token()})
        self.env.invalidate_all()
        self.assertEqual(draft.state, "cancelled")
        self.upload_lines((self.invoice_n.name, 3000))
        self.assertEqual(self.find_remittances()[0].state, "waiting")

    def test_refused(self):
        """What is no list is refused with the reason, and nothing of it is kept."""
        before = self.count_kept()
        day = {"date_expected": "2020-01-01"}
        for expected, response in (
            ("Choose a file", self.upload()),
            ("Choose a file", self.upload(b"", text="  ")),
            ("too big", self.upload(b"1;2\n" * 600_000)),
            ("This is no list", self.upload(b"\x00\x01\x02" * 50)),
            ("This is no list", self.upload(b"PK\x03\x04broken", "list.xlsx")),
            ("No list was found", self.upload(text="Dear Sir or Madam")),
            ("Row 3", self.upload_lines((self.invoice_n.name, 3000), (self.invoice_s.name, "x"))),
            ("Choose the day", self.upload_lines((self.invoice_n.name, 3000), **day)),
        ):
            self.assertIn(expected, html.fromstring(response.content).text_content())
            self.assertEqual(self.count_kept(), before)
