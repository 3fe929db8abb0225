# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...parameters import to_date
from ..receivable import get_today


class ResPartner(models.Model):
    """Customers' statements: who gets them, and when."""

    _inherit = "res.partner"

    billing_mail_to = fields.Selection(
        [("itself", "Itself"), ("head_office", "Head Office"), ("both", "Both")],
        string="Statements and Reminders to",
        default="itself",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="Who gets the mails with this customer's statements and reminders: its own invoice "
        "contact, that of its billing parent, or both.",
    )
    statement_monthly = fields.Boolean(
        string="Monthly Statement",
        copy=False,
        tracking=True,
        help="At the beginning of each month the statement of the month before, with all branches, "
        "is sent by e-mail.",
    )
    statement_sent_until = fields.Date(
        string="Monthly Statement Sent Until",
        company_dependent=True,
        readonly=True,
        code_only=True,
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.model
    def _get_guarded_fields(self):
        """Who gets statements is for invoicing managers, and for accountants in part."""
        guards = super()._get_guarded_fields()
        guards["statement_monthly"] = self._get_hierarchy_guard(False)
        if not self.env.user.has_group("account.group_account_user"):
            guards["billing_mail_to"] = self._get_hierarchy_guard("itself")
        return guards

    # ------------------------------------------------------------------
    # The statement
    # ------------------------------------------------------------------

    @api.private
    def _get_statement(self, options=None):
        """Return the :class:`~.statement_data.Statement` of this customer.

        :param dict options: ``date_from`` and ``date_to`` as dates or ISO strings, ``branches`` and
            ``presentation``; see ``customer.statement``
        :raises UserError: if a date or the presentation makes no sense
        """
        options = self._get_statement_options(options)
        dates = {fname: to_date(options.get(fname)) for fname in ("date_from", "date_to")}
        if any(options.get(fname) and not day for fname, day in dates.items()):
            raise UserError(
                self.env._("The dates of the statement are not valid. Choose other ones.")
            )
        presentation = "open" if options.get("presentation") == "open" else "period"
        return self.env["customer.statement"]._build(
            self, branches=options.get("branches", True), presentation=presentation, **dates
        )

    def _get_statement_options(self, options):
        """Return the options given, or those of the context; either may come from a URL."""
        options = options or self.env.context.get("customer_statement")
        return options if isinstance(options, dict) else {}

    def _get_statement_file_name(self, options=None):
        """Return the name of a document with these customers' statements, without extension."""
        options = self._get_statement_options(options)
        day = to_date(options.get("date_to")) or get_today(self.env)
        name = self.name if len(self) == 1 else self.env.company.name
        return self.env._("%(day)s Statement of Account - %(name)s", day=day, name=name)

    def _get_statement_links(self):
        """Return where the customer finds its statement and pays, as ``{"statement", "pay"}``.

        Pages that ask for a login, never a token. False where nobody of it has a login, or nothing
        can be paid online.
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        # sudo: whether the customer uses the portal, and whether one can pay there.
        users = self.env["res.users"].sudo()
        if not users.search_count(
            [("partner_id.commercial_partner_id", "=", customer.id), ("share", "=", True)], limit=1
        ):
            return {"statement": False, "pay": False}
        # sudo: a setting that the portal shows anyway, and whether the customer has branches.
        parameters = self.env["ir.config_parameter"].sudo()
        can_pay = parameters.get_param("account_payment.enable_portal_payment")
        has_branches = customer.sudo().billing_branch_count
        in_hierarchy = has_branches or customer.sudo().billing_parent_id
        base_url = self.get_base_url()
        statement = "/my/organization/statement" if in_hierarchy else "/my/invoices"
        pay = "/my/organization/pay?select=overdue" if has_branches else "/my/invoices/overdue"
        return {"statement": base_url + statement, "pay": base_url + pay if can_pay else False}

    def _get_statement_lang(self):
        return self._get_invoice_contact().lang

    def _get_invoice_contact(self):
        return self.browse(self.address_get(["invoice"])["invoice"])

    def action_open_statement_wizard(self):
        """Open the wizard for the statements of these customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_org.action_customer_statement_wizard"
        )
        return {**action, "context": {"active_model": self._name, "active_ids": self.ids}}

    # ------------------------------------------------------------------
    # By e-mail
    # ------------------------------------------------------------------

    def _get_statement_recipients(self):
        """Return who gets statements of this customer: its invoice contact, its parent's, or both.

        Without a billing parent it is the customer's own, whatever the setting. Who has no address
        is left out, unless nobody has one.
        """
        self.ensure_one()
        recipients = self.browse()
        parent = self.billing_parent_id
        if self.billing_mail_to != "head_office" or not parent:
            recipients |= self._get_invoice_contact()
        if self.billing_mail_to in ("head_office", "both") and parent:
            contact = parent._get_invoice_contact()
            # One mailbox gets it once, whoever it is of.
            if contact.email_normalized not in recipients.filtered("email").mapped(
                "email_normalized"
            ):
                recipients |= contact
        return recipients.filtered("email") or recipients

    @api.private
    def _send_statement(self, options, is_monthly=False):
        """Hand a mail with the statement to the mail server, for all who have an address.

        That it was sent is noted once the mail server took it; see ``customer.mail.delivery``.

        :param dict options: as of :meth:`_get_statement`
        :param bool is_monthly: the month counts as sent once everybody has got it
        :return: the ``customer.mail.delivery``
        :raises UserError: if nobody has an address
        :raises AccessError: for users who may not write invoices
        """
        self.ensure_one()
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        deliveries = self.env["customer.mail.delivery"]
        delivery = deliveries._create_for_statement(self, options, is_monthly)
        delivery._send_document()
        return delivery.sudo(self.env.su)

    @api.private
    def _compose_statement(self, options):
        """Open the mail composer with the statement of one customer, as it would be sent.

        :param dict options: as of :meth:`_get_statement`
        :raises UserError: if nobody has an address
        """
        self.ensure_one()
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        deliveries = self.env["customer.mail.delivery"]
        return deliveries._create_for_statement(self, options)._open_composer()

    def _note_statement_sent(self, date_to):
        """Note until when the customer has got its monthly statements, in the present company."""
        self.ensure_one()
        self._as_code().statement_sent_until = max(self.statement_sent_until or date_to, date_to)

    def _get_statement_period(self, options=None):
        """Return the period of a statement in words, such as *02/01/2026 - 02/28/2026*."""
        options = self._get_statement_options(options)
        dates = [to_date(options.get(fname)) for fname in ("date_from", "date_to")]
        if options.get("presentation") == "open":
            dates = dates[1:]
        dates[-1] = dates[-1] or get_today(self.env)
        return " - ".join(format_date(self.env, day) for day in dates if day)
