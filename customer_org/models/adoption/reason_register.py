# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, models

from .address import AddressBook
from .customer_name import choose_head
from .evidence import CERTAIN, IDENTITY, LIKELY, Evidence
from .national_register import group_digits, read_entry


class CustomerHierarchySuggestion(models.Model):
    """Places of one company in a national register: SIREN within SIRET, CNPJ root, tax number and
    branch code. Certain where the head office is known; twice the same place is a duplicate.
    """

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "register"]

    def _find_register(self, customers):
        companies = defaultdict(list)
        for customer in customers.values():
            if entry := read_entry(customer):
                companies[entry.register, entry.number].append((customer, entry))
        evidence = []
        for members in companies.values():
            if len(members) > 1:
                evidence += self._compare_places(members)
        return evidence

    def _compare_places(self, members):
        """Return the evidence of the places of one company."""
        places = defaultdict(list)
        for customer, entry in members:
            places[entry.place, entry.is_head].append((customer, entry))
        evidence, firsts = [], []
        for (place, _is_head), same in places.items():
            kept, book = {}, AddressBook()
            for member in sorted(same, key=lambda same: (-same[0].branch_count, same[0].id)):
                # Who has the company's number only may be any place of it.
                twins = kept if place else (twin.id for twin in book.find(member[0]))
                twin_id = next(iter(twins), None)
                if twin_id:
                    evidence.append(
                        self._get_register_evidence(member, kept[twin_id], LIKELY, kind="duplicate")
                    )
                else:
                    kept[member[0].id] = member
                    book.add(member[0])
            firsts += kept.values()
        marked = {customer.id for customer, entry in firsts if entry.is_head}
        # The lowest number is the oldest place: it comes first where nothing else tells.
        firsts.sort(key=lambda member: (member[1].place or "~", member[0].id))
        head, _is_clear = choose_head([customer for customer, _entry in firsts], marked)
        head_member = next(member for member in firsts if member[0] == head)
        for member in firsts:
            # Two with nothing but the company's number are told apart by their addresses.
            if member[0] != head and (member[1].place or head_member[1].place):
                certainty = self._get_register_certainty(member[1], marked)
                evidence.append(self._get_register_evidence(member, head_member, certainty))
        return evidence

    def _get_register_certainty(self, entry, marked):
        """A French place belongs to its company whoever is the head; elsewhere it must be known.

        Where several have the number of a head office, either of them may be it.
        """
        if entry.certainty < CERTAIN:
            return entry.certainty
        if len(marked) > 1:
            return LIKELY
        return CERTAIN if entry.register == "SIREN" or marked else LIKELY

    def _get_register_evidence(self, member, head, certainty, kind="branch"):
        customer, entry = member
        values = {"register": entry.register, "number": group_digits(entry.number)}
        return Evidence(customer.id, head[0].id, "register", certainty, IDENTITY, values, kind=kind)

    def _describe_register(self, names, values):
        return self.env._("same %(register)s %(number)s", **names, **values)
