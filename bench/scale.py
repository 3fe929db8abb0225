"""How our statements grow: a company at two shares of 1,000,000 customers and 100,000,000 items.

A tenth of the customers are head offices, with nine branches each; a hundred receivable items a
customer: payments matched with their invoices, and every fifth item an open invoice; one head
office of ten has a payment to settle. The company at full size is not built. Measured is the same
at each share, and the factor between them says what grows with the company, and what only with
what is asked about. ``BENCH_SHARES=1000,100`` in the environment are the shares: a thousandth and
a hundredth. There are no targets.
"""

import os
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from bench import common
from bench.reports import _invoicing_env, _pivot_all, _pivot_roots

CUSTOMERS, ITEMS = 1_000_000, 100  # of the company at full size; of each customer
SHARES = [int(share) for share in os.environ.get("BENCH_SHARES", "1000,100").split(",")]


def main(env):
    """Run all and report; return whether every target is met: there are none."""
    columns = []
    for share in SHARES:
        company_env = common.new_company(env, f"1/{share:,}")
        with company_env.cr.savepoint() as savepoint:
            customers = CUSTOMERS // share
            hq = _create(company_env, customers)
            columns.append((f"{customers:,}", _measure_all(_invoicing_env(company_env), hq)))
            savepoint.rollback()
        company_env.invalidate_all(flush=False)
    _print(columns)
    return True


def _create(env, customers):
    """Make customers and their items by SQL; return a head office."""
    partners = env["res.partner"]
    model = partners.create({"name": "Customer", "is_company": True, "customer_rank": 1})
    env.flush_all()
    env.cr.execute("DROP TABLE IF EXISTS bench_partner, bench_move")
    env.cr.execute("CREATE TEMP TABLE bench_partner (id int, number int)")
    env.cr.execute(
        """
        INSERT INTO bench_partner
             SELECT nextval('res_partner_id_seq'), number FROM generate_series(0, %s - 1) number
        """,
        [customers],
    )
    label = SQL("source.name || ' ' || number")
    head_office = SQL(
        "(SELECT id FROM bench_partner head WHERE head.number = bench_partner.number / 10 * 10)"
    )
    env.cr.execute("CREATE UNIQUE INDEX ON bench_partner (number)")
    env.cr.execute("ANALYZE bench_partner")
    common.copy_rows(
        env,
        "res_partner",
        model.ids,
        {
            "id": SQL("bench_partner.id"),
            "name": label,
            "complete_name": label,
            "commercial_partner_id": SQL("bench_partner.id"),
            "billing_parent_id": SQL("CASE WHEN number %% 10 > 0 THEN %s END", head_office),
            "billing_root_id": head_office,
        },
        copies="bench_partner",
    )
    env.invalidate_all()
    env.cr.execute("SELECT id FROM bench_partner ORDER BY number")
    ids = [customer_id for (customer_id,) in env.cr.fetchall()]
    env["customer.hierarchy.link"]._refresh(partners.browse(ids))
    move = common.post_model_invoice(env, ids[0])
    with _filling(env, "account_move", "account_move_line", "account_partial_reconcile"):
        _create_items(env, move)
    env.cr.execute("ANALYZE")
    return partners.browse(ids[len(ids) // 2 // 10 * 10])


def _create_items(env, move):
    """Make an entry per item: of ten, four invoices with the payments after them, two open.

    Of every hundredth customer, a head office, the first of these but one is a payment.
    """
    env.cr.execute(
        """
        CREATE TEMP TABLE bench_move AS
             SELECT nextval('account_move_id_seq')::int AS id,
                    nextval('account_move_line_id_seq')::int AS line_id,
                    bench_partner.id AS customer_id,
                    bench_partner.number * %(items)s + item AS number,
                    item %% 10 != 0 AND item %% 2 = 0
                        OR item = 9 AND bench_partner.number %% 100 = 0 AS is_credit,
                    item %% 10 IN (0, 9) AS is_open,
                    %(today)s::date - (item * 7 + bench_partner.number %% 7) AS date
               FROM bench_partner, generate_series(0, %(items)s - 1) item
        """,
        {"items": ITEMS, "today": fields.Date.today()},
    )
    customer, date = SQL("bench_move.customer_id"), SQL("bench_move.date")
    state = SQL("CASE WHEN is_open THEN 'not_paid' ELSE 'paid' END")
    common.copy_moves(env, move, customer, date, {"payment_state": state})
    sign = SQL("CASE WHEN is_credit THEN -1 ELSE 1 END")
    residual = SQL("CASE WHEN NOT is_open THEN 0 WHEN is_credit THEN -1 ELSE 1 END")
    common.copy_rows(
        env,
        "account_move_line",
        move.line_ids.filtered("date_maturity").ids,
        {
            "id": SQL("bench_move.line_id"),
            "move_id": SQL("bench_move.id"),
            "partner_id": customer,
            "date": date,
            "date_maturity": SQL("%s + 30", date),
            "balance": SQL("%s * source.balance", sign),
            "amount_currency": SQL("%s * source.amount_currency", sign),
            "debit": SQL("CASE WHEN is_credit THEN 0 ELSE source.debit END"),
            "credit": SQL("CASE WHEN is_credit THEN source.debit ELSE 0 END"),
            "amount_residual": SQL("%s * source.amount_residual", residual),
            "amount_residual_currency": SQL("%s * source.amount_residual_currency", residual),
            "reconciled": SQL("NOT is_open"),
        },
    )
    env.cr.execute("CREATE UNIQUE INDEX ON bench_move (number)")
    env.cr.execute(
        """
        INSERT INTO account_partial_reconcile
                    (debit_move_id, credit_move_id, amount, debit_amount_currency,
                     credit_amount_currency, debit_currency_id, credit_currency_id, company_id,
                     max_date)
             SELECT debt.line_id, credit.line_id, 100, 100, 100, %(currency)s, %(currency)s,
                    %(company)s, GREATEST(debt.date, credit.date)
               FROM bench_move credit
               JOIN bench_move debt ON debt.number = credit.number - 1
              WHERE credit.is_credit AND NOT credit.is_open
        """,
        {"currency": env.company.currency_id.id, "company": env.company.id},
    )
    env.invalidate_all()


@contextmanager
def _filling(env, *tables):
    """Let the block insert by the million: without foreign keys, and with indexes made after it.

    The savepoint around the company brings back what is dropped.
    """
    for table in tables:
        # Written anew: an index that is made over rows that have just changed in place is of no
        # use to this transaction.
        env.cr.execute(
            SQL("CLUSTER %s USING %s", SQL.identifier(table), SQL.identifier(f"{table}_pkey"))
        )
    env.cr.execute(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
         WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
        """,
        [list(tables)],
    )
    for table, constraint in env.cr.fetchall():
        names = SQL.identifier(table), SQL.identifier(constraint)
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", *names))
    env.cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = ANY(%s::regclass[])
           AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
        """,
        [list(tables)],
    )
    indexes = env.cr.fetchall()
    for index, _definition in indexes:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(index)))
    yield
    env.cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
    for _index, definition in indexes:
        env.cr.execute(definition)


def _measure_all(env, hq):
    """Return ``{what: measure}``."""
    hq = hq.with_env(env)
    system = hq.sudo()
    many = system.search([("billing_child_ids", "!=", False), ("name", "like", "Customer ")])
    today = fields.Date.context_today(hq)
    actions = {
        "Due of one head office": lambda: hq.read(["billing_total_due", "billing_total_overdue"]),
        "Due of the 80 of a list": lambda: many[:80].read(["billing_total_due"]),
        "Statement of one hierarchy, a quarter": lambda: env["customer.statement"]._build(
            hq, today, today - timedelta(90), True, "period"
        ),
        "Items to settle of one hierarchy": lambda: system._find_auto_settle_items(),
        "Items to settle of 100 hierarchies": lambda: many[:100]._find_auto_settle_items(),
        "Give a branch another parent": lambda: (
            hq.billing_child_ids[:1].sudo().write({"billing_parent_id": many[0].id})
        ),
        "Who settles automatically": lambda: system._get_auto_settle_batches(),
        "Who waits to be settled, first page": lambda: (
            env["customer.to.settle"].search([], limit=80).mapped("amount_credit")
        ),
        "Aged receivable by head office": lambda: _pivot_roots(hq),
        "Aged receivable by customer": lambda: _pivot_all(hq),
        "Receivables Check": lambda: env["customer.receivable.finding"].sudo()._check(env.company),
    }
    return {what: _measure(env, action) for what, action in actions.items()}


def _measure(env, action):
    """Return the mean of several times: the database counts its work in hundredths of a second."""
    action()  # the cached rules and plans are warm, as in a running server
    total, times = common.Measure(), 0
    while not times or (total.cpu < 0.3 and times < 20):
        with common.measure(env) as result:
            action()
        total, times = total + result, times + 1
    return common.Measure(total.seconds / times, total.queries // times, total.cpu / times)


def _print(columns):
    sizes = "".join(f"{size + ' customers':>28}" for size, _measures in columns)
    print(f"\n{'':40}{sizes}{'factor':>10}")
    for what, first in columns[0][1].items():
        cells = "".join(
            f"{measures[what].cpu:14.3f} s{measures[what].queries:4} queries"
            for _size, measures in columns
        )
        factor = columns[-1][1][what].cpu / (first.cpu or 1e-9)
        print(f"{what:40}{cells}{factor:10.1f}", flush=True)
