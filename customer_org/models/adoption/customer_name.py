# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Names of customers: what they are made of, and which of several is the head office's. No ORM."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from .evidence import Customer

#: Legal forms say nothing about who is who.
LEGAL_FORMS = frozenset(
    """ab ag aps as asa bhd bv bvba co company corp corporation cv eg eirl ek eood eurl gbr gie gmbh
    inc incorporated kft kg kgaa kk limited llc llp lp ltd ltda mbh nv oao ood ooo oy oyj plc
    private pt pte pty pvt sa sae sal sarl sas sasu sc sca scop scrl sdn se si sia sl slu snc
    sociedad spa spol sprl spzoo srl sro ta uab ug""".split()
)
#: Words of a head office, in the languages of many customers; pairs are joined by a blank.
HEAD_OFFICE_WORDS = frozenset(
    """central centrale corporate group groupe gruppe grupo gruppo headoffice headquarter
    headquarters hauptsitz hauptverwaltung holding hq hoofdkantoor matriz mutterhaus sede siege
    zentrale""".split()
)
HEAD_OFFICE_PAIRS = frozenset({("head", "office"), ("siege", "social"), ("casa", "matriz")})
#: Words of a branch, and where it lies.
PLACE_WORDS = frozenset(
    """agence branch center centre city delegacion depot east est filiale filial hub library local
    n ne nord north nw o oeste office ost outlet ouest plant s se shop site standort store sud sul
    sur south succursale sucursal sw vestiging w warehouse werk west e""".split()
)
FILLERS = frozenset(
    "a an and at d da de del der des di do du e et for im in l la le of the to u und y".split()
)


def get_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, without accents, capitals, punctuation and legal forms.

    >>> get_words("Société Générale S.A. – Lyon")
    ('societe', 'generale', 'lyon')
    >>> get_words("ACME GmbH & Co. KG")
    ('acme',)
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    if not plain.strip():
        # A name in another alphabet has no such thing as accents to lose.
        plain = name.lower()
    plain = re.sub(r"\b((?:\w\.){2,})", lambda match: match[1].replace(".", ""), plain)
    words = re.findall(r"\w+", plain)
    return tuple(word for word in words if word not in LEGAL_FORMS) or tuple(words)


def split_head_office(words: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return the words without those of a head office, and whether there were any.

    >>> split_head_office(("acme", "hq"))
    (('acme',), True)
    >>> split_head_office(("acme", "head", "office"))
    (('acme',), True)
    >>> split_head_office(("acme", "lyon"))
    (('acme', 'lyon'), False)
    """
    rest = tuple(words)
    if len(rest) > 2 and rest[-2:] in HEAD_OFFICE_PAIRS:
        return rest[:-2], True
    kept = tuple(word for word in rest if word not in HEAD_OFFICE_WORDS)
    return (kept, True) if kept and kept != rest else (rest, False)


def is_place(words: Iterable[str], places: Collection[str]) -> bool:
    """Whether words, left when a common name is taken away, only tell where somebody is.

    >>> is_place(("lyon", "part", "dieu"), {"lyon"})
    False
    >>> is_place(("agence", "de", "lyon"), {"lyon"}), is_place(("n",), set())
    (True, True)
    """
    rest = [word for word in words if word not in FILLERS or len(word) == 1]
    if not rest:
        return False
    if " ".join(rest) in places:
        return True
    return all(word in places or word in PLACE_WORDS or word.isdigit() for word in rest)


def have_common_name(one: str, other: str) -> bool:
    """Whether two names begin alike, as those of one company's places do.

    >>> have_common_name("Acme Lyon SAS", "ACME HQ"), have_common_name("Acme", "Globex")
    (True, False)
    """
    first, second = (split_head_office(get_words(name))[0] for name in (one, other))
    return bool(first and second) and first[0] == second[0] and len(first[0]) > 2


def choose_head(members: Sequence[Customer], marked: Collection[int] = ()) -> tuple[Customer, bool]:
    """Return the member of a family that is most like a head office, and whether that is clear.

    First whom the register marks, then who has branches already, then who is named as a head
    office, then the one whose name all the others begin with. Where nothing of that tells, the
    first of ``members`` is returned, and ``False``.

    >>> hq, lyon = Customer(2, "Acme"), Customer(1, "Acme Lyon")
    >>> choose_head([lyon, hq])
    (Customer(id=2, name='Acme', vat='', registry='', country='', street='', zip='', city='', \
email='', branch_count=0, company_id=0), True)
    >>> choose_head([lyon, Customer(3, "Acme Paris")])[1]
    False
    """
    named = {member.id: split_head_office(get_words(member.name)) for member in members}
    begun = Counter(
        words[:size] for words, _ in named.values() for size in range(1, len(words) + 1)
    )

    def rank(member: Customer) -> tuple:
        words, is_named = named[member.id]
        return (member.id in marked, member.branch_count > 0, is_named, begun[words] - 1)

    ranked = sorted(members, key=rank, reverse=True)
    best = ranked[0]
    return best, len(ranked) == 1 or rank(best) > rank(ranked[1])
