# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the reasons find, and what they come to together. No ORM here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

WEAK, LIKELY, CERTAIN = 1, 2, 3
#: The values of the field ``certainty``.
CERTAINTIES = {WEAK: "weak", LIKELY: "likely", CERTAIN: "certain"}

#: Reasons of one nature may have one cause, so they don't raise each other.
IDENTITY, MONEY, LOOKS = "identity", "money", "looks"


class Customer(NamedTuple):
    """What the reasons look at of a customer; empty strings where something is not known."""

    id: int
    name: str = ""
    vat: str = ""
    registry: str = ""
    country: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    email: str = ""
    branch_count: int = 0
    company_id: int = 0


class Evidence(NamedTuple):
    """One reason why one customer may belong under another, or be the same as the other.

    :ivar int partner_id: the branch; of duplicates the customer that would be given up
    :ivar int parent_id: the billing parent; of duplicates the customer that would be kept
    :ivar str code: of the reason
    :ivar int certainty: ``WEAK``, ``LIKELY`` or ``CERTAIN`` by itself
    :ivar str nature: ``IDENTITY``, ``MONEY`` or ``LOOKS``
    :ivar dict values: for the words
    :ivar int company_id: whose documents say so; 0 where it is master data
    :ivar str kind: ``branch`` or ``duplicate``
    """

    partner_id: int
    parent_id: int
    code: str
    certainty: int
    nature: str
    values: dict[str, Any]
    company_id: int = 0
    kind: str = "branch"


@dataclass
class Proposal:
    """All evidence about one pair, in one direction."""

    partner_id: int
    parent_id: int
    evidence: list[Evidence] = field(default_factory=list)
    capped: bool = False

    @property
    def kind(self) -> str:
        """A contact of the other can't be merged with it: that is a branch, whatever else."""
        if any(item.code == "contact_company" for item in self.evidence):
            return "branch"
        is_duplicate = any(item.kind == "duplicate" for item in self.evidence)
        return "duplicate" if is_duplicate else "branch"

    @property
    def certainty(self) -> int:
        """How certain the evidence is together; at most likely where it is contradicted."""
        certainty = combine(self.evidence)
        return min(certainty, LIKELY) if self.capped else certainty

    @property
    def score(self) -> tuple[int, int, int]:
        """What makes this proposal better than another one of the same customer."""
        own = [item.certainty for item in self.evidence]
        return (self.certainty, sum(own), max(own))


def combine(evidence: Iterable[Evidence]) -> int:
    """Return the certainty of several reasons together.

    Reasons of different nature raise each other: who has the same tax number and is paid by the
    other is its branch. Money needs a name that fits, or an identity: an accountant pays for
    customers, too, and has their mail.

    >>> def reasons(*kinds): return [Evidence(1, 2, "", *kind, {}) for kind in kinds]
    >>> CERTAINTIES[combine(reasons((LIKELY, IDENTITY), (LIKELY, MONEY)))]
    'certain'
    >>> CERTAINTIES[combine(reasons((LIKELY, MONEY), (LIKELY, MONEY)))]
    'likely'
    >>> CERTAINTIES[combine(reasons((WEAK, LOOKS), (WEAK, MONEY)))]
    'likely'
    >>> CERTAINTIES[combine(reasons((WEAK, LOOKS)))]
    'weak'
    """
    best: dict[str, int] = defaultdict(int)
    for item in evidence:
        best[item.nature] = max(best[item.nature], item.certainty)
    codes = {item.code for item in evidence}
    top = max(best.values())
    if top == CERTAIN:
        return CERTAIN
    if best[IDENTITY] == LIKELY and (best[MONEY] == LIKELY or "name_place" in codes):
        return CERTAIN
    if best[MONEY] == LIKELY and "name_place" in codes:
        return CERTAIN
    if top == WEAK and len([nature for nature in best if best[nature]]) > 1:
        return LIKELY
    return top


def gather(evidence: Iterable[Evidence]) -> list[Proposal]:
    """Return one proposal a pair: all its evidence, in the direction that has most of it.

    Where both directions have equally good evidence, nothing is proposed: somebody who pays for
    another, and is paid for by it, is no head office. Evidence without a direction of its own
    (``values["either"]``) follows the other.

    >>> both = [Evidence(1, 2, "a", LIKELY, MONEY, {}), Evidence(2, 1, "a", LIKELY, MONEY, {})]
    >>> gather(both)
    []
    >>> third = Evidence(2, 1, "b", CERTAIN, IDENTITY, {})
    >>> [(p.partner_id, p.parent_id, len(p.evidence)) for p in gather([*both, third])]
    [(2, 1, 2)]
    >>> way = Evidence(1, 2, "c", WEAK, LOOKS, {"either": True})
    >>> [(p.partner_id, p.parent_id) for p in gather([way, third])]
    [(2, 1)]
    """
    pairs: dict[tuple[int, int], list[Evidence]] = defaultdict(list)
    for item in evidence:
        pairs[min(item[:2]), max(item[:2])].append(item)
    proposals = []
    for pair, items in pairs.items():
        if (direction := _get_direction(pair, items)) is None:
            continue
        chosen = [
            item._replace(partner_id=direction[0], parent_id=direction[1])
            for item in items
            if item[:2] == direction or item.values.get("either")
        ]
        proposals.append(Proposal(*direction, chosen))
    return proposals


def _get_direction(pair: tuple[int, int], items: list[Evidence]) -> tuple[int, int] | None:
    """Return (branch, parent) of a pair, or None where that is open."""
    directed = [item for item in items if not item.values.get("either")]
    strength = {
        way: sorted((item.certainty for item in directed or items if item[:2] == way), reverse=True)
        for way in (pair, pair[::-1])
    }
    one, other = strength.items()
    if one[1] == other[1]:
        return None
    return max(one, other, key=lambda way: way[1])[0]


def choose(
    proposals: Iterable[Proposal], present: Mapping[int, int] | None = None
) -> list[Proposal]:
    """Return at most one parent a customer, without cycles; nobody is certain of two parents.

    A customer with a duplicate is merged first: it is proposed as nobody's branch. Of several
    proposed parents the best is taken. Where another one is just as certain, and is not the best
    one's own parent, the choice is at most likely.

    :param present: the billing parent of those who have one already

    >>> def proposal(partner, parent, certainty, kind="branch"):
    ...     item = Evidence(partner, parent, "x", certainty, IDENTITY, {}, kind=kind)
    ...     return Proposal(partner, parent, [item])
    >>> def told(*proposals):
    ...     chosen = choose(proposals)
    ...     return [(p.partner_id, p.parent_id, CERTAINTIES[p.certainty]) for p in chosen]
    >>> told(proposal(1, 2, CERTAIN), proposal(1, 3, CERTAIN))
    [(1, 2, 'likely')]
    >>> told(proposal(1, 2, CERTAIN), proposal(1, 3, CERTAIN), proposal(2, 3, CERTAIN))
    [(1, 2, 'certain'), (2, 3, 'certain')]
    >>> told(proposal(1, 2, LIKELY), proposal(2, 3, CERTAIN), proposal(3, 1, WEAK))
    [(1, 2, 'likely'), (2, 3, 'certain')]
    >>> told(proposal(1, 2, LIKELY, "duplicate"), proposal(1, 3, CERTAIN))
    [(1, 2, 'likely')]
    >>> [p.partner_id for p in choose([proposal(1, 2, LIKELY), proposal(2, 3, WEAK)], {3: 1})]
    [1]
    >>> told(proposal(1, 2, LIKELY, "duplicate"), proposal(2, 3, CERTAIN), proposal(3, 1, WEAK))
    [(1, 2, 'likely'), (2, 3, 'certain')]
    """
    by_partner: dict[int, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_partner[proposal.partner_id].append(proposal)
    edges = {(p.partner_id, p.parent_id) for ways in by_partner.values() for p in ways}
    chosen = [_choose_parent(ways, edges) for _partner_id, ways in sorted(by_partner.items())]
    parent_of: dict[int, int] = dict(present or {})
    kept = []
    for proposal in sorted(chosen, key=lambda p: p.score, reverse=True):
        # A duplicate comes to be the other one, so that it may close a circle as well.
        if _is_above(parent_of, proposal.partner_id, proposal.parent_id):
            continue
        parent_of[proposal.partner_id] = proposal.parent_id
        kept.append(proposal)
    return sorted(kept, key=lambda p: (p.partner_id, p.parent_id))


def _choose_parent(ways: list[Proposal], edges: set[tuple[int, int]]) -> Proposal:
    """Return the best proposal of one customer."""
    duplicates = [way for way in ways if way.kind == "duplicate"]
    ranked = sorted(duplicates or ways, key=lambda way: way.score, reverse=True)
    best = ranked[0]
    rivals = [way for way in ranked[1:] if way.certainty == best.certainty == CERTAIN]
    nested = [
        way
        for way in (best, *rivals)
        if all(
            way is other or (way.parent_id, other.parent_id) in edges for other in (best, *rivals)
        )
    ]
    if rivals and nested:
        # The nearest of several that are above each other is no contradiction.
        return nested[0]
    best.capped = bool(rivals)
    return best


def _is_above(parent_of: dict[int, int], upper: int, node: int | None) -> bool:
    """Whether ``upper`` is ``node`` or above it."""
    while node is not None:
        if node == upper:
            return True
        node = parent_of.get(node)
    return False


def find_top(parent_of: dict[int, int], node: int) -> int:
    """Return the top above ``node``.

    >>> find_top({1: 2, 2: 3}, 1)
    3
    """
    while node in parent_of:
        node = parent_of[node]
    return node
