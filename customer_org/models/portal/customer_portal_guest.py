# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError

# What a document's chatter is made of. Core lets domains go there past its own access rules.
CHATTER_MODELS = frozenset({"mail.activity", "mail.followers", "mail.message", "rating.rating"})


class CustomerPortalGuest(models.AbstractModel):
    """A portal document that a billing ancestor of its customer may open as a guest.

    Takes: a document with ``portal.mixin`` and ``mail.thread``, and its customer from
    :meth:`_get_guest_customer`.

    Use: put it before the document's model in ``_inherit``. ``portal_consent`` then says what the
    visitor may do; it is empty for everybody who is no portal user of a billing ancestor, so
    everybody else keeps core's behaviour.

    How it works: a guest sees the document, never its access token, its chatter or its followers.
    Tokens outlive a consent, hence links for a guest carry none. One query for a list of documents.
    """

    _name = "customer.portal.guest"
    _description = "Document That Billing Ancestors May Open"

    portal_consent = fields.Selection(
        [("none", "Nothing"), ("view", "See"), ("pay", "See and pay")],
        string="Visitor's Consent",
        compute="_compute_portal_consent",
        compute_sudo=True,
        exportable=False,
        help="What the customer lets its billing parents do with this document, for portal users "
        "of one of these parents. Empty for everybody else.",
    )

    @api.depends_context("uid", "portal_visitor_id")
    def _compute_portal_consent(self):
        customers = {document: document._get_guest_customer() for document in self}
        consents = self._get_portal_visitor()._get_branch_consents(
            {customer.id for customer in customers.values()}
        )
        for document in self:
            document.portal_consent = consents.get(customers[document].id, False)

    is_link_refused = fields.Boolean(
        string="Links Refused",
        compute="_compute_is_link_refused",
        exportable=False,
        help="Whether the user may not read the document, and so gets no links to it.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_link_refused(self):
        readable_ids = set(self._filtered_access("read")._ids)
        for document in self:
            document.is_link_refused = document.id not in readable_ids

    def _get_guest_customer(self):
        """Return the commercial entity that the document belongs to."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    @api.model
    def _get_portal_visitor(self):
        """Return the user who looks at the document.

        Portal controllers work as superuser and name the visitor in the context. That context is
        taken from the superuser only, so that nobody can pass for another visitor by RPC.
        """
        uid = self.env.uid
        if uid == SUPERUSER_ID:
            uid = self.env.context.get("portal_visitor_id") or uid
        return self.env["res.users"].browse(uid)

    # Tokens and chatter

    def _has_field_access(self, field, operation):
        # A head office's user could keep a branch's token and use it when consent has ended, and
        # could find out its messages letter by letter. Its own it may read, one by one, as core's
        # chatter does: in lists, domains and groups they would be among the branches'.
        return super()._has_field_access(field, operation) and not (
            (field.name == "access_token" or field.comodel_name in CHATTER_MODELS)
            and not self.env.su
            and self._get_portal_visitor()._is_head_office_portal()
            and (len(self) != 1 or self.portal_consent)
        )

    def _check_link_access(self):
        """Refuse whoever may not read the document, before anything in sudo is done for a link.

        In core, reading the token's field is that check. :meth:`_portal_ensure_token` reads it in
        sudo, and links for guests don't read it: both have to ask first, for public methods such
        as :meth:`get_portal_url` come here with any document's id. The documents of a list, for
        each of which a page asks several times, are checked at once.
        """
        if not self.env.su and any(self.mapped("is_link_refused")):
            self.check_access("read")

    def _portal_ensure_token(self):
        self._check_link_access()
        if self.portal_consent:
            # Whatever asks for it, there is no token of a branch's document for its parent.
            return ""
        # sudo: the visitor may read the document and is no guest. Core's pages put its token into
        # links, but `_has_field_access` closes the field to lists of a head office's user.
        return super(CustomerPortalGuest, self.sudo())._portal_ensure_token()

    def get_portal_url(
        self, suffix=None, report_type=None, download=None, query_string=None, anchor=None
    ):
        """Link a guest without the token: it would outlive the consent."""
        if not self.portal_consent:
            return super().get_portal_url(
                suffix=suffix,
                report_type=report_type,
                download=download,
                query_string=query_string,
                anchor=anchor,
            )
        self._check_link_access()
        params = [
            f"report_type={report_type}" if report_type else "",
            "download=true" if download else "",
            (query_string or "").lstrip("&"),
        ]
        query = "&".join(filter(None, params))
        return "".join(
            [
                self.access_url,
                suffix or "",
                f"?{query}" if query else "",
                f"#{anchor}" if anchor else "",
            ]
        )

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        """Link a guest to the plain page: a token would outlive the consent."""
        if self.portal_consent:
            self._check_link_access()
            return self.access_url
        return super()._get_share_url(redirect, signup_partner, pid, share_token)

    # Chatter: what a customer and its supplier write to each other is no document

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Ask a guest for the right to write, which it lacks: core lets readers see messages."""
        operations = super()._mail_get_operation_for_mail_message_operation(message_operation)
        if self._get_portal_visitor()._is_head_office_portal():
            operations.update(dict.fromkeys(self.exists().filtered("portal_consent"), "write"))
        return operations

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **kwargs):
        if self._get_portal_visitor()._is_head_office_portal():
            # sudo: only to learn whether the visitor is a guest here.
            if self.browse(thread_id).sudo().exists().portal_consent:
                return self.browse()
        return super()._get_thread_with_access(thread_id, mode=mode, **kwargs)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Keep a guest from following a document: core lets readers follow it."""
        if not self.env.su and any(document.portal_consent for document in self):
            raise AccessError(
                self.env._(
                    "You may see this document of your branch, but not follow it. Ask the branch "
                    "to forward its messages to you."
                )
            )
        return super().message_subscribe(partner_ids, subtype_ids)
