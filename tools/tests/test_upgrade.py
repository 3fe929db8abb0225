"""A database that the first version made is brought to this one: the ledger is what it was."""

import json
import os
import re
import subprocess
import tarfile

import pytest

from odoo.tests.common import get_db_name

from tools.cache import ROOT, odoo_home
from tools.databases import addons, copy_template, drop, odoo_bin

FIRST_VERSION = "c176b9d"
USE = """
from odoo.fields import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
euro = env.ref("base.EUR")
euro.active = True
env["res.currency.rate"].create([
    {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.8},
    {"currency_id": euro.id, "name": "2026-01-20", "rate": 0.9},
])
group = env["customer.group"].create({"name": "Resellers", "discount": 10})
customers = env["res.partner"].create({"name": "Acme HQ", "is_company": True})
for name, access in (("N", "pay"), ("S", "view"), ("E", "none")):
    customers |= env["res.partner"].create({
        "name": f"Acme {name}", "is_company": True, "billing_parent_id": customers[0].id,
        "billing_parent_access": access, "customer_group_id": group.id})

def invoice(customer, amount, currency=company.currency_id):
    move = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-01-05",
        "currency_id": currency.id,
        "invoice_line_ids": [Command.create(
            {"name": "Service", "price_unit": amount, "discount": 0, "tax_ids": []})]})
    move.action_post()
    return move

def pay(amount, currency=company.currency_id):
    payment = env["account.payment"].create({
        "payment_type": "inbound", "partner_type": "customer", "partner_id": customers[0].id,
        "amount": amount, "date": "2026-01-31", "currency_id": currency.id})
    payment.action_post()
    return payment.move_id

def match(*moves):
    lines = env["account.move"].union(*moves).line_ids
    lines.filtered(
        lambda line: line.account_type == "asset_receivable" and not line.reconciled).reconcile()

hq, north, south, east = customers
first, second, third = (invoice(customer, 1000) for customer in (north, south, east))
match(first, second, third, pay(2500))
# One of them is taken back again.
receivable = second.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
receivable.matched_credit_ids.unlink()
match(invoice(north, 500, euro), pay(400, euro))
match(invoice(south, 300), invoice(south, 200), pay(600, euro))
env.cr.commit()
"""
LEDGER = """
import json
lines = env["account.move.line"].search([
    ("partner_id.name", "like", "Acme%"), ("account_type", "=", "asset_receivable")], order="id")
partners = env["res.partner"].search([("name", "like", "Acme%")], order="id")
print("LEDGER", json.dumps({
    "items": [[line.id, line.balance, line.amount_residual, line.amount_residual_currency,
               line.reconciled] for line in lines],
    "states": [[move.id, move.payment_state] for move in lines.move_id],
    "balances": {partner.name: sum(items.mapped("balance"))
                 for partner, items in lines.grouped("partner_id").items()},
    "consents": [[partner.billing_parent_access, partner.billing_root_id.name,
                  partner.customer_group_id.name, partner.billing_total_due]
                 for partner in partners],
    "settlements": [[round(settlement.amount, 2), settlement.payer_id.name, settlement.state]
                    for settlement in env["customer.settlement"].search([], order="id")],
    "settled": sorted(
        [partner.name, round(sum(matches.mapped("amount")), 2)]
        for partner, matches in env["customer.settlement.line"].search([]).grouped(
            "partner_id").items()),
}))
"""
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


@pytest.fixture
def old_addons(tmp_path):
    """The first version's addons, from the repository's own history."""
    archive = tmp_path / "first.tar"
    words = ["git", "archive", "--output", archive, FIRST_VERSION, "customer_org"]
    if subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("This clone is shallow: the first version is not in it.")
    with tarfile.open(archive) as content:
        content.extractall(tmp_path / "first", filter="data")
    return tmp_path / "first"


def _odoo(path, database, *words, script=None):
    """Run Odoo with the addons of a folder; return what it prints."""
    env = {**os.environ, "ODOO_ADDONS_PATH": f"{odoo_home() / 'addons'},{path}"}
    command = odoo_bin(*words, "--database", database, "--no-http", "--log-level", "warn")
    options = {"capture_output": True, "text": True, "check": False, "env": env}
    run = subprocess.run(command, input=script, cwd=path, **options)
    assert not run.returncode and "Traceback" not in run.stderr, run.stderr
    return run.stdout


def _get_ledger(path, database):
    output = _odoo(path, database, "shell", script=LEDGER)
    return json.loads(re.search(r"LEDGER (.*)", output).group(1))


def test_upgrade_from_the_first_version(old_addons):
    """Balances, open amounts, consents and settlements are equal to the cent, and undo works."""
    database = f"{get_db_name()}_upgrade"
    copy_template(database)
    try:
        _odoo(old_addons, database, "--stop-after-init", "--init", "customer_org")
        _odoo(old_addons, database, "shell", script=USE)
        before = _get_ledger(old_addons, database)
        _odoo(ROOT, database, "--stop-after-init", "--update", ",".join(addons()))
        assert _get_ledger(ROOT, database) == before
        output = _odoo(ROOT, database, "shell", script=UNDO)
    finally:
        drop(database)
    assert "OPEN [] []" in output
