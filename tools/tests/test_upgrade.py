"""A database that the first version made is brought to this one: the ledger is what it was."""

import pytest

from odoo.tests.common import get_db_name

from tools.cache import ROOT
from tools.databases import addons, copy_template, drop
from tools.upgrade import USE, first_version, get_ledger, run_odoo

UNDO = """
env["customer.settlement"].search([("state", "=", "posted")]).action_undo()
lines = env["account.move.line"].search([
    ("partner_id.name", "like", "Acme%"), ("account_type", "=", "asset_receivable"),
    ("parent_state", "=", "posted")])
documents = lines.filtered(lambda line: line.move_id.is_invoice() or line.payment_id)
legs = lines - documents
print("OPEN", documents.filtered("reconciled").mapped("move_id.name"),
      legs.filtered(lambda line: not line.reconciled).mapped("move_id.name"))
for partner, items in lines.grouped("partner_id").items():
    assert abs(sum(items.mapped("balance")) - sum(items.mapped("amount_residual"))) < 0.005, partner
env.cr.commit()
"""
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "customer_org")]).button_immediate_uninstall()
"""
# What does not need our fields: the same with the addons and without.
ITEMS = """
import json
lines = env["account.move.line"].search([
    ("partner_id.name", "like", "Acme%"), ("account_type", "=", "asset_receivable")], order="id")
print("LEDGER", json.dumps({
    "addons": env["ir.module.module"].search_count([
        ("name", "=like", "customer_org%"), ("state", "=", "installed")]),
    "items": [[line.id, line.partner_id.id, line.balance, line.amount_residual,
               line.amount_residual_currency, line.reconciled] for line in lines],
    "states": [[move.id, move.name, move.state, move.payment_state] for move in lines.move_id],
    "matches": env["account.partial.reconcile"].search_count([]),
    "unbalanced": [move.id for move in lines.move_id
                   if abs(sum(move.line_ids.mapped("balance"))) > 0.001],
}))
"""


@pytest.fixture
def old_addons():
    """The first version's addons."""
    try:
        with first_version() as folder:
            yield folder
    except LookupError as error:
        pytest.skip(str(error))


def test_upgrade_from_the_first_version(old_addons):
    """Balances, open amounts, consents and settlements are equal to the cent, and undo works.

    Uninstalled after that, the addons leave the ledger as it is.
    """
    database = f"{get_db_name()}_upgrade"
    copy_template(database)
    try:
        run_odoo(old_addons, database, "--stop-after-init", "--init", "customer_org")
        run_odoo(old_addons, database, "shell", script=USE)
        before = get_ledger(old_addons, database)
        run_odoo(ROOT, database, "--stop-after-init", "--update", ",".join(addons()))
        assert get_ledger(ROOT, database) == before
        output, _log = run_odoo(ROOT, database, "shell", script=UNDO)
        assert "OPEN [] []" in output
        installed = get_ledger(ROOT, database, ITEMS)
        run_odoo(ROOT, database, "shell", script=UNINSTALL)
        bare = get_ledger(ROOT, database, ITEMS)
    finally:
        drop(database)
    assert installed.pop("addons") and not bare.pop("addons")
    assert bare == installed
    assert not bare["unbalanced"]
