"""Writes down where our addons touch core: ``core_seams.json`` and ``docs/next-series.rst``."""

import json

from .cache import ROOT

TABLE = ROOT / "docs" / "next-series.rst"
HEADER = """\
==================
For the next Odoo
==================

Each method of core that our addons override, why, and the test that fails where core changes under
it. ``./dev seams`` writes this page and ``core_seams.json`` anew; ``test_core_seams`` compares both
with the Odoo that runs, so that a newer one that moved something is told by name.

What is known of Odoo 20 is at the end.

.. list-table::
   :header-rows: 1

   * - Method
     - Why
     - Test
"""
FOOTER = ROOT / "docs" / "odoo-20.rst"


def write(env):
    """Write both files; tests that are named already stay."""
    from odoo.addons.customer_org.tests import common_seams

    tests = {}
    if common_seams.PINNED.exists():
        pinned = common_seams.read_pinned()["overrides"]
        tests = {name: values["test"] for name, values in pinned.items()}
    seams = common_seams.get_seams(env, tests)
    common_seams.PINNED.write_text(json.dumps(seams, indent=1, sort_keys=True) + "\n")
    TABLE.write_text(get_table(env, seams))


def get_table(env, seams):
    """Return the page as text."""
    from odoo.addons.customer_org.tests import common_seams

    rows = []
    for override in common_seams.get_overrides(env):
        test = seams["overrides"].get(override.name, {}).get("test", "")
        rows.append(
            f"   * - | ``{override.name}``\n       | {override.place}\n"
            f"     - {override.why.replace('*', '')}\n     - ``{test}``\n"
        )
    return HEADER + "".join(rows) + "\n" + FOOTER.read_text()
