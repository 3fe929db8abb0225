"""What users install works in an Odoo that has never seen this repository."""

import os
import subprocess
import sys
import zipfile

import pytest

from odoo.tests.common import get_db_name

from tools import package
from tools.cache import odoo_home
from tools.databases import addons, copy_template, drop, odoo_bin

SETTLE = """
from odoo.fields import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
head_office = env["res.partner"].create({"name": "Acme HQ", "is_company": True})
branch = env["res.partner"].create(
    {"name": "Acme N", "is_company": True, "billing_parent_id": head_office.id})
invoice = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": branch.id, "invoice_date": "2026-01-01",
    "invoice_line_ids": [Command.create({"name": "Service", "price_unit": 100, "tax_ids": []})]})
invoice.action_post()
payment = env["account.payment"].create({
    "payment_type": "inbound", "partner_type": "customer", "partner_id": head_office.id,
    "amount": 100, "date": "2026-01-31"})
payment.action_post()
lines = (invoice | payment.move_id).line_ids
lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
import odoo.addons.customer_org
settled = env["customer.settlement"].search([]).amount
print("SETTLED", settled, invoice.payment_state, odoo.addons.customer_org.__path__[0])
"""


def _install_zips(built, target):
    for addon in addons():
        with zipfile.ZipFile(package.build_zip(addon, built)) as archive:
            archive.extractall(target)
    return target


def _install_wheels(built, target):
    package.build_wheels(addons(), built)
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*words, "--target", target, *built.glob("*.whl")], check=True)
    return target / "odoo" / "addons"


@pytest.mark.parametrize("install", [_install_zips, _install_wheels])
def test_installed_addon_settles(install, tmp_path):
    """From the zip as from the wheel, a head office's payment pays its branch's invoice."""
    built, target = tmp_path / "built", tmp_path / "target"
    built.mkdir()
    folder = install(built, target)
    database = f"{get_db_name()}_package"
    copy_template(database)
    path = os.pathsep.join(map(str, (odoo_home() / "addons", folder))).replace(os.pathsep, ",")
    env = {**os.environ, "ODOO_ADDONS_PATH": path}
    options = {"cwd": tmp_path, "env": env, "capture_output": True, "text": True}
    try:
        words = ["--database", database, "--no-http", "--stop-after-init", "--init"]
        result = subprocess.run(odoo_bin(*words, ",".join(addons())), check=False, **options)
        assert not result.returncode, result.stderr
        shell = odoo_bin("shell", "--database", database, "--no-http")
        result = subprocess.run(shell, input=SETTLE, check=False, **options)
    finally:
        drop(database)
    assert f"SETTLED 100.0 paid {folder}" in result.stdout, result.stderr
