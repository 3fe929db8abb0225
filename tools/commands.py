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

from . import cache, measures, postgres, readme
from .cache import LOGS, ROOT, lock
from .cli import argument, command
from .console import Failure, say, step
from .databases import (
    BUILDING,
    COMPANIONS,
    addons,
    copy_template,
    create,
    create_with_addons,
    current_stamp,
    drop,
    install,
    name,
    odoo_bin,
    set_stamp,
    stamp,
)

WELCOME = """
  {url}

    accountant                   admin / admin
    head office's portal user    acme / acme
    branch's portal user         acme-north / acme-north

  First, as the accountant: Invoicing > Customers > Customers > Acme HQ.

  Odoo's log: {log}
  Ctrl-C stops Odoo and PostgreSQL.
"""
FOR_TESTS = {"chromium": "browser tests and tours", "wkhtmltopdf": "tests that render a PDF"}
PROBLEM = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
# Debian's wkhtmltopdf prints no headers and footers; without Chromium, tours are skipped.
HARMLESS = re.compile("wkhtmltopdf: The switch .* unpatched qt|Chrome executable not found")
TESTS_RUN = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests")


# ---------------------------------------------------------------- the demo database


@command(
    argument("--port", type=int, default=8069, help="8069 if not given; if taken, the next"),
    argument("--db", metavar="NAME", help="another database than this clone's own"),
    argument("--fresh", action="store_true", help="make the database anew"),
    rest="after --",
)
def run(options):
    """Start Odoo on the demo database. Words after -- are options for Odoo."""
    database = options.db or name("demo")
    _prepare_demo(database, options.fresh)
    port = _free_port(options.port)
    if port != options.port:
        say(f"- Port {options.port} is taken: using {port}.")
    log = LOGS / "run.log"
    words = ["--database", database, "--db-filter", f"^{database}$", "--no-database-list"]
    with _server(odoo_bin(*words, "--http-port", str(port), *options.rest), log) as server:
        url = f"http://localhost:{port}"
        _wait_until_up(server, url, log)
        say(WELCOME.format(url=url, log=log))
        server.wait()
        raise Failure(f"Odoo stopped by itself; see {log}")


@command()
def screenshots(_options):
    """Take the README's pictures again, in a new demo database."""
    missing = _install_for_tests()
    if "chromium" in missing:
        raise Failure("Chromium is missing: apt-get install chromium, as root.")
    database = name("screenshots")
    _prepare_demo(database, fresh=True)
    port = _free_port()
    words = ["--database", database, "--db-filter", f"^{database}$", "--http-port", str(port)]
    log = LOGS / "screenshots.log"
    with _server(odoo_bin(*words), log) as server:
        url = f"http://localhost:{port}"
        _wait_until_up(server, url, log)
        say("- Taking screenshots into docs/images ...")
        if subprocess.call(["python", ROOT / "docs/screenshots.py", url]):
            raise Failure(f"Taking screenshots failed: see above and {log}")


@command(rest="all")
def shell(options):
    """Open Odoo's Python shell on the demo database."""
    _prepare_demo(name("demo"))
    return _interactive(odoo_bin("shell", "--database", name("demo"), "--no-http", *options.rest))


@command(rest="all")
def psql(options):
    """Open psql on the demo database."""
    _prepare_demo(name("demo"))
    return _interactive(["psql", "--dbname", name("demo"), *options.rest])


@command()
def update(_options):
    """Update our addons in the demo database, changed or not."""
    if not _prepare_demo(name("demo")):
        install(name("demo"), "Updating the addons", "--update", ",".join(addons()))


def _prepare_demo(database, fresh=False):
    """Create the demo database once, later update our addons in it where they have changed.

    :return: whether there was something to do
    """
    with lock(database):
        found = None if fresh else stamp(database)
        if found in ("", current_stamp()):
            return False
        if found in (None, BUILDING):
            create(database)
            words = ["--init", ",".join([*addons(), *COMPANIONS]), "--with-demo"]
            install(database, "Demo database, a minute", *words)
        else:
            install(database, "Updating the addons", "--update", ",".join(addons()))
        set_stamp(database, current_stamp())
        for line in _problems(LOGS / f"{database}.log"):
            say(f"    {line}")
        return True


@contextmanager
def _server(words, log):
    """Run Odoo in a session of its own: a Ctrl-C in the terminal reaches it through us only."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        server = subprocess.Popen(words, start_new_session=True, **streams)
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
    for line in log.read_text(errors="replace").splitlines()[-15:]:
        say(f"    {line}")
    raise Failure(f"Odoo does not start: the last lines of {log} are above.")


def _free_port(port=0):
    """Return the first free port from ``port`` on; any, if that is 0."""
    while port < 65536:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                port += 1
    raise Failure("There is no free port: choose a lower --port.")


def _interactive(words):
    """Run a program that handles Ctrl-C by itself."""
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.call(words)


# ---------------------------------------------------------------- tests


@command(
    argument(
        "--as-is",
        action="store_true",
        help="leave the database as it is, where only methods have changed",
    ),
    rest="all",
)
def test(options):
    """Run the tests: all, or the given paths, test tags or pytest options.

    ./dev test                                           both pytest and Odoo's own runner
    ./dev test customer_org/tests/test_hierarchy.py      pytest on a file, a folder, a test
    ./dev test -k undo --maxfail=1                       pytest with options
    ./dev test /customer_org:TestHierarchy.test_cycle    Odoo's own runner on test tags

    With arguments, the database is updated where the addons have changed, not only their tests;
    without, it is made anew.
    """
    missing = _install_for_tests()
    with _test_slot() as database:
        if options.rest:
            _prepare_tests(database, options.as_is)
        if not options.rest:
            code = _test_everything(database)
        elif all(_is_tag(word) for word in options.rest):
            code = _odoo_runner(database, ",".join(options.rest))
        else:
            code = _pytest(database, options.rest)
    for package in missing:
        say(f"- No {package}, so no {FOR_TESTS[package]}. As root: apt-get install {package}")
    return code


def _prepare_tests(database, as_is):
    """Make the database where there is none, else update the addons if they have changed."""
    found = stamp(database)
    if found in (None, "", BUILDING):
        create_with_addons(database)
    elif found != current_stamp() and not as_is:
        set_stamp(database, BUILDING)
        install(database, "Updating the addons", "--update", ",".join(addons()))
        set_stamp(database, current_stamp())


def _test_everything(database):
    """Odoo's runner in a database in which it installs the addons, then pytest in another."""
    copy_template(f"{database}_odoo")
    tags = ",".join(f"/{addon}" for addon in addons())
    failed = _odoo_runner(f"{database}_odoo", tags, "--init", ",".join(addons()))
    drop(f"{database}_odoo")
    create_with_addons(database)
    code = _pytest(database, [])
    if failed:
        say("./dev: Odoo's own runner failed; see above.")
    return code or failed


def _pytest(database, words):
    if not any(Path(word.partition("::")[0]).exists() for word in words):
        words = [*words, ROOT / "tools", *(ROOT / addon for addon in addons())]
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "--odoo-database", database]
    return _interactive(["python", "-m", "pytest", *options, *words])


def _odoo_runner(database, tags, *words):
    """Run Odoo's own test runner; a warning in its log is a failure, and so is no test."""
    log = LOGS / f"{database}_tests.log"
    words = ["--stop-after-init", "--test-tags", tags, "--http-port", str(_free_port()), *words]
    title = f"Odoo's own test runner: {tags}"
    code = step(title, odoo_bin("--database", database, *words), log, check=False)
    problems = _problems(log)
    summary = TESTS_RUN.findall(log.read_text(errors="replace"))
    for line in [*problems[:50], *(summary or ["no test ran"])[-1:], f"log: {log}"]:
        say(f"    {line}")
    return 1 if code or problems or not summary else 0


def _problems(log):
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if PROBLEM.match(line) and not HARMLESS.search(line)]


def _is_tag(word):
    return word[0] in "/:." and not Path(word.partition("::")[0]).exists()


@contextmanager
def _test_slot():
    """The first test database of this clone that no other ./dev is using."""
    for number in range(1, 10):
        with lock(name(f"test{number}"), wait=False) as free:
            if free:
                yield name(f"test{number}")
                return
    raise Failure("Nine test runs are under way in this clone: wait for one of them.")


def _install_for_tests():
    """Install the browser and the PDF tool where we may; return what is missing all the same."""
    missing = [package for package in FOR_TESTS if not shutil.which(package)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-qy", "-oDPkg::Lock::Timeout=600"]
        options = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "check": False}
        with lock("apt"):
            step("Reading the package lists", [*apt, "update"], LOGS / "update.log", **options)
            for package in missing:
                words = [*apt, "install", "--no-install-recommends", package]
                step(f"Installing {package}", words, LOGS / f"{package}.log", **options)
    return [package for package in missing if not shutil.which(package)]


# ---------------------------------------------------------------- lint


# Here, because in pylint's configuration what is enabled wins: computes return nothing, core's
# neither; and a model's extensions are split by theme where one file would grow too long.
NO_RULE_OF_OURS = ("missing-return", "consider-merging-classes-inherited")


@command(argument("--fix", action="store_true", help="correct what ruff can"), needs="python")
def lint(options):
    """Check style and Odoo's rules: ruff, pylint-odoo, the OCA's checks."""
    paths = " ".join(addons())
    checks = [
        "ruff check" + (" --fix" if options.fix else ""),
        "ruff format" + ("" if options.fix else " --check"),
        f"pylint --disable={','.join(NO_RULE_OF_OURS)} {paths}",
        f"oca-checks-odoo-module {paths}",
    ]
    if translations := [str(path.relative_to(ROOT)) for path in ROOT.glob("*/i18n/*.po*")]:
        checks.append(f"oca-checks-po {' '.join(translations)}")
    failed = []
    for check in checks:
        say(f"- {check}")
        if subprocess.call(check.split(), cwd=ROOT):
            failed.append(" ".join(check.split()[:2]))
    if failed:
        raise Failure(
            f"{', '.join(failed)} failed: see above. ./dev lint --fix does what ruff can."
        )
    say("- Measures (in brackets, what to reach)")
    for line in measures.report(addons()):
        say(f"    {line}")
    say("Lint: all clean.")


# ---------------------------------------------------------------- bench


@command(argument("names", nargs="*", metavar="name", help="a module of bench/; all if not given"))
def bench(options):
    """Run benchmarks, in a new database with our addons and one with their dependencies only."""
    known = sorted({path.stem for path in (ROOT / "bench").glob("[!_]*.py")} - {"common"})
    if unknown := set(options.names) - set(known):
        raise Failure(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known)}.")
    with lock(name("bench")):
        for benchmark in options.names or known:
            create_with_addons(name("bench"))
            copy_template(name("bench_core"))
            say(f"- Benchmark {benchmark}")
            words = ["python", "-m", "bench", benchmark, name("bench"), name("bench_core")]
            if subprocess.call(words, cwd=ROOT):
                raise Failure(f"Benchmark {benchmark} failed: see above.")


# ---------------------------------------------------------------- the rest


@command(rest="all")
def odoo(options):
    """Run Odoo's own command line with this clone's environment."""
    return _interactive(odoo_bin(*options.rest))


@command()
def translations(_options):
    """Write i18n/*.pot anew, from which translations start."""
    with _test_slot() as database:
        if stamp(database) != current_stamp():
            create_with_addons(database)
        words = ["i18n", "export", "--database", database, *addons()]
        step("Exporting the terms", odoo_bin(*words), LOGS / "translations.log")


@command(
    argument("--release", action="store_true", help="move the news into the history"),
    needs="nothing",
)
def docs(options):
    """Write the addons' README.rst anew from the fragments in readme/."""
    if options.release:
        readme.release(addons())
    readme.write(addons())


@command()
def seams(_options):
    """Write down anew which methods of core we override, after a change of that."""
    with _test_slot() as database:
        _prepare_tests(database, as_is=False)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        script += "from tools import seams; seams.write(env)\n"
        words = odoo_bin("shell", "--database", database, "--no-http", "--log-level=warn")
        if subprocess.run(words, input=script, text=True, check=False).returncode:
            raise Failure("Writing the seams failed: see above.")


@command(argument("--all", action="store_true", help="and all clones' cache"), needs="nothing")
def clean(options):
    """Remove this clone's databases and logs."""
    if options.all:
        with lock("postgresql-users", wait=False) as alone:
            if not alone:
                raise Failure("Another ./dev is running: stop it first.")
    try:
        _drop_all("customer_org_%" if options.all else name("%"))
    except Failure as failure:
        if not options.all:
            raise
        say(f"- {failure}")
    shutil.rmtree(LOGS, ignore_errors=True)
    if options.all:
        shutil.rmtree(cache.CACHE)
        say(f"- Removed {cache.CACHE}")


def _drop_all(pattern):
    if not cache.is_complete(cache.venv()):
        return
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}'"
    with postgres.running(cache.venv()):
        for database in postgres.psql(query).split():
            drop(database)
            say(f"- Dropped {database}")
