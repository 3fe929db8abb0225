# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from odoo.tools import html2plaintext, mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .test_statement_output import FEBRUARY, WizardCommon


class StatementMailCommon(WizardCommon, MailCommon):
    """Statements by e-mail, and mail servers that refuse them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_mail_contacts()

    def send(self, partner, **options):
        """Send a statement and return its mail."""
        with self.mock_mail_gateway():
            partner._send_statement({**FEBRUARY, **options})
        return self._new_mails

    @contextmanager
    def refuse(self, *addresses, error=None):
        """Let the mail server refuse mails to these addresses, or to all."""
        original = type(self.env["ir.mail_server"]).send_email

        def send_email(model, message, *args, **kwargs):
            if not addresses or any(address in message["To"] for address in addresses):
                raise error or SMTPRecipientsRefused({})
            return original(model, message, *args, **kwargs)

        with (
            patch.object(type(self.env["ir.mail_server"]), "send_email", send_email),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            yield

    def run_cron(self, send=True):
        """Run the scheduled action with its commits, and the mail queue; return the mails."""
        cron = self.env.ref("customer_org.cron_customer_statement_mail")
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            self.env.invalidate_all()
            mails = self._new_mails.filtered("attachment_ids")  # not those about activities
            if send:
                self.env["mail.mail"].sudo().process_email_queue(mails.ids)
        self.env.invalidate_all()
        return mails

    def get_notes(self, partner):
        """Return the texts of the customer's chatter."""
        return [html2plaintext(message.body) for message in partner.message_ids]
