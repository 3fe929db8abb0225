"""A test with a real streaming replica: are the head office's pages served by it?

    python -m tools.tests.replica DATABASE

``DATABASE`` has the addons installed; it is only read. PostgreSQL's programs are on the PATH,
libpq's variables lead to its server; Odoo's options come from its configuration file (``ODOO_RC``)
and environment. ``./dev test`` runs it, as ``tools/tests/test_replica.py``.

It copies the database to an embedded server of its own, takes a base backup of that, starts it as
a hot standby and Odoo with ``--db_replica_host``. Then it stops the replay on the standby and
renames a branch on the primary: a page that still has the old name was read from the standby.
Nothing else can tell it as surely.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import requests

from ..console import Failure
from ..databases import odoo_bin
from ..postgres import CopiedServer, as_server_user, private_folder, psql

PORT = "5439"  # Both servers listen on a socket in a folder of their own.
PAGES = (
    "/my/organization",
    "/my/organization/invoices",
    "/my/organization/pay",
    "/my/organization/statement",
)
DATA = """
import datetime
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", True)
partners = env["res.partner"]
hq = partners.create({"name": "Replica HQ", "is_company": True})
branch = partners.create({"name": "Old name", "is_company": True, "billing_parent_id": hq.id,
                          "billing_parent_access": "pay"})
env["account.move"].create({
    "move_type": "out_invoice", "partner_id": branch.id, "invoice_date": datetime.date.today(),
    "invoice_line_ids": [(0, 0, {"name": "Service", "price_unit": 100.0, "tax_ids": []})],
}).action_post()
env["res.users"].with_context(no_reset_password=True).create({
    "name": "User", "login": "replica", "password": "replica",
    "partner_id": partners.create({"name": "User", "parent_id": hq.id}).id,
    "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
})
env.cr.commit()
print("BRANCH", branch.id)
"""


def main(database):
    """Run the test; return the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="customer_org-replica-"))
    folder.chmod(0o711)
    # The copy's own: what its Odoo collects as garbage may be in use by the original.
    os.environ["ODOO_DATA_DIR"] = str(folder / "odoo")
    try:
        with CopiedServer(folder, database), _may_replicate(), _Standby(folder) as standby:
            branch_id = _create_data(database)
            with _Odoo(database, standby.socket) as url:
                return _check_pages(url, database, branch_id, standby)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _may_replicate():
    """Who takes the base backup must be allowed to replicate."""
    os.environ["PGUSER"] = "postgres"
    psql("ALTER ROLE odoo REPLICATION")
    os.environ["PGUSER"] = "odoo"
    yield


def _create_data(database):
    command = odoo_bin("shell", "--database", database, "--no-http", "--log-level", "error")
    shell = subprocess.run(command, input=DATA, capture_output=True, text=True, check=False)
    if found := re.search(r"BRANCH (\d+)", shell.stdout):
        return found.group(1)
    raise Failure(f"Odoo's shell failed: {shell.stderr}")


def _check_pages(url, database, branch_id, standby):
    session = requests.Session()
    session.trust_env = False
    token = re.search(r'csrf_token: "([^"]+)"', session.get(f"{url}/web/login").text).group(1)
    form = {"login": "replica", "password": "replica", "csrf_token": token}
    assert session.post(f"{url}/web/login", data=form).url.endswith("/my"), "no login"
    standby.wait_for_primary(database)
    for page in PAGES:
        assert "Old name" in session.get(url + page).text, page
    standby.wait_for_primary(database)
    standby.psql("SELECT pg_wal_replay_pause()", database)
    psql(f"UPDATE res_partner SET name = 'New name' WHERE id = {branch_id}", database)
    failed = 0
    for page in PAGES:
        response = session.get(url + page)
        replica = "Old name" in response.text and "New name" not in response.text
        failed += not replica
        print(f"{response.status_code} {page}: {'replica' if replica else 'PRIMARY'}")
    standby.psql("SELECT pg_wal_replay_resume()", database)
    deadline = time.monotonic() + 30
    while "New name" not in session.get(url + PAGES[0]).text:
        assert time.monotonic() < deadline, "the standby does not follow"
        time.sleep(0.5)
    print("The standby follows: the new name is there.")
    return 1 if failed else 0


class _Standby:
    """A hot standby of the server, made by ``pg_basebackup``, for as long as the block runs."""

    def __init__(self, folder):
        self.data = folder / "standby"
        self.socket = folder / "socket"

    def __enter__(self):
        private_folder(self.data)
        private_folder(self.socket)
        options = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        command = ["pg_basebackup", "--pgdata", self.data, *options]
        subprocess.run(as_server_user(*map(str, command)), check=True, cwd="/")
        options = (
            f"-c port={PORT} -c listen_addresses= -c unix_socket_directories={self.socket}"
            " -c hot_standby=on -c shared_buffers=64MB -c fsync=off"
        )
        # No standby has less room than its primary.
        for name in ("max_connections", "max_worker_processes", "max_wal_senders"):
            options += f" -c {name}={psql(f'SHOW {name}')}"
        try:
            self._pg_ctl("start", "-w", "-l", self.data / "server.log", "-o", options)
        except subprocess.CalledProcessError:
            print((self.data / "server.log").read_text()[-2000:], file=sys.stderr)
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self._pg_ctl("stop", "-w", "-m", "immediate")

    def _pg_ctl(self, *words):
        command = as_server_user("pg_ctl", "-D", self.data, *words)
        subprocess.run(list(map(str, command)), check=True, cwd="/", stdout=subprocess.DEVNULL)

    def psql(self, statement, database):
        command = ["psql", "-h", str(self.socket), "-p", PORT, "-U", "postgres", "-XAtq"]
        command += ["-d", database, "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def wait_for_primary(self, database):
        """Return when the standby has what is on the primary now."""
        position = psql("SELECT pg_current_wal_insert_lsn()", database)
        deadline = time.monotonic() + 60
        while self.psql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", database) != "t":
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.1)


class _Odoo:
    """Odoo's server with the standby for its read-only routes; yields its address."""

    def __init__(self, database, replica):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.command = [
            *odoo_bin(),
            *("--database", database, "--db-filter", f"^{database}$"),
            *("--http-interface", "127.0.0.1", "--http-port", str(port)),
            *("--db_replica_host", str(replica), "--db_replica_port", PORT),
            *("--max-cron-threads", "0", "--log-level", "warn"),
        ]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        deadline = time.monotonic() + 120
        try:
            while not self._answers():
                assert time.monotonic() < deadline, "Odoo does not answer"
                assert self.process.poll() is None, "Odoo does not start"
                time.sleep(0.2)
        except BaseException:
            self.__exit__()
            raise
        return self.url

    def _answers(self):
        try:
            return requests.get(f"{self.url}/web/login", timeout=60).ok
        except requests.ConnectionError:
            return False

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "127.0.0.1"
    sys.exit(main(sys.argv[1]))
