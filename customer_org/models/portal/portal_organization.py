# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a portal user of a head office may see of its branches, without a model of its own."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from odoo.tools import SQL

from ..receivable import (
    DEFAULT_AGING_STEPS,
    get_aging_bucket,
    get_aging_spans,
    get_due_date,
    get_today,
)

# Credits count from their own date on, in no bucket of invoices.
CREDIT_BUCKET = -1


@dataclass(frozen=True)
class Branch:
    """A customer of the organization; ``depth`` 0 is the visitor's own."""

    id: int
    name: str
    depth: int
    can_pay: bool


@dataclass
class Ageing:
    """Open amounts of one customer in one currency, or a sum of such.

    ``buckets`` are the open invoices that are not due yet, and those of each late bucket of the
    company. ``due`` and ``overdue`` are net of open credit notes, as core's ``credit``.
    """

    due: float = 0.0
    overdue: float = 0.0
    buckets: tuple = (0.0,) * (len(DEFAULT_AGING_STEPS) + 2)

    def __add__(self, other):
        return Ageing(
            self.due + other.due,
            self.overdue + other.overdue,
            tuple(map(sum, zip_longest(self.buckets, other.buckets, fillvalue=0.0))),
        )

    @property
    def shares(self):
        """Return the buckets in percent of all open invoices."""
        total = sum(self.buckets)
        return [100.0 * bucket / total if total else 0.0 for bucket in self.buckets]

    def describe(self, labels):
        """Return the shares in words, for who can't see the bar."""
        parts = zip(labels, self.shares, strict=True)
        return ", ".join(f"{label} {round(share)} %" for label, share in parts)


class PortalOrganization:
    """The visitor's customer and the branches that let it see their documents.

    Takes: the environment of a portal user, as the request has it.

    Use: ``branches`` in the order of the tree, ``names`` by customer id, ``get_ageing()`` for the
    amounts. Branches without consent are left out, with all that is below them.

    How it works: one query for the branches, one for the amounts, whatever their number. Both go
    by the closure table, as the record rules do.
    """

    # Which rows of the closure table count.
    condition = SQL("link.can_view")

    def __init__(self, env):
        self.env = env
        self.customer = env.user.commercial_partner_id

    @cached_property
    def branches(self):
        """Return the visible branches, each one below its billing parent, by name."""
        # SQL: portal users may read neither the closure table nor other customers. What comes out
        # is the name of who consented, nothing else.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.descendant_id, partner.billing_parent_id, partner.name,
                       link.depth, link.can_pay
                  FROM customer_hierarchy_link link
                  JOIN res_partner partner ON partner.id = link.descendant_id
                 WHERE link.ancestor_id = %s AND link.depth > 0 AND %s
              ORDER BY lower(partner.name) DESC, partner.id DESC
                """,
                self.customer.id,
                self.condition,
            )
        )
        below = defaultdict(list)
        for branch_id, parent_id, name, depth, can_pay in rows:
            below[parent_id].append(Branch(branch_id, name or "", depth, can_pay))
        branches, stack = [], below[self.customer.id]
        while stack:
            branch = stack.pop()
            branches.append(branch)
            stack = stack + below[branch.id]
        return branches

    @cached_property
    def own(self):
        """Return the visitor's own customer as the root of the tree."""
        return Branch(self.customer.id, self.customer.name or "", 0, True)

    @cached_property
    def by_id(self):
        """Return the own customer and the visible branches by id."""
        return {branch.id: branch for branch in [self.own, *self.branches]}

    @property
    def names(self):
        """Return the names of the own customer and of the visible branches by id."""
        return {branch.id: branch.name for branch in self.by_id.values()}

    @property
    def payable_ids(self):
        """Return the ids of the branches whose invoices the visitor may pay."""
        return [branch.id for branch in self.branches if branch.can_pay]

    @cached_property
    def aging_steps(self):
        """Return the company's last day late of each bucket but the last."""
        # sudo: a setting that is shown, of the company that the visitor belongs to.
        return self.env.company.sudo()._get_statement_ageing_steps()

    @property
    def aging_labels(self):
        """Return what the buckets of ``Ageing`` are called, in their order."""
        return [self.env._("Not due"), *get_aging_spans(self.aging_steps)]

    def get_branch(self, branch_id):
        """Return the visible customer that a URL's ``branch`` names, or None."""
        try:
            return self.by_id.get(int(branch_id))
        except (OverflowError, TypeError, ValueError):
            return None

    def search_branches(self, term):
        """Return the visible branches whose name has ``term`` in it, in the order of the tree."""
        term = (term or "").strip().lower()
        return [branch for branch in self.branches if term in branch.name.lower()]

    def get_ageing(self):
        """Return ``{customer id: {currency: Ageing}}`` of the open invoices and credit notes.

        In the currencies of the documents, of the companies that the visitor belongs to.
        """
        today = get_today(self.env)
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model(["journal_id", "move_type", "state"])
        # SQL: the same customers, companies and documents as in the record rules, spelled out so
        # that the database goes by customer and not through all that the rules allow. Invoices
        # are in journals of their own, where other moves are few: it is much faster to leave
        # those out than to look up the move of each line. The customer of an invoice's receivable
        # lines is that of the invoice. Grouping by bucket first adds up each amount only once.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, currency_id, SUM(amount),
                       SUM(amount) FILTER (WHERE bucket > 0 OR bucket = %(credit)s),
                       %(buckets)s
                  FROM (
                    SELECT line.partner_id, line.currency_id,
                           SUM(line.amount_residual_currency) AS amount,
                           CASE WHEN line.amount_residual_currency >= 0
                                THEN %(bucket)s
                                WHEN line.date <= %(today)s THEN %(credit)s
                           END AS bucket
                      FROM account_move_line line
                     WHERE line.partner_id = ANY(%(customers)s)
                       AND line.company_id = ANY(%(companies)s)
                       AND line.parent_state = 'posted'
                       AND line.reconciled IS NOT TRUE
                       AND line.account_id = ANY(ARRAY(
                           SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
                       AND line.journal_id = ANY(%(journals)s)
                       AND line.move_id NOT IN (
                           SELECT id FROM account_move
                            WHERE journal_id = ANY(%(journals)s)
                              AND state = 'posted'
                              AND move_type NOT IN ('out_invoice', 'out_refund'))
                  GROUP BY line.partner_id, line.currency_id, bucket
                  ) AS by_bucket
              GROUP BY partner_id, currency_id
              ORDER BY currency_id
                """,
                today=today,
                bucket=get_aging_bucket(get_due_date("line"), today, self.aging_steps),
                credit=CREDIT_BUCKET,
                buckets=SQL(", ").join(
                    SQL("SUM(amount) FILTER (WHERE bucket = %s)", bucket)
                    for bucket in range(len(self.aging_steps) + 2)
                ),
                journals=SQL("ARRAY(SELECT id FROM account_journal WHERE type = 'sale')"),
                customers=list(self.by_id),
                companies=self.env.companies.ids,
            )
        )
        currencies = self.env["res.currency"]
        result = defaultdict(dict)
        for customer_id, currency_id, due, overdue, *buckets in rows:
            currency = currencies.browse(currency_id)
            buckets = tuple(float(bucket or 0.0) for bucket in buckets)
            result[customer_id][currency] = Ageing(float(due), float(overdue or 0.0), buckets)
        return result

    @staticmethod
    def sum_by_currency(ageings):
        """Add up ``{currency: Ageing}`` of several customers."""
        total = defaultdict(Ageing)
        for by_currency in ageings:
            for currency, ageing in by_currency.items():
                total[currency] = total[currency] + ageing
        return dict(total)
