# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mails with statements and settlement receipts, recipient by recipient."""

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

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


class CustomerMailDelivery(models.Model):
    """A statement or settlement receipt on its way to a customer by e-mail.

    Takes: a statement (customer and options), or a settlement or bank line with the customer whose
    part of the receipt is sent.

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
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Line",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The bank line whose receipt this is, where branches were paid without a settlement.",
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
        """Return the customer, settlement or bank line that the mail is about, by the sender.

        Without a superuser's rights, in the company, and with what the templates look up.
        """
        self.ensure_one()
        context = {"allowed_company_ids": self.company_id.ids}
        if self.kind == "receipt":
            document = self.settlement_id or self.statement_line_id
            if self.partner_id != document._get_remittance_payer():
                context["customer_settlement_branch_id"] = self.partner_id.id
        else:
            context["customer_statement"] = self.options
            document = self.partner_id
        document = document.with_user(self.user_id).with_context(**context)
        return document.with_company(self.company_id)

    def _get_template(self):
        name = "statement" if self.kind == "statement" else "remittance"
        if self.statement_line_id:
            name = "bank_receipt"
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
        self._forget_former_recipients(values["partner_ids"])
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

    def _forget_former_recipients(self, partner_ids):
        """Leave out who has not got it and is not to get it any more: nobody waits for that.

        :param partner_ids: ids of those who are to get it now
        """
        self.recipient_ids.filtered(
            lambda one: (
                one.state in ("failed", "bounced", "cancelled")
                and one.partner_id.id not in partner_ids
            )
        ).unlink()

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
            "name": self.env._("Send Settlement Receipt")
            if self.kind == "receipt"
            else self.env._("Send Statement of Account"),
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
        if message.partner_ids or msg_values.get("outgoing_email_to"):
            self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        if message.partner_ids:
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
