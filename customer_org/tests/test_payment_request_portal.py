# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import parse_qs, urlparse

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common_payment_request import PaymentRequestMixin
from .common_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPaymentRequestPortal(PaymentRequestMixin, PortalCommon, MailCommon):
    """*Pay this* leads the head office's user to the pay page, with a login and no token."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south.billing_parent_access = "pay"
        cls.east.billing_parent_access = "view"
        cls._create_mail_contacts()

    def setUp(self):
        super().setUp()
        self.asked = self.create_waiting(self.invoice_n, self.invoice_s, self.invoice_e)

    def get_chosen(self):
        """Return the ids that the link chooses on the pay page, None where it leads elsewhere."""
        url = urlparse(self.get(f"/my/organization/remittances/{self.asked.id}/pay").url)
        if url.path != "/my/organization/pay":
            return None
        return [int(id_) for id_ in parse_qs(url.query)["invoice_ids"][0].split(",")]

    def test_pay_this(self):
        """What the visitor may pay is chosen: not what it may only see, nor other invoices."""
        self.login("hq")
        self.assertEqual(self.get_chosen(), (self.invoice_n | self.invoice_s).ids)

    def test_what_is_left(self):
        """What was paid meanwhile is not chosen any more."""
        self.pay_itself(self.invoice_n, 3000.0)
        self.login("hq")
        self.assertEqual(self.get_chosen(), self.invoice_s.ids)

    def test_not_for_others(self):
        """Without a login one is asked for it; branches and strangers get nothing."""
        url = urlparse(self.get(f"/my/organization/remittances/{self.asked.id}/pay").url)
        self.assertEqual(url.path, "/web/login")
        for visitor in ("north", "stranger"):
            self.login(visitor)
            self.assertIsNone(self.get_chosen(), visitor)

    def test_cancelled(self):
        """A request that does not wait any more chooses nothing."""
        self.asked.action_cancel()
        self.login("hq")
        self.assertIsNone(self.get_chosen())

    def test_page(self):
        """The page says what is left, with the reference, and which invoices are paid."""
        self.pay_itself(self.invoice_n, 3000.0)
        self.login("hq")
        page = self.get(f"/my/organization/remittances/{self.asked.id}").text
        for text in ("4,250.00", self.asked.communication, self.invoice_s.name, "To pay", "/pay"):
            self.assertIn(text, page)
        self.assertNotIn("Cancel the announcement", page)
        self.assertIn("4,250.00", self.get("/my/organization/remittances").text)

    def test_links(self):
        """The mail has the link where somebody can log in and pay online."""
        links = self.asked._get_request_links()
        self.assertTrue(links["pay"].endswith(f"/my/organization/remittances/{self.asked.id}/pay"))
        self.assertIn(links["pay"], self.send(self.asked).body_html)
        self.users["hq"].active = False
        self.assertEqual(self.asked._get_request_links(), {"request": False, "pay": False})

    def test_paid_online(self):
        """Paid on the pay page by a provider, the request is settled."""
        self.asked.line_ids.filtered(lambda line: line.move_id == self.invoice_e).left_out = True
        self.login("hq")
        chosen = self.get_chosen()
        params = self.transaction_params(5500.0, invoice_ids=chosen)
        result = self.make_jsonrpc_request("/my/organization/pay/transaction", params)
        tx = self._get_tx(result["reference"])
        tx._set_done()
        tx._post_process()
        self.env.invalidate_all()
        self.assertEqual(self.invoice_n.payment_state, "paid")
        self.assertEqual(self.asked.state, "settled")
