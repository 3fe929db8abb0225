"""The portal of a head office with 1,000 branches against core's page of one customer.

Both have the same 100,000 invoices. Measured is what core's page of invoices and its counters ask
the database for, and build from it, as either portal user; and the data of the overview against
one hand-written SQL roll-up. Rendering, which is the same for both, is left out.
"""

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.customer_org.models.portal.portal_organization import PortalOrganization

from bench import common

BRANCHES = 1000
INVOICES = 100_000
PAGE = 80
DOMAIN = Domain("state", "not in", ("cancel", "draft")) & Domain(
    "move_type",
    "in",
    ("out_invoice", "out_refund", "in_invoice", "in_refund", "out_receipt", "in_receipt"),
)


def main(env):
    """Run all and report; return whether every target is met."""
    env = common.new_company(env, "Bench")
    partners = env["res.partner"]
    hq, single = partners.create([{"name": name, "is_company": True} for name in ("HQ", "Single")])
    branches = partners.create(
        [
            {
                "name": f"Branch {number}",
                "is_company": True,
                "billing_parent_id": hq.id,
                "billing_parent_access": "pay",
            }
            for number in range(BRANCHES)
        ]
    )
    _create_invoices(env, branches.ids)
    _create_invoices(env, single.ids)
    env.cr.execute("ANALYZE account_move, account_move_line, res_partner, customer_hierarchy_link")
    ours, core = (_portal_env(env, customer) for customer in (hq, single))
    return all(
        [
            _compare("Page of invoices", _list_page, ours, core, 1.3),
            _compare("Counters of /my", _counters, ours, core, 1.3),
            _compare_overview(env, ours, hq),
        ]
    )


def _portal_env(env, customer):
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": customer.name,
                "login": f"bench-{customer.id}",
                "partner_id": customer.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                "company_id": env.company.id,
                "company_ids": [(6, 0, env.company.ids)],
            }
        )
    )
    return env(user=user, context={})


def _create_invoices(env, customer_ids):
    """Make copies of one posted invoice by SQL, in turn for each customer."""
    move = common.post_model_invoice(env, customer_ids[0])
    customer = SQL("(%s::int[])[1 + number %% %s]", customer_ids, len(customer_ids))
    date = SQL("%s::date - (number %% 365)::int", fields.Date.today())
    env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS bench_move (id int, number int)")
    env.cr.execute("DELETE FROM bench_move")
    env.cr.execute(
        SQL(
            """
            INSERT INTO bench_move
                 SELECT nextval('account_move_id_seq'), number
                   FROM generate_series(1, %s) number
            """,
            INVOICES - 1,
        )
    )
    common.copy_moves(
        env,
        move,
        customer,
        date,
        {
            "billing_root_id": SQL("source.billing_root_id"),
            "invoice_date_due": date,
            "access_token": SQL("md5(bench_move.id::text)"),
        },
    )
    common.copy_rows(
        env,
        "account_move_line",
        move.line_ids.ids,
        {
            "id": SQL("nextval('account_move_line_id_seq')"),
            "move_id": SQL("bench_move.id"),
            "partner_id": customer,
            "date": date,
            "date_maturity": SQL("CASE WHEN source.date_maturity IS NOT NULL THEN %s END", date),
        },
    )
    env.invalidate_all()


def _compare(title, action, ours, core, limit):
    measures = []
    for env in (ours, core):
        action(env)  # the cached rules and plans are warm, as in a running server
        best = min((_measure(env, action) for _round in range(3)), key=lambda one: one.seconds)
        measures.append(best)
    return common.report(title, *measures, seconds=limit)


def _measure(env, action):
    with common.measure(env) as measure:
        action(env)
    return measure


def _list_page(env):
    """Do what core's ``/my/invoices`` does, and what ours adds."""
    moves = env["account.move"]
    moves.search_count(DOMAIN)
    if env.user._is_head_office_portal():
        names = PortalOrganization(env).names
        assert len(names) == BRANCHES + 1
    for move in moves.search(DOMAIN, order="invoice_date desc", limit=PAGE):
        move.get_portal_last_transaction()
        move._get_invoice_portal_extra_values()
        move._has_to_be_paid()
        move.get_portal_url()


def _counters(env):
    moves = env["account.move"]
    moves.search_count(DOMAIN & Domain("move_type", "in", ("out_invoice", "out_refund")), limit=1)
    customer_ids = [env.user.partner_id.id]
    if env.user._is_head_office_portal():
        customer_ids += PortalOrganization(env).payable_ids
    moves.search_count(
        [
            ("state", "not in", ("cancel", "draft")),
            ("move_type", "in", ("out_invoice", "out_receipt")),
            ("payment_state", "not in", ("in_payment", "paid", "reversed", "blocked")),
            ("invoice_date_due", "<", fields.Date.today()),
            ("commercial_partner_id", "in", customer_ids),
        ]
    )


def _compare_overview(env, ours, hq):
    def overview(env):
        organization = PortalOrganization(env)
        ageing = organization.get_ageing()
        assert len(ageing) == BRANCHES
        organization.sum_by_currency(ageing.values())

    def roll_up(env):
        env.cr.execute(
            """
            SELECT line.partner_id, line.currency_id, SUM(line.amount_residual_currency),
                   SUM(line.amount_residual_currency) FILTER (WHERE date_maturity < now())
              FROM customer_hierarchy_link link
              JOIN account_move_line line ON line.partner_id = link.descendant_id
              JOIN account_account account ON account.id = line.account_id
             WHERE link.ancestor_id = %s AND link.can_view AND line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted' AND account.account_type = 'asset_receivable'
          GROUP BY line.partner_id, line.currency_id
            """,
            [hq.id],
        )
        env.cr.fetchall()

    measures = []
    for action, action_env in ((overview, ours), (roll_up, env)):
        action(action_env)
        measures.append(
            min((_measure(action_env, action) for _round in range(3)), key=lambda m: m.seconds)
        )
    return common.report("Overview of 1,000 branches against one SQL roll-up", *measures, seconds=2)
