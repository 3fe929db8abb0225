# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages of a head office: its branches, and all their invoices. They only read."""

from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.portal.portal_organization import PortalOrganization
from ..models.receivable import get_late_document_domain, get_late_documents
from ..parameters import to_id, to_page, to_text

# So many branches, the customer itself among them, fit in a drop-down; beyond, one searches.
MAX_BRANCHES_IN_MENU = 20
# Nothing more is to come: all other documents are open, also one whose payment is blocked.
PAID_STATES = ("paid", "in_payment", "reversed", "invoicing_legacy")
# What a list is narrowed and sorted by, besides its branch.
BRANCH_FORM = {"filterby", "sortby", "search", "select", "company", "currency"}


class OrganizationPortal(PortalAccount):
    def _get_organization(self):
        """Return the visitor's organization, or None for who is no head office's portal user."""
        if not request.env.user._is_head_office_portal():
            return None
        return PortalOrganization(request.env)

    def _get_announced_days(self, invoices):
        """Return ``{invoice id: day}`` of those for which a payment is announced.

        By whom is not told. Customers in no hierarchy have nothing announced: no query.
        """
        if not invoices or not request.env.user._is_in_hierarchy_portal():
            return {}
        # sudo: the visitor sees the invoices; whether their money is announced goes with that.
        announcing = invoices.sudo()._get_announcing_remittances()
        return {invoice.id: remittance.date_expected for invoice, remittance in announcing.items()}

    @route()
    def home(self, **kw):
        """Show the card of the organization to head offices only."""
        response = super().home(**kw)
        response.qcontext["is_head_office"] = request.env.user._is_head_office_portal()
        return response

    # Overview

    @route(
        ["/my/organization", "/my/organization/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_my_organization(self, page=1, search=None, **kw):
        """Show the tree of branches with what is due, overdue, and since when."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        search = to_text(search)
        ageing = organization.get_ageing()
        branches = organization.search_branches(search)
        pager = portal_pager(
            url="/my/organization",
            url_args={"search": search} if search else {},
            total=len(branches),
            page=to_page(page),
            step=self._items_per_page,
        )
        own = ageing.get(organization.customer.id, {})
        total = organization.sum_by_currency(ageing.values())
        below = organization.sum_by_currency(
            ageing[branch.id] for branch in organization.branches if branch.id in ageing
        )
        offset = max(pager["offset"], 0)
        return request.render(
            "customer_org.portal_my_organization",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization",
                # sudo: one setting of the company, which portal users can't read.
                "may_branches_consent": request.env.company.sudo().portal_branch_consent,
                "organization": organization,
                "ageing": ageing,
                "branches": branches[offset : offset + self._items_per_page],
                "own_ageing": own,
                "branches_ageing": below,
                "total_ageing": total,
                "currencies": sorted(total, key=lambda currency: currency.id),
                "waiting_count": self._count_waiting_remittances(organization),
                "search": search,
                "pager": pager,
            },
        )

    def _get_remittance_domain(self, organization):
        """Domain of what the visitor's own customer has announced, or was asked to pay."""
        remittances = request.env["customer.remittance"]
        return remittances._get_portal_domain(organization.customer) & Domain(
            "company_id", "in", request.env.companies.ids
        )

    def _find_remittance(self, organization, remittance_id):
        """Return one remittance of the visitor's own customer in sudo, empty if it is none."""
        # sudo: portal users can't read remittances; these are their own customer's, and pages
        # show of their lines only what the visitor may see.
        remittances = request.env["customer.remittance"].sudo()
        domain = self._get_remittance_domain(organization)
        return remittances.search(domain & Domain("id", "=", to_id(remittance_id)), limit=1)

    def _count_waiting_remittances(self, organization):
        domain = self._get_remittance_domain(organization) & Domain("state", "=", "waiting")
        # sudo: portal users can't read remittances; these are their own customer's.
        return request.env["customer.remittance"].sudo().search_count(domain)

    # Invoices of the whole organization

    def _get_organization_sortings(self):
        return {
            "duedate": {"label": request.env._("Due Date"), "order": "invoice_date_due, id"},
            "date": {"label": request.env._("Invoice Date"), "order": "invoice_date desc, id desc"},
            "name": {"label": request.env._("Reference"), "order": "name desc"},
        }

    def _get_organization_filters(self, organization):
        open_documents = Domain("payment_state", "not in", PAID_STATES)
        invoices = Domain("move_type", "=", "out_invoice")
        # Debts: a credit note is never overdue.
        overdue = open_documents & get_late_document_domain(request.env)
        payable = (
            Domain("payment_state", "in", ("not_paid", "partial"))
            & invoices
            & Domain(
                "commercial_partner_id", "in", [organization.customer.id, *organization.payable_ids]
            )
        )
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("Open"), "domain": open_documents},
            "overdue": {"label": request.env._("Overdue"), "domain": overdue},
            "payable": {"label": request.env._("You may pay"), "domain": payable},
            "paid": {"label": request.env._("Paid"), "domain": ~open_documents},
        }

    @route(
        ["/my/organization/invoices", "/my/organization/invoices/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_organization_invoices(
        self, page=1, branch=None, sortby=None, filterby=None, search=None, **kw
    ):
        """List the invoices of the head office and of the branches that consented."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        sortings = self._get_organization_sortings()
        filters = self._get_organization_filters(organization)
        sortby = sortby if sortby in sortings else "duedate"
        filterby = filterby if filterby in filters else "open"
        chosen = self._choose_branch(organization, branch)
        search = to_text(search)
        domain = self._get_invoice_domain(organization, chosen, search)
        domain &= filters[filterby]["domain"]
        count, totals = self._get_organization_totals(domain)
        url_args = {"branch": chosen.id if chosen else None, "search": search or None}
        url_args = {key: value for key, value in url_args.items() if value}
        pager = portal_pager(
            url="/my/organization/invoices",
            url_args={"sortby": sortby, "filterby": filterby, **url_args},
            total=count,
            page=to_page(page),
            step=self._items_per_page,
        )
        invoices = request.env["account.move"].search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._items_per_page,
            offset=max(pager["offset"], 0),
        )
        request.session["my_invoices_history"] = invoices.ids[:100]
        return request.render(
            "customer_org.portal_organization_invoices",
            {
                **self._prepare_portal_layout_values(),
                **self._prepare_branch_filter_values(organization, chosen),
                "page_name": "organization_invoices",
                # sudo: the search above is the visitor's own; core's methods for the state of a
                # payment read transactions, which portal users can't.
                "invoices": invoices.sudo(),
                "announced_days": self._get_announced_days(invoices),
                "totals": totals,
                "numbers": self._get_three_numbers(organization, chosen),
                "late_ids": set(get_late_documents(invoices).ids),
                "pager": pager,
                "default_url": "/my/organization/invoices",
                "searchbar_sortings": sortings,
                "sortby": sortby,
                "searchbar_filters": filters,
                "filterby": filterby,
                "search": search,
            },
        )

    def _get_invoice_domain(self, organization, chosen, search):
        """Return the posted documents of all customers, or of a chosen one, that hold a text."""
        customer_ids = [chosen.id] if chosen else [*organization.by_id]
        domain = (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("commercial_partner_id", "in", customer_ids)
        )
        if search:
            domain &= Domain("name", "ilike", search) | Domain("ref", "ilike", search)
        return domain

    def _get_organization_totals(self, domain):
        """Return the number of documents and ``{currency: open amount}``, net of credit notes."""
        count, totals = 0, {}
        for currency, move_type, amount, number in request.env["account.move"]._read_group(
            domain, ["currency_id", "move_type"], ["amount_residual:sum", "__count"]
        ):
            sign = -1 if move_type == "out_refund" else 1
            totals[currency] = totals.get(currency, 0.0) + sign * amount
            count += number
        return count, totals

    @staticmethod
    def _get_three_numbers(organization, chosen):
        """Return ``{currency: Ageing}`` of the chosen branch, or of all together."""
        ageing = organization.get_ageing()
        if chosen:
            return ageing.get(chosen.id, {})
        return organization.sum_by_currency(ageing.values())

    # Choosing a branch: from a menu, or by its name where there are many

    @staticmethod
    def _find_branches(organization):
        """Return what the visitor searched, and the customers that are called like this."""
        term = to_text(request.params.get("branch_name"))
        return term, organization.search_customers(term) if term else []

    def _choose_branch(self, organization, branch):
        """Return the customer that a URL's ``branch`` names, or the only one that was found."""
        chosen = organization.get_branch(branch)
        if chosen:
            return chosen
        found = self._find_branches(organization)[1]
        return found[0] if len(found) == 1 else None

    def _prepare_branch_filter_values(self, organization, chosen):
        branches = [organization.own, *organization.branches]
        term, found = ("", []) if chosen else self._find_branches(organization)
        return {
            "organization": organization,
            "branch": chosen,
            "branch_name": term,
            "found_branches": found[:MAX_BRANCHES_IN_MENU],
            "found_count": len(found),
            # What the search for a branch must not forget.
            "branch_form": {
                name: value
                for name, value in request.params.items()
                if name in BRANCH_FORM and isinstance(value, str)
            },
            "menu_branches": branches if len(branches) <= MAX_BRANCHES_IN_MENU else [],
        }

    # Core's list of invoices

    def _prepare_my_invoices_values(
        self, page, date_begin, date_end, sortby, filterby, domain=None, url="/my/invoices"
    ):
        """Let head offices narrow core's list to one branch, and say what is announced."""
        organization = self._get_organization()
        chosen = organization and self._choose_branch(organization, request.params.get("branch"))
        if chosen:
            domain = Domain(domain or Domain.TRUE) & Domain("commercial_partner_id", "=", chosen.id)
        values = super()._prepare_my_invoices_values(
            page, date_begin, date_end, sortby, filterby, domain, url
        )
        values["invoices"] = self._with_announced_days(values["invoices"])
        if not organization:
            return values
        if chosen:
            values["pager"]["url_args"]["branch"] = chosen.id
        return {**values, **self._prepare_branch_filter_values(organization, chosen)}

    def _with_announced_days(self, find):
        """Return core's function that finds a page of invoices, with our day in each of them."""

        def find_with_days(offset):
            found = find(offset)
            invoices = request.env["account.move"].union(*(data["invoice"] for data in found))
            days = self._get_announced_days(invoices)
            for data in found:
                data["announced_day"] = days.get(data["invoice"].id)
            return found

        return find_with_days

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        """Say on the page of an invoice for which day its payment is announced."""
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        return {**values, "announced_day": self._get_announced_days(invoice).get(invoice.id)}

    def _get_overdue_invoices_domain(self, partner_id=None):
        """Count what the visitor may pay as overdue: its own and branches that let it pay."""
        domain = super()._get_overdue_invoices_domain(partner_id)
        organization = None if partner_id else self._get_organization()
        if not organization or not organization.payable_ids:
            return domain
        customer_ids = [organization.customer.id, *organization.payable_ids]
        others = [leaf for leaf in domain if leaf[0] != "partner_id"]
        return list(
            Domain(domain) | (Domain(others) & Domain("commercial_partner_id", "in", customer_ids))
        )

    @route()
    def portal_my_overdue_invoices(self, access_token=None, **kw):
        # Core's page pays for one customer only.
        if self._get_organization():
            return request.redirect("/my/organization/pay?select=overdue")
        return super().portal_my_overdue_invoices(access_token=access_token, **kw)
