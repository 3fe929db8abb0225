# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where core's own result for one customer depends on chance: set right in both tellings.

Each is named in the maintainer's guide.
"""

from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def exchange_differences_of_their_matches(env):
    """Let core link each exchange difference with the match that it is of, as settlements do.

    Core links it with the first match that one of its items has. When its own match is removed it
    stays, and with it the cash-basis tax that it took along; when the other one is removed it
    goes. What settlements hand over is left as it is.
    """
    items = env.registry["account.move.line"]
    prepare, create = items._prepare_reconciliation_plan, items._create_exchange_difference_moves
    match = items._reconcile_plan_with_sync
    # A stack: the entries of differences and taxes are matched while their match is made.
    noted = []

    def note_plan(self, plan, *args, **kwargs):
        results = prepare(self, plan, *args, **kwargs)
        if noted:
            noted[-1][0].append((plan, results))
        return results

    def note_moves(self, values_list):
        moves = create(self, values_list)
        if noted:
            # Those of a settlement are kept from whoever asks: they are linked already.
            made = zip(map(id, values_list), moves, strict=bool(moves))
            noted[-1][1].update(made)
        return moves

    def match_and_link(self, *args):
        noted.append(([], {}))
        try:
            result = match(self, *args)
        finally:
            plans, moves = noted.pop()
        for plan, results in plans:
            for partial, values in zip(plan["partials"], results, strict=True):
                if "debit_values" in values:
                    move = moves.get(id(values.get("exchange_values")), env["account.move"])
                    if partial.exchange_move_id != move:
                        partial.exchange_move_id = move
        return result

    with (
        patch.object(items, "_prepare_reconciliation_plan", note_plan),
        patch.object(items, "_create_exchange_difference_moves", note_moves),
        patch.object(items, "_reconcile_plan_with_sync", match_and_link),
    ):
        yield
