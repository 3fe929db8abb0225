"""Settle a head office's payment over its branches' invoices, against core's own reconcile.

The same number of invoices twice in one database: of 100 branches, paid by their head office, and
of one ordinary customer, reconciled by core. Then the undo of both, the growth from 1,000 to 10,000
invoices, the wizard's first screen over 10,000 open invoices, automatic settlement of 1,000
hierarchies, and what 300 ordinary customers' invoices cost with the addon and without, paid by
payments that are matched with them or by *Register Payment*.
"""

from odoo.fields import Command

from bench import common

BRANCHES = 100
SIZES = (1000, 10_000)
HIERARCHIES = 1000
ORDINARY = 300


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    met = []
    first = None
    for size in SIZES:
        ours, core = _measure_sides(env, size)
        # The ratios have a target for 1,000 invoices; for more, the growth has one.
        first = first or (ours, core)
        with_target = size == SIZES[0]
        met += [
            common.report(
                f"Settle {size} invoices of {BRANCHES} branches with one payment",
                ours["settle"],
                core["settle"],
                seconds=1.5 if with_target else None,
            ),
            common.report(
                f"Undo the settlement of {size} invoices",
                ours["undo"],
                core["undo"],
                seconds=2.0 if with_target else None,
            ),
        ]
        if not with_target:
            met.append(
                common.report(
                    f"Growth of settling from {SIZES[0]} to {size} invoices",
                    _get_growth(first[0], ours),
                    _get_growth(first[1], core),
                    seconds=1.0,
                )
            )
    met.append(_measure_wizard(env))
    met.append(_measure_auto_settle(env))
    ours = _measure_ordinary(env)
    with common.open_env(common.core_database()) as core_env:
        core = _measure_ordinary(common.new_company(core_env, "Bench"))
    titles = ("Post and reconcile", "Register payments of")
    for what, *measures in zip(titles, ours, core, strict=True):
        met.append(
            common.report(
                f"{what} {ORDINARY} invoices of ordinary customers", *measures, more_queries=3
            )
        )
    return all(met)


def _get_growth(before, after):
    return common.Measure(
        after["settle"].seconds / before["settle"].seconds,
        round(after["settle"].queries / before["settle"].queries),
    )


def _measure_sides(env, size):
    """Return what settling and undoing take, ours and core's; the invoices stay open."""
    head_office = _create_customers(env, 1, "Head office")
    branches = _create_customers(env, BRANCHES, "Branch", billing_parent_id=head_office.id)
    ordinary = _create_customers(env, 1, "Ordinary")
    sides = []
    for payer, debtors in ((head_office, branches), (ordinary, ordinary)):
        invoices = _post_invoices(env, debtors, size)
        payment = _post_payments(env, payer, sum(invoices.mapped("amount_total")))
        _analyze(env)
        with common.measure(env) as settle:
            (_open_items(invoices) | _open_items(payment.move_id)).reconcile()
        assert set(invoices.mapped("payment_state")) == {"paid"}
        with common.measure(env) as undo:
            _receivables(payment.move_id).remove_move_reconcile()
        assert set(invoices.mapped("payment_state")) == {"not_paid"}
        sides.append({"settle": settle, "undo": undo})
    return sides


def _measure_wizard(env):
    """Compare the wizard's first screen with a list of the same open items, all on one page."""
    size = SIZES[-1]
    payer = env["res.partner"].search([("name", "=", "Head office 0")], order="id desc", limit=1)
    fields = ("move_id", "partner_id", "date_maturity", "amount_residual", "currency_id")
    specification = {
        name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in fields
    }
    with common.measure(env) as ours:
        action = payer.action_settle_branches()
        wizard = env["customer.settlement.wizard"].browse(action["res_id"])
        # What the screen asks for: its fields, and the first page of the grid.
        wizard.web_read({"display_name": {}, "payer_id": {}, "policy": {}, "state": {}})
        wizard.get_grid()
    with common.measure(env) as core:
        found = env["account.move.line"].web_search_read(
            [
                ("partner_id.billing_root_id", "=", payer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            specification,
        )
    assert found["length"] == size + 1, found["length"]
    return common.report(
        f"First screen of the settlement wizard over {size} open invoices, against their list",
        ours,
        core,
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
    sides = []
    for debtors, creditors in ((branches, payers), (branches, branches)):
        invoices = _post_invoices(env, debtors, HIERARCHIES)
        payments = _post_payments(env, creditors, 10.0)
        _analyze(env)
        with common.measure(env) as result:
            if debtors == creditors:
                for items in (
                    _open_items(invoices | payments.move_id).grouped("partner_id").values()
                ):
                    items.reconcile()
            else:
                for payer in payers:
                    payer._auto_settle()
        assert set(invoices.mapped("payment_state")) == {"paid"}
        sides.append(result)
    return common.report(f"Settle {HIERARCHIES} hierarchies automatically", *sides)


def _analyze(env):
    """Do what autovacuum does for data that is there to stay."""
    env.flush_all()
    env.cr.execute("ANALYZE account_move, account_move_line, account_payment, res_partner")


def _measure_ordinary(env):
    """Post and reconcile an invoice of each of 300 customers, and register payments of others."""
    customers = _create_customers(env, ORDINARY, "Ordinary")
    invoices = _create_invoices(env, customers, ORDINARY)
    payments = _post_payments(env, customers, 10.0)
    moves = invoices | payments.move_id
    with common.measure(env) as reconcile:
        invoices.action_post()
        env["account.move.line"]._reconcile_plan(
            list(_open_items(moves).grouped("partner_id").values())
        )
    assert set(invoices.mapped("payment_state")) == {"paid"}
    invoices = _post_invoices(env, customers, ORDINARY)
    with common.measure(env) as register:
        env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        ).create({})._create_payments()
    assert not any(invoices.mapped("amount_residual"))
    return reconcile, register


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


def _post_payments(env, customers, amount):
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
