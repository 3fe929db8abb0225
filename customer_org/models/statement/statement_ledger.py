# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The figures of statements, read from the ledger by set-based SQL."""

from collections import defaultdict
from datetime import date

from odoo.tools import SQL

from ..receivable import get_aging_bucket, get_last_day_not_due
from .statement_columns import CONVERSION_SQL, DOCUMENT_SQL, LEG_SQL, list_columns
from .statement_data import CONVERSION_COLUMNS, ROW_COLUMNS, Aging, Conversion, Row
from .statement_settlements import Leg

READ = {
    "account.account": ["account_type"],
    "account.move": ["name", "ref", "customer_settlement_id", "origin_payment_id"],
    "account.move.line": None,
    "account.partial.reconcile": None,
    "customer.settlement": None,
    "customer.settlement.line": None,
    "res.partner": ["commercial_partner_id"],
}


# A past date needs the item's own sign: what is open of it is only right today.
IS_CREDIT = SQL("(line.balance < 0 OR line.amount_currency < 0)")
LAST_DAY_NOT_DUE = get_last_day_not_due("line", IS_CREDIT)


class StatementLedger:
    """The posted receivable items of some customers in one company and its branches, up to a date.

    Takes: ids of commercial entities; items of their contacts count as theirs. Access is the
    caller's business.

    Use: :meth:`set_period`, then each ``get_…``; amounts are pairs in the item's currency and in
    the company's, positive where the customer owes more.

    How it works: every query starts from the same items. Of the matches only those count that are
    between two of these items, so that the open parts always add up to the balance, today as on
    any past date: a match exists from the later date of its two items on.

    :param company: ``res.company``; with its branch companies and those above it, as in core's
        ``credit``: a payment in one of them pays invoices of another
    :param customer_ids: the customers
    :param top_ids: whose statement each of the customers belongs to, by default one and the same
    """

    def __init__(self, env, company, customer_ids, top_ids=None):
        self.env = env
        # sudo: sums of a customer the user may read, as core's `credit`.
        companies = env["res.company"].sudo().with_context(active_test=False)
        self.company_ids = companies.search([("id", "child_of", company.root_id.id)]).ids
        self.customer_ids = list(customer_ids)
        self.date_from = None
        self.date_to = date.max
        for model, fnames in READ.items():
            env[model].flush_model(fnames)
        # By queries of their own: with the ids at hand the database knows how many items there are.
        self.scope = self._get_scope(top_ids or self.customer_ids[:1] * len(self.customer_ids))
        self.account_ids = self._get_account_ids()

    def _get_account_ids(self):
        rows = self.env.execute_query(
            SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable'")
        )
        return [account_id for (account_id,) in rows]

    def _get_scope(self, top_ids):
        """Return three lists: the customers with their contacts, their customer, and its top."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, customer.id, customer.top_id
                  FROM unnest(%s::int[], %s::int[]) customer(id, top_id)
                  JOIN res_partner partner ON partner.commercial_partner_id = customer.id
                """,
                self.customer_ids,
                list(top_ids),
            )
        )
        return [list(column) for column in zip(*rows, strict=True)]

    def set_period(self, date_from, date_to):
        self.date_from = date_from
        self.date_to = date_to

    @property
    def _first(self):
        return self.date_from or date.min

    def _query(self, select):
        """Run a query on the common table expression ``item``."""
        return self.env.execute_query(SQL("WITH %s %s", self._items, select))

    def _query_with_matches(self, select):
        """Run a query on ``item`` and on ``side``: what a match takes from one of its two items."""
        return self.env.execute_query(SQL("WITH %s, %s %s", self._items, self._sides, select))

    @property
    def _items(self):
        return SQL(
            """
            item AS (
                SELECT line.id, line.move_id, line.date, line.currency_id,
                       COALESCE(line.date_maturity, line.date) AS date_due,
                       %(last_day_not_due)s AS last_day_not_due,
                       %(is_credit)s AS is_credit, line.amount_currency, line.balance,
                       scope.customer_id, scope.top_id
                  FROM account_move_line line
                  -- LEFT: each item has its customer, so there are as many rows as items. Of an
                  -- inner join the database would expect fewer, and join all items with all.
                  LEFT JOIN unnest(%(partners)s::int[], %(customers)s::int[], %(tops)s::int[])
                       scope(partner_id, customer_id, top_id)
                    ON scope.partner_id = line.partner_id
                 WHERE line.partner_id = ANY(%(partners)s)
                   AND line.company_id = ANY(%(companies)s)
                   AND line.parent_state = 'posted'
                   AND line.date <= %(date_to)s
                   AND line.account_id = ANY(%(accounts)s)
            )
            """,
            partners=self.scope[0],
            customers=self.scope[1],
            tops=self.scope[2],
            accounts=self.account_ids,
            companies=self.company_ids,
            last_day_not_due=LAST_DAY_NOT_DUE,
            is_credit=IS_CREDIT,
            date_to=self.date_to,
        )

    @property
    def _sides(self):
        return SQL(
            """
            pair AS MATERIALIZED (
                -- Apart from the question whose statement it is, by which the database would join
                -- all items of a statement with all.
                SELECT debit.top_id,
                       credit.top_id AS other_top_id,
                       debit.id AS debit_id,
                       debit.currency_id AS debit_currency_id,
                       debit.customer_id AS debit_customer_id,
                       debit.last_day_not_due AS debit_last_day,
                       credit.id AS credit_id,
                       credit.currency_id AS credit_currency_id,
                       credit.customer_id AS credit_customer_id,
                       credit.last_day_not_due AS credit_last_day,
                       partial.debit_amount_currency, partial.credit_amount_currency,
                       partial.amount
                  FROM account_partial_reconcile partial
                  JOIN item debit ON debit.id = partial.debit_move_id
                  JOIN item credit ON credit.id = partial.credit_move_id
            ), side AS (
                SELECT debit_id AS item_id, top_id, debit_currency_id AS currency_id,
                       debit_customer_id AS customer_id, debit_last_day AS last_day_not_due,
                       FALSE AS is_credit, -debit_amount_currency AS amount_currency,
                       -amount AS balance
                  FROM pair
                 WHERE other_top_id = top_id
             UNION ALL
                SELECT credit_id, top_id, credit_currency_id, credit_customer_id, credit_last_day,
                       TRUE, credit_amount_currency, amount
                  FROM pair
                 WHERE other_top_id = top_id
            )
            """
        )

    def get_opening(self):
        """Return ``{(currency id, customer id): amounts}`` of the items before the period."""
        if not self.date_from:
            return {}
        rows = self._query(
            SQL(
                """
                SELECT currency_id, customer_id, SUM(amount_currency), SUM(balance) FROM item
                 WHERE date < %s
              GROUP BY currency_id, customer_id
                """,
                self.date_from,
            )
        )
        return {(currency_id, customer_id): tuple(rest) for currency_id, customer_id, *rest in rows}

    def get_movements(self):
        """Return the rows of the period, without those of settlements."""
        return self._get_documents(*self._movements)

    def get_open_items(self):
        """Return the same of the items open at the end, with what is left of them."""
        return self._get_documents(*self._open_items)

    @property
    def _movements(self):
        """Return how to ask for the items of the period, what they are called, and which count."""
        return self._query, SQL("item"), SQL("item.date >= %s", self._first)

    @property
    def _open_items(self):
        """Return the same for what is open at the end, with what is left of it."""
        return self._query_with_matches, self._residual, SQL("TRUE")

    def _get_documents(self, query, source, condition):
        rows = query(
            SQL(
                """
                SELECT %s
                  FROM %s item
                  JOIN account_move move ON move.id = item.move_id
                 WHERE move.customer_settlement_id IS NULL AND %s
                """,
                list_columns(DOCUMENT_SQL, ROW_COLUMNS),
                source,
                condition,
            )
        )
        return [Row(*values) for values in rows]

    @property
    def _residual(self):
        return SQL(
            """
            (
                SELECT item.id, item.move_id, item.date, item.currency_id, item.date_due,
                       item.customer_id,
                       item.amount_currency + COALESCE(used.amount_currency, 0) AS amount_currency,
                       item.balance + COALESCE(used.balance, 0) AS balance
                  FROM item
                  LEFT JOIN (
                        SELECT item_id, SUM(amount_currency) AS amount_currency,
                               SUM(balance) AS balance
                          FROM side
                      GROUP BY item_id
                  ) used ON used.item_id = item.id
                 WHERE item.amount_currency + COALESCE(used.amount_currency, 0) != 0
                    OR item.balance + COALESCE(used.balance, 0) != 0
            )
            """
        )

    def get_legs(self):
        """Return the legs of settlements in the period; see ``statement_settlements.Leg``.

        Where the payer is among the customers, the legs of others are there too: what they got
        is part of the payer's leg.
        """
        return self._get_legs(*self._movements)

    def get_open_legs(self):
        """Return the same of the legs open at the end, with what is left of them."""
        return self._get_legs(*self._open_items)

    def _get_legs(self, query, source, condition):
        rows = query(
            SQL(
                """
                SELECT %(columns)s
                  FROM (
                        SELECT DISTINCT item.move_id, move.customer_settlement_id
                          FROM %(source)s item
                          JOIN account_move move ON move.id = item.move_id
                         WHERE move.customer_settlement_id IS NOT NULL AND %(condition)s
                  ) entry
                  JOIN customer_settlement settlement
                    ON settlement.id = entry.customer_settlement_id
                  JOIN res_partner payer ON payer.id = settlement.payer_id
                  JOIN account_move_line leg ON leg.move_id = entry.move_id
                  JOIN res_partner customer ON customer.id = leg.partner_id
                  JOIN res_partner name ON name.id = customer.commercial_partner_id
                  LEFT JOIN %(source)s item ON item.id = leg.id
                  LEFT JOIN LATERAL (
                        -- Matches that share a debtor's leg share the payer's.
                        SELECT payer_leg_id FROM customer_settlement_line
                         WHERE debtor_leg_id = leg.id
                         LIMIT 1
                  ) paid ON TRUE
                 WHERE item.id IS NOT NULL
                    OR (
                        settlement.payer_id = ANY(%(customers)s)
                        AND customer.commercial_partner_id != ALL(%(customers)s)
                    )
              ORDER BY leg.id
                """,
                columns=list_columns(LEG_SQL, Leg._fields),
                source=source,
                condition=condition,
                customers=self.customer_ids,
            )
        )
        return [Leg(*values) for values in rows]

    def get_conversions(self):
        """Return what matches moved between currencies, up to the end of the period."""
        rows = self._query(
            SQL(
                """
                SELECT %s
                  FROM (
                        SELECT GREATEST(debit.date, credit.date) AS date, one.*
                          FROM account_partial_reconcile partial
                          JOIN item debit ON debit.id = partial.debit_move_id
                          JOIN item credit ON credit.id = partial.credit_move_id,
                               LATERAL (VALUES
                                   (debit.customer_id, debit.currency_id, debit.move_id,
                                    credit.currency_id, credit.move_id,
                                    -partial.debit_amount_currency, -partial.amount),
                                   (credit.customer_id, credit.currency_id, credit.move_id,
                                    debit.currency_id, debit.move_id,
                                    partial.credit_amount_currency, partial.amount)
                               ) one(customer_id, currency_id, move_id, other_currency_id,
                                     other_move_id, amount_currency, balance)
                         WHERE partial.debit_currency_id != partial.credit_currency_id
                            OR partial.debit_amount_currency != partial.credit_amount_currency
                  ) part
                  JOIN account_move move ON move.id = part.move_id
                  JOIN account_move other ON other.id = part.other_move_id
              GROUP BY part.date, part.customer_id, part.currency_id, part.other_currency_id,
                       move.id, other.id
                """,
                list_columns(CONVERSION_SQL, CONVERSION_COLUMNS),
            )
        )
        return [Conversion(*values) for values in rows]

    def get_ageing(self, steps):
        """Return what is open at the end, by days after the due date.

        :param steps: last day of each bucket but the last, such as (30, 60, 90)
        :return: ``{(currency id, customer id): Aging}``
        """
        ageing = defaultdict(lambda: Aging([(0.0, 0.0)] * (len(steps) + 2)))
        keys = SQL("currency_id, customer_id")
        for currency_id, customer_id, bucket, is_credit, *amounts in self._get_buckets(keys, steps):
            aging = ageing[currency_id, customer_id]
            aging.buckets[bucket] = _add(aging.buckets[bucket], amounts)
            if is_credit:
                aging.credit = _add(aging.credit, (-amounts[0], -amounts[1]))
            elif bucket:
                aging.overdue = _add(aging.overdue, amounts)
        return ageing

    def get_tops(self, is_overdue):
        """Return the ids of the statements that show something open, or overdue, in a currency."""
        amounts = defaultdict(float)
        for top_id, currency_id, is_late, is_credit, amount, _balance in self._get_buckets(
            SQL("top_id, currency_id"), ()
        ):
            if not is_overdue or (is_late and not is_credit):
                amounts[top_id, currency_id] += amount
        currencies = self.env["res.currency"]
        return {
            top_id
            for (top_id, currency_id), amount in amounts.items()
            if not currencies.browse(currency_id).is_zero(amount)
        }

    def _get_buckets(self, keys, steps):
        # The sum over items less the sum over matches: no need to add up item by item.
        return self._query_with_matches(
            SQL(
                """
                SELECT %(keys)s, %(bucket)s, is_credit, SUM(amount_currency), SUM(balance)
                  FROM (
                        SELECT top_id, currency_id, customer_id, last_day_not_due, is_credit,
                               amount_currency, balance
                          FROM item
                     UNION ALL
                        SELECT top_id, currency_id, customer_id, last_day_not_due, is_credit,
                               amount_currency, balance
                          FROM side
                  ) share
              GROUP BY %(keys)s, 3, 4
                HAVING SUM(amount_currency) != 0 OR SUM(balance) != 0
                """,
                keys=keys,
                bucket=get_aging_bucket(SQL("last_day_not_due"), self.date_to, steps),
            )
        )


def _add(left, right):
    return left[0] + right[0], left[1] + right[1]
