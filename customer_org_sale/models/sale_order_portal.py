# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class SaleOrder(models.Model):
    """Orders as billing ancestors see them in the portal."""

    _name = "sale.order"
    _inherit = ["customer.portal.guest", "sale.order"]

    def _is_of_another_customer(self, partner):
        """Tell whether a partner's data, such as a head office's, are closed to the customer.

        Never for orders of customers in no hierarchy: there, core's pages stay as they are.
        """
        self.ensure_one()
        # sudo: only to compare customers; who prints an order needs no access to hierarchies.
        order = self.sudo().with_context(active_test=False)
        customer = order.partner_id.commercial_partner_id
        if partner.sudo().commercial_partner_id == customer:
            return False
        return bool(
            customer.billing_parent_id
            or customer.billing_child_ids
            # It was a branch at the confirmation, and may have left since.
            or order.billing_root_id not in (customer, customer.browse())
        )

    def _filter_portal_invoices(self, invoices, visitor):
        """Leave out the invoices of other customers, unless the visitor may read them.

        The head office's invoice has the lines of all branches, and core links it with its token.

        :param invoices: invoices of this order, in sudo
        :param visitor: the ``res.users`` who looks at the page
        """
        others = invoices.filtered(lambda move: self._is_of_another_customer(move.partner_id))
        if not others:
            return invoices
        readable = others.with_user(visitor)._filtered_access("read")
        # sudo: back to the rights of what came in; nothing is read.
        hidden = others - readable.sudo()
        # The visitor is remembered, so that links to branches' invoices carry no token.
        return (invoices - hidden).with_context(portal_visitor_id=visitor.id)

    def _has_to_be_signed(self):
        # Signing a branch's quotation is never the parent's, whatever the consent.
        return not self.portal_consent and super()._has_to_be_signed()

    def _has_to_be_paid(self):
        # Paying a quotation accepts it; the consent to pay is for invoices.
        return not self.portal_consent and super()._has_to_be_paid()
