"""What benchmarks share: environments, a measure of seconds and queries, and a table of ratios."""

import gc
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

databases = {}


def core_database():
    """Return the name of the database that lacks our addons."""
    return databases["core"]


@contextmanager
def open_env(database):
    """Yield the superuser's environment on ``database``; roll back at the end."""
    with Registry(database).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})
        cursor.rollback()


def new_company(env, name):
    """Return ``env`` in a new company that has the generic chart of accounts."""
    company = env["res.company"].create({"name": name})
    env.user.write({"company_ids": [(4, company.id)]})
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    return env(context=dict(env.context, allowed_company_ids=company.ids))


@dataclass
class Measure:
    """What a block took; filled when it ends.

    ``cpu`` are the seconds that the two cores worked for it, ours and that of the database's
    session: other programs on the machine prolong ``seconds``, but hardly these.
    """

    seconds: float = 0.0
    queries: int = 0
    cpu: float = 0.0

    def __add__(self, other):
        return Measure(
            self.seconds + other.seconds, self.queries + other.queries, self.cpu + other.cpu
        )


@contextmanager
def measure(env):
    """Yield a :class:`Measure` of the block, what it flushes included, from an empty cache."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    result = Measure()
    env.cr.execute("SELECT pg_backend_pid()")
    session = env.cr.fetchone()[0]
    queries, cpu, start = env.cr.sql_log_count, _get_cpu(session), time.perf_counter()
    yield result
    env.flush_all()
    result.seconds = time.perf_counter() - start
    result.cpu = _get_cpu(session) - cpu
    result.queries = env.cr.sql_log_count - queries


def _get_cpu(session):
    """Return the seconds of work of this process and of the database's, if that one is here."""
    stat = Path(f"/proc/{session}/stat")
    if not stat.exists() or not os.environ.get("PGHOST", "").startswith("/"):
        return time.process_time()
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def best_in_turn(actions, measure_one, rounds):
    """Measure all in turn, so that the machine's moods hit all; return the best of each.

    :param actions: list of functions
    :param measure_one: returns the :class:`Measure` of one of them
    """
    measures = [[measure_one(action) for action in actions] for _round in range(rounds)]
    return [min(column, key=lambda one: one.cpu) for column in zip(*measures, strict=True)]


def post_model_invoice(env, customer_id):
    """Return a posted invoice of 100, to copy by SQL."""
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer_id,
            "invoice_date": fields.Date.today(),
            "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 100.0, "tax_ids": []})],
        }
    )
    move.action_post()
    env.flush_all()
    return move


def copy_rows(env, table, ids, changes, copies="bench_move"):
    """Insert copies of rows by SQL.

    :param str table: the table
    :param ids: the rows to copy
    :param changes: ``{column: SQL}`` of the columns that differ; ``source`` is the row
    :param str copies: the table that has a row per copy, for ``changes`` to use
    """
    env.cr.execute(
        """
        SELECT column_name FROM information_schema.columns
         WHERE table_name = %s AND is_generated = 'NEVER'
        """,
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s source, %s WHERE source.id = ANY(%s)",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                changes.get(name) or SQL("source.%s", SQL.identifier(name)) for name in columns
            ),
            SQL.identifier(table),
            SQL.identifier(copies),
            ids,
        )
    )


def copy_moves(env, move, customer, date, changes=None):
    """Insert copies of an entry by SQL, without its items: one for each row of ``bench_move``.

    :param SQL customer: whose each copy is
    :param SQL date: of each copy
    :param changes: ``{column: SQL}`` of further columns that differ
    """
    copied = {
        "id": SQL("bench_move.id"),
        "name": SQL("source.name || '-' || number"),
        "partner_id": customer,
        "commercial_partner_id": customer,
        "partner_shipping_id": customer,
        "invoice_date": date,
        "date": date,
    }
    copy_rows(env, "account_move", move.ids, {**copied, **(changes or {})})


def report(title, ours, core, seconds=None, queries=None, more_queries=None):
    """Print two measures and their ratio; say whether the targets are met.

    :param title: what was measured
    :param ours: the :class:`Measure` with our addons
    :param core: the one of core for the same amount of work
    :param seconds: the highest ratio of seconds allowed
    :param queries: the highest ratio of queries allowed
    :param more_queries: the highest difference of queries allowed
    :return: whether every target is met
    """
    ratio = Measure(
        ours.seconds / (core.seconds or 1e-9),
        ours.queries / (core.queries or 1),
        ours.cpu / (core.cpu or 1e-9),
    )
    print(f"\n{title}\n{'':10}{'seconds':>10}{'of work':>10}{'queries':>10}")
    for label, measured in (("ours", ours), ("core", core)):
        print(f"{label:10}{measured.seconds:10.3f}{measured.cpu:10.3f}{measured.queries:10d}")
    print(f"{'ratio':10}{ratio.seconds:10.2f}{ratio.cpu:10.2f}{ratio.queries:10.2f}", flush=True)
    # By the work: on a machine that does something else, too, the clock says less.
    targets = [
        ("seconds of work, ratio", ratio.cpu, seconds),
        ("queries, ratio", ratio.queries, queries),
        ("queries, difference", ours.queries - core.queries, more_queries),
    ]
    targets = [target for target in targets if target[2] is not None]
    for what, value, limit in targets:
        verdict = "met" if value <= limit else "MISSED"
        print(f"target    {what}: at most {limit}, is {round(value, 2)}: {verdict}")
    return all(value <= limit for _what, value, limit in targets)
