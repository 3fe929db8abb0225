# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Choosing what the head office pays at once: invoices of its own and of several branches."""

from urllib.parse import urlencode

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.receivable import USABLE_CREDIT, get_late_documents
from ..parameters import to_page, to_text
from .organization import OrganizationPortal
from .pay_selection import Selection

# On one page to choose from: the ids of the chosen ones travel in the link.
MAX_INVOICES = 500
# At once, by *Pay all*, where the link says which and not names them: settling takes seconds for
# each thousand, and the visitor waits.
MAX_ALL_INVOICES = 5000


class OrganizationPaymentPortal(OrganizationPortal):
    # What may be paid

    def _get_payable_domain(self, organization):
        """Return the domain of what `_has_to_be_paid` says, to count and to page."""
        # any!: portal users can't read transactions and providers.
        on_its_way = Domain("state", "in", ("pending", "authorized")) & Domain(
            "provider_id", "any!", [("code", "not in", ("none", "custom"))]
        )
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", ("not_paid", "in_payment", "partial"))
            & Domain(
                "commercial_partner_id",
                "in",
                [organization.customer.id, *organization.payable_ids],
            )
            & Domain("transaction_ids", "not any!", on_its_way)
        )

    def _get_payable_invoices(self, organization, domain, limit=None, offset=0):
        """Return the invoices of ``domain`` that the visitor may pay, oldest due first, in sudo."""
        invoices = request.env["account.move"].search(
            Domain(domain) & self._get_payable_domain(organization),
            order="invoice_date_due, id",
            limit=limit,
            offset=offset,
        )
        # sudo: found with the visitor's own rights; the state of payments is in transactions,
        # which portal users can't read.
        return invoices.sudo().filtered(lambda invoice: invoice._has_to_be_paid())

    def _get_selected_invoices(self, organization, selection):
        """Return what the visitor may pay of a selection, oldest due first, in sudo."""
        return self._get_payable_invoices(
            organization, selection.domain, limit=MAX_ALL_INVOICES if selection.is_all else None
        )

    @staticmethod
    def _get_amounts(invoices):
        """Return ``{invoice: amount}`` that pays each today, in the invoice's currency."""
        return {invoice: invoice._get_portal_amount_to_pay() for invoice in invoices}

    @staticmethod
    def _group_invoices(invoices):
        """Return ``{(company, currency): invoices}``: one transaction pays one of these."""
        return invoices.grouped(lambda invoice: (invoice.company_id, invoice.currency_id))

    def _check_one_group(self, invoices):
        """Refuse invoices that one transfer or transaction can't pay.

        :raises ValidationError: if they are of several companies or currencies
        """
        if len(self._group_invoices(invoices)) > 1:
            raise ValidationError(
                request.env._("Pay the invoices of one company and one currency at a time.")
            )

    def _get_own_credit_lines(self, organization, company, currency):
        """Return the head office's open payments and credit notes, oldest first, in sudo."""
        # sudo: the visitor's own credits; their journal items are no documents of the portal.
        return (
            request.env["account.move.line"]
            .sudo()
            .search(
                [
                    *USABLE_CREDIT,
                    ("partner_id.commercial_partner_id", "=", organization.customer.id),
                    ("company_id", "=", company.id),
                    ("currency_id", "=", currency.id),
                ],
                order="date, id",
            )
        )

    # Choosing and confirming

    @route(
        ["/my/organization/pay", "/my/organization/pay/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_organization_pay(self, page=1, **kw):
        """Let the visitor choose invoices; for those chosen show their sum and the pay form."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        selection = Selection.from_request(request.httprequest.values)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "organization_pay",
            "organization": organization,
            "message": kw.get("message"),
            "error_message": to_text(kw.get("error_message")),
        }
        if selection:
            invoices = self._get_selected_invoices(organization, selection)
            if invoices:
                values |= self._prepare_organization_payment(organization, selection, invoices)
                return request.render("customer_org.portal_organization_pay_confirm", values)
            values["dropped"] = self._describe_dropped(selection, invoices)
        values |= self._prepare_organization_choice(organization, to_page(page), **kw)
        return request.render("customer_org.portal_organization_pay", values)

    def _prepare_organization_choice(
        self, organization, page, select=None, company=None, currency=None, branch=None, **kw
    ):
        chosen = self._choose_branch(organization, branch)
        domain = Domain("commercial_partner_id", "=", chosen.id) if chosen else Domain.TRUE
        # sudo: the names of the companies.
        groups = {
            (group_company.sudo(), group_currency): count
            for group_company, group_currency, count in request.env["account.move"]._read_group(
                domain & self._get_payable_domain(organization),
                ["company_id", "currency_id"],
                ["__count"],
            )
        }
        key = next(
            (key for key in groups if str(key[0].id) == company and str(key[1].id) == currency),
            max(groups, key=groups.get, default=None),
        )
        scope = {"company": key[0].id, "currency": key[1].id} if key else {}
        scope |= {"branch": chosen.id} if chosen else {}
        pager = portal_pager(
            url="/my/organization/pay",
            url_args={**scope, **({"select": select} if select else {})},
            total=groups.get(key, 0),
            page=page,
            step=MAX_INVOICES,
        )
        invoices = request.env["account.move"]
        if key:
            invoices = self._get_payable_invoices(
                organization,
                domain
                & Domain("company_id", "=", key[0].id)
                & Domain("currency_id", "=", key[1].id),
                limit=MAX_INVOICES,
                offset=max(pager["offset"], 0),
            )
        announced_days = self._get_announced_days(invoices)
        late_ids = set(get_late_documents(invoices).ids)
        return {
            **self._prepare_branch_filter_values(organization, chosen),
            "default_url": "/my/organization/pay",
            "numbers": self._get_three_numbers(organization, chosen),
            "groups": groups,
            "group": key,
            "invoices": invoices,
            "amounts": self._get_amounts(invoices),
            "pager": pager,
            "pay_all": {"all": 1, **scope} if groups.get(key, 0) > MAX_INVOICES else None,
            "pay_all_count": min(groups.get(key, 0), MAX_ALL_INVOICES),
            "late_ids": late_ids,
            "announced_days": announced_days,
            "selected_ids": self._preselect(invoices, select, announced_days, late_ids),
            "has_view_only": len(organization.payable_ids) < len(organization.branches),
        }

    def _preselect(self, invoices, select, announced_days, late_ids):
        """Return the ids of the invoices that the page proposes to pay: all, or what is overdue."""
        # What is announced is on its way: it is not proposed to be paid again.
        return {
            invoice.id
            for invoice in invoices
            if invoice.id not in announced_days
            and (select == "all" or (select == "overdue" and invoice.id in late_ids))
        }

    def _describe_dropped(self, selection, invoices):
        """Say which of the chosen invoices can't be paid now; names only of what is visible."""
        dropped = (
            request.env["account.move"]
            .search([("id", "in", selection.ids), ("id", "not in", invoices.ids)])
            .sorted("name")
        )
        unknown = len(set(selection.ids) - {*invoices.ids, *dropped.ids})
        # sudo: found with the visitor's own rights; names of customers that consented are shown.
        return {"invoices": dropped.sudo(), "unknown": unknown}

    def _prepare_organization_payment(self, organization, selection, invoices):
        groups = self._group_invoices(invoices)
        (company, currency), invoices = next(iter(groups.items()))
        amounts = self._get_amounts(invoices)
        amount = currency.round(sum(amounts.values()))
        dropped = self._describe_dropped(selection, invoices)
        if not selection.is_all:
            selection = Selection(ids=tuple(invoices.ids))
        credit_lines = self._get_own_credit_lines(organization, company, currency)
        return {
            **self._get_common_page_view_values(
                invoices_data={
                    "partner": request.env.user.partner_id,
                    "company": company,
                    "total_amount": amount,
                    "currency": currency,
                    "amount_residual": amount,
                    "landing_route": "/my/organization/pay/confirmation",
                    "transaction_route": "/my/organization/pay/transaction?"
                    + urlencode(selection.query),
                }
            ),
            "invoices": invoices,
            "selection": selection,
            "amounts": amounts,
            "amount": amount,
            "discount": currency.round(sum(invoices.mapped("amount_residual")) - amount),
            "credit_lines": credit_lines,
            "credit_amount": -sum(credit_lines.mapped("amount_residual_currency")),
            "dropped": dropped,
        }
