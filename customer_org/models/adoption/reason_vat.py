# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, models

from .address import AddressBook, is_same_address
from .customer_name import choose_head, get_words
from .evidence import IDENTITY, LIKELY, LOOKS, Evidence
from .national_register import read_entry
from .tax_number import get_tax_number, is_checked, is_registered_apart


class CustomerHierarchySuggestion(models.Model):
    """The same tax number at another address is likely a branch, at the same a duplicate.

    A number whose check digits are wrong may be made up: it raises no other reason, and says
    nothing of customers whose names are not alike.
    """

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
            for group in self._split_members(number, members) if len(members) > 1 else ():
                evidence += self._compare_addresses(number, group)
        return evidence

    def _split_members(self, number, members):
        """Return who may be compared: of a number that may be made up whose names begin alike."""
        if is_checked(number):
            return [members]
        groups = defaultdict(list)
        for member in members:
            groups[get_words(member.name)[:1]].append(member)
        return groups.values()

    def _compare_addresses(self, number, members):
        """Return the evidence of all customers that have one tax number."""
        evidence, firsts, book, places = [], [], AddressBook(), {}
        nature = IDENTITY if is_checked(number) else LOOKS
        # Who has branches already is kept, then the oldest.
        for customer in sorted(members, key=lambda member: (-member.branch_count, member.id)):
            if twin := self._find_twin(customer, book, places):
                values = {"number": number}
                evidence.append(
                    Evidence(customer.id, twin.id, "vat", LIKELY, nature, values, kind="duplicate")
                )
            else:
                firsts.append(customer)
                book.add(customer)
                places[read_entry(customer)] = customer
        head, is_clear = choose_head(firsts)
        # Which of them is the head office, the number does not tell: other reasons may.
        values = {"number": number, "either": not is_clear}
        evidence += [
            Evidence(
                customer.id,
                head.id,
                "vat",
                LIKELY,
                nature,
                {**values, "same_address": is_same_address(customer, head)},
            )
            for customer in firsts
            if customer != head
        ]
        return evidence

    def _find_twin(self, customer, book, places):
        """Return who of one tax number is the same customer.

        Places of their own tell two apart wherever they are, and registrations of their own.
        """
        own = read_entry(customer)
        for first in book.find(customer):
            other = read_entry(first)
            has_places = own and other and own.place and other.place
            if not has_places and not is_registered_apart(customer, first):
                return first
        return places.get(own) if own and own.place else None

    def _describe_vat(self, names, values):
        if names["is_duplicate"]:
            return self.env._("same tax number %(number)s, same address", **names, **values)
        if values.get("same_address"):
            return self.env._("same tax number %(number)s, registered apart", **names, **values)
        return self.env._("same tax number %(number)s, another address", **names, **values)
