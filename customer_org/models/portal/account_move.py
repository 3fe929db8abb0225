# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountMove(models.Model):
    """Invoices as billing ancestors see them in the portal."""

    _name = "account.move"
    _inherit = ["customer.portal.guest", "account.move"]

    # The portal's rule asks for the invoices of all consenting branches; core has no such index.
    _portal_customer_idx = models.Index(
        "(commercial_partner_id, invoice_date DESC) "
        "WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )

    def _get_guest_customer(self):
        return self.commercial_partner_id

    def _has_field_access(self, field, operation):
        # The PDF on file may have a payment link on it, see `_has_payment_link_on_file`.
        return super()._has_field_access(field, operation) and not (
            field.name == "invoice_pdf_report_file"
            and not self.env.su
            and self._get_portal_visitor()._is_head_office_portal()
            # sudo: only to read one setting of the user's own companies.
            and any(self.env.companies.sudo().mapped("link_qr_code"))
        )

    def _has_to_be_paid(self):
        # Gates the form on the page, the button in lists, and our own routes.
        return self.portal_consent not in ("none", "view") and super()._has_to_be_paid()

    def _get_portal_amount_to_pay(self):
        """Return the amount that pays the invoice today, in its currency.

        What is open, less the early payment discount where core grants it today.
        """
        self.ensure_one()
        if not self.invoice_payment_term_id.early_discount:
            return self.amount_residual
        values = self._get_invoice_next_payment_values()
        is_discounted = values.get("installment_state") == "epd"
        return values["amount_due"] if is_discounted else self.amount_residual

    def _get_online_payment_error(self):
        if self.portal_consent in ("none", "view"):
            customer = self.commercial_partner_id.name
            # sudo: one setting of the company, which portal users can't read.
            if self.company_id.sudo().portal_branch_consent:
                return self.env._(
                    "You may see this invoice, but %s has not agreed that you pay it. Ask the "
                    "branch or us to allow it.",
                    customer,
                )
            return self.env._(
                "You may see this invoice, but %s has not agreed that you pay it. Ask us to allow "
                "it.",
                customer,
            )
        return super()._get_online_payment_error()

    def _get_portal_payment_link(self):
        # The link is a token of its own: printed for a guest it would outlive the consent.
        return False if self.portal_consent else super()._get_portal_payment_link()

    def _compute_display_link_qr_code(self):
        """Print no payment link for a guest: it would outlive the consent."""
        super()._compute_display_link_qr_code()
        self.filtered("portal_consent").display_link_qr_code = False

    def _get_invoice_legal_documents(self, filetype, allow_fallback=False):
        """Give a guest a PDF without the payment link that is on the one on file."""
        if filetype == "pdf" and self._has_payment_link_on_file():
            return self._get_guest_pdf()
        return super()._get_invoice_legal_documents(filetype, allow_fallback=allow_fallback)

    def _get_invoice_legal_documents_all(self, allow_fallback=False):
        """Replace the PDF on file here as well: core reads it from the attachments."""
        documents = super()._get_invoice_legal_documents_all(allow_fallback=allow_fallback)
        if self._has_payment_link_on_file():
            name = self.invoice_pdf_report_id.name
            documents = [document for document in documents if document["filename"] != name]
            return [self._get_guest_pdf(), *documents]
        return documents

    def _has_payment_link_on_file(self):
        """Tell whether the visitor is a guest and the PDF on file has a payment link on it."""
        self.ensure_one()
        return bool(
            self.portal_consent and self.invoice_pdf_report_id and self.company_id.link_qr_code
        )

    def _get_guest_pdf(self):
        """Print the invoice anew, without the payment link: as core's ``filename``, ``content``."""
        # sudo: the visitor's access to the invoice was checked by who asks for its documents.
        report = self.env["ir.actions.report"].sudo()
        content, filetype = report._pre_render_qweb_pdf("account.account_invoices", self.ids)
        return {
            "filename": self._get_invoice_report_filename(),
            "filetype": filetype,
            "content": report._get_splitted_report("account.account_invoices", content, filetype)[
                self.id
            ],
        }
