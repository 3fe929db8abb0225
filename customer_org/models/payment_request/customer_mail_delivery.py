# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class CustomerMailDelivery(models.Model):
    """Requests are mailed as statements are: what is called sent, the mail server took."""

    _inherit = "customer.mail.delivery"

    kind = fields.Selection(
        selection_add=[("request", "Payment Request")], ondelete={"request": "cascade"}
    )
    remittance_id = fields.Many2one(
        "customer.remittance", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    def _get_document(self):
        if self.kind != "request":
            return super()._get_document()
        remittance = self.remittance_id.with_user(self.user_id).with_company(self.company_id)
        return remittance.with_context(allowed_company_ids=self.company_id.ids)

    def _get_template(self):
        if self.kind != "request":
            return super()._get_template()
        return self.env.ref("customer_org.mail_template_payment_request")

    def _get_recipients(self, document):
        if self.kind != "request":
            return super()._get_recipients(document)
        return document._get_request_recipients()

    def _tell_sent(self, partners):
        if self.kind != "request":
            return super()._tell_sent(partners)
        body = self.env._(
            "Payment request %(request)s sent to %(recipients)s.",
            request=self.period,
            recipients=", ".join(partners.mapped("display_name")),
        )
        # sudo: a note on the request, with the paper that was sent.
        self.remittance_id.sudo()._message_log(
            body=body, attachment_ids=self.message_id.attachment_ids.ids
        )
        return self._get_told_partner()._message_log(body=body)

    def _log(self, body):
        super()._log(body)
        if self.remittance_id:
            self.remittance_id._message_log(body=body)

    def _get_failure_summary(self):
        if self.kind == "request":
            return self.env._("Payment request not sent")
        return super()._get_failure_summary()

    def _is_superseded(self):
        """What is paid, cancelled or was sent again is not tried once more."""
        if self.kind != "request":
            return super()._is_superseded()
        later = [("remittance_id", "=", self.remittance_id.id), ("id", ">", self.id)]
        return self.remittance_id.state != "waiting" or bool(self.search_count(later, limit=1))
