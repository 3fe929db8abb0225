# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The branches of a portal user's company and their sums, without a model of its own.

What may be seen of them is decided by ``can_view`` of ``customer.hierarchy.link``, and enforced by
``security/portal_rules.xml``.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from odoo.tools import SQL

from ..hierarchy.customer_tree import Branch, CustomerTree  # noqa: F401 (Branch for others)
from ..receivable import (
    DEFAULT_AGING_STEPS,
    get_aging_bucket,
    get_aging_spans,
    get_due_date,
    get_three_numbers,
    get_today,
)


@dataclass
class Ageing:
    """Open amounts of one customer in one currency, or a sum of such.

    ``due`` is net of open credits, ``overdue`` the debts whose due date has passed, ``credit`` the
    open credits as a positive amount. ``buckets`` are the open debts that are not due yet, and
    those of each late bucket of the company.
    """

    due: float = 0.0
    overdue: float = 0.0
    credit: float = 0.0
    buckets: tuple = (0.0,) * (len(DEFAULT_AGING_STEPS) + 2)

    def __add__(self, other):
        return Ageing(
            self.due + other.due,
            self.overdue + other.overdue,
            self.credit + other.credit,
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


class PortalOrganization(CustomerTree):
    """The visitor's customer and the branches that let it see their documents.

    Takes: the environment of a portal user, as the request has it.

    Use: as :class:`~..hierarchy.customer_tree.CustomerTree`, and ``get_ageing()`` for the amounts.

    How it works: one query for the branches, one for the amounts, whatever their number. Both go
    by the closure table, as the record rules do.
    """

    def __init__(self, env):
        super().__init__(env, env.user.commercial_partner_id, SQL("link.can_view"))

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

    def get_ageing(self):
        """Return ``{customer id: {currency: Ageing}}`` of what is open, as the statement has it.

        In the currencies of the documents, of the visitor's company and its branch companies.
        """
        today = get_today(self.env)
        lines = self.env["account.move.line"]
        lines.flush_model()
        # SQL: sums of the visitor's own customer and of who consented, which the statement shows
        # item by item; portal users may not read payments.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer_id, currency_id, %(numbers)s, %(buckets)s
                  FROM (
                    SELECT contact.commercial_partner_id AS customer_id, line.currency_id,
                           line.amount_residual, line.amount_residual_currency,
                           line.date, line.date_maturity,
                           %(bucket)s AS bucket
                      FROM account_move_line line
                      JOIN res_partner contact ON contact.id = line.partner_id
                     WHERE line.partner_id = ANY(ARRAY(
                           SELECT id FROM res_partner
                            WHERE commercial_partner_id = ANY(%(customers)s)))
                       AND line.company_id = ANY(%(companies)s)
                       AND line.parent_state = 'posted'
                       AND line.reconciled IS NOT TRUE
                       AND line.account_id = ANY(ARRAY(
                           SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
                  ) item
              GROUP BY customer_id, currency_id
              ORDER BY currency_id
                """,
                numbers=get_three_numbers("item", today, SQL("item.amount_residual_currency")),
                buckets=SQL(", ").join(
                    SQL(
                        """
                        COALESCE(SUM(amount_residual_currency) FILTER (
                            WHERE bucket = %s AND amount_residual > 0
                        ), 0)
                        """,
                        bucket,
                    )
                    for bucket in range(len(self.aging_steps) + 2)
                ),
                bucket=get_aging_bucket(get_due_date("line"), today, self.aging_steps),
                customers=list(self.by_id),
                companies=self._get_company_ids(),
            )
        )
        currencies = self.env["res.currency"]
        result = defaultdict(dict)
        for customer_id, currency_id, due, overdue, credit, *buckets in rows:
            currency = currencies.browse(currency_id)
            result[customer_id][currency] = Ageing(due, overdue, credit, tuple(buckets))
        return result

    def _get_company_ids(self):
        """Return the companies that count, as in core's ``credit`` and the statement."""
        # sudo: sums of the visitor's own company, with its branch companies.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return companies.search([("id", "child_of", self.env.company.root_id.id)]).ids

    @staticmethod
    def sum_by_currency(ageings):
        """Add up ``{currency: Ageing}`` of several customers."""
        total = defaultdict(Ageing)
        for by_currency in ageings:
            for currency, ageing in by_currency.items():
                total[currency] = total[currency] + ageing
        return dict(total)
