# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the paper of a request says, and how it gets to the payer."""

from dataclasses import dataclass
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


@dataclass(frozen=True)
class RequestRow:
    """A document that is asked for: how much at first, and how much is left, in its currency."""

    document: Any
    number: str
    requested: float
    left: float
    is_paid: bool

    @property
    def paid(self) -> float:
        return self.requested - self.left


@dataclass(frozen=True)
class RequestPart:
    """The documents of one customer: the payer itself, or a branch."""

    customer: Any
    rows: list

    @property
    def requested(self) -> float:
        return sum(row.requested for row in self.rows)

    @property
    def left(self) -> float:
        return sum(row.left for row in self.rows)


class CustomerRemittance(models.Model):
    _inherit = "customer.remittance"

    delivery_ids = fields.One2many(
        "customer.mail.delivery",
        "remittance_id",
        string="Mails",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    mail_status = fields.Char(
        string="Mail",
        compute="_compute_mail_status",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="What became of the last mail with this request.",
    )

    @api.depends("delivery_ids.state")
    def _compute_mail_status(self):
        states = dict(
            self.env["customer.mail.delivery"]._fields["state"]._description_selection(self.env)
        )
        for remittance in self:
            last = remittance.delivery_ids.sorted("id")[-1:]
            remittance.mail_status = bool(last) and self.env._(
                "%(state)s (%(day)s)",
                state=states[last.state],
                day=format_datetime(self.env, last.create_date, dt_format="short"),
            )

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def action_send_request(self):
        """Mail the requests to their payers with what is left of them; drafts are confirmed.

        Of what the mail server says the delivery tells, see ``customer.mail.delivery``.

        :return: a notification that says what was queued, and what is paid already
        :raises AccessError: for users who may not write invoices
        :raises UserError: if one is no request, settled or cancelled, can't be confirmed, or
            nobody who is to get it has an address
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        self.check_access("write")
        closed = self.browse()
        for request in self:
            request._check_sendable()
            if request.state == "draft":
                request.action_confirm()
            elif request._close_if_paid():
                closed |= request
                continue
            request._refresh_request()
            # Such as an invoice of who is not billed under the payer any more.
            if problems := request._get_problems():
                raise UserError("\n".join([request.display_name, *problems]))
            request._create_delivery()._send_document()
        return self._notify_sent(self - closed, closed)

    def _check_sendable(self):
        if self.kind != "request" or self.state not in ("draft", "waiting"):
            raise UserError(
                self.env._(
                    "Only requests that are drafts or wait for their money are sent: %s is none.",
                    self.display_name,
                )
            )

    def _create_delivery(self):
        """Return the record of a mail with this request, in sudo."""
        # sudo: a note of what this user sends; who may send was asked before.
        deliveries = self.env["customer.mail.delivery"].sudo()
        return deliveries.create(
            {
                "kind": "request",
                "remittance_id": self.id,
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "user_id": self.env.uid,
                "period": self.name,
                "date_to": fields.Date.context_today(self),
            }
        )

    def _notify_sent(self, queued, closed):
        messages = [
            self.env._(
                "%(request)s queued for %(recipients)s: %(amount)s.",
                request=request.name,
                recipients=", ".join(request._get_request_recipients().mapped("display_name")),
                amount=request.currency_id.format(request.amount_total),
            )
            for request in queued
        ]
        messages += [
            self.env._("All of %s is paid already: it is settled now.", request.name)
            for request in closed
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": "\n".join(messages),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_print_request(self):
        """Download the request as PDF, with what is left of it."""
        report = self.env.ref("customer_org.action_report_payment_request")
        return report.report_action(self, config=False)

    # ------------------------------------------------------------------
    # What it says
    # ------------------------------------------------------------------

    def _get_request_recipients(self):
        """Return who gets the request: those who get the payer's statements."""
        return self.partner_id._get_statement_recipients()

    def _get_request_lang(self):
        return self._get_request_recipients()[:1].lang or self.env.lang

    def _get_request_parts(self):
        """Return the :class:`RequestPart` of the payer and of each branch, the payer's first."""
        self.ensure_one()
        left = self._get_left() if self.state != "draft" else {}
        rows = {}
        # sudo: who reads the request reads whose documents it names.
        for line in self.sudo().line_ids.filtered(lambda line: not line.left_out):
            own = line.sudo(False)
            requested = line.amount_requested if left else line.amount
            amount = left.get(own, 0.0) if left else requested
            is_paid = bool(left) and line.currency_id.is_zero(amount)
            row = RequestRow(line.move_id, line.number or "", requested, amount, is_paid)
            rows.setdefault(line.partner_id, []).append(row)
        parts = [RequestPart(customer, of_customer) for customer, of_customer in rows.items()]
        payer = self.partner_id.commercial_partner_id
        return sorted(
            parts,
            key=lambda part: (part.customer.sudo(False) != payer, part.customer.name or ""),
        )

    def _get_request_links(self):
        """Return where the payer sees the request and pays it, as ``{"request", "pay"}``.

        Pages that ask for a login, never a token. False where nobody of the payer has a login or
        it has no branches, or nothing can be paid online.
        """
        self.ensure_one()
        links = self.partner_id._get_statement_links()
        # sudo: whether the payer has branches, as its page in the portal needs.
        if not links["statement"] or not self.partner_id.sudo().billing_branch_count:
            return {"request": False, "pay": False}
        page = f"{self.get_base_url()}/my/organization/remittances/{self.id}"
        return {"request": page, "pay": f"{page}/pay" if links["pay"] else False}
