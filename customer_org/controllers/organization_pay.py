# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paying several customers' invoices at once, as one transaction of the head office."""

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.http import request, route

from ..models.account_move_line import OPEN_RECEIVABLE
from .organization import OrganizationPortal

# The ids of the chosen invoices travel in the link.
MAX_INVOICES = 500


class OrganizationPaymentPortal(OrganizationPortal):
    # What may be paid

    def _get_payable_invoices(self, organization, domain, limit=None):
        """Return the invoices of ``domain`` that the visitor may pay, oldest due first, in sudo."""
        invoices = request.env["account.move"].search(
            Domain(domain)
            & Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", ("not_paid", "in_payment", "partial"))
            & Domain(
                "commercial_partner_id",
                "in",
                [organization.customer.id, *organization.payable_ids],
            ),
            order="invoice_date_due, id",
            limit=limit,
        )
        # sudo: found with the visitor's own rights; the state of payments is in transactions,
        # which portal users can't read.
        return invoices.sudo().filtered(lambda invoice: invoice._has_to_be_paid())

    def _get_requested_ids(self, values=None):
        """Return the invoice ids of a link, a form or a call: ``1,2,3`` or several values."""
        if values is None:
            params = request.httprequest.values
            values = params.getlist("invoice_ids")
        elif not isinstance(values, list):
            values = [values]
        ids = [part for value in values for part in str(value).split(",")]
        return [int(part) for part in ids if part.strip().isdecimal()]

    @staticmethod
    def _group_invoices(invoices):
        """Return ``{(company, currency): invoices}``: one transaction pays one of these."""
        return invoices.grouped(lambda invoice: (invoice.company_id, invoice.currency_id))

    def _get_own_credit_lines(self, organization, company, currency):
        """Return the head office's open payments and credit notes, oldest first, in sudo."""
        # sudo: the visitor's own credits; their journal items are no documents of the portal.
        return (
            request.env["account.move.line"]
            .sudo()
            .search(
                [
                    *OPEN_RECEIVABLE,
                    ("partner_id", "=", organization.customer.id),
                    ("company_id", "=", company.id),
                    ("currency_id", "=", currency.id),
                    ("amount_residual_currency", "<", 0),
                ],
                order="date, id",
            )
        )

    # Choosing and confirming

    @route(
        "/my/organization/pay",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_organization_pay(self, select=None, company=None, currency=None, **kw):
        """Let the visitor choose invoices; with ``invoice_ids`` show their sum and the pay form."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        requested_ids = self._get_requested_ids()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "organization_pay",
            "organization": organization,
            "message": kw.get("message"),
            "error_message": kw.get("error_message"),
        }
        if requested_ids:
            invoices = self._get_payable_invoices(organization, [("id", "in", requested_ids)])
            if invoices:
                values |= self._prepare_organization_payment(organization, requested_ids, invoices)
                return request.render("customer_org.portal_organization_pay_confirm", values)
            values["dropped"] = self._describe_dropped(requested_ids, invoices)
        values |= self._prepare_organization_choice(organization, select, company, currency)
        return request.render("customer_org.portal_organization_pay", values)

    def _prepare_organization_choice(self, organization, select, company, currency):
        invoices = self._get_payable_invoices(organization, [], limit=MAX_INVOICES + 1)
        groups = self._group_invoices(invoices)
        key = next(
            (key for key in groups if str(key[0].id) == company and str(key[1].id) == currency),
            max(groups, key=lambda group: len(groups[group]), default=None),
        )
        today = fields.Date.today()
        shown = groups.get(key, invoices.browse())[:MAX_INVOICES]
        return {
            "groups": groups,
            "group": key,
            "invoices": shown,
            "is_cut": len(invoices) > MAX_INVOICES,
            "today": today,
            "selected_ids": {
                invoice.id
                for invoice in shown
                if select == "all"
                or select == "overdue"
                and invoice.invoice_date_due
                and invoice.invoice_date_due < today
            },
            "has_view_only": len(organization.payable_ids) < len(organization.branches),
        }

    def _describe_dropped(self, requested_ids, invoices):
        """Say which of the chosen invoices can't be paid now; names only of what is visible."""
        dropped = (
            request.env["account.move"]
            .search([("id", "in", requested_ids), ("id", "not in", invoices.ids)])
            .sorted("name")
        )
        unknown = len(set(requested_ids)) - len(invoices) - len(dropped)
        return {"invoices": dropped.sudo(), "unknown": unknown}

    def _prepare_organization_payment(self, organization, requested_ids, invoices):
        groups = self._group_invoices(invoices)
        (company, currency), invoices = next(iter(groups.items()))
        invoices = invoices[:MAX_INVOICES]
        amount = sum(invoices.mapped("amount_residual"))
        ids = ",".join(map(str, invoices.ids))
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
                    "transaction_route": f"/my/organization/pay/transaction?invoice_ids={ids}",
                }
            ),
            "invoices": invoices,
            "invoice_ids": ids,
            "amount": amount,
            "discounted": invoices.filtered(
                lambda invoice: (
                    invoice._get_invoice_next_payment_values().get("installment_state") == "epd"
                )
            ),
            "credit_lines": credit_lines,
            "credit_amount": -sum(credit_lines.mapped("amount_residual_currency")),
            "dropped": self._describe_dropped(requested_ids, invoices),
        }

    # Paying

    @route("/my/organization/pay/transaction", type="jsonrpc", auth="user", website=True)
    def organization_pay_transaction(self, amount=None, invoice_ids=None, **kwargs):
        """Create the head office's transaction over the chosen invoices.

        :param float amount: what the visitor saw; the amount is worked out anew and must agree
        :param list invoice_ids: ids of ``account.move``; also taken from the link
        :return: the processing values of the transaction, as core's routes
        :raise ValidationError: where an invoice can't be paid by the visitor, or not any more
        """
        invoices = self._check_organization_payment(invoice_ids, amount)
        kwargs.pop("payment_reference", None)
        # Core's form sends what its generic route needs; all of it is decided here.
        kwargs.pop("access_token", None)
        self._validate_transaction_kwargs(kwargs)
        company = invoices.company_id
        tx_sudo = self._create_transaction(
            **{
                **kwargs,
                "amount": sum(invoices.mapped("amount_residual")),
                "currency_id": invoices.currency_id.id,
                "partner_id": request.env.user.partner_id.id,
                "landing_route": "/my/organization/pay/confirmation",
                "is_validation": False,
                "reference_prefix": invoices.name
                if len(invoices) == 1
                # sudo: takes the next number of the seller's sequence, as core's overdue page.
                else company.sudo().get_next_batch_payment_communication(),
            },
            custom_create_values={"invoice_ids": [Command.set(invoices.ids)]},
        )
        tx_sudo.landing_route = f"/my/organization/pay/confirmation?tx={tx_sudo.id}"
        return tx_sudo._get_processing_values()

    def _check_organization_payment(self, invoice_ids, amount):
        """Return the chosen invoices if the visitor may pay all of them with one transaction."""
        organization = self._get_organization()
        requested_ids = set(self._get_requested_ids(invoice_ids))
        invoices = request.env["account.move"]
        if organization and requested_ids:
            invoices = self._get_payable_invoices(organization, [("id", "in", [*requested_ids])])
        if not invoices or set(invoices.ids) != requested_ids:
            raise ValidationError(
                request.env._(
                    "Some of these invoices have been paid meanwhile, or you may not pay them. "
                    "Reload the page to see what is left."
                )
            )
        if len(self._group_invoices(invoices)) > 1:
            raise ValidationError(
                request.env._("Pay the invoices of one company and one currency at a time.")
            )
        total = sum(invoices.mapped("amount_residual"))
        if amount is not None and invoices.currency_id.compare_amounts(float(amount), total):
            raise ValidationError(
                request.env._("The amount to pay has changed meanwhile. Reload the page to see it.")
            )
        return invoices

    @route(
        "/my/organization/pay/credits",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def organization_pay_credits(self, **kw):
        """Use the head office's open credits for the chosen invoices, oldest due first."""
        organization = self._get_organization()
        if not organization:
            return request.redirect("/my")
        ids = self._get_requested_ids()
        invoices = self._get_payable_invoices(organization, [("id", "in", ids)])
        params = {"invoice_ids": ",".join(map(str, ids))}
        if invoices:
            company, currency = next(iter(self._group_invoices(invoices)))
            invoices = self._group_invoices(invoices)[company, currency]
            credits_sudo = self._get_own_credit_lines(organization, company, currency)
            debts_sudo = invoices.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            try:
                with request.env.cr.savepoint():
                    (credits_sudo | debts_sudo).with_company(company).reconcile()
                params["message"] = "credits_used"
            except UserError as error:
                params["error_message"] = str(error)
        return request.redirect_query("/my/organization/pay", params)

    @route(
        "/my/organization/pay/confirmation",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_organization_pay_confirmation(self, tx=None, **kw):
        """Say what became of a payment, invoice by invoice."""
        # sudo: portal users can't read transactions; this one must be of their own customer.
        tx_sudo = request.env["payment.transaction"].sudo().browse(self._cast_as_int(tx)).exists()
        if tx_sudo.partner_id.commercial_partner_id != request.env.user.commercial_partner_id:
            return request.redirect("/my/organization")
        return request.render(
            "customer_org.portal_organization_pay_confirmation",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization_pay",
                "tx": tx_sudo,
                "invoices": tx_sudo.invoice_ids.sorted(lambda inv: (inv.invoice_date_due, inv.id)),
            },
        )
