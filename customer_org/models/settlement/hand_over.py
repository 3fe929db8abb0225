# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hand worked-out matches to core's reconciliation.

Core works out amounts in ``account.move.line._prepare_reconciliation_plan`` and cash-basis taxes
in ``account.partial.reconcile._collect_tax_cash_basis_values``; our overrides of both ask here.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field

#: Not in the context: core keeps each context that differs until the end of the transaction.
_KEY = "customer_settlement_hand_over"


@dataclass
class _HandOver:
    results: dict
    originals: dict
    #: Of the values of entries of exchange differences: which ones these matches have.
    exchange_value_ids: set
    exchange_moves: list = field(default_factory=list)


@contextmanager
def hand_over(env, groups, originals=None):
    """Let core make just these matches in the block.

    :param groups: list of (``account.move.line`` of a group of the plan, list of core's results)
    :param originals: see :class:`.settlement_entry.LegMatches`
    :return: yields the list of (values, ``account.move``) of exchange differences, filled in
        while core books them
    :raises RuntimeError: if core did not ask for one of them, because it groups items otherwise
    """
    cache = env.cr.cache
    outer = cache.get(_KEY)
    results = {frozenset(lines.ids): results for lines, results in groups}
    value_ids = {
        id(result["exchange_values"])
        for _lines, of_group in groups
        for result in of_group
        if "exchange_values" in result
    }
    current = cache[_KEY] = _HandOver(results, originals or {}, value_ids)
    try:
        yield current.exchange_moves
    finally:
        cache.pop(_KEY)
        if outer:
            cache[_KEY] = outer
    if results:
        raise RuntimeError(f"Worked-out matches of {len(results)} groups were not made")


def pop_results(env, line_ids) -> list | None:
    """Return the results for a group of the plan, None where core shall work them out itself."""
    current = env.cr.cache.get(_KEY)
    return current.results.pop(frozenset(line_ids), None) if current else None


def get_originals(env) -> dict:
    """Return ``{(debit id, credit id): match}`` of the legs that are matched right now."""
    current = env.cr.cache.get(_KEY)
    return current.originals if current else {}


def note_exchange_moves(env, values_list: list, moves) -> bool:
    """Note which entries core makes of the values of exchange differences.

    :return: whether they are of the matches that were handed over, and not of others that core
        makes meanwhile, such as those of cash-basis taxes
    """
    current = env.cr.cache.get(_KEY)
    if not current or not current.exchange_value_ids.issuperset(map(id, values_list)):
        return False
    current.exchange_moves += zip(values_list, moves, strict=False)
    return True
