"""Settle a head office's payment over its branches' invoices, against core's own reconcile.

The same number of invoices twice in one database: of 100 branches, paid by their head office, and
of one ordinary customer, reconciled by core. Settled, one taken back, all taken back, in company
currency and in a foreign one, and the growth with the number. Then the wizard's first screen over
the most invoices, and automatic settlement of 1,000 hierarchies. ``BENCH_SIZES=1000,3000`` in the
environment measures other sizes than 1,000, 3,000 and 10,000.
"""

import os

from odoo.fields import Command
from odoo.tools import SQL

from bench import common

BRANCHES = 100
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "1000,3000,10000").split(",")]
HIERARCHIES = int(os.environ.get("BENCH_HIERARCHIES", "1000"))
#: Of how many rounds the best counts, for sizes up to this.
ROUNDS = {1000: 3, 3000: 2}


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    results = {size: _measure_sides(env, size) for size in SIZES}
    met = []
    for size, (ours, core) in results.items():
        met += _report_size(f"{size:,} invoices of {BRANCHES} branches", ours, core, 1.2)
        if size != SIZES[0]:
            title = f"Growth of settling from {SIZES[0]:,} to {size:,} invoices"
            growths = [
                _get_growth(first, of_size)
                for first, of_size in zip(results[SIZES[0]], (ours, core), strict=True)
            ]
            met.append(common.report(title, *growths, seconds=1.0, queries=1.0))
    met.append(_measure_wizard(env))
    size = SIZES[0]
    ours, core = _measure_sides(env, size, _get_foreign_currency(env))
    met += _report_size(f"{size:,} invoices in a foreign currency", ours, core, 2.0)
    met.append(_measure_auto_settle(env))
    return all(met)


def _report_size(what, ours, core, limit):
    limits = {"settle": limit, "undo one": 2.0, "undo": 0.9}
    titles = {
        "settle": "Settle {} with one payment",
        "undo one": "Undo one of {}",
        "undo": "Undo all of {}",
    }
    return [
        common.report(
            titles[step].format(what),
            ours[step],
            core[step],
            seconds=limits[step],
            queries=1.0 if step == "settle" else None,
        )
        for step in titles
    ]


def _get_growth(before, after):
    before, after = before["settle"], after["settle"]
    return common.Measure(
        after.seconds / before.seconds,
        round(after.queries / before.queries),
        after.cpu / before.cpu,
    )


def _get_foreign_currency(env):
    """Return a currency whose rate differs between the invoices' day and the payments'."""
    currency = env["res.currency"].create({"name": "BCH", "symbol": "B", "rounding": 0.01})
    env["res.currency.rate"].create(
        [
            {"currency_id": currency.id, "name": name, "rate": rate, "company_id": env.company.id}
            for name, rate in (("2025-12-01", 2.0), ("2026-01-20", 1.6))
        ]
    )
    return currency


def _measure_sides(env, size, currency=None):
    """Return what settling and undoing take, ours and core's; the invoices stay open."""
    head_office = _create_customers(env, 1, "Head office")
    branches = _create_customers(env, BRANCHES, "Branch", billing_parent_id=head_office.id)
    ordinary = _create_customers(env, 1, "Ordinary")
    sides = []
    for payer, debtors in ((head_office, branches), (ordinary, ordinary)):
        invoices = _copy_invoices(env, debtors, size, currency)
        payment = _post_payments(env, payer, sum(invoices.mapped("amount_total")), currency)
        sides.append((invoices, payment))
    _analyze(env)
    rounds = next((rounds for most, rounds in ROUNDS.items() if size <= most), 1)
    results = [[_measure_steps(env, *side) for side in sides] for _round in range(rounds)]
    return [
        {step: min((one[step] for one in of_side), key=lambda one: one.cpu) for step in of_side[0]}
        for of_side in zip(*results, strict=True)
    ]


class _Rollback(Exception):
    pass


def _measure_steps(env, invoices, payment):
    """Settle, undo one, undo all; nothing of it is left."""
    steps = {}
    try:
        with env.cr.savepoint():
            items = _open_items(invoices) | _open_items(payment.move_id)
            with common.measure(env) as steps["settle"]:
                items.reconcile()
            assert set(invoices.mapped("payment_state")) == {"paid"}
            steps["undo one"] = _measure_undo(env, invoices[len(invoices) // 2])
            with common.measure(env) as steps["undo"]:
                _receivables(payment.move_id).remove_move_reconcile()
            assert set(invoices.mapped("payment_state")) == {"not_paid"}
            raise _Rollback
    except _Rollback:
        pass
    return steps


def _measure_undo(env, invoice):
    try:
        with env.cr.savepoint():
            with common.measure(env) as undo:
                _receivables(invoice).remove_move_reconcile()
            assert invoice.payment_state == "not_paid"
            raise _Rollback
    except _Rollback:
        return undo


def _measure_wizard(env):
    """Compare the wizard's first screen with a list of the same open items, all on one page."""
    payer = env["res.partner"].search([("name", "=", "Head office 0")], order="id desc", limit=1)
    fields = ("move_id", "partner_id", "date_maturity", "amount_residual", "currency_id")
    specification = {
        name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in fields
    }

    def open_wizard():
        action = payer.action_settle_branches()
        wizard = env["customer.settlement.wizard"].browse(action["res_id"])
        # What the screen asks for: its fields, and the first page of the grid.
        wizard.web_read({"display_name": {}, "payer_id": {}, "policy": {}, "state": {}})
        wizard.get_grid()

    def list_items():
        found = env["account.move.line"].web_search_read(
            [
                ("partner_id.billing_root_id", "=", payer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            specification,
        )
        assert found["length"] == SIZES[-1] + 1, found["length"]

    def measure(action):
        with common.measure(env) as result:
            action()
        return result

    return common.report(
        f"First screen of the settlement wizard over {SIZES[-1]:,} open invoices, to their list",
        *common.best_in_turn([open_wizard, list_items], measure, 3),
        seconds=1.5,
    )


def _measure_auto_settle(env):
    """Settle 1,000 hierarchies as the cron does, against core's matches of as many customers."""
    payers = _create_customers(env, HIERARCHIES, "Payer", billing_auto_settle=True)
    branches = env["res.partner"].create(
        [
            {"name": f"Branch of {payer.name}", "is_company": True, "billing_parent_id": payer.id}
            for payer in payers
        ]
    )
    ordinary = _create_customers(env, HIERARCHIES, "Paying")
    sides = []
    for debtors, creditors in ((branches, payers), (ordinary, ordinary)):
        invoices = _copy_invoices(env, debtors, HIERARCHIES)
        payments = _post_payments(env, creditors, 10.0)
        sides.append(_open_items(invoices | payments.move_id))
    _analyze(env)

    def settle():
        env["res.partner"]._cron_auto_settle()

    def match_each():
        for items in sides[1].grouped("partner_id").values():
            items.reconcile()

    def match_all():
        env["account.move.line"]._reconcile_plan(list(sides[1].grouped("partner_id").values()))

    measures = []
    with _no_commit(env):
        for action, items in zip((settle, match_each, match_all), (*sides, sides[1]), strict=True):
            try:
                with env.cr.savepoint():
                    with common.measure(env) as result:
                        action()
                    assert all(items.mapped("reconciled"))
                    raise _Rollback
            except _Rollback:
                measures.append(result)
    ours, each, together = measures
    title = f"Settle {HIERARCHIES:,} hierarchies automatically, to core's matches"
    common.report(f"{title} all in one call", ours, together)
    return common.report(f"{title} one by one", ours, each, seconds=2.0)


class _no_commit:
    """Let nothing be committed in the block: benchmarks leave nothing behind."""

    def __init__(self, env):
        self.cursor = env.cr

    def __enter__(self):
        self.cursor.commit = self.cursor.flush

    def __exit__(self, *_exception):
        del self.cursor.commit


def _analyze(env):
    """Do what autovacuum does for data that is there to stay."""
    env.flush_all()
    env.cr.execute("ANALYZE account_move, account_move_line, account_payment, res_partner")


def _create_customers(env, number, name, **values):
    return env["res.partner"].create(
        [{"name": f"{name} {i}", "is_company": True, **values} for i in range(number)]
    )


def _create_invoices(env, customers, number):
    # No chatter: it is not what we measure, and most of the time that the data takes.
    moves = env["account.move"].with_context(tracking_disable=True)
    return moves.create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customers[i % len(customers)].id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "Service", "price_unit": 10.0, "tax_ids": []})
                ],
            }
            for i in range(number)
        ]
    )


def _copy_invoices(env, customers, number, currency=None):
    """Return posted invoices of 10.00 each, in turn of each customer: copies of one by SQL."""
    model = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customers[0].id,
            "invoice_date": "2026-01-01",
            "currency_id": (currency or env.company.currency_id).id,
            "invoice_line_ids": [
                Command.create({"name": "Service", "price_unit": 10.0, "tax_ids": []})
            ],
        }
    )
    model.action_post()
    env.flush_all()
    env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS bench_move (id int, number int)")
    env.cr.execute("DELETE FROM bench_move")
    env.cr.execute(
        """
        INSERT INTO bench_move
             SELECT nextval('account_move_id_seq'), number FROM generate_series(0, %s - 1) number
          RETURNING id
        """,
        [number],
    )
    ids = [move_id for (move_id,) in env.cr.fetchall()]
    customer = SQL("(%s::int[])[1 + number %% %s]", customers.ids, len(customers))
    of_customer = dict.fromkeys(
        ("partner_id", "commercial_partner_id", "partner_shipping_id"), customer
    )
    changes = {"id": SQL("bench_move.id"), "name": SQL("source.name || '-' || number")}
    if "billing_root_id" in env["res.partner"]._fields:
        root = SQL("(SELECT billing_root_id FROM res_partner WHERE id = %s)", customer)
        of_customer["billing_root_id"] = root
    common.copy_rows(env, "account_move", model.ids, {**changes, **of_customer})
    changes = {
        "id": SQL("nextval('account_move_line_id_seq')"),
        "move_id": SQL("bench_move.id"),
        "move_name": changes["name"],
    }
    common.copy_rows(
        env, "account_move_line", model.line_ids.ids, {**changes, "partner_id": customer}
    )
    # The model itself pays and owes nothing. Who has invoices ranks as a customer.
    model.button_cancel()
    customers.filtered(lambda customer: not customer.customer_rank).customer_rank = 1
    env.invalidate_all()
    return env["account.move"].browse(ids)


def _post_payments(env, customers, amount, currency=None):
    """Post a payment of ``amount`` of each of the customers."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    payments = env["account.payment"].create(
        [
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": customer.id,
                "amount": amount,
                "currency_id": (currency or env.company.currency_id).id,
                "date": "2026-01-31",
                "journal_id": journal.id,
            }
            for customer in customers
        ]
    )
    payments.action_post()
    return payments


def _receivables(moves):
    return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


def _open_items(moves):
    return _receivables(moves).filtered(lambda line: not line.reconciled)
