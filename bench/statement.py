"""The statement of a hierarchy with 100,000 receivable items against the SQL that fetches them.

1,000 branches; half of the items are invoices, half payments, each matched with its invoice. What
is measured is the statement of the last half year, with its opening, ageing and running balances,
as data: rendering is left out. Compared is one hand-written query for the same items, fetched.
"""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from bench import common
from bench.portal import _create_invoices, _measure

BRANCHES = 1000
UNPAID = 10  # every tenth invoice stays open


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    partners = env["res.partner"]
    hq = partners.create({"name": "HQ", "is_company": True})
    branches = partners.create(
        [
            {"name": f"Branch {number}", "is_company": True, "billing_parent_id": hq.id}
            for number in range(BRANCHES)
        ]
    )
    _create_invoices(env, branches.ids)
    _match(env)
    env.cr.execute(
        "ANALYZE account_move, account_move_line, account_partial_reconcile, res_partner,"
        " customer_hierarchy_link"
    )
    today = fields.Date.context_today(hq)
    results = [
        _compare(env, hq, "All movements", today, None, "period"),
        _compare(env, hq, "Movements of half a year", today, today - timedelta(182), "period"),
        _compare(env, hq, "Open items of half a year ago", today - timedelta(182), None, "open"),
    ]
    return all(results)


def _match(env):
    """Make payments of every second invoice of a branch, and match them by SQL."""
    env.cr.execute(
        SQL(
            """
            WITH line AS (
                SELECT line.id, line.date, row_number() OVER branch AS number,
                       lead(line.id) OVER branch AS next_id,
                       lead(line.date) OVER branch AS next_date
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.company_id = %s AND account.account_type = 'asset_receivable'
                WINDOW branch AS (PARTITION BY line.partner_id ORDER BY line.id)
            ), credit AS (
                UPDATE account_move_line
                   SET balance = -balance, amount_currency = -amount_currency, debit = 0,
                       credit = debit
                  FROM line
                 WHERE line.id = account_move_line.id AND line.number %% 2 = 0
            )
            INSERT INTO account_partial_reconcile
                        (debit_move_id, credit_move_id, amount, debit_amount_currency,
                         credit_amount_currency, debit_currency_id, credit_currency_id, company_id,
                         max_date)
                 SELECT id, next_id, 100, 100, 100, %s, %s, %s, GREATEST(date, next_date)
                   FROM line
                  WHERE number %% 2 = 1 AND number %% %s != 1 AND next_id IS NOT NULL
            """,
            env.company.id,
            env.company.currency_id.id,
            env.company.currency_id.id,
            env.company.id,
            2 * UNPAID,
        )
    )
    env.invalidate_all()


def _compare(env, hq, title, date_to, date_from, presentation):
    def statement(env):
        result = env["customer.statement"]._build(
            hq.with_env(env), date_to, date_from, True, presentation
        )
        assert abs(sum(result.total.buckets) - result.total.closing) < 0.01
        return result

    def fetch(env):
        env.cr.execute(
            """
            SELECT line.date, line.partner_id, line.currency_id, move.name, move.ref,
                   line.date_maturity, line.amount_currency, line.balance, move.id, line.id
              FROM customer_hierarchy_link link
              JOIN account_move_line line ON line.partner_id = link.descendant_id
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
             WHERE link.ancestor_id = %s AND line.company_id = %s
               AND line.parent_state = 'posted' AND line.date <= %s
               AND account.account_type = 'asset_receivable'
          ORDER BY line.date, line.id
            """,
            [hq.id, env.company.id, date_to],
        )
        return env.cr.fetchall()

    rows = sum(len(group.rows) for section in statement(env).sections for group in section.groups)
    measures = common.best_in_turn([statement, fetch], lambda action: _measure(env, action), 3)
    return common.report(
        f"{title}: {rows:,} rows, of {len(fetch(env)):,} items fetched", *measures, seconds=2
    )
