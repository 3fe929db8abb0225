# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, models

from .customer_name import choose_head
from .evidence import IDENTITY, LIKELY, Evidence
from .national_register import read_entry
from .tax_number import get_tax_number, is_same_address


class CustomerHierarchySuggestion(models.Model):
    """The same tax number at another address is likely a branch, at the same a duplicate."""

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "vat"]

    def _find_vat(self, customers):
        by_number = defaultdict(list)
        for customer in customers.values():
            if number := get_tax_number(customer):
                by_number[number].append(customer)
        evidence = []
        for number, members in by_number.items():
            if len(members) > 1:
                evidence += self._compare_addresses(number, members)
        return evidence

    def _compare_addresses(self, number, members):
        """Return the evidence of all customers that have one tax number."""
        evidence, firsts = [], []
        # Who has branches already is kept, then the oldest.
        for customer in sorted(members, key=lambda member: (-member.branch_count, member.id)):
            twin = next((first for first in firsts if self._is_twin(customer, first)), None)
            if twin:
                values = {"number": number}
                evidence.append(
                    Evidence(
                        customer.id, twin.id, "vat", LIKELY, IDENTITY, values, kind="duplicate"
                    )
                )
            else:
                firsts.append(customer)
        head, is_clear = choose_head(firsts)
        # Which of them is the head office, the number does not tell: other reasons may.
        values = {"number": number, "either": not is_clear}
        evidence += [
            Evidence(customer.id, head.id, "vat", LIKELY, IDENTITY, values)
            for customer in firsts
            if customer != head
        ]
        return evidence

    def _is_twin(self, one, other):
        """Whether two customers of one tax number are one: places of their own tell them apart."""
        first, second = read_entry(one), read_entry(other)
        if first and second and first.place and second.place:
            return first.place == second.place
        return is_same_address(one, other)

    def _describe_vat(self, names, values):
        if names["is_duplicate"]:
            return self.env._("same tax number %(number)s, same address", **names, **values)
        return self.env._("same tax number %(number)s, another address", **names, **values)
