"""From a database that the first version made to this version.

``tools/tests/test_upgrade.py`` does it with a few documents and compares each; ``./dev upgrade``
with many, and measures.
"""

import json
import os
import re
import subprocess
import tarfile
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from .cache import LOGS, ROOT, odoo_home
from .console import Failure, say
from .databases import addons, copy_template, drop, name, odoo_bin

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
# Head offices with four branches each, whose payments settle some of many invoices.
MANY = """
import os, sys
from odoo.tools import SQL
sys.path.insert(0, os.environ["UPGRADE_ROOT"])
from bench.common import copy_rows
count = int(os.environ["UPGRADE_INVOICES"])
env = env(context={**env.context, "tracking_disable": True})
heads = env["res.partner"].create([
    {"name": f"Acme {at}", "is_company": True} for at in range(count // 200)])
branches = env["res.partner"].create([
    {"name": f"{head.name} branch {at}", "is_company": True, "billing_parent_id": head.id,
     "billing_parent_access": "pay", "customer_group_id": group.id}
    for head in heads for at in range(4)])
model = invoice(branches[0], 100)
env.flush_all()
env.cr.execute(SQL(
    '''
    CREATE TEMPORARY TABLE bench_move AS
    SELECT nextval('account_move_id_seq')::int AS id, number,
           %s + (number %% %s)::int AS customer
      FROM generate_series(1, %s) number
    ''', branches[0].id, len(branches), count))
customer = SQL("bench_move.customer")
root = SQL("(SELECT billing_root_id FROM res_partner WHERE id = bench_move.customer)")
copy_rows(env, "account_move", model.ids, {
    "id": SQL("bench_move.id"), "name": SQL("source.name || '-' || number"),
    "partner_id": customer, "commercial_partner_id": customer, "partner_shipping_id": customer,
    "billing_root_id": root, "access_token": SQL("md5(bench_move.id::text)")})
# Else the checks of foreign keys go on as planned when these tables were small.
env.cr.execute("ANALYZE account_move, res_partner")
copy_rows(env, "account_move_line", model.line_ids.ids, {
    "id": SQL("nextval('account_move_line_id_seq')"), "move_id": SQL("bench_move.id"),
    "partner_id": customer})
env.invalidate_all()
env.cr.execute("ANALYZE")
for head in heads[:20]:
    payment = env["account.payment"].create({
        "payment_type": "inbound", "partner_type": "customer", "partner_id": head.id,
        "amount": 2050, "date": "2026-01-31"})
    payment.action_post()
    items = env["account.move.line"].search([
        ("partner_id", "in", head.billing_child_ids.ids), ("reconciled", "=", False),
        ("account_type", "=", "asset_receivable")], limit=25)
    (items | payment.move_id.line_ids.filtered(
        lambda line: line.account_type == "asset_receivable")).reconcile()
    # Of each settlement one match is taken back.
    items[0].matched_credit_ids.unlink()
env.cr.commit()
"""
# What must be the same before and after, of all customers; in numbers that SQL can make.
SUMS = """
import json
env.cr.execute('''
    SELECT line.partner_id, SUM(line.balance), SUM(line.amount_residual),
           SUM(line.amount_residual_currency), COUNT(*), COUNT(*) FILTER (WHERE line.reconciled)
      FROM account_move_line line JOIN account_account account ON account.id = line.account_id
     WHERE account.account_type = 'asset_receivable' GROUP BY line.partner_id ORDER BY 1
    ''')
items = [[str(value) for value in row] for row in env.cr.fetchall()]
env.cr.execute('''
    SELECT id, billing_root_id, billing_parent_access, customer_group_id
      FROM res_partner WHERE billing_root_id != id OR customer_group_id IS NOT NULL ORDER BY id
    ''')
customers = env.cr.fetchall()
env.cr.execute('''
    SELECT payment_state, COUNT(*), COUNT(billing_root_id), SUM(amount_residual)
      FROM account_move GROUP BY payment_state ORDER BY 1
    ''')
moves = [[str(value) for value in row] for row in env.cr.fetchall()]
env.cr.execute(
    "SELECT settlement_id, SUM(amount) FROM customer_settlement_line GROUP BY 1 ORDER BY 1")
settled = [[str(float(value)) for value in row] for row in env.cr.fetchall()]
print("LEDGER", json.dumps({
    "items": items, "customers": customers, "moves": moves, "settled": settled}))
"""


@contextmanager
def first_version():
    """Yield a folder with the first version's addons, from the repository's own history.

    :raise LookupError: in a clone that is shallow
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "first.tar"
        words = ["git", "archive", "--output", str(archive), FIRST_VERSION, "customer_org"]
        if subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode:
            raise LookupError("This clone is shallow: the first version is not in it.")
        with tarfile.open(archive) as content:
            content.extractall(Path(folder) / "first", filter="data")
        yield Path(folder) / "first"


def run_odoo(path, database, *words, script=None, level="warn"):
    """Run Odoo with the addons of a folder.

    :return: what it prints, and its log
    :raise Failure: where it fails, or an error is in its log
    """
    env = {**os.environ, "ODOO_ADDONS_PATH": f"{odoo_home() / 'addons'},{path}"}
    command = odoo_bin(*words, "--database", database, "--no-http", "--log-level", level)
    run = subprocess.run(
        command, input=script, cwd=path, env=env, capture_output=True, text=True, check=False
    )
    if run.returncode or "Traceback" in run.stderr:
        raise Failure(f"Odoo failed on {database}: {run.stderr[-3000:]}")
    return run.stdout, run.stderr


def get_ledger(path, database, script=LEDGER):
    """Return what a script prints of the ledger."""
    output, _log = run_odoo(path, database, "shell", script=script)
    return json.loads(re.findall(r"LEDGER (.*)", output)[0])


def measure(invoices):
    """Upgrade a database with so many invoices; print how long it takes and what it computes.

    :raise Failure: where the ledger is another afterwards
    """
    database = name("upgrade")
    os.environ |= {"UPGRADE_ROOT": str(ROOT), "UPGRADE_INVOICES": str(invoices)}
    copy_template(database)
    try:
        with first_version() as first:
            say(f"- {invoices} invoices by the first version ...")
            run_odoo(first, database, "--stop-after-init", "--init", "customer_org")
            run_odoo(first, database, "shell", script=USE + MANY)
            before = get_ledger(first, database, SUMS)
        say("- Upgrading ...")
        start = time.monotonic()
        words = ["--stop-after-init", "--update", ",".join(addons())]
        _output, log = run_odoo(ROOT, database, *words, level="info")
        say(f"    done in {time.monotonic() - start:.0f} s")
        (LOGS / f"{database}.log").write_text(log)
        for field in re.findall(r"Prepare computation of (\S+)", log):
            say(f"    computed by row: {field}")
        after = get_ledger(ROOT, database, SUMS)
    finally:
        drop(database)
    if different := [key for key in before if before[key] != after[key]]:
        raise Failure(f"Not what it was before: {', '.join(different)}.")
    customers, settlements = len(before["items"]), len(before["settled"])
    say(f"    equal to the cent: {customers} customers, {settlements} settlements")
