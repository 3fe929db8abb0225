# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the head office has announced: transfers, and lists that it uploaded."""

import base64
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.receivable import get_today
from ..models.remittance.customer_remittance_portal import MAX_DAYS_AHEAD
from ..parameters import to_date, to_id, to_long_text, to_page, to_text
from .organization_pay import OrganizationPaymentPortal

#: A list is text and numbers: what is bigger is none.
MAX_UPLOAD = 2_000_000
# Of the whole request; beyond, the server does not even read it.
MAX_REQUEST = 10_000_000
LINES_PER_PAGE = 200
URL = "/my/organization/remittances"


class OrganizationRemittancesPortal(OrganizationPaymentPortal):
    # What the visitor sees

    def _get_payable_customers(self, organization):
        """Return the visitor's customer and the branches that let it pay, in sudo."""
        # sudo: to compare with the customers of documents, not to show.
        ids = [organization.customer.id, *organization.payable_ids]
        return request.env["res.partner"].sudo().browse(ids)

    @route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def portal_organization_remittances(self, page=1, **kw):
        """List what the head office has announced, the newest first."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        return self._render_remittances(organization, to_page(page))

    def _render_remittances(self, organization, page=1, error_message=""):
        domain = self._get_remittance_domain(organization)
        # sudo: as in `_find_remittance`.
        remittances = request.env["customer.remittance"].sudo()
        pager = portal_pager(
            url=URL,
            total=remittances.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        today = get_today(request.env)
        return request.render(
            "customer_org.portal_organization_remittances",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization_remittances",
                "remittances": remittances.search(
                    domain, limit=self._items_per_page, offset=max(pager["offset"], 0)
                ),
                "pager": pager,
                "today": today,
                "last_day": today + timedelta(days=MAX_DAYS_AHEAD),
                # sudo: the names of the visitor's own companies.
                "companies": request.env.companies.sudo(),
                "error_message": error_message,
            },
        )

    @route(
        [f"{URL}/<int:remittance_id>", f"{URL}/<int:remittance_id>/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def portal_organization_remittance(self, remittance_id, page=1, **kw):
        """Show what was announced, how it stands, and how to pay it."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        remittance = self._find_remittance(organization, remittance_id)
        if not remittance:
            return request.redirect(URL)
        return request.render(
            "customer_org.portal_organization_remittance",
            self._prepare_remittance_values(organization, remittance, to_page(page), **kw),
        )

    def _prepare_remittance_values(self, organization, remittance, page, **kw):
        # With the visitor's own rights: a branch may have withdrawn its consent since.
        readable = request.env["account.move"].search(
            [("id", "in", remittance.line_ids.move_id.ids), ("state", "=", "posted")]
        )
        lines = remittance._get_portal_lines(
            # sudo: only to compare with the documents of lines, and to show what was just read.
            readable.sudo(),
            self._get_payable_customers(organization),
        )
        pager = portal_pager(
            url=f"{URL}/{remittance.id}", total=len(lines), page=page, step=LINES_PER_PAGE
        )
        offset = max(pager["offset"], 0)
        is_to_pay = remittance.state == "waiting" and remittance.kind in ("wire", "request")
        return {
            **self._prepare_portal_layout_values(),
            "page_name": "organization_remittance",
            "organization": organization,
            "remittance": remittance,
            "transfer": remittance._get_transfer() if is_to_pay else None,
            "lines": lines[offset : offset + LINES_PER_PAGE],
            "words": remittance._get_portal_words(),
            "unclear_count": sum(not line.is_ready for line in lines),
            "pager": pager,
            "today": get_today(request.env),
            "message": kw.get("message"),
            "error_message": to_text(kw.get("error_message")),
        }

    # What the visitor does

    @route(
        f"{URL}/<int:remittance_id>/cancel",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def organization_remittance_cancel(self, remittance_id, **kw):
        """Take back what was announced, while nothing is settled."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        remittance = self._find_remittance(organization, remittance_id)
        if not remittance:
            return request.redirect(URL)
        try:
            remittance._cancel_announcement()
        except UserError as error:
            params = {"error_message": str(error)}
            return request.redirect_query(f"{URL}/{remittance.id}", params)
        return request.redirect(f"{URL}/{remittance.id}")

    @route(
        f"{URL}/upload",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=MAX_REQUEST,
    )
    def organization_remittance_upload(self, date_expected=None, company=None, text=None, **kw):
        """Read a list of what the head office's money pays, from a file or as text."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        try:
            values = self._read_upload(text)
            # sudo: portal users have no rights on remittances. The list becomes one of their own
            # customer, and finds only documents of those that consented.
            remittances = request.env["customer.remittance"].sudo()
            company = request.env.companies.filtered(lambda c: c.id == to_id(company))
            with request.env.cr.savepoint():
                remittance = remittances._import_payers_list(
                    organization.customer,
                    to_date(date_expected),
                    self._get_payable_customers(organization),
                    company_id=(company or request.env.company).id,
                    **values,
                )
        except UserError as error:
            return self._render_remittances(organization, error_message=str(error))
        return request.redirect(f"{URL}/{remittance.id}?message=uploaded")

    def _read_upload(self, text):
        """Return the list as values of the import.

        :raises UserError: if there is none, or it is too big
        """
        file = request.httprequest.files.get("file")
        content = file.read(MAX_UPLOAD + 1) if file else b""
        text = to_long_text(text)
        if max(len(content), len(text)) > MAX_UPLOAD:
            raise UserError(
                request.env._("The list is too big: send at most 2 MB, or several lists.")
            )
        if content:
            return {
                "file": base64.b64encode(content),
                "file_name": to_text(file.filename) or "list.csv",
            }
        if not text.strip():
            raise UserError(request.env._("Choose a file, or paste the list."))
        return {"text": text}
