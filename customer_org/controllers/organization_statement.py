# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The statement of account in the portal: a customer's own, with what its branches allow."""

from urllib.parse import urlencode

from odoo.http import content_disposition, request, route

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.receivable import get_today
from ..parameters import to_date, to_page
from .statement import make_xlsx_response

#: So many rows are on a page; the documents have all.
ROWS_PER_PAGE = 500


class OrganizationStatementPortal(PortalAccount):
    def _get_statement_customer(self):
        """Return the visitor's customer where it is a head office or a branch, else none."""
        user = request.env.user
        # sudo: the visitor's own customer, for its billing parent, which portal users can't read.
        customer = user.commercial_partner_id.sudo()
        if user._is_portal() and (customer.billing_parent_id or user._is_head_office_portal()):
            return customer
        return customer.browse()

    def _prepare_my_invoices_values(self, *args, **kwargs):
        # Head offices find it on the page of their organization, branches beside their invoices.
        return {
            **super()._prepare_my_invoices_values(*args, **kwargs),
            "has_statement": bool(self._get_statement_customer()),
        }

    @route(
        "/my/organization/statement",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_organization_statement(
        self, report_type=None, date_from=None, date_to=None, presentation=None, page=1, **kw
    ):
        """Show the statement, or download it as PDF or workbook; this month by default."""
        customer = self._get_statement_customer()
        if not customer:
            return request.redirect("/my")
        options = self._get_statement_options(date_from, date_to, presentation)
        if report_type == "pdf":
            return self._make_statement_pdf(customer, options)
        # Not in sudo: for portal users `customer.statement` goes by consent.
        statement = customer.sudo(False)._get_statement(options)
        if report_type == "xlsx":
            content = request.env["report.customer_org.report_statement"]._render_xlsx(
                customer.sudo(False), options
            )
            return make_xlsx_response(content, customer._get_statement_file_name(options))
        pager = portal_pager(
            url="/my/organization/statement",
            url_args=options,
            total=statement.row_count,
            page=to_page(page),
            step=ROWS_PER_PAGE,
        )
        return request.render(
            "customer_org.portal_organization_statement",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization_statement",
                "pager": pager,
                "is_head_office": request.env.user._is_head_office_portal(),
                "statement": statement.get_page(pager["page"]["num"], ROWS_PER_PAGE),
                "options": options,
                "query": urlencode(options),
            },
        )

    def _get_statement_options(self, date_from, date_to, presentation):
        """Return valid options, whatever is in the URL."""
        today = get_today(request.env)
        date_to = to_date(date_to) or today
        date_from = to_date(date_from) or date_to.replace(day=1)
        return {
            "date_from": min(date_from, date_to).isoformat(),
            "date_to": date_to.isoformat(),
            "presentation": "open" if presentation == "open" else "period",
        }

    def _make_statement_pdf(self, customer, options):
        # sudo: portal users can't read reports. The statement is the visitor's own all the same:
        # it goes by the user, who stays.
        report = request.env["ir.actions.report"].sudo()
        content, _type = report._render_qweb_pdf(
            "customer_org.action_report_statement", customer.ids, data={"statement": options}
        )
        name = customer._get_statement_file_name(options)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{name}.pdf")),
            ],
        )
