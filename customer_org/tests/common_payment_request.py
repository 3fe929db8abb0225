# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.mail.tests.common import MailCommon

from .common_remittance import RemittanceCommon


class PaymentRequestMixin:
    """Requests to Acme HQ, what is paid of them, and how they look."""

    def open_requests(self, action):
        """Return the remittances that an action opens."""
        if action.get("res_id"):
            return self.env["customer.remittance"].browse(action["res_id"])
        return self.env["customer.remittance"].search(action["domain"])

    def request(self, *invoices):
        """Return a draft for these invoices, or for all of Acme's that are due."""
        moves = self.env["account.move"].union(*invoices)
        return self.open_requests((moves or self.hq).action_request_payment())

    def create_waiting(self, *invoices):
        request = self.request(*invoices)
        request.action_confirm()
        return request

    def send(self, request):
        """Send it and return its mails, which the mail server took."""
        with self.mock_mail_gateway():
            request.action_send_request()
            mails = self._new_mails
            self.env["mail.mail"].sudo().browse(mails.ids).send()
        return mails

    def pay_itself(self, invoice, amount):
        """Let the invoice's own customer pay, matched by core alone."""
        payment = self._payment(invoice.commercial_partner_id, amount)
        self._receivable_lines(invoice | payment.move_id).reconcile()
        return payment

    def receive(self, text, amount, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_ref": text,
                "amount": amount,
                **values,
            }
        )

    def render(self, request):
        report = self.env["ir.actions.report"].with_context(lang="en_US")
        content, _type = report._render_qweb_html(
            "customer_org.report_payment_request", request.ids
        )
        return content.decode()


class PaymentRequestCommon(PaymentRequestMixin, RemittanceCommon, MailCommon):
    """Requests to Acme HQ, whose contact for invoices has an address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()
