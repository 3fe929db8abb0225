# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every portal page of a document needs when a billing ancestor opens it."""

from odoo.exceptions import AccessError
from odoo.http import SAFE_HTTP_METHODS, request

from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import CustomerPortal


class GuestPortal(CustomerPortal):
    def _is_guest(self, model_name, document_id):
        """Tell whether the visitor is a billing ancestor of the document's customer."""
        model = request.env[model_name]
        if "portal_consent" not in model._fields or not request.env.user._is_head_office_portal():
            return False
        # sudo: only to learn whose document it is; access is checked afterwards.
        return bool(model.sudo().browse(document_id).exists().portal_consent)

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Let a guest in by consent only, and to look only.

        A token, however it was come by, opens nothing. Whatever else a route does with the
        document, be it ours, core's or another addon's, is refused unless it is named in
        :meth:`_guest_may_change`.
        """
        is_guest = self._is_guest(model_name, document_id)
        if (
            is_guest
            and request.httprequest.method not in SAFE_HTTP_METHODS
            and not self._guest_may_change(model_name, document_id)
        ):
            raise AccessError(
                request.env._(
                    "You may see this document of your branch, but not act on it. Ask the branch "
                    "to do it, or to allow you to pay its invoices."
                )
            )
        document_sudo = super()._document_check_access(
            model_name, document_id, access_token=None if is_guest else access_token
        )
        if is_guest:
            document_sudo = document_sudo.with_context(portal_visitor_id=request.env.uid)
        return document_sudo

    def _guest_may_change(self, model_name, document_id):
        """Tell whether a guest may do more than look: pay an invoice, with the consent to it."""
        if model_name != "account.move" or not request.httprequest.path.startswith(
            "/invoice/transaction/"
        ):
            return False
        # sudo: only to read the consent that is meant for this visitor.
        return request.env[model_name].sudo().browse(document_id).portal_consent == "pay"

    def _get_page_view_values(
        self, document, access_token, values, session_history, no_breadcrumbs, **kwargs
    ):
        if "portal_consent" not in document._fields:
            return super()._get_page_view_values(
                document, access_token, values, session_history, no_breadcrumbs, **kwargs
            )
        if document.portal_consent:
            # Nor does the page repeat what was in the link.
            access_token = None
            kwargs = {key: kwargs[key] for key in kwargs.keys() - {"pid", "hash"}}
        values = super()._get_page_view_values(
            document, access_token, values, session_history, no_breadcrumbs, **kwargs
        )
        if request.env.user._is_head_office_portal():
            # The neighbours in the list may be branches' documents: no tokens in their links.
            for key in ("prev_record", "next_record"):
                if isinstance(values.get(key), str):
                    values[key] = values[key].partition("?")[0]
        return values


class GuestPortalAccount(PortalAccount):
    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        # Core puts the token from the link into the pay form, too.
        if invoice.portal_consent:
            access_token = None
        return super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
