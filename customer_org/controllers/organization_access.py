# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A branch's own consent, where the seller lets branches give it."""

from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..parameters import to_id


class OrganizationAccessPortal(CustomerPortal):
    def _get_consenting_branch(self):
        """Return the visitor's customer in sudo if it may decide about its billing parent."""
        user = request.env.user
        # sudo: the visitor's own customer, for the fields of the hierarchy that portal users
        # can't read; and one setting of the company.
        customer = user.commercial_partner_id.sudo()
        if (
            not user._is_portal()
            or not request.env.company.sudo().portal_branch_consent
            or not customer.billing_parent_id
        ):
            return customer.browse()
        return customer

    @route()
    def home(self, **kw):
        """Offer the page of consents to branches that may decide about their billing parent."""
        response = super().home(**kw)
        response.qcontext["may_give_consent"] = bool(self._get_consenting_branch())
        return response

    @route(
        "/my/organization/access",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def portal_organization_access(self, **kw):
        """Show what the branch lets its head office do."""
        customer = self._get_consenting_branch()
        if not customer:
            return request.redirect("/my")
        field = customer._fields["billing_parent_access"]
        return request.render(
            "customer_org.portal_organization_access",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization_access",
                "customer": customer,
                "choices": field._description_selection(request.env),
                "is_saved": bool(kw.get("saved")),
                "has_moved": bool(kw.get("moved")),
            },
        )

    @route(
        "/my/organization/access",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_organization_access_save(self, access=None, parent=None, **kw):
        """Grant or withdraw consent; the customer's chatter says who did.

        It is given to one billing parent, the one that the page named: another is shown first.
        """
        customer = self._get_consenting_branch()
        if not customer:
            return request.redirect("/my")
        if access not in dict(customer._fields["billing_parent_access"].selection):
            return request.redirect("/my/organization/access")
        if parent is not None and to_id(parent) != customer.billing_parent_id.id:
            return request.redirect("/my/organization/access?moved=1")
        customer.billing_parent_access = access
        return request.redirect("/my/organization/access?saved=1")
