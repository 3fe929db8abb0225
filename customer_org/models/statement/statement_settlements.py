# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a statement shows of settlements: nothing of those between its own customers."""

from collections import defaultdict
from typing import NamedTuple

from .statement_data import Row


class Leg(NamedTuple):
    """A leg of a settlement's entry, or of one that takes it back.

    ``credit_key`` tells the credit that the leg belongs to, None where only the settlement is
    known. Legs of customers outside the statement are there to say what they got.
    """

    id: int
    move_id: int
    date: object
    customer_id: int
    customer_name: str
    currency_id: int
    amount: float
    balance: float
    settlement_id: int
    settlement_name: str
    payer_id: int
    payer_name: str
    credit_key: int | None


def net_settlements(env, legs, names, hide_others=False):
    """Return the rows that ``legs`` come to for the customers of a statement.

    A settlement between two of them leaves nothing, save a conversion where credit and debt are
    in different currencies. Of one with somebody else the customer's side is shown. All rows
    together are the legs of these customers, to the cent.

    :param legs: tuples of :class:`Leg`
    :param dict names: of the statement's customers by id
    :param bool hide_others: don't name customers outside the statement
    :return: list of :class:`~.statement_data.Row`
    """
    groups = defaultdict(list)
    for leg in map(Leg._make, legs):
        groups[leg.move_id, leg.credit_key].append(leg)
    rows, netted = [], defaultdict(lambda: [0.0, 0.0])
    for group in groups.values():
        if group[0].payer_id in names:
            rows += _get_payer_rows(env, group, names, hide_others, netted)
        else:
            label = (
                env._("Paid by your head office")
                if hide_others
                else env._("Paid by %s", group[0].payer_name)
            )
            rows += [
                _get_row(leg, _mark_undone(env, label, leg.balance > 0), leg.amount, leg.balance)
                for leg in group
            ]
    for (leg, currency_id), (amount, balance) in netted.items():
        amount = env["res.currency"].browse(currency_id).round(amount)
        balance = env.company.currency_id.round(balance)
        if amount or balance:
            leg = leg._replace(currency_id=currency_id)
            rows.append(_get_row(leg, env._("Converted"), amount, balance, "converted"))
    return rows


def _get_payer_rows(env, legs, names, hide_others, netted):
    """Return what a payer of the statement paid for others; add the rest to ``netted``."""
    payer_id = legs[0].payer_id
    own = [leg for leg in legs if leg.customer_id == payer_id]
    inside = [leg for leg in legs if leg.customer_id != payer_id and leg.customer_id in names]
    outside = [leg for leg in legs if leg.customer_id not in names]
    # One conversion per entry and currency, shown with the payer.
    shown = legs[0]._replace(
        id=0,
        customer_id=payer_id,
        customer_name=legs[0].payer_name,
        currency_id=0,
        amount=0.0,
        balance=0.0,
        credit_key=None,
    )
    for leg in inside:
        _add(netted[shown, leg.currency_id], leg.amount, leg.balance)
    paid_for = dict.fromkeys(leg.customer_name for leg in outside)
    if hide_others:
        label = env._("Paid for another branch")
    elif len(paid_for) > 3:
        label = env._("Paid for %s customers", len(paid_for))
    else:
        label = env._("Paid for %s", ", ".join(paid_for))
    rows = []
    for leg in own:
        amount, balance = _get_outside_share(env, leg, own, outside)
        _add(netted[shown, leg.currency_id], leg.amount - amount, leg.balance - balance)
        if amount or balance:
            rows.append(_get_row(leg, _mark_undone(env, label, leg.balance < 0), amount, balance))
    return rows


def _mark_undone(env, label, is_undone):
    return env._("Undone: %s", label) if is_undone else label


def _get_outside_share(env, leg, own, outside):
    """Return how much of a payer's leg went to customers outside the statement."""
    if not outside:
        return 0.0, 0.0
    share = -sum(other.balance for other in outside) / (sum(one.balance for one in own) or 1.0)
    same_currency = len(own) == 1 and all(other.currency_id == leg.currency_id for other in outside)
    currency = env["res.currency"].browse(leg.currency_id)
    amount = -sum(other.amount for other in outside) if same_currency else leg.amount * share
    return currency.round(amount), env.company.currency_id.round(leg.balance * share)


def _add(total, amount, balance):
    total[0] += amount
    total[1] += balance


def _get_row(leg, label, amount, balance, kind="settlement"):
    return Row(
        leg.date,
        leg.customer_id,
        leg.currency_id,
        leg.settlement_name,
        label,
        None,
        amount,
        balance,
        "customer.settlement",
        leg.settlement_id,
        kind,
    )
