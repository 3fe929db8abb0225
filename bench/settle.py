"""Settle a head office's payment over its branches' invoices, against core's own reconcile.

The same number of invoices twice in one database: of 100 branches, paid by their head office, and
of one ordinary customer, reconciled by core. Then the undo of both, the growth from 1,000 to 5,000
invoices, and what 300 ordinary customers' invoices cost with the addon and without.
"""

from odoo.fields import Command

from bench import common

BRANCHES = 100
SIZES = (1000, 5000)
ORDINARY = 300


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    results = {}
    for size in SIZES:
        results[size] = _measure_settle(env, size)
    met = []
    for size, measures in results.items():
        # The targets are set for 1,000 invoices; 5,000 are shown.
        first = size == SIZES[0]
        met.append(
            common.report(
                f"Settle {size} invoices of {BRANCHES} branches with one payment",
                *measures["settle"],
                seconds=1.5 if first else None,
            )
        )
        met.append(
            common.report(
                f"Undo the settlement of {size} invoices",
                *measures["undo"],
                seconds=2.0 if first else None,
            )
        )
    growth = [
        common.Measure(
            results[SIZES[1]]["settle"][side].seconds / results[SIZES[0]]["settle"][side].seconds
        )
        for side in (0, 1)
    ]
    met.append(
        common.report("Growth of settling from 1,000 to 5,000 invoices", *growth, seconds=1.0)
    )
    ours = _measure_ordinary(env)
    with common.open_env(common.core_database()) as core_env:
        core = _measure_ordinary(common.new_company(core_env, "Bench"))
    met.append(
        common.report(
            f"Post and reconcile {ORDINARY} invoices of ordinary customers",
            ours,
            core,
            more_queries=3,
        )
    )
    return all(met)


def _measure_settle(env, size):
    """Return ``{"settle": (ours, core), "undo": (ours, core)}``."""
    head_office = _create_customers(env, 1, "Head office")
    branches = _create_customers(env, BRANCHES, "Branch", billing_parent_id=head_office.id)
    ordinary = _create_customers(env, 1, "Ordinary")
    sides = []
    for payer, debtors in ((head_office, branches), (ordinary, ordinary)):
        invoices = _post_invoices(env, debtors, size)
        payment = _post_payment(env, payer, sum(invoices.mapped("amount_total")))
        # What autovacuum does for data that is there to stay.
        env.cr.execute("ANALYZE account_move, account_move_line, account_payment, res_partner")
        with common.measure(env) as settle:
            (_open_items(invoices) | _open_items(payment.move_id)).reconcile()
        assert set(invoices.mapped("payment_state")) == {"paid"}
        with common.measure(env) as undo:
            _receivables(payment.move_id).remove_move_reconcile()
        assert set(invoices.mapped("payment_state")) == {"not_paid"}
        sides.append({"settle": settle, "undo": undo})
    ours, core = sides
    return {step: (ours[step], core[step]) for step in ours}


def _measure_ordinary(env):
    """Post and reconcile one invoice of each of 300 customers."""
    customers = _create_customers(env, ORDINARY, "Ordinary")
    invoices = _create_invoices(env, customers, ORDINARY)
    payments = env["account.payment"].union(
        *(_post_payment(env, customer, 10.0) for customer in customers)
    )
    moves = invoices | payments.move_id
    with common.measure(env) as result:
        invoices.action_post()
        env["account.move.line"]._reconcile_plan(
            list(_open_items(moves).grouped("partner_id").values())
        )
    assert set(invoices.mapped("payment_state")) == {"paid"}
    return result


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


def _post_invoices(env, customers, number):
    invoices = _create_invoices(env, customers, number)
    invoices.action_post()
    return invoices


def _post_payment(env, customer, amount):
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": customer.id,
            "amount": amount,
            "date": "2026-01-31",
            "journal_id": env["account.journal"]
            .search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
            .id,
        }
    )
    payment.action_post()
    return payment


def _receivables(moves):
    return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


def _open_items(moves):
    return _receivables(moves).filtered(lambda line: not line.reconciled)
