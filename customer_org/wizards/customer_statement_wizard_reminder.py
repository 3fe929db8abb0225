# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements to those with something overdue are reminders: what is promised is not reminded of."""

from collections import defaultdict

from odoo import models
from odoo.fields import Domain


class CustomerStatementWizard(models.TransientModel):
    _inherit = "customer.statement.wizard"

    def _get_open_ids(self):
        """Leave out of reminders whose overdue debts are all announced or disputed."""
        ids = super()._get_open_ids()
        if self.only != "overdue" or not ids:
            return ids
        customers = self._get_customers_of_tops(ids)
        held = self._find_customers_with_held_documents(set().union(*customers.values()))
        if not held:
            return ids
        overdue = self._find_customers_to_remind(set().union(*customers.values()))
        return {
            top_id for top_id in ids if not customers[top_id] & held or customers[top_id] & overdue
        }

    def _get_customers_of_tops(self, ids):
        """Return ``{id of a statement's customer: ids of the customers in the statement}``."""
        customers = defaultdict(set, {top_id: {top_id} for top_id in ids})
        if self.include_branches:
            links = self.env["customer.hierarchy.link"]
            for link in links.search([("ancestor_id", "in", list(ids))]):
                customers[link.ancestor_id.id].add(link.descendant_id.id)
        return customers

    def _find_customers_with_held_documents(self, customer_ids):
        """Return the ids of those with a document that is announced or disputed."""
        held = Domain("is_announced", "=", True) | Domain("is_disputed", "=", True)
        domain = held & self._get_ledger_domain()
        domain &= Domain("commercial_partner_id", "in", list(customer_ids))
        # sudo: documents of all companies that the statement is of; which ones is not told.
        return set(self.env["account.move"].sudo().search(domain).commercial_partner_id.ids)

    def _find_customers_to_remind(self, customer_ids):
        """Return the ids of those with an overdue debt that is neither announced nor disputed."""
        late = Domain("date_maturity", "<", self.date_to) | (
            Domain("date_maturity", "=", False) & Domain("date", "<", self.date_to)
        )
        domain = (
            self.env["res.partner"]._get_auto_settle_debts()
            & late
            & self._get_ledger_domain()
            & Domain("partner_id.commercial_partner_id", "in", list(customer_ids))
        )
        # sudo: as above.
        partners = self.env["account.move.line"].sudo()._read_group(domain, ["partner_id"])
        return {partner.commercial_partner_id.id for (partner,) in partners}

    def _get_ledger_domain(self):
        """Return the companies of the statement: the wizard's, with those above and below it."""
        # sudo: the company above the user's own.
        return Domain("company_id", "child_of", self.company_id.sudo().root_id.id)
