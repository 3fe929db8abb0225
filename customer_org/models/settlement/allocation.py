# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a credit each open debt gets: plain arithmetic, no ORM.

Amounts are positive floats of one currency; ``rounding`` is that currency's smallest amount. All
sums are made in whole numbers of it, so the parts add up to the credit exactly.
"""

from odoo.tools import float_round


def allocate_in_order(available, debts, rounding):
    """Pay the debts one after the other until the credit is used up.

    :param float available: the credit
    :param debts: list of open amounts, the first to be paid first
    :return: list of amounts, one for each debt

    >>> allocate_in_order(4000.0, [3000.0, 2500.0, 1750.0], 0.01)
    [3000.0, 1000.0, 0.0]
    >>> allocate_in_order(0.3, [0.1, 0.2, 0.1], 0.01)
    [0.1, 0.2, 0.0]
    """
    left = _to_units(available, rounding)
    parts = []
    for debt in debts:
        units = _to_units(debt, rounding)
        # Most debts are paid in full or not at all: only the last one is a new amount.
        parts.append(max(debt, 0.0) if units <= left else _to_amount(left, rounding))
        left -= min(left, units)
    return parts


def allocate_pro_rata(available, debts, rounding):
    """Pay the same share of every debt; the smallest amounts left go to the largest remainders.

    No debt gets more than is open. Of equal remainders the earlier debt comes first.

    :param float available: the credit
    :param debts: list of open amounts
    :return: list of amounts, one for each debt

    >>> allocate_pro_rata(100.0, [100.0, 100.0, 100.0], 0.01)
    [33.34, 33.33, 33.33]
    >>> allocate_pro_rata(4000.0, [3000.0, 2500.0, 1750.0, 1500.0], 0.01)
    [1371.43, 1142.86, 800.0, 685.71]
    >>> allocate_pro_rata(5.0, [1.0, 2.0], 0.01)
    [1.0, 2.0]
    >>> allocate_pro_rata(10.0, [7.0, 7.0], 0.05)
    [5.0, 5.0]
    """
    units = [_to_units(debt, rounding) for debt in debts]
    total = sum(units)
    available = min(_to_units(available, rounding), total)
    if not available:
        return [0.0] * len(debts)
    shares = [divmod(available * unit, total) for unit in units]
    parts = [part for part, _remainder in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: -shares[index][1])
    for index in by_remainder[: available - sum(parts)]:
        parts[index] += 1
    return [_to_amount(part, rounding) for part in parts]


def _to_units(amount, rounding):
    """Return a positive amount in whole numbers of ``rounding``; below zero there is nothing.

    >>> _to_units(412337.56, 0.01), _to_units(-1.0, 0.01)
    (41233756, 0)
    """
    return max(0, round(amount / rounding))


def _to_amount(units, rounding):
    return float_round(units * rounding, precision_rounding=rounding)
