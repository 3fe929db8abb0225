# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.mail.tests.common import MailCommon

from .common_remittance import RemittanceCommon

MAIL = """From: {sender}
To: remittances@{domain}
Subject: Our payment
Message-Id: <{number}@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

Please find our list attached.

--x
Content-Type: text/csv; name="{name}"
Content-Disposition: attachment; filename="{name}"

{content}
--x--
"""


class RemittanceMailCommon(RemittanceCommon, MailCommon):
    """Mails with lists to the company's address for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()
        cls.company.sudo().alias_domain_id = cls.mail_alias_domain
        cls.company.sudo().remittance_alias_name = "remittances"
        cls.content = f"Invoice;Paid\n{cls.invoice_n.name};3000.00\nTotal;3000.00\n"

    def receive(self, content, sender="payables@example.com", name="list.csv"):
        """Receive a mail and return its remittance."""
        self.number = getattr(self, "number", 0) + 1
        mail = MAIL.format(
            sender=sender,
            content=content,
            name=name,
            domain=self.mail_alias_domain.name,
            number=self.number,
        )
        self.env["mail.thread"].sudo().message_process(None, mail)
        return self.env["customer.remittance"].search([], order="id desc", limit=1)
