# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


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
