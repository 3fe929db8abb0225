"""The commands. To add one, write a function with ``@command`` and a docstring."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from . import cache, postgres
from .cache import LOGS, ROOT, lock
from .cli import argument, command
from .console import Failure, run_logged, say
from .databases import (
    BUILDING,
    addons,
    create,
    drop,
    fresh_copy,
    install,
    is_current,
    name,
    odoo_command,
    set_stamp,
    stamp,
    wanted_stamp,
)

WELCOME = """
  {url}

    accountant                   admin / admin
    head office's portal user    acme / acme
    branch's portal user         acme-north / acme-north

  First, as the accountant: Invoicing > Customers > Customers > Acme Corporation.

  Odoo's log: {log}
  Ctrl-C stops Odoo and PostgreSQL.
"""
SYSTEM_PACKAGES = {
    "chromium": "browser tests and tours",
    "wkhtmltopdf": "tests that render a PDF",
}
PROBLEM = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
# Debian's wkhtmltopdf prints no headers and footers.
HARMLESS = re.compile("wkhtmltopdf: The switch .* unpatched qt")
TESTS_RUN = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests")


# ---------------------------------------------------------------- run


@command(
    argument("--port", type=int, default=8069, help="the next free one is taken (default: 8069)"),
    argument("--db", metavar="NAME", help="the database (default: one per clone)"),
    argument("--fresh", action="store_true", help="make the database anew"),
)
def run(options):
    """Start Odoo on the demo database. Words after -- are options for Odoo."""
    database = options.db or name("demo")
    _prepare_demo(options.python, database, options.fresh)
    port = _free_port(options.port)
    if port != options.port:
        say(f"- Port {options.port} is taken: using {port}.")
    log = LOGS / "run.log"
    with _odoo_server(options, database, port, log) as server:
        url = f"http://localhost:{port}"
        _wait_until_up(server, url, log)
        say(WELCOME.format(url=url, log=log))
        server.wait()
        raise Failure(f"Odoo stopped by itself; see {log}")


def _prepare_demo(python, database, fresh=False):
    """Create the demo database once; later only update our addons in it where they have changed."""
    with lock(database):
        found = None if fresh else stamp(database)
        if found in (None, BUILDING):
            create(database)
            arguments = ["--init", ",".join(addons()), "--with-demo"]
            install(python, database, "Demo database (about 2 minutes)", *arguments)
        elif found and found != wanted_stamp():
            install(python, database, "Updating the demo database", "--update", ",".join(addons()))
        else:
            return
        set_stamp(database, wanted_stamp())


@contextmanager
def _odoo_server(options, database, port, log):
    """Odoo in a session of its own, so that a Ctrl-C in the terminal reaches it by us only."""
    arguments = ["--database", database, "--db-filter", f"^{database}$", "--no-database-list"]
    arguments += ["--http-port", str(port), "--logfile", str(log), *options.rest]
    server = subprocess.Popen(odoo_command(options.python, *arguments), start_new_session=True)
    try:
        yield server
    finally:
        say("\n- Stopping Odoo ...")
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_up(server, url, log):
    say("- Starting Odoo ...")
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/web/login", timeout=60).close()
            return
        except urllib.error.HTTPError as error:
            raise Failure(f"Odoo answers {error.code} at {url}/web/login; see {log}") from None
        except OSError:
            time.sleep(0.2)
    raise Failure(f"Odoo does not start; see {log}")


def _free_port(port=0):
    """Return the first free port from ``port`` on; any, if that is 0."""
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                port += 1


# ---------------------------------------------------------------- the demo database


@command()
def shell(options):
    """Open Odoo's Python shell on the demo database."""
    _prepare_demo(options.python, name("demo"))
    return _interactive(
        odoo_command(
            options.python, "shell", "--database", name("demo"), "--no-http", *options.rest
        )
    )


@command()
def psql(options):
    """Open psql on the demo database."""
    _prepare_demo(options.python, name("demo"))
    return _interactive(["psql", *(options.rest or [name("demo")])])


@command()
def update(options):
    """Update our addons in the demo database."""
    _prepare_demo(options.python, name("demo"))
    install(options.python, name("demo"), "Updating", "--update", ",".join(addons()))


@command()
def odoo(options):
    """Run Odoo's own command line, with this environment's options."""
    return _interactive(odoo_command(options.python, *options.rest))


def _interactive(words):
    """Run a program that handles Ctrl-C by itself."""
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.call(words)


# ---------------------------------------------------------------- tests


@command()
def test(options):
    """Run the tests: all, or the given paths, test tags or pytest options.

    ./dev test                                           pytest, and Odoo's own runner
    ./dev test customer_org/tests/test_hierarchy.py      pytest on a file or a folder
    ./dev test -k undo --maxfail 1                       pytest with options
    ./dev test /customer_org:TestHierarchy.test_cycle    Odoo's runner on test tags

    With arguments, the prepared database is used again while only tests have changed.
    """
    skipped = _install_system_packages()
    with _test_slot() as slot:
        if not options.rest:
            code = _test_everything(options.python, slot)
        elif all(_is_tag(word) for word in options.rest):
            code = _odoo_runner(
                options.python, _prepared(options.python, slot), ",".join(options.rest)
            )
        else:
            code = _pytest(options.python, _prepared(options.python, slot), options.rest)
    for line in skipped:
        say(f"- {line}")
    return code


def _test_everything(python, slot):
    """Odoo's runner in a database in which it installs the addons, then pytest in another."""
    separate = f"{slot}_odoo"
    fresh_copy(python, separate, with_addons=False)
    tags = ",".join(f"/{addon}" for addon in addons())
    failed = _odoo_runner(python, separate, tags, "--init", ",".join(addons()))
    drop(separate)
    fresh_copy(python, slot)
    code = _pytest(python, slot, [])
    if failed:
        say("./dev: Odoo's own runner failed, see above.")
    return code or failed


def _prepared(python, database):
    """Return ``database`` with the addons as they are now; made anew only where need be."""
    if not is_current(database):
        fresh_copy(python, database)
    return database


def _pytest(python, database, words):
    paths = [word for word in words if Path(word.partition("::")[0]).exists()]
    words = words if paths else [*words, *(str(ROOT / addon) for addon in addons())]
    arguments = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "--odoo-database", database]
    return _interactive([python, "-m", "pytest", *arguments, *words])


def _odoo_runner(python, database, tags, *arguments):
    """Run Odoo's own test runner; a warning in its log counts as a failure."""
    log = LOGS / f"{database}_tests.log"
    arguments = ["--database", database, "--stop-after-init", "--test-tags", tags, *arguments]
    arguments += ["--http-port", str(_free_port())]
    code = run_logged(f"Odoo's own test runner: {tags}", odoo_command(python, *arguments), log)
    text = log.read_text(errors="replace")
    problems = [
        line for line in text.splitlines() if PROBLEM.match(line) and not HARMLESS.search(line)
    ]
    summary = TESTS_RUN.findall(text) or ["no test ran"]
    for line in [*problems[:50], summary[-1], f"{len(problems)} warnings or errors; log: {log}"]:
        say(f"    {line}")
    return 1 if code or problems or "no test ran" in summary else 0


def _is_tag(word):
    return word[0] in "/:.+" and not Path(word.partition("::")[0]).exists()


@contextmanager
def _test_slot():
    """The first test database of this clone that no other ./dev is using."""
    for number in range(1, 10):
        with lock(name(f"test{number}"), wait=False) as free:
            if free:
                yield name(f"test{number}")
                return
    raise Failure("Nine test runs are under way in this clone: wait for one of them.")


def _install_system_packages():
    """Install the browser and the PDF tool where we may; return what is skipped without them."""
    missing = [package for package in SYSTEM_PACKAGES if not shutil.which(package)]
    if "chromium" in missing and shutil.which("google-chrome"):
        missing.remove("chromium")
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-qy", "-oDPkg::Lock::Timeout=600"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with lock("apt"):
            run_logged(
                "Reading the package lists", [*apt, "update"], LOGS / "apt-update.log", env=quiet
            )
            install_ = [*apt, "install", "--no-install-recommends", *missing]
            run_logged(
                f"Installing {' and '.join(missing)}", install_, LOGS / "apt-install.log", env=quiet
            )
        missing = [package for package in missing if not shutil.which(package)]
    return [
        f"Skipped: {SYSTEM_PACKAGES[package]}. As root: apt-get install {package}"
        for package in missing
    ]


# ---------------------------------------------------------------- lint


@command(
    argument("--fix", action="store_true", help="correct what ruff can correct"), needs="python"
)
def lint(options):
    """Check style and Odoo's rules: ruff, pylint-odoo, OCA's checks."""
    python, paths = options.python, [ROOT / addon for addon in addons()]
    manifests = [path / "__manifest__.py" for path in paths]
    translations = [file for path in paths for file in path.glob("i18n/*.po*")]
    checks = {
        "ruff check": [python, "-m", "ruff", "check", *(["--fix"] if options.fix else []), ROOT],
        "ruff format": [
            python,
            "-m",
            "ruff",
            "format",
            *([] if options.fix else ["--check"]),
            ROOT,
        ],
        "pylint-odoo": [python, "-m", "pylint", f"--rcfile={ROOT / 'pyproject.toml'}", *paths],
        "oca-checks-odoo-module": [python.parent / "oca-checks-odoo-module", *manifests],
    }
    if translations:
        checks["oca-checks-po"] = [python.parent / "oca-checks-po", *translations]
    failed = []
    for title, words in checks.items():
        say(f"- {title}")
        if subprocess.call(words, cwd=ROOT):
            failed.append(title)
    if failed:
        raise Failure(f"{', '.join(failed)}: see above; ./dev lint --fix corrects what ruff can.")
    say("Lint: all clean.")


# ---------------------------------------------------------------- bench


@command(argument("names", nargs="*", metavar="name", help="a module of bench/ (default: all)"))
def bench(options):
    """Run benchmarks in new databases, one with our addons and one with their dependencies only."""
    for benchmark in options.names or _benchmarks():
        if benchmark not in _benchmarks():
            raise Failure(
                f"No benchmark {benchmark}: there is {', '.join(_benchmarks()) or 'none yet'}."
            )
        with lock(name("bench")):
            fresh_copy(options.python, name("bench"))
            fresh_copy(options.python, name("bench_core"), with_addons=False)
            say(f"- Benchmark {benchmark}")
            words = [options.python, "-m", "bench", benchmark, name("bench"), name("bench_core")]
            code = subprocess.call(words, cwd=ROOT)
        if code:
            raise Failure(f"Benchmark {benchmark} failed: see above.")


def _benchmarks():
    return sorted(
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if path.stem not in ("__init__", "__main__", "common")
    )


# ---------------------------------------------------------------- clean


@command(
    argument("--all", action="store_true", help="the cache that all clones share, too"),
    needs="nothing",
)
def clean(options):
    """Remove this clone's databases and logs."""
    venv = cache.venv(make=False)
    if venv:
        with postgres.running(venv):
            owned = postgres.psql(
                f"SELECT datname FROM pg_database WHERE datname LIKE '{name('%')}'"
            )
            for database in owned.split():
                drop(database)
                say(f"- Dropped {database}")
    shutil.rmtree(LOGS, ignore_errors=True)
    if options.all:
        with lock("postgresql-users", wait=False) as alone:
            if not alone:
                raise Failure("Another ./dev is running: stop it first.")
            shutil.rmtree(cache.CACHE)
        say(f"- Removed {cache.CACHE}")
