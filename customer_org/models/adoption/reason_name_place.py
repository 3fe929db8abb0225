# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .customer_name import get_words, is_place, split_head_office
from .evidence import LOOKS, WEAK, Evidence

#: More customers than this whose names begin with one word have it in common by chance.
COMMON_WORD = 200


class CustomerHierarchySuggestion(models.Model):
    """Names that differ by a place: weak, since strangers share names."""

    _inherit = "customer.hierarchy.suggestion"

    @api.model
    @api.private
    def _get_reasons(self):
        return [*super()._get_reasons(), "name_place"]

    def _find_name_place(self, customers):
        places = self._get_places()
        words = {customer.id: get_words(customer.name) for customer in customers.values()}
        heads, first_words = defaultdict(list), defaultdict(int)
        for customer_id, own in words.items():
            first_words[own[:1]] += 1
            heads[split_head_office(own)[0]].append(customer_id)
        evidence = []
        for customer_id, own in words.items():
            if first_words[own[:1]] > COMMON_WORD:
                continue
            base = next(
                (
                    own[:size]
                    for size in range(len(own) - 1, 0, -1)
                    if own[:size] in heads and is_place(own[size:], places)
                ),
                None,
            )
            # Several of one name: strangers, as like as not.
            if base and len(heads[base]) == 1 and len("".join(base)) > 2:
                evidence.append(
                    Evidence(customer_id, heads[base][0], "name_place", WEAK, LOOKS, {})
                )
        return evidence

    def _get_places(self):
        """Return the cities of all customers, and the states and countries, as words."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT lower(city) FROM res_partner WHERE city != ''
                 UNION SELECT lower(name) FROM res_country_state
                 UNION SELECT lower(value) FROM res_country, jsonb_each_text(name)
                """
            )
        )
        return {place for (name,) in rows if len(place := " ".join(get_words(name or ""))) > 2}

    def _describe_name_place(self, names, values):
        return self.env._("named as %(parent)s, and a place", **names)
