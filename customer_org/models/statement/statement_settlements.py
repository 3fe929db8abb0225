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


def net_settlements(env, legs, names, hide_others=False, ancestor_ids=(), hide_payers=False):
    """Return the rows that ``legs`` come to for the customers of a statement.

    A settlement between two of them leaves nothing, save a conversion where credit and debt are
    in different currencies. Of one with somebody else the customer's side is shown. All rows
    together are the legs of these customers, to the cent.

    :param legs: list of :class:`Leg`
    :param dict names: of the statement's customers by id
    :param bool hide_others: don't name customers outside the statement
    :param ancestor_ids: the head offices that the reader knows to be above the customers
    :param bool hide_payers: nor those who paid: head offices and sisters may be among them
    :return: list of :class:`~.statement_data.Row`
    """
    groups = defaultdict(list)
    for leg in legs:
        groups[leg.move_id, leg.credit_key].append(leg)
    netting = Netting(env, names, hide_others, ancestor_ids, hide_others or hide_payers)
    for group in groups.values():
        netting.add(group)
    return netting.rows + netting.get_conversions()


class Netting:
    """The rows of a statement's settlements, while one entry after the other is looked at.

    ``rows`` are shown; what went between two customers of the statement is added up by entry and
    currency, for what is left where these differ.
    """

    def __init__(self, env, names, hide_others, ancestor_ids, hide_payers):
        self.env = env
        self.names = names
        self.hide_others = hide_others
        self.hide_payers = hide_payers
        self.ancestor_ids = set(ancestor_ids)
        self.rows = []
        self.netted = {}

    def add(self, legs):
        """Look at the legs of one credit in one entry."""
        if legs[0].payer_id in self.names:
            self._add_payer(legs)
            return
        label = self._get_payer_label(legs[0])
        self.rows += [
            self._get_row(leg, self._label(label, leg.balance > 0), leg.amount, leg.balance)
            for leg in legs
        ]

    def get_conversions(self):
        """Return a row for each entry and currency in which something is left after netting."""
        rows = []
        for (_move_id, currency_id), (leg, amount, balance) in self.netted.items():
            amount = self.env["res.currency"].browse(currency_id).round(amount)
            balance = self.env.company.currency_id.round(balance)
            if amount or balance:
                leg = leg._replace(currency_id=currency_id, customer_id=leg.payer_id)
                rows.append(
                    self._get_row(leg, self.env._("Converted"), amount, balance, "converted")
                )
        return rows

    def _add_payer(self, legs):
        """Show what a payer of the statement paid for others; net the rest."""
        own = [leg for leg in legs if leg.customer_id == leg.payer_id]
        outside = [leg for leg in legs if leg.customer_id not in self.names]
        for leg in legs:
            if leg.customer_id != leg.payer_id and leg.customer_id in self.names:
                self._net(leg, leg.amount, leg.balance)
        label = self._get_receiver_label(outside)
        for leg in own:
            amount, balance = self._get_outside_share(leg, own, outside)
            self._net(leg, leg.amount - amount, leg.balance - balance)
            if amount or balance:
                text = self._label(label, leg.balance < 0)
                self.rows.append(self._get_row(leg, text, amount, balance))

    def _net(self, leg, amount, balance):
        """Add to what went between the statement's customers in an entry and currency."""
        key = leg.move_id, leg.currency_id
        first, total, total_balance = self.netted.get(key, (leg, 0.0, 0.0))
        self.netted[key] = first, total + amount, total_balance + balance

    def _get_outside_share(self, leg, own, outside):
        """Return how much of a payer's leg went to customers outside the statement."""
        if not outside:
            return 0.0, 0.0
        share = -sum(one.balance for one in outside) / (sum(one.balance for one in own) or 1.0)
        currency = self.env["res.currency"].browse(leg.currency_id)
        if len(own) == 1 and all(one.currency_id == leg.currency_id for one in outside):
            amount = -sum(one.amount for one in outside)
        else:
            amount = leg.amount * share
        return currency.round(amount), self.env.company.currency_id.round(leg.balance * share)

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _get_payer_label(self, leg):
        if not self.hide_payers:
            return self.env._("Paid by %s", leg.payer_name)
        if leg.payer_id in self.ancestor_ids:
            return self.env._("Paid by your head office")
        return self.env._("Paid by another customer")

    def _get_receiver_label(self, outside):
        names = dict.fromkeys(leg.customer_name for leg in outside)
        if self.hide_others:
            return self.env._("Paid for another branch")
        if len(names) > 3:
            return self.env._("Paid for %s customers", len(names))
        return self.env._("Paid for %s", ", ".join(names))

    def _label(self, label, is_undone):
        return self.env._("Undone: %s", label) if is_undone else label

    @staticmethod
    def _get_row(leg, label, amount, balance, kind="settlement"):
        return Row(
            date=leg.date,
            customer_id=leg.customer_id,
            currency_id=leg.currency_id,
            document=leg.settlement_name,
            reference=label,
            date_due=None,
            amount=amount,
            balance=balance,
            model="customer.settlement",
            res_id=leg.settlement_id,
            kind=kind,
        )
