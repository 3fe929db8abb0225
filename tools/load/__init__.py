"""Many at once, on a server that breaks down meanwhile: is anything lost?

``./dev load`` calls :func:`run`. Head offices and ordinary customers pay and read in the portal,
accountants match, undo and post on the same credits, crons settle and send statements. A worker is
killed and PostgreSQL crashes in the middle. What the server has confirmed must be there afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from ..cache import LOGS
from ..commands.server import free_port, wait_until_up
from ..console import Failure, say
from ..databases import DATA, name, odoo_bin
from ..postgres import DURABLE, CopiedServer, Embedded, psql
from .clients import (
    Accountant,
    Client,
    CoreAccountant,
    HeadOffice,
    Listener,
    OrdinaryCustomer,
    Record,
)
from .scripts import CHECK, PREPARE

WORKER = re.compile(r"Worker WorkerHTTP \((\d+)\) alive")
# Ours, and the one that sends mails; not those that are running.
WAKE_CRONS = """
    UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC'
     WHERE id IN (
           SELECT cron.id
             FROM ir_cron cron
             JOIN ir_model_data data ON data.model = 'ir.cron' AND data.res_id = cron.id
            WHERE data.module = 'customer_org' OR data.name = 'ir_cron_mail_scheduler_action'
              FOR UPDATE OF cron SKIP LOCKED
     )
"""


class MailServer(socketserver.ThreadingTCPServer):
    """Takes each mail, and keeps whom it is for and its number."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), _MailHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _MailHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 load\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self._take()
            self.wfile.write(b"250 OK\r\n")
            if line.upper().startswith(b"QUIT"):
                return

    def _take(self) -> None:
        found: dict[str, str] = {}
        for line in iter(self.rfile.readline, b".\r\n"):
            header, _colon, value = line.decode(errors="replace").partition(":")
            found.setdefault(header.lower(), value.strip())
        self.server.mails.append((found.get("to", ""), found.get("message-id", "")))  # type: ignore


def run(minutes: float, customers: int, accountants: int) -> None:
    """Let all work for a while in a copy of the database, and check.

    :raise Failure: where something is lost or wrong
    """
    folder = Path(tempfile.mkdtemp(prefix="customer_org-load-"))
    folder.chmod(0o711)
    filestore = Path("filestore") / name("load")
    if (DATA / filestore).exists():
        shutil.copytree(DATA / filestore, folder / "odoo" / filestore, copy_function=os.link)
    os.environ["ODOO_DATA_DIR"] = str(folder / "odoo")
    try:
        with CopiedServer(folder, name("load"), DURABLE) as server:
            say("- Customers, invoices, payments and users ...")
            data = _shell(PREPARE, COUNT=str(customers), ACCOUNTANTS=str(accountants))
            record = Record()
            mails = MailServer()
            _work(server, data, record, minutes, folder, mails.server_address[1])
            say("- Checking ...")
            problems = _shell(CHECK, CONFIRMED=json.dumps(record.confirmed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _report(record, problems, mails)
    if problems["problems"] or record.failures:
        raise Failure("Something was lost or is wrong: see above.")


def _shell(script: str, **variables: str) -> Any:
    """Run a script in Odoo's shell and return what it prints as JSON after RESULT."""
    command = odoo_bin("shell", "--database", name("load"), "--no-http", "--log-level", "error")
    env = {**os.environ, **{f"LOAD_{key}": value for key, value in variables.items()}}
    options: dict[str, Any] = {"capture_output": True, "text": True, "check": False, "env": env}
    shell = subprocess.run(command, input=script, **options)
    if found := re.search(r"^RESULT (.*)", shell.stdout, re.MULTILINE):
        return json.loads(found.group(1))
    raise Failure(f"Odoo's shell failed: {shell.stderr[-2000:]}")


class _Odoo:
    """Odoo with two workers, a cron worker and the event worker, while the block runs.

    Its master ends where it looks for a worker while PostgreSQL is down. What would start it again
    then is the system; here :meth:`ensure` is.
    """

    def __init__(self, folder: Path, mail_port: int) -> None:
        # The master starts the event worker by the name of its own program, which must be a file.
        program = folder / "odoo-bin"
        program.write_text("import odoo.cli\n\nodoo.cli.main()\n")
        self.log = LOGS / f"{name('load')}_server.log"
        self.log.write_text("")
        port, event_port = free_port(8300), free_port(8400)
        self.url, self.events = (f"http://127.0.0.1:{number}" for number in (port, event_port))
        self.words = [
            *("python", str(program), "--database", name("load")),
            *("--db-filter", f"^{name('load')}$"),
            *("--workers", "2", "--max-cron-threads", "1", "--limit-time-real-cron", "600"),
            *("--http-interface", "127.0.0.1"),
            *("--http-port", str(port), "--gevent-port", str(event_port)),
            *("--smtp", "127.0.0.1", "--smtp-port", str(mail_port)),
        ]
        self.starts = 0

    def __enter__(self) -> _Odoo:
        self._start()
        wait_until_up(self.process, self.url, self.log)
        return self

    def _start(self) -> None:
        self.starts += 1
        with open(self.log, "ab") as output:
            streams: dict[str, Any] = {"stdout": output, "stderr": output}
            self.process = subprocess.Popen(self.words, start_new_session=True, **streams)

    def ensure(self) -> None:
        if self.process.poll() is not None:
            say("- Odoo has ended; starting it again")
            self._start()

    def kill_worker(self) -> None:
        alive = [int(found) for found in WORKER.findall(self.log.read_text(errors="replace"))]
        worker = next(number for number in alive[::-1] if Path(f"/proc/{number}").exists())
        say(f"- Killing worker {worker}")
        os.kill(worker, signal.SIGKILL)

    def __exit__(self, *_exception: object) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _work(
    postgres: Embedded,
    data: dict[str, Any],
    record: Record,
    minutes: float,
    folder: Path,
    mail_port: int,
) -> None:
    """Let the clients work, and break the server twice."""
    with _Odoo(folder, mail_port) as odoo:
        clients: list[Client] = [
            kind(address, name("load"), login, data.get(customers, []), record)
            for kind, address, users, customers in (
                (HeadOffice, odoo.url, "head_office_users", ""),
                (OrdinaryCustomer, odoo.url, "ordinary_users", ""),
                (Accountant, odoo.url, "accountants", "head_offices"),
                (CoreAccountant, odoo.url, "accountants", "ordinary"),
                (Listener, odoo.events, "accountants", ""),
            )
            for login in data[users]
        ]
        for client in clients:
            client.start()
        say(f"- {len(clients)} clients log in ...")
        while not all(client.ready.is_set() for client in clients):
            _wait(odoo, 2)
        say(f"- They work for {minutes:g} minutes ...")
        _wait(odoo, minutes * 20)
        odoo.kill_worker()
        _wait(odoo, minutes * 20)
        say("- PostgreSQL crashes, and is started again")
        postgres.crash()
        _wait(odoo, minutes * 20)
        for client in clients:
            client.stopped.set()
        while any(client.is_alive() for client in clients):
            _wait(odoo, 2)
    say(f"    Odoo was started {odoo.starts} times; its log: {odoo.log}")


def _wait(odoo: _Odoo, seconds: float) -> None:
    """Wait, and wake the crons every few seconds meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        odoo.ensure()
        psql(WAKE_CRONS, name("load"))
        psql(f"SELECT pg_notify('cron_trigger', '{name('load')}')")
        time.sleep(min(5.0, max(0.0, end - time.monotonic())))


def _report(record: Record, found: dict[str, Any], mails: MailServer) -> None:
    columns = ("done", "refused", "retried", "failed")
    say(f"\n{'':24}" + "".join(f"{column:>9}" for column in (*columns, "median", "95 %")))
    for title in sorted({title for title, _outcome in record.outcomes}):
        seconds = record.seconds[title] or [0.0]
        high = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        counts = "".join(f"{record.outcomes[title, column]:9}" for column in columns)
        say(f"{title:24}{counts}{median(seconds):8.2f}s{high:8.2f}s")
    say("\nRefused, because:")
    for text, count in record.refusals.most_common(12):
        say(f"{count:6} {text}")
    for text, count in record.failures.most_common(12):
        say(f"FAILED {count} {text}")
    say(f"\nConfirmed: { {kind: len(values) for kind, values in record.confirmed.items()} }")
    twice = [number for number, times in Counter(mails.mails).items() if times > 1]
    say(f"Statements: {found['statements']}; mails received: {len(mails.mails)}, twice: {twice}")
    say(f"Settlements: {found['settlements']}")
    for problem in found["problems"]:
        say(f"LOST OR WRONG: {problem}")
    say(f"Lost or wrong: {len(found['problems'])}")
