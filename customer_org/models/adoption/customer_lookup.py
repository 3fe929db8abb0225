# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo.tools import SQL

from .national_register import clean


class CustomerLookup:
    """Finds customers by what a file says of them: name, reference, tax number or external id.

    Takes: an environment, whose user's rules count, and all words of the file at once.

    Use: ``lookup[word]`` is a pair of customer and reason; one of them is empty.

    How it works: three queries, however many words. A customer that is active and of its own beats
    contacts and archived ones; two that are equal are ambiguous, whatever they were found by.
    """

    def __init__(self, env, words):
        self.env = env
        self.words = {word.strip() for word in words if word and word.strip()}
        self.found = defaultdict(set)
        self._find_external_ids()
        self._find_by_own_data()
        ids = set().union(*self.found.values())
        self.partners = env["res.partner"].browse(ids)
        self.partners.fetch(["commercial_partner_id", "active", "display_name"])

    def _find_external_ids(self):
        # Core's importer puts ids without a module into one of its own.
        names = {word if "." in word else f"__import__.{word}": word for word in self.words}
        # sudo: external ids may be read by administrators only; the rules are asked below.
        data = (
            self.env["ir.model.data"]
            .sudo()
            .search_fetch(
                [
                    ("model", "=", "res.partner"),
                    ("name", "in", [name.partition(".")[2] for name in names]),
                ],
                ["module", "name", "res_id"],
            )
        )
        by_name = {f"{item.module}.{item.name}": item.res_id for item in data}
        visible = self.env["res.partner"].with_context(active_test=False)
        allowed = set(visible.search([("id", "in", list(by_name.values()))]).ids)
        for name in names.keys() & by_name.keys():
            if by_name[name] in allowed:
                self.found[names[name]].add(by_name[name])

    def _find_by_own_data(self):
        exact = defaultdict(set)
        for word in self.words:
            # As it is, too: in some locales PostgreSQL knows no capitals beyond A to Z.
            for spelling in (word, word.lower()):
                exact[spelling].add(word)
            if any(letter.isdigit() for letter in word):
                exact[clean(word).lower()].add(word)
        partners = self.env["res.partner"].with_context(active_test=False)
        partners.flush_model(["name", "complete_name", "ref", "vat", "active", "parent_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, match.word
                  FROM res_partner partner,
               LATERAL (VALUES (partner.name), (lower(partner.name)),
                               (partner.complete_name), (lower(partner.complete_name)),
                               (partner.ref), (lower(partner.ref)),
                               (lower(regexp_replace(partner.vat, '[^0-9A-Za-z]', '', 'g')))
                       ) match(word)
                 WHERE match.word = ANY(%(words)s)
                   AND partner.id IN %(visible)s
                """,
                words=list(exact),
                visible=partners._search([]).subselect(),
            )
        )
        for partner_id, match in rows:
            for word in exact[match]:
                self.found[word].add(partner_id)

    def __getitem__(self, word):
        """Return ``(customer, reason)`` of a word: the reason says in words why there is none."""
        partners = self.partners.browse(self.found.get(word.strip(), ()))
        own = partners.filtered(lambda partner: partner.commercial_partner_id == partner)
        active = own.filtered("active")
        if len(active) == 1:
            # What is read of one of them is read of all at once.
            return active.with_prefetch(self.partners._prefetch_ids), False
        if len(active) > 1:
            return active.browse(), self.env._(
                "%(word)s is ambiguous: %(count)s customers have it. Use the reference or the "
                "external id.",
                word=word,
                count=len(active),
            )
        if own:
            return own.browse(), self.env._("%(word)s is archived.", word=word)
        if partners:
            return partners.browse(), self.env._(
                "%(word)s is a contact of %(customer)s, and no customer of its own.",
                word=word,
                customer=partners[0].commercial_partner_id.display_name,
            )
        return partners, self.env._("%(word)s is not known.", word=word)
