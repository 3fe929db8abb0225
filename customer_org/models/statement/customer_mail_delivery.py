# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What became of the mails with statements and settlement receipts, recipient by recipient."""

import base64
import logging

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

_logger = logging.getLogger(__name__)

#: What is rendered of a mail template.
TEMPLATE_FIELDS = (
    "attachment_ids",
    "body_html",
    "email_cc",
    "email_from",
    "email_to",
    "mail_server_id",
    "partner_to",
    "reply_to",
    "report_template_ids",
    "subject",
)
#: A mail that failed is tried again each day, but not for ever.
MAX_DAYS = 31


class CustomerMailDelivery(models.Model):
    """A statement or settlement receipt on its way to a customer by e-mail.

    Takes: a statement (customer and options) or a settlement with the customer whose part is sent.

    Use: :meth:`_send_document`, or post on the record with a mail composer. ``state`` and
    ``recipient_ids`` tell what the mail server did with it.

    How it works: the mail is a message on this record, which only users of Invoicing may read:
    who may read contacts may not read what they owe. Core notes on its notifications what becomes
    of each recipient's mail; :meth:`_update_from_notifications` takes that over when core says so
    (``mail.mail``, bounces) and once a day, and tells the customer's chatter. Who has got it never
    gets it again; all others do the next day.
    """

    _name = "customer.mail.delivery"
    _description = "Mail to a Customer"
    _inherit = ["mail.thread"]
    _order = "id desc"
    # Who may send a statement writes it with the mail composer; nobody edits what was sent.
    _mail_post_access = "read"

    kind = fields.Selection(
        [("statement", "Statement of Account"), ("receipt", "Settlement Receipt")],
        string="Document",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        string="Requested By",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    settlement_id = fields.Many2one(
        "customer.settlement", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    options = fields.Json(readonly=True)
    period = fields.Char(readonly=True)
    date_to = fields.Date(string="As of", readonly=True)
    is_monthly = fields.Boolean(readonly=True)
    state = fields.Selection(
        [
            ("draft", "Being Written"),
            ("sending", "Queued"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    failure = fields.Char(readonly=True)
    tried_on = fields.Date(string="Last Tried", readonly=True)
    message_id = fields.Many2one("mail.message", readonly=True, index=True, ondelete="set null")
    recipient_ids = fields.One2many("customer.mail.recipient", "delivery_id", readonly=True)

    @api.depends("kind", "partner_id", "period")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for delivery in self:
            parts = (kinds.get(delivery.kind), delivery.partner_id.name, delivery.period)
            delivery.display_name = ", ".join(filter(None, parts))

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    @api.private
    def _create_for_statement(self, partner, options, is_monthly=False):
        """Create the record for a customer's statement.

        :param partner: ``res.partner`` in the environment of who sends
        :param dict options: as ``res.partner._get_statement`` takes them
        :return: the delivery, in sudo
        """
        # sudo: a note of what this user sends; who may send was asked before.
        return self.sudo().create(
            {
                "kind": "statement",
                "partner_id": partner.id,
                "company_id": partner.env.company.id,
                "user_id": partner.env.uid,
                "options": options,
                "period": partner._get_statement_period(options),
                "date_to": options.get("date_to") or fields.Date.context_today(self),
                "is_monthly": is_monthly,
            }
        )

    def _get_document(self):
        """Return the customer or settlement that the mail is about, with the rights of the sender.

        Without a superuser's rights, in the company, and with what the templates look up.
        """
        self.ensure_one()
        context = {"allowed_company_ids": self.company_id.ids}
        if self.kind == "receipt":
            document = self.settlement_id
            if self.partner_id != document.payer_id:
                context["customer_settlement_branch_id"] = self.partner_id.id
        else:
            context["customer_statement"] = self.options
            document = self.partner_id
        document = document.with_user(self.user_id).with_context(**context)
        return document.with_company(self.company_id)

    def _get_template(self):
        name = "statement" if self.kind == "statement" else "remittance"
        return self.env.ref(f"customer_org.mail_template_{name}")

    def _get_recipients(self, document):
        """Return who is to get the document: contacts of the customer or of its billing parent."""
        if self.kind == "receipt":
            return document._get_remittance_recipient()
        return document._get_statement_recipients()

    def _get_served(self):
        """Return who has got it, is getting it, or refused it at the same address before."""
        return self.recipient_ids.filtered(
            lambda one: (
                one.state in ("waiting", "sent")
                or (one.state == "bounced" and one.email == one.partner_id.email_normalized)
            )
        ).partner_id

    def _prepare_mail(self, document):
        """Return the values of the mail by its template, rendered with the sender's rights.

        :raises UserError: if nobody who is to get it has an address
        """
        recipients = self._get_recipients(document)
        if not recipients.filtered("email"):
            raise UserError(
                self.env._(
                    "%(customer)s: %(contact)s has no e-mail address. Add one and send it again.",
                    customer=self.partner_id.display_name,
                    contact=", ".join(recipients.mapped("display_name")),
                )
            )
        template = self._get_template().with_env(document.env)
        values = template._generate_template(
            document.ids, TEMPLATE_FIELDS, find_or_create_partners=True
        )[document.id]
        # Also by a template that was changed, or is older than this.
        period = document._get_statement_period() if self.kind == "statement" else self.period
        if period not in values["subject"]:
            values["subject"] = f"{values['subject']}, {period}"
        return values

    def _send_document(self):
        """Write the mail and hand it over, to those who have not got it.

        :raises UserError: if nobody has an address
        :raises AccessError: if the sender may not see the document any more
        """
        self.ensure_one()
        document = self._get_document()
        values = self._prepare_mail(document)
        served = set(self._get_served().ids)
        partner_ids = [pid for pid in values["partner_ids"] if pid not in served]
        self.tried_on = fields.Date.context_today(self)
        if not partner_ids:
            self._set_state_from_recipients()
            return
        self._cancel_failed_mails()
        email_from = values.get("email_from")
        # sudo: what was written with the sender's rights is put on a record that nobody may write.
        self.with_user(self.user_id).sudo().message_post(
            subject=values["subject"],
            body=values["body_html"],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partner_ids,
            email_from=email_from,
            reply_to=values.get("reply_to") or email_from,
            reply_to_force_new=True,
            mail_server_id=values.get("mail_server_id"),
            attachments=[
                (name, base64.b64decode(content)) for name, content in values["attachments"]
            ],
            attachment_ids=values.get("attachment_ids"),
            email_layout_xmlid="mail.mail_notification_light",
            email_add_signature=False,
        )

    def _open_composer(self):
        """Return the mail composer with the mail as it would be sent.

        :raises UserError: if nobody has an address
        """
        self.ensure_one()
        document = self._get_document()
        values = self._prepare_mail(document)
        attachments = document.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "datas": content,
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
                for name, content in values["attachments"]
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Statement of Account"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_subject": values["subject"],
                "default_body": values["body_html"],
                "default_partner_ids": values["partner_ids"],
                "default_attachment_ids": attachments.ids + (values.get("attachment_ids") or []),
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
            },
        }

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        # To whom it is addressed, nobody else; also where the sender is one of them.
        kwargs |= {"notify_author": True, "notify_skip_followers": True}
        return super()._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        # By e-mail, also to employees who read their messages in Odoo.
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        return [{**recipient, "notif": "email"} for recipient in recipients]

    def _message_post_after_hook(self, message, msg_values):
        # Before core notifies: mails may be gone when it comes back.
        if message.partner_ids:
            self.env["customer.statement"]._check_user(["account.group_account_invoice"])
            # sudo: who may send statements notes what became of them.
            self.sudo()._track(message)
        return super()._message_post_after_hook(message, msg_values)

    def _track(self, message):
        """Watch what becomes of a message's mails.

        :param message: ``mail.message`` that is about to be sent, on this record or another
        """
        self.ensure_one()
        lines = {line.partner_id: line for line in self.recipient_ids}
        # sudo: those whom the message that is being sent is addressed to.
        for partner in message.sudo().partner_ids:
            vals = {"message_id": message.id, "email": email_normalize(partner.email) or ""}
            if partner in lines:
                lines[partner].write({**vals, "state": "waiting"})
            else:
                self.env["customer.mail.recipient"].create(
                    {**vals, "delivery_id": self.id, "partner_id": partner.id}
                )
        self.write(
            {
                "message_id": message.id,
                "state": "sending",
                "tried_on": fields.Date.context_today(self),
            }
        )

    def _cancel_failed_mails(self):
        """Cancel mails of the last try, so that nobody sends them from the queue beside the new."""
        mails = self.env["mail.mail"].search(
            [("mail_message_id", "in", self.message_id.ids), ("state", "=", "exception")]
        )
        mails.cancel()

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
                self.settlement_id._message_log(
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
        if self.settlement_id:
            self.settlement_id._message_log(body=body)

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
        super()._message_receive_bounce(email, partner)
        # sudo: that a mail came back is noted by the system.
        self.sudo()._note_bounce(email, partner)

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
        """Return whether the statement of a later month is there by now."""
        return self.is_monthly and bool(
            self.search_count(
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


class CustomerMailRecipient(models.Model):
    """Who is to get a mail to a customer, and whether the mail server took it."""

    _name = "customer.mail.recipient"
    _description = "Recipient of a Mail to a Customer"
    _rec_name = "partner_id"

    delivery_id = fields.Many2one(
        "customer.mail.delivery", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="delivery_id.company_id")
    partner_id = fields.Many2one(
        "res.partner", string="Recipient", required=True, readonly=True, ondelete="cascade"
    )
    email = fields.Char(readonly=True)
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="set null")
    state = fields.Selection(
        [
            ("waiting", "Queued"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("bounced", "Came Back"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    failure = fields.Char(readonly=True)

    def _get_states(self):
        """Return ``{recipient: (state, failure)}`` by core's notifications; unknown ones miss."""
        notifications = self.env["mail.notification"].search(
            [
                ("mail_message_id", "in", self.message_id.ids),
                ("notification_type", "=", "email"),
            ]
        )
        by_key = {(one.mail_message_id, one.res_partner_id): one for one in notifications}
        states = {}
        for line in self:
            notification = by_key.get((line.message_id, line.partner_id))
            # A mail that came back stays so, whatever was noted when the server took it.
            if notification and line.state != "bounced":
                states[line] = line._get_state(notification)
        return states

    def _get_state(self, notification):
        status = notification.notification_status
        if status == "sent":
            return "sent", False
        if status == "bounce":
            return "bounced", self.env._("The mail came back.")
        if status == "exception":
            return "failed", notification.format_failure_reason()
        mail = notification.mail_mail_id
        if status == "canceled" or not mail or mail.state == "cancel":
            return "cancelled", False
        if mail.state == "exception":
            return "failed", mail.failure_reason or self.env._("Unknown error")
        return "waiting", False
