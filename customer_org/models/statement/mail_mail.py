# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hear what the mail server did with the mails of statements and settlement receipts."""

import logging
import smtplib

from odoo import models
from odoo.tools.mail import email_normalize_all

_logger = logging.getLogger(__name__)

#: Models whose messages may carry a statement or a settlement receipt.
TRACKED_MODELS = ("customer.mail.delivery", "customer.settlement")


class Batch:
    """What is known of the mails with documents while a batch is sent.

    ``taken`` are the addresses that the mail server took a mail for, ``message_ids`` the messages
    of which something became.
    """

    def __init__(self):
        self.taken = set()
        self.message_ids = set()


class MailMail(models.Model):
    """Tell deliveries what became of their mails; other mails cost nothing.

    Core gives up a mail at the first recipient that the server refuses, and says of all that they
    failed where the connection breaks. Here each recipient counts by itself.
    """

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """Send each recipient's mail by itself where a statement or receipt is in it."""
        batch = self.env.context.get("customer_mail_batch")
        if isinstance(batch, Batch) or self.env["ir.mail_server"]._disable_send():
            return super()._send(*args, **kwargs)
        tracked = self.filtered(lambda mail: mail.model in TRACKED_MODELS)
        if not tracked:
            return super()._send(*args, **kwargs)
        batch = Batch()
        batch.message_ids.update(tracked.mail_message_id.ids)
        mails = self.with_context(customer_mail_batch=batch)
        todo = tracked.with_env(mails.env)
        try:
            result = super(MailMail, mails)._send(*args, **kwargs)
            while todo := todo.exists()._split_refused():
                super(MailMail, todo)._send(*args, **kwargs)
            return result
        except smtplib.SMTPServerDisconnected:
            todo.exists()._keep_taken(batch.taken)
            raise
        finally:
            self.env["mail.message"].browse(batch.message_ids)._update_customer_deliveries()

    def _split_refused(self):
        """Return new mails for those whom core did not try after the server refused somebody."""
        rest = self.browse()
        for mail in self.filtered(lambda mail: mail.state == "exception"):
            others = mail.recipient_ids[1:]
            if not others:
                continue
            # sudo: as core does where it splits a mail.
            new = mail.with_user(mail.create_uid).sudo()
            new = new.copy(
                {
                    "headers": mail.headers,
                    "mail_message_id": mail.mail_message_id.id,
                    "recipient_ids": others.ids,
                }
            )
            mail._get_notifications(others).write(
                {"mail_mail_id": new.id, "notification_status": "ready", "failure_type": False}
            )
            mail.write({"recipient_ids": mail.recipient_ids[:1], "email_to": False})
            rest |= new.with_env(self.env)
        return rest

    def _get_notifications(self, partners):
        # sudo: what became of mails is noted by the system, whoever sends them.
        return (
            self.env["mail.notification"]
            .sudo()
            .search([("mail_mail_id", "in", self.ids), ("res_partner_id", "in", partners.ids)])
        )

    def _keep_taken(self, addresses):
        """Note who has got a mail before the connection broke, so that a retry leaves them out.

        :param addresses: normalized e-mail addresses that the server took a mail for
        """
        for mail in self.filtered(lambda mail: mail.state == "exception"):
            served = mail.recipient_ids.filtered(
                lambda partner: partner.email_normalized in addresses
            )
            mail._get_notifications(served).write(
                {"notification_status": "sent", "failure_type": False, "failure_reason": False}
            )
            mail.recipient_ids -= served

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tell deliveries what became of their mails, whatever way core sent them."""
        tracked = self.filtered(lambda mail: mail.model in TRACKED_MODELS)
        # Before core: it deletes mails that were sent.
        messages = tracked.mail_message_id
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        if failure_type:
            # Whoever retries this mail in the queue leaves out who has got it.
            for mail in tracked.exists():
                mail.recipient_ids -= mail.recipient_ids.browse(
                    [partner.id for partner in success_pids]
                )
        if messages and not isinstance(self.env.context.get("customer_mail_batch"), Batch):
            messages._update_customer_deliveries()
        return result


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _update_customer_deliveries(self):
        """Tell the deliveries of these messages to look; never in the way of core's sending."""
        try:
            with self.env.cr.savepoint():
                # sudo: what the mail server did is noted by the system, whoever sends.
                deliveries = self.env["customer.mail.delivery"].sudo()
                found = deliveries.search([("recipient_ids.message_id", "in", self.ids)])
                found._update_from_notifications()
        except Exception:  # pylint: disable=broad-except
            # The mail is sent or not, whatever is wrong with our note: the cron looks again.
            _logger.exception("Can't note what became of the mails of %s", self)
            self.env.invalidate_all(flush=False)


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def send_email(self, message, *args, **kwargs):
        """Note for whom the mail server took a mail, while a batch of ours is sent."""
        # Before core: it adds those to whom the other copies of the mail go.
        addresses = message["To"]
        result = super().send_email(message, *args, **kwargs)
        batch = self.env.context.get("customer_mail_batch")
        # An object: nobody can hand one in from outside.
        if isinstance(batch, Batch):
            batch.taken.update(email_normalize_all(addresses or ""))
        return result


class IrAttachment(models.Model):
    """The chatter shows a statement's PDF; its content is for who may read the delivery."""

    _inherit = "ir.attachment"

    def _is_closed_customer_mail(self):
        return self.res_model == "customer.mail.delivery" and not self.sudo(False).has_access(
            "read"
        )

    def _get_raw_access_token(self):
        """Give no token of a statement's PDF to who may not see statements."""
        return False if self._is_closed_customer_mail() else super()._get_raw_access_token()

    def _get_thumbnail_token(self):
        """Give no token of its picture either."""
        return False if self._is_closed_customer_mail() else super()._get_thumbnail_token()
