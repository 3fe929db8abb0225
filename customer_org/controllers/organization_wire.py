# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paying by bank transfer: the head office announces what its money will pay."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.receivable import get_today
from ..models.remittance.customer_remittance_portal import MAX_DAYS_AHEAD
from ..parameters import to_amount, to_date
from .organization_pay import MAX_INVOICES, OrganizationPaymentPortal
from .pay_selection import Selection


class OrganizationWirePortal(OrganizationPaymentPortal):
    def _prepare_organization_payment(self, organization, selection, invoices):
        values = super()._prepare_organization_payment(organization, selection, invoices)
        return {**values, "wire": self._prepare_wire(values["invoices"])}

    def _prepare_wire(self, invoices):
        """Return what a transfer for these invoices would be: without those announced already."""
        # sudo: to leave out what is announced; by whom is not told.
        announced = request.env["customer.remittance"].sudo()._find_announced(invoices)
        rest = invoices.filtered(
            lambda invoice: (
                invoice not in announced
                and invoice.currency_id.compare_amounts(invoice.amount_residual, 0.0) > 0
            )
        )
        today = get_today(request.env)
        return {
            "invoices": rest,
            "selection": Selection(ids=tuple(rest.ids)),
            "announced": invoices.filtered(lambda invoice: invoice in announced),
            "amount": sum(rest.mapped("amount_residual")),
            "today": today,
            "last_day": today + timedelta(days=MAX_DAYS_AHEAD),
        }

    @route(
        "/my/organization/pay/wire",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def organization_pay_wire(self, date_expected=None, amount=None, **kw):
        """Announce a transfer for the chosen invoices, and show how to make it."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        selection = Selection.from_request(request.httprequest.values)
        try:
            with request.env.cr.savepoint():
                remittance = self._announce(
                    organization, selection, to_date(date_expected), to_amount(amount)
                )
        except UserError as error:
            query = selection.query if len(selection.ids) <= MAX_INVOICES else {}
            params = {**query, "error_message": str(error)}
            return request.redirect_query("/my/organization/pay", params)
        return request.redirect(f"/my/organization/remittances/{remittance.id}?message=announced")

    def _announce(self, organization, selection, day, amount):
        """Return the remittance of the chosen invoices.

        :raises UserError: where the visitor may not pay one of them, or not any more, or where
            they are not what it saw
        """
        invoices = request.env["account.move"]
        if selection:
            invoices = self._get_selected_invoices(organization, selection)
        if not invoices or set(invoices.ids) != set(selection.ids):
            raise UserError(
                request.env._(
                    "Some of these invoices have been paid meanwhile, or you may not pay them. "
                    "Choose from what is left."
                )
            )
        self._check_one_group(invoices)
        total = sum(invoices.mapped("amount_residual"))
        if amount is None or invoices.currency_id.compare_amounts(amount, total):
            raise UserError(
                request.env._("The amount to pay has changed meanwhile: see below what it is now.")
            )
        # sudo: portal users have no rights on remittances. This one is of their own customer and
        # names what they may pay, which was just checked.
        remittances = request.env["customer.remittance"].sudo()
        return remittances._announce_transfer(organization.customer, invoices, day)
