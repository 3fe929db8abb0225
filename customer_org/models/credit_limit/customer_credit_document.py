# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import MissingError

from .credit_watch import CreditWatch


class CustomerCreditDocument(models.AbstractModel):
    """A document that makes a customer owe: a confirmed order, a posted invoice.

    Use: change documents, or their lines, inside :meth:`_watching_credit`. Where limits block,
    what each customer owes for them is compared before and after, whatever was changed: quantity,
    unit, tax, currency, customer, invoice address, state, by form, import or RPC.

    How it works: extensions tell by :meth:`_get_owed_amounts` what is owed for which document.
    Documents of companies that do not block, and of customers without a limit, are not read.
    """

    _name = "customer.credit.document"
    _description = "Document That Makes a Customer Owe"

    def _get_owed_amounts(self):
        """Return what these documents make their customers owe where limits block.

        :return: ``{document: {customer: amount in the currency of the document's company}}``;
            documents that make nobody owe, such as drafts, are left out
        :rtype: dict
        """
        return {}

    def _get_uncounted_amount(self):
        """Return what of it core does not count as owed, in the company's currency."""
        return 0.0

    def _is_credit_watched(self, customer):
        """Whether a limit may stop what this document makes ``customer`` owe."""
        # sudo: a limit binds users who may not see it.
        customer = customer.sudo().with_company(self.company_id)
        return bool(
            customer.credit_limit
            or customer.billing_parent_id
            or customer.billing_share_credit_limit
        )

    @contextmanager
    def _watching_credit(self, before=None):
        """Check the limits of customers who owe more for these documents after the block.

        :param dict before: amounts that were checked already, as :meth:`_get_owed_amounts` gives
            them; by default what is owed now
        :return: (by ``with``) the watch, to which documents made in the block are added
        :raises UserError: if a limit is exceeded and the user may not do that
        """
        watch = CreditWatch.get(self.env.cr)
        # sudo: orders and invoices are read whose amounts bind users who may not see them.
        watch.remember(self, self.sudo()._get_owed_amounts() if before is None else before)
        if watch.is_in_force:
            yield watch
            return
        token = watch.start()
        try:
            yield watch
        finally:
            watch.stop(token)
        self.env["account.move"]._check_raised_credit(watch)

    @api.model
    def _get_raised_credit(self, watch):
        """Return ``(document, customer, amount that core does not count)`` of what was raised."""
        documents = self.browse(doc.id for doc in watch.before if doc._name == self._name)
        # sudo: see `_watching_credit`.
        documents = documents.sudo()
        try:
            amounts = documents._get_owed_amounts()
        except MissingError:
            # Some were deleted meanwhile. To ask each time would cost ordinary documents a query.
            amounts = documents.exists()._get_owed_amounts()
        return [
            (document, customer, document._get_uncounted_amount())
            for document, customer, now, before in watch.get_raised(amounts)
            if document.company_id.currency_id.compare_amounts(now, before) > 0
        ]
