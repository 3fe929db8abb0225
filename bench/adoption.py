"""Adoption: how long it takes to find who belongs together, among 2,000, 20,000, 100,000 customers.

Targets: 20,000 in at most 60 s, and no more for each customer among 100,000 than 1.5 times that;
as fast the week after, when most is as it was, and where all 20,000 are places of one customer.
"""

from odoo.tools import SQL

from odoo.addons.customer_org.tests.mixed_customers import Row, make_customers

from .common import copy_rows, measure, new_company, post_model_invoice

SIZES = (2_000, 20_000, 100_000)
COLUMNS = "name vat company_registry street zip city email is_company".split()


def main(env):
    """Print each measure; return whether all targets are met."""
    env = new_company(env, "Adoption")
    model = create_model_match(env)
    first, again = {}, {}
    for size in SIZES:
        rows = make_customers(seed=size, count=size)
        first[len(rows)], again[len(rows)] = search(env, model, rows, "mixed customers")
    chain, _again = search(env, model, make_chain(SIZES[1]), "places of one customer")
    (_size, _seconds), (middle, at_middle), (large, at_large) = first.items()
    growth = (at_large / large) / (at_middle / middle)
    print(f"time for each customer, {large} / {middle}: {growth:.2f} (at most 1.5)")
    return max(at_middle, again[middle], chain) <= 60 and growth <= 1.5


def search(env, model, rows, what):
    """Print and return the seconds of a search among these customers, and of the next one."""
    env.cr.execute("SAVEPOINT adoption")
    insert_customers(env, model, rows)
    suggestions = env["customer.hierarchy.suggestion"]
    seconds = []
    for turn in ("first", "again"):
        with measure(env) as measured:
            suggestions.action_search()
        found = suggestions.search_count([("state", "=", "new")])
        seconds.append(measured.seconds)
        print(
            f"{len(rows):8d} {what}, {turn}: {measured.seconds:6.1f} s, "
            f"{measured.queries} queries, {found} suggestions",
            flush=True,
        )
    env.cr.execute("ROLLBACK TO SAVEPOINT adoption")
    env.invalidate_all(flush=False)
    return seconds


def make_chain(count):
    """Return the places of one customer: one number, each an address of its own."""
    return [
        Row(
            key,
            {
                "name": f"Chain {key}",
                "is_company": True,
                "vat": "BE0477472701",
                "street": f"High Street {key}",
                "email": f"place{key}@chain.eu",
                "country": "BE",
            },
        )
        for key in range(count)
    ]


def create_model_match(env):
    """Return a customer, and an invoice matched with a payment of another one, to be copied."""
    customer, payer = env["res.partner"].create(
        [{"name": name, "is_company": True} for name in ("Model", "Payer")]
    )
    move = post_model_invoice(env, customer.id)
    credit = move.copy({"move_type": "out_refund", "partner_id": payer.id})
    credit.action_post()
    lines = (move | credit).line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
    lines.reconcile()
    env.flush_all()
    return customer, lines.matched_debit_ids


def insert_customers(env, model, rows):
    """Insert the rows as customers, with a match for each invoice that another one paid."""
    customer, match = model
    env.cr.execute("SELECT nextval('res_partner_id_seq') FROM generate_series(1, %s)", [len(rows)])
    ids = [number for (number,) in env.cr.fetchall()]
    countries = {country.code: country.id for country in env["res.country"].search([])}
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE bench_customer ON COMMIT DROP AS
            SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s)
                   AS row(id, country_id, parent_id, %s)
            """,
            ids,
            [countries.get(row.values.get("country")) for row in rows],
            [ids[row.values["contact_of"]] if "contact_of" in row.values else None for row in rows],
            SQL(", ").join(
                SQL("%s::bool[]" if name == "is_company" else "%s::text[]", get_values(rows, name))
                for name in COLUMNS
            ),
            SQL(", ").join(map(SQL.identifier, COLUMNS)),
        )
    )
    own = dict.fromkeys(("id", "commercial_partner_id", "billing_root_id"), "id")
    own |= {name: name for name in (*COLUMNS, "country_id", "parent_id")}
    changes = {name: SQL("bench_customer.%s", SQL.identifier(own[name])) for name in own}
    copy_rows(env, "res_partner", customer.ids, changes, copies="bench_customer")
    pairs = [
        (ids[row.key], ids[payer])
        for row in rows
        for payer, count in row.paid_by.items()
        for _number in range(count)
    ]
    insert_matches(env, match, pairs)
    env.cr.execute("DROP TABLE bench_customer")
    env.cr.execute("ANALYZE res_partner, account_move_line, account_partial_reconcile")


def get_values(rows, name):
    return [row.values.get(name) for row in rows]


def insert_matches(env, match, pairs):
    """Insert a copy of the match for each pair of customer and payer."""
    env.cr.execute(
        """
        CREATE TEMP TABLE bench_match ON COMMIT DROP AS
        SELECT customer_id, payer_id, nextval('account_move_line_id_seq') AS debit_id,
               nextval('account_move_line_id_seq') AS credit_id,
               nextval('account_partial_reconcile_id_seq') AS id
          FROM unnest(%s::int[], %s::int[]) AS pair(customer_id, payer_id)
        """,
        [[pair[0] for pair in pairs], [pair[1] for pair in pairs]],
    )
    for line, which, partner in (
        (match.debit_move_id, "debit_id", "customer_id"),
        (match.credit_move_id, "credit_id", "payer_id"),
    ):
        changes = {
            "id": SQL("bench_match.%s", SQL.identifier(which)),
            "partner_id": SQL("bench_match.%s", SQL.identifier(partner)),
        }
        copy_rows(env, "account_move_line", line.ids, changes, copies="bench_match")
    changes = {
        "id": SQL("bench_match.id"),
        "debit_move_id": SQL("bench_match.debit_id"),
        "credit_move_id": SQL("bench_match.credit_id"),
    }
    copy_rows(env, "account_partial_reconcile", match.ids, changes, copies="bench_match")
    env.cr.execute("DROP TABLE bench_match")
