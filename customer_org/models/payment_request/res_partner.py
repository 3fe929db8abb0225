# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..receivable import get_today


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_request_payment(self):
        """Open drafts that ask these customers to pay what is due, their branches' too.

        What is disputed, announced or asked for already is left out.

        :raises AccessError: for users who may not write invoices
        :raises UserError: if nothing is left
        """
        self.env["customer.statement"]._check_user(["account.group_account_invoice"])
        requests = self.env["customer.remittance"]
        for customer in self.commercial_partner_id._filter_tops():
            amounts = customer._find_due_amounts()
            requests |= requests._create_requests(amounts, payer=customer)
        if not requests:
            self._raise_nothing_due()
        return requests._get_records_action(name=self.env._("Payment Requests"))

    def _filter_tops(self):
        """Leave out who is billed below another one of these: that one is asked for it, too."""
        # sudo: as in `_create_requests`.
        paths = self.env["customer.hierarchy.link"].sudo()._get_ancestors(self.ids)
        ids = set(self.ids)
        return self.filtered(lambda one: ids.isdisjoint(paths.get(one.id, [])[1:]))

    def _find_due_amounts(self, domain=Domain.TRUE):
        """Return ``{account.move: what of it is due until today}``, with all branches.

        :param domain: of ``account.move.line``: which of them
        """
        self.ensure_one()
        is_requested = Domain(
            "move_id.customer_remittance_line_ids", "any", [("is_requested", "=", True)]
        )
        items = self.env["account.move.line"].with_context(active_test=False)
        amounts = defaultdict(float)
        for item in items.search(
            self._get_due_items_domain() & ~is_requested & domain, order="date_maturity, id"
        ).with_env(self.env):
            amounts[item.move_id] += item.amount_residual_currency
        return amounts

    def _get_due_items_domain(self):
        """Domain of the items of documents that are due, of this customer and those below it."""
        return (
            self._get_auto_settle_debts()
            & self._get_billing_scope_domain()
            & Domain("company_id", "child_of", self.env.company.id)
            & Domain("move_id.move_type", "in", ("out_invoice", "out_receipt"))
            & Domain("date_maturity", "<=", get_today(self.env))
        )

    def _raise_nothing_due(self):
        """Say why there is nothing to ask for, naming the requests that wait."""
        customers = self.commercial_partner_id
        domain = Domain.OR([customer._get_due_items_domain() for customer in customers])
        items = self.env["account.move.line"].search(domain)
        self.env["customer.remittance"]._check_not_requested(items.move_id)
        raise UserError(
            self.env._(
                "Nothing of %(customers)s is due until %(today)s but what is disputed or "
                "announced. Choose invoices in their list to ask for others.",
                customers=", ".join(customers[:5].mapped("display_name")),
                today=format_date(self.env, get_today(self.env)),
            )
        )
