# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Paying several customers' invoices at once, as one transaction of the head office."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.http import request, route

from ..parameters import to_amount, to_id
from .organization_pay import OrganizationPaymentPortal
from .pay_selection import Selection


class OrganizationTransactionPortal(OrganizationPaymentPortal):
    @route("/my/organization/pay/transaction", type="jsonrpc", auth="user", website=True)
    def organization_pay_transaction(self, amount=None, invoice_ids=None, **kwargs):
        """Create the head office's transaction over the chosen invoices.

        :param float amount: what the visitor saw; the amount is worked out anew and must agree
        :param list invoice_ids: ids of ``account.move``; if not given, the link says which
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
                "amount": self._get_total(invoices),
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

    def _get_total(self, invoices):
        return invoices.currency_id.round(sum(self._get_amounts(invoices).values()))

    def _is_total(self, amount, invoices):
        """Tell whether an amount from the browser, of whatever type, is the invoices' total."""
        amount = to_amount(amount)
        return amount is not None and not invoices.currency_id.compare_amounts(
            amount, self._get_total(invoices)
        )

    def _check_organization_payment(self, invoice_ids, amount):
        """Return the chosen invoices if the visitor may pay all of them with one transaction."""
        organization = self._get_organization()
        selection = Selection.from_request(request.httprequest.values, invoice_ids)
        invoices = request.env["account.move"]
        if organization and selection:
            invoices = self._get_selected_invoices(organization, selection)
        if not invoices or not selection.is_all and set(invoices.ids) != set(selection.ids):
            raise ValidationError(
                request.env._(
                    "Some of these invoices have been paid meanwhile, or you may not pay them. "
                    "Reload the page to see what is left."
                )
            )
        self._check_one_group(invoices)
        # *All* may be others than the visitor saw: the amount tells.
        if (amount is None and selection.is_all) or (
            amount is not None and not self._is_total(amount, invoices)
        ):
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
        selection = Selection.from_request(request.httprequest.values)
        invoices = self._get_selected_invoices(organization, selection)
        params = selection.query
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
        tx_sudo = request.env["payment.transaction"].sudo().browse(to_id(tx)).exists()
        if tx_sudo.partner_id.commercial_partner_id != request.env.user.commercial_partner_id:
            return request.redirect("/my/organization")
        # With the visitor's own rights: a branch may have withdrawn its consent since.
        readable = request.env["account.move"].search([("id", "in", tx_sudo.invoice_ids.ids)])
        # What was paid stays the payer's business; what was not is the branch's again.
        is_paid = tx_sudo.state in ("pending", "authorized", "done")
        invoices_sudo = tx_sudo.invoice_ids if is_paid else readable.sudo()
        return request.render(
            "customer_org.portal_organization_pay_confirmation",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "organization_pay",
                "tx": tx_sudo,
                "invoices": invoices_sudo.sorted(lambda inv: (inv.invoice_date_due, inv.id)),
                "readable_ids": set(readable.ids),
            },
        )
