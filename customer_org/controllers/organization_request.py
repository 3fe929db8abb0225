# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paying what we asked a head office to pay: the link in the mail leads here, and needs a login."""

from odoo.fields import Domain
from odoo.http import request, route

from .organization_pay import MAX_INVOICES, OrganizationPaymentPortal
from .pay_selection import Selection


class OrganizationRequestPortal(OrganizationPaymentPortal):
    @route(
        "/my/organization/remittances/<int:remittance_id>/pay",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def portal_organization_request_pay(self, remittance_id, **kw):
        """Choose on the pay page what is left of a request, as far as the visitor may pay it."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        invoices = self._get_payable_invoices(
            organization,
            Domain("id", "in", self._get_requested_ids(organization, remittance_id)),
            limit=MAX_INVOICES,
        )
        if not invoices:
            return request.redirect(f"/my/organization/remittances/{remittance_id}")
        query = Selection(ids=tuple(invoices.ids)).query
        return request.redirect_query("/my/organization/pay", query)

    def _get_requested_ids(self, organization, remittance_id):
        """Return the ids of the documents of which something is left, of one's own request."""
        remittance = self._find_remittance(organization, remittance_id)
        if remittance.kind != "request" or remittance.state != "waiting":
            return []
        return [line.move_id.id for line, left in remittance._get_left().items() if left > 0.0]
