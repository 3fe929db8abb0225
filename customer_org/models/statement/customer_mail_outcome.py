# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What became of the mails with statements and settlement receipts, and trying again."""

import logging

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: A mail that failed is tried again each day, but not for ever.
MAX_DAYS = 31


class CustomerMailDelivery(models.Model):
    _inherit = "customer.mail.delivery"

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------

    def _update_from_notifications(self):
        """Take over what core notes of each recipient's mail, and say once what is new."""
        self.fetch(["recipient_ids"])
        states = self.recipient_ids._get_states()
        for delivery in self:
            changed = delivery.recipient_ids.filtered(
                lambda line: line in states and line.state != states[line][0]
            )
            for line in changed:
                line.state, line.failure = states[line]
            if changed:
                delivery._set_state_from_recipients()
                delivery._tell(changed)

    def _set_state_from_recipients(self):
        """Conclude from all recipients; the month counts once nobody is left who has not got it."""
        self.ensure_one()
        states = set(self.recipient_ids.mapped("state"))
        if states & {"waiting"}:
            self.state = "sending"
        elif states & {"failed", "bounced"}:
            self.state = "failed"
        elif "cancelled" in states:
            self.state = "cancelled"
        elif states:
            self.state = "sent"
        if self.state == "sent":
            self.failure = False
            self._resolve_activities()
            if self.is_monthly:
                self._get_told_partner()._note_statement_sent(self.date_to)

    def _get_told_partner(self):
        """Return the customer whose chatter tells of it, in the company of the document."""
        # sudo: a note and an activity on the customer, whoever's mail it is and whoever sends it.
        return self.partner_id.sudo().with_company(self.company_id)

    def _get_title(self):
        return self.display_name

    def _tell(self, lines):
        """Say in the chatter who got it and who did not; a failure becomes an activity."""
        sent = lines.filtered(lambda line: line.state == "sent")
        failed = lines.filtered(lambda line: line.state in ("failed", "bounced"))
        cancelled = lines.filtered(lambda line: line.state == "cancelled")
        if sent:
            self._tell_sent(sent.partner_id)
        if cancelled:
            self._log(
                self.env._(
                    "%(document)s: the mail to %(recipients)s was cancelled.",
                    document=self._get_title(),
                    recipients=", ".join(cancelled.partner_id.mapped("display_name")),
                )
            )
        if failed:
            self._report_failure(
                "; ".join(
                    f"{line.partner_id.display_name} ({line.email or '-'}): {line.failure}"
                    for line in failed
                )
            )

    def _tell_sent(self, partners):
        names = ", ".join(partners.mapped("display_name"))
        if self.kind == "receipt":
            # A receipt that was written on the settlement itself is in its chatter.
            if self.message_id.model == self._name:
                self._get_receipt_document()._message_log(
                    body=self.env._("Settlement receipt sent to %s.", names)
                )
            return
        body = self.env._(
            "Statement of account sent to %(recipients)s: %(period)s.",
            recipients=names,
            period=self.period,
        )
        self._get_told_partner()._message_log(
            body=body, attachment_ids=self.message_id.attachment_ids.ids
        )

    def _log(self, body):
        self._get_told_partner()._message_log(body=body)
        if document := self._get_receipt_document():
            document._message_log(body=body)

    def _get_receipt_document(self):
        """Return in whose chatter a receipt is told of: the settlement, or the bank's entry."""
        return self.settlement_id or self.statement_line_id.move_id

    def _report_failure(self, error):
        """Say in the chatter why it was not sent, and ask somebody, once, to look at it."""
        self.ensure_one()
        error = str(error)
        is_new = error != self.failure
        self.write(
            {
                "state": "failed",
                "failure": error,
                "tried_on": self.tried_on or fields.Date.context_today(self),
            }
        )
        note = self.env._(
            "%(document)s was not sent. %(error)s",
            document=self._get_title(),
            error=error,
        )
        if is_new:
            self._log(note)
        partner = self._get_told_partner()
        summary = self._get_failure_summary()
        if summary in partner.activity_ids.mapped("summary"):
            return
        partner.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=Markup("<p>%s</p><p>%s</p>")
            % (
                note,
                self.env._("Correct what is wrong: it is tried again tomorrow."),
            ),
            user_id=partner._get_auto_settle_user().id,
        )

    def _get_failure_summary(self):
        if self.kind == "receipt":
            return self.env._("Settlement receipt not sent")
        return self.env._("Statement not sent")

    def _resolve_activities(self):
        """Take away the activities about failures, once nothing of the customer's is left."""
        others = self.search_count(
            [
                ("partner_id", "=", self.partner_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "failed"),
                ("id", "not in", self.ids),
            ],
            limit=1,
        )
        if not others:
            activities = self._get_told_partner().activity_ids
            summary = self._get_failure_summary()
            activities.filtered(lambda activity: activity.summary == summary).unlink()

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        # sudo: that a mail came back is noted by the system.
        self.sudo()._note_bounce(email, partner)
        return result

    def _note_bounce(self, email, partner):
        """Note that the mail came back from an address that the mail server had taken it for."""
        for delivery in self:
            lines = delivery.recipient_ids.filtered(
                lambda line: line.email == email or line.partner_id in (partner or [])
            )
            lines = lines.filtered(lambda line: line.state != "bounced")
            if lines:
                lines.write({"state": "bounced", "failure": self.env._("The mail came back.")})
                delivery._set_state_from_recipients()
                delivery._tell(lines)

    # ------------------------------------------------------------------
    # Again
    # ------------------------------------------------------------------

    @api.model
    def _get_due(self):
        """Return what failed on a day before, and was first tried not too long ago."""
        today = fields.Date.context_today(self)
        return self.search(
            [
                ("state", "=", "failed"),
                ("tried_on", "<", today),
                ("create_date", ">", today - relativedelta(days=MAX_DAYS)),
            ],
            order="id",
        )

    def _send_again(self):
        """Try once more, for who has not got it; what is wrong is reported like the first time."""
        self.ensure_one()
        self.tried_on = fields.Date.context_today(self)
        if self._is_superseded():
            self.state = "cancelled"
            self._resolve_activities()
            return
        try:
            with self.env.cr.savepoint():
                self._send_document()
                self.env.flush_all()
        except Exception as error:  # pylint: disable=broad-except
            _logger.info("Can't send %s", self, exc_info=True)
            self.env.invalidate_all(flush=False)
            self._report_failure(error)

    def _is_superseded(self):
        """Return whether the statement of a later month is there by now, or none is wanted."""
        return self.is_monthly and bool(
            not self.partner_id.statement_monthly
            or not self.partner_id.active
            or self.search_count(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("is_monthly", "=", True),
                    ("date_to", ">", self.date_to),
                ],
                limit=1,
            )
        )

    def action_send_again(self):
        """Send now what failed or was cancelled, to who has not got it.

        :raises UserError: if nobody has an address
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        self.check_access("read")
        # sudo: only what the user may read, and with the rights of who asked for it.
        for delivery in self.sudo().filtered(lambda one: one.state in ("failed", "cancelled")):
            delivery._send_document()

    @api.autovacuum
    def _gc_drafts(self):
        """Forget mails that were begun with the composer and never sent."""
        limit = fields.Datetime.now() - relativedelta(days=1)
        self.search([("state", "=", "draft"), ("create_date", "<", limit)]).unlink()
