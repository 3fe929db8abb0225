# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which documents are meant by the numbers on a payer's list.

Takes: a company and a payer. Use :meth:`DocumentFinder.find`. How it works: three statements at
most, whatever the numbers: as they are written among the payer's documents, then what was not
found by its groups of digits, then what is still not found among everybody else's.
"""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL

from .document_numbers import get_groups, get_key

DOCUMENT_TYPES = ("out_invoice", "out_refund", "out_receipt")


@dataclass
class Document:
    """What the database says of a document; ``amount_open`` is below 0 for credit notes.

    ``is_own`` says whether the payer may pay it.
    """

    id: int
    state: str
    payment_state: str
    currency_id: int
    partner_id: int
    is_own: bool
    amount_open: float

    @property
    def is_open(self) -> bool:
        return self.state == "posted" and bool(self.amount_open)


@dataclass
class Found:
    """What one number finds: the payer's documents, or that it is somebody else's."""

    documents: list[Document]
    is_exact: bool = False
    is_other_customer: bool = False

    @property
    def document(self) -> Document | None:
        """The document that is meant: the only one, or the only open one."""
        if len(self.documents) == 1:
            return self.documents[0]
        are_open = [document for document in self.documents if document.is_open]
        return are_open[0] if len(are_open) == 1 else None


class DocumentFinder:
    """Find documents of a payer and of those billed below it, by their numbers only.

    With ``customer_remittance_by_consent`` in the context only of those below that let the payer
    see them: for the portal, where all others read like numbers that do not exist.
    """

    def __init__(self, env, company, payer):
        self.env, self.company = env, company
        self.payer = payer.commercial_partner_id
        # The rows that are read by SQL below; the whole, since a document's state and what is
        # open on it come from many fields.
        env.flush_all()

    def find(self, numbers: set[str]) -> dict[str, Found]:
        """Return what each of the numbers finds."""
        own = self._get_own()
        keys = {number: get_key(number) for number in numbers}
        ids = self._find_exact(set(filter(None, keys.values())), own)
        found = {number: ids[key] for number, key in keys.items() if key in ids}
        exact = set(found)
        groups = {number: get_groups(number) for number in numbers if number not in found}
        ids = self._find_shortened(set(filter(None, groups.values())), own)
        found |= {number: ids[group] for number, group in groups.items() if group in ids}
        rest = {number: keys[number] for number in numbers if number not in found}
        others = self._find_others(rest, own)
        documents = self.read_documents({move_id for ids in found.values() for move_id in ids})
        result = {
            number: Found([documents[move_id] for move_id in sorted(ids)], number in exact)
            for number, ids in found.items()
        }
        return result | {number: Found([], False, number in others) for number in rest}

    def _get_own(self) -> SQL:
        """Whether a document is one that the payer may pay: its own, or of somebody below it."""
        is_by_consent = self.env.context.get("customer_remittance_by_consent")
        return SQL(
            """
            (move.commercial_partner_id = %(payer)s OR move.commercial_partner_id IN (
                SELECT descendant_id FROM customer_hierarchy_link
                 WHERE ancestor_id = %(payer)s AND (can_view OR %(all)s)
            ))
            """,
            payer=self.payer.id or None,
            all=not is_by_consent,
        )

    def _get_texts(self, where: SQL) -> SQL:
        """All that names a document: number, references, orders, each by itself where several."""
        return SQL(
            r"""
            SELECT move.id, lower(said.text) AS text
              FROM account_move move
        CROSS JOIN LATERAL (
                    SELECT whole.text
                      FROM unnest(ARRAY[move.name, move.ref, move.payment_reference,
                                        move.invoice_origin]) AS whole(text)
                     UNION
                    SELECT piece.text
                      FROM unnest(ARRAY[move.ref, move.payment_reference, move.invoice_origin])
                           AS whole(text),
                           regexp_split_to_table(whole.text, '[,;|\n]') AS piece(text)
                     WHERE whole.text ~ '[,;|\n]'
                   ) said
             WHERE move.company_id = %(company)s
               AND move.move_type IN %(types)s
               AND said.text IS NOT NULL
               AND %(where)s
            """,
            company=self.company.id,
            types=DOCUMENT_TYPES,
            where=where,
        )

    def _find_exact(self, keys: set[str], where: SQL) -> dict[str, set[int]]:
        if not keys:
            return {}
        return self._collect(
            SQL(
                """
                SELECT DISTINCT wanted.key, texts.id
                  FROM (%s) texts
                  JOIN unnest(%s::text[]) AS wanted(key)
                    ON wanted.key = regexp_replace(texts.text, '[^a-z0-9]', '', 'g')
                """,
                self._get_texts(where),
                list(keys),
            )
        )

    def _find_shortened(self, groups: set[str], where: SQL) -> dict[str, set[int]]:
        if not groups:
            return {}
        return self._collect(
            SQL(
                r"""
                SELECT DISTINCT wanted.groups, texts.id
                  FROM (
                        SELECT id, '/' || regexp_replace(
                                   trim(BOTH '/' FROM regexp_replace(text, '[^0-9]+', '/', 'g')),
                                   '(^|/)0+(?=[0-9])', '\1', 'g') AS groups
                          FROM (%s) named
                  ) texts
                  JOIN unnest(%s::text[], %s::text[]) AS wanted(groups, last)
                    ON wanted.last = substring(texts.groups FROM '[0-9]+$')
                   AND wanted.groups = right(texts.groups, length(wanted.groups))
                """,
                self._get_texts(where),
                list(groups),
                [group.rpartition("/")[2] for group in groups],
            )
        )

    def _collect(self, query: SQL) -> dict[str, set[int]]:
        found = defaultdict(set)
        for key, move_id in self.env.execute_query(query):
            found[key].add(move_id)
        return found

    def _find_others(self, keys: dict[str, str], own: SQL) -> set[str]:
        """Return those of the numbers, with their keys, that name a document of somebody else."""
        others = SQL("NOT %s", own)
        exact = self._find_exact(set(filter(None, keys.values())), others)
        groups = {number: get_groups(number) for number in keys if keys[number] not in exact}
        shortened = self._find_shortened(set(filter(None, groups.values())), others)
        return {
            number
            for number, key in keys.items()
            if key in exact or groups.get(number) in shortened
        }

    def is_own(self, move) -> bool:
        """Whether the payer may pay this document."""
        customer = move.commercial_partner_id
        path = self.env["customer.hierarchy.link"]._get_ancestors(customer.ids)
        return self.payer == customer or self.payer.id in path.get(customer.id, [])

    def read_documents(self, move_ids: set[int]) -> dict[int, Document]:
        """Return the documents by id, with what is open on their receivable items."""
        if not move_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, move.state, move.payment_state, move.currency_id,
                       move.commercial_partner_id, %(own)s,
                       COALESCE(SUM(item.amount_residual_currency) FILTER (
                           WHERE account.account_type = 'asset_receivable'
                             AND item.parent_state = 'posted'
                       ), 0)
                  FROM account_move move
             LEFT JOIN account_move_line item ON item.move_id = move.id
             LEFT JOIN account_account account ON account.id = item.account_id
                 WHERE move.id = ANY(%(ids)s)
              GROUP BY move.id
                """,
                own=self._get_own(),
                ids=list(move_ids),
            )
        )
        currencies = self.env["res.currency"]
        return {
            row[0]: Document(*row[:6], currencies.browse(row[3]).round(float(row[6])))
            for row in rows
        }
