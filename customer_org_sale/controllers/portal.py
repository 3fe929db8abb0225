# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Core's pages of quotations and orders, for a head office's portal user."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.customer_org.controllers.organization import OrganizationPortal
from odoo.addons.sale.controllers.portal import CustomerPortal


class SaleOrganizationPortal(CustomerPortal, OrganizationPortal):
    def _add_branches_domain(self, domain):
        """Add the visible branches to core's domain, or narrow it to the branch of the link."""
        organization = self._get_organization()
        if not organization:
            return domain
        others = [leaf for leaf in domain if leaf[0] != "partner_id"]
        chosen = self._choose_branch(organization, request.params.get("branch"))
        customers = [chosen] if chosen else organization.branches
        # sudo: a subquery for the contacts of visible branches. The rules on orders still apply.
        partners = (
            request.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "in", [customer.id for customer in customers])])
        )
        below = Domain(others) & Domain("partner_id", "in", partners)
        return list(below if chosen else Domain(domain) | below)

    def _prepare_quotations_domain(self, partner):
        """List branches' quotations, too: core looks for the visitor's own only."""
        return self._add_branches_domain(super()._prepare_quotations_domain(partner))

    def _prepare_orders_domain(self, partner):
        """List branches' orders, too: core looks for the visitor's own only."""
        return self._add_branches_domain(super()._prepare_orders_domain(partner))

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if values.get("quotation_count") and request.env.user._is_head_office_portal():
            # "Quotations to review" are those that the visitor may sign: its own.
            own = super()._prepare_quotations_domain  # pylint: disable=super-method-mismatch
            values["quotation_count"] = request.env["sale.order"].search_count(
                own(request.env.user.partner_id)
            )
        return values

    def _prepare_sale_portal_rendering_values(self, **kwargs):
        """Give core's lists what their filter by branch needs."""
        values = super()._prepare_sale_portal_rendering_values(**kwargs)
        organization = self._get_organization()
        if organization:
            chosen = self._choose_branch(organization, request.params.get("branch"))
            values |= self._prepare_branch_filter_values(organization, chosen)
        return values

    @route()
    def portal_order_page(self, order_id, access_token=None, payment_amount=None, **kw):
        if self._is_guest("sale.order", order_id):
            # A guest's visit is no "viewed by customer", and there is nothing to pay.
            access_token = payment_amount = None
        return super().portal_order_page(
            order_id, access_token=access_token, payment_amount=payment_amount, **kw
        )

    @route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """A signature confirms: not beyond a limit that blocks the seller's own users."""
        token = access_token or request.httprequest.args.get("access_token")
        try:
            order = self._document_check_access("sale.order", order_id, access_token=token)
        except (AccessError, MissingError):
            # Core's answer.
            order = None
        if order and not order._has_to_be_paid():
            try:
                order._check_credit_limits(may_exceed=False)
            except UserError:
                # What is owed, by whom, stays unsaid.
                return {
                    "error": request.env._(
                        "This quotation can't be confirmed online. Please contact us."
                    )
                }
        return super().portal_quote_accept(
            order_id, access_token=access_token, name=name, signature=signature
        )
