"""Scenario 25: after a year of use the addons are uninstalled, and the ledger is what it was."""

import json
import re
import subprocess

import pytest

from odoo.tests.common import get_db_name

from tools.databases import copy_template, drop, install, odoo_bin

USE = """
from odoo.fields import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
group = env["customer.group"].create({"name": "Resellers", "discount": 10})
customers = env["res.partner"].create({"name": "Acme HQ", "is_company": True})
customers |= env["res.partner"].create([
    {"name": f"Acme {name}", "is_company": True, "billing_parent_id": customers.id,
     "billing_parent_access": "pay", "customer_group_id": group.id}
    for name in "NS"
])
invoices = env["account.move"].create([
    {"move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-01-01",
     "invoice_line_ids": [Command.create({"name": "Service", "price_unit": 1000, "tax_ids": []})]}
    for customer in customers
])
invoices.action_post()
payment = env["account.payment"].create({
    "payment_type": "inbound", "partner_type": "customer", "partner_id": customers[0].id,
    "amount": 2500, "date": "2026-01-31",
})
payment.action_post()
(invoices | payment.move_id).line_ids.filtered(
    lambda line: line.account_type == "asset_receivable"
).reconcile()
assert len(env["customer.settlement"].search([])) == 1
env.cr.commit()
"""

UNINSTALL = """
env["ir.module.module"].search([("name", "=", "customer_org")]).button_immediate_uninstall()
"""

LEDGER = """
import json
lines = env["account.move.line"].search([
    ("partner_id.name", "like", "Acme%"), ("account_type", "=", "asset_receivable"),
    ("parent_state", "=", "posted"),
])
invoices = lines.move_id.filtered(lambda move: move.is_invoice()).sorted("id")
print("LEDGER", json.dumps({
    "addons": env["ir.module.module"].search_count([
        ("name", "=like", "customer_org%"), ("state", "=", "installed")]),
    "states": invoices.mapped("payment_state"),
    "open": invoices.mapped("amount_residual"),
    "balance": {
        partner.name: [sum(items.mapped("balance")), sum(items.mapped("amount_residual"))]
        for partner, items in lines.grouped("partner_id").items()
    },
    "unbalanced": [
        move.name for move in lines.move_id if abs(sum(move.line_ids.mapped("balance"))) > 0.001
    ],
}))
"""


@pytest.fixture
def database():
    """A database of its own, in which the addons are installed."""
    name = f"{get_db_name()}_uninstall"
    copy_template(name)
    install(name, "Installing the addons", "--init", "customer_org")
    yield name
    drop(name)


def _run(database, script):
    command = odoo_bin("shell", "--database", database, "--no-http", "--log-level", "error")
    shell = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert "Traceback" not in shell.stderr, shell.stderr
    return shell.stdout


def _get_ledger(database):
    return json.loads(re.search(r"LEDGER (.*)", _run(database, LEDGER)).group(1))


def test_uninstall_leaves_the_ledger(database):
    """Entries, matches and payment states stay, and are balanced, without the addons."""
    _run(database, USE)
    before = _get_ledger(database)
    assert before.pop("addons") >= 2
    assert before == {
        "states": ["paid", "paid", "partial"],
        "open": [0.0, 0.0, 500.0],
        "balance": {"Acme HQ": [0.0, 0.0], "Acme N": [0.0, 0.0], "Acme S": [500.0, 500.0]},
        "unbalanced": [],
    }
    _run(database, UNINSTALL)
    after = _get_ledger(database)
    assert after.pop("addons") == 0
    assert after == before
