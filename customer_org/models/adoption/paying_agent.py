# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who pays for customers without being their head office. No ORM here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from .customer_name import have_common_name
from .evidence import MONEY, WEAK, Customer, Evidence

#: Who pays for more customers than this that are not named as it is works for them: an accountant,
#: an insurer, a leasing company, a payment provider.
MOST_STRANGERS = 10


def weaken_agents(
    evidence: Iterable[Evidence], customers: Mapping[int, Customer]
) -> list[Evidence]:
    """Return the evidence; money from who pays for many strangers is weak.

    >>> customers = {number: Customer(number, f"Client{number}") for number in range(1, 13)}
    >>> customers[99] = Customer(99, "Axa")
    >>> def paid(ids): return [Evidence(number, 99, "payments", 2, MONEY, {}) for number in ids]
    >>> {item.certainty for item in weaken_agents(paid(range(1, 12)), customers)}
    {1}
    >>> {item.certainty for item in weaken_agents(paid(range(1, 11)), customers)}
    {2}
    >>> customers[12] = Customer(12, "Axa Lyon")
    >>> [item.certainty for item in weaken_agents(paid(range(1, 13)), customers)][-2:]
    [1, 2]
    """
    evidence = list(evidence)
    strangers: dict[int, set[int]] = defaultdict(set)
    for item in evidence:
        if item.nature == MONEY and not have_common_name(
            customers[item.partner_id].name, customers[item.parent_id].name
        ):
            strangers[item.parent_id].add(item.partner_id)
    agents = {payer: paid for payer, paid in strangers.items() if len(paid) > MOST_STRANGERS}
    return [
        item._replace(certainty=WEAK)
        if item.nature == MONEY and item.partner_id in agents.get(item.parent_id, ())
        else item
        for item in evidence
    ]
