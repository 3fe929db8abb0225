"""Import of hierarchies: 10,000 rows, compared with core's import of the same with ``parent_id``.

Target: at most twice core's time, for new customers with billing parents, and for billing parents
of customers who are there already.
"""

from . import common
from .common import measure, report

ROWS = 10_000
BRANCHES = 99
COLUMNS = ["name", "is_company"]


def main(env):
    """Print each comparison; return whether all targets are met."""
    rows = make_rows()
    with common.open_env(common.core_database()) as core_env:
        core = import_customers(core_env, rows, "parent_id")
    ours = import_customers(env, rows, "billing_parent_id")
    delete_parents(env)
    ours_later = import_hierarchy(env, rows)
    return all(
        [
            report("New customers with their parents", ours, core, seconds=2),
            report("Parents of customers who are there", ours_later, core, seconds=2),
        ]
    )


def make_rows():
    """Return pairs of customer and parent: heads first, as core needs it, then their branches."""
    heads = [f"Bench head office {number}" for number in range(ROWS // (BRANCHES + 1))]
    branches = [(f"{head} branch {number}", head) for head in heads for number in range(BRANCHES)]
    return [*((head, "") for head in heads), *branches]


def load(records, fields, data):
    """Return the measure of an import that must succeed."""
    with measure(records.env) as measured:
        result = records.load(fields, data)
    if not result["ids"]:
        raise SystemExit(f"The import failed: {result['messages'][:3]}")
    return measured


def import_customers(env, rows, parent):
    data = [[name, "True", above] for name, above in rows]
    return load(env["res.partner"], [*COLUMNS, parent], data)


def delete_parents(env):
    env["res.partner"].search([("name", "=like", "Bench head office %")]).billing_parent_id = False


def import_hierarchy(env, rows):
    data = [list(row) for row in rows]
    return load(env["customer.hierarchy.import"], ["partner_id", "billing_parent_id"], data)
