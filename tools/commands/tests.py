"""The tests."""

import os
import queue
import re
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ..cache import LOGS, ROOT, lock
from ..cli import argument, command
from ..console import Failure, call, say, step
from ..databases import (
    BUILDING,
    addons,
    copy,
    create_with_addons,
    current_stamp,
    drop,
    install,
    name,
    odoo_bin,
    set_stamp,
    stamp,
)
from .server import free_port, get_problems, interactive

FOR_TESTS = {"chromium": "browser tests and tours", "wkhtmltopdf": "tests that render a PDF"}
CORES = os.cpu_count() or 1
TESTS_RUN = re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests")


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

    ./dev test                                           all, in parts, one for each core
    ./dev test customer_org/tests/test_hierarchy.py      pytest on a file, a folder, a test
    ./dev test -k undo --maxfail=1                       pytest with options
    ./dev test /customer_org:TestHierarchy.test_cycle    Odoo's own runner on test tags

    With arguments, the database is updated where the addons have changed, not only their tests;
    without, it is made anew.
    """
    missing = install_for_tests()
    with test_slot() as database:
        if options.rest:
            prepare_tests(database, options.as_is)
        if not options.rest:
            code = _test_everything(database)
        elif all(_is_tag(word) for word in options.rest):
            code = _odoo_runner(database, ",".join(options.rest))
        else:
            code = run_pytest(database, options.rest)
    for package in missing:
        say(f"- No {package}, so no {FOR_TESTS[package]}. As root: apt-get install {package}")
    return code


def prepare_tests(database, as_is):
    """Make the database where there is none, else update the addons if they have changed."""
    found = stamp(database)
    if found in (None, "", BUILDING):
        create_with_addons(database)
    elif found != current_stamp() and not as_is:
        set_stamp(database, BUILDING)
        install(database, "Updating the addons", "--update", ",".join(addons()))
        set_stamp(database, current_stamp())


def _test_everything(database):
    """Run each test once: those of the addons by Odoo's own runner, those of tools/ by pytest.

    As many parts at once as there are cores, each in a database of its own; whoever is ready takes
    the next part.
    """
    create_with_addons(database)
    failed = _tell("Installing the addons", LOGS / f"{database}.log")
    parts = [_pytest_part, *(partial(_odoo_part, files) for files in _deal(_test_files()))]
    free = queue.SimpleQueue()
    for number in range(CORES):
        copy(database, f"{database}_part{number}")
        free.put(f"{database}_part{number}")

    def run(part):
        mine = free.get()
        try:
            return part(mine)
        finally:
            free.put(mine)

    with ThreadPoolExecutor(CORES) as pool:
        for part in as_completed([pool.submit(run, part) for part in parts]):
            failed |= part.result()
    for _number in range(CORES):
        drop(free.get())
    say("./dev: some tests failed; see above." if failed else "- All tests passed.")
    return failed


def _test_files():
    """Return the test modules of the addons, the longest first."""
    files = [path for addon in addons() for path in (ROOT / addon / "tests").glob("test_*.py")]
    return sorted(files, key=lambda path: -path.stat().st_size)


def _deal(files):
    """Deal files out like cards, so that the parts are about equal."""
    number = min(len(files), 4 * CORES)
    return [files[first::number] for first in range(number)]


def _odoo_part(files, database):
    tags = ",".join(f"/{path.relative_to(ROOT)}" for path in files)
    log = LOGS / f"{database}_{files[0].stem}.log"
    code = call(_runner(database, tags), log)
    return _tell(f"Odoo's own test runner: {', '.join(path.stem for path in files)}", log, code)


def _pytest_part(database):
    log = LOGS / f"{database}_pytest.log"
    code = call(_pytest(database, [ROOT / "tools"]), log)
    say("- pytest: tools")
    for line in log.read_text(errors="replace").splitlines()[-200 if code else -1 :]:
        say(f"    {line}")
    return 1 if code else 0


def run_pytest(database, words):
    """Run pytest on a database that is prepared; without a path in ``words``, on all tests."""
    if not any(Path(word.partition("::")[0]).exists() for word in words):
        words = [*words, ROOT / "tools", *(ROOT / addon for addon in addons())]
    return interactive(_pytest(database, words))


def _pytest(database, words):
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "--odoo-database", database]
    return ["python", "-m", "pytest", *options, *words]


def _odoo_runner(database, tags):
    """Run Odoo's own test runner on test tags."""
    log = LOGS / f"{database}_tests.log"
    code = step(f"Odoo's own test runner: {tags}", _runner(database, tags), log, check=False)
    return _tell("", log, code)


def _runner(database, tags):
    words = ["--stop-after-init", "--test-tags", tags, "--http-port", str(free_port())]
    return odoo_bin("--database", database, *words)


def _tell(title, log, code=None):
    """Say what a run of Odoo came to; a warning in its log is a failure, and so is no test.

    :param code: the exit code of a run of tests, None if it was to run none
    :return: 1 for a failure, else 0
    """
    problems = get_problems(log)
    summary = TESTS_RUN.findall(log.read_text(errors="replace"))
    lines = problems[:50]
    if code is not None:
        lines += [*(summary or ["no test ran"])[-1:], f"log: {log}"]
    if title and lines:
        say(f"- {title}")
    for line in lines:
        say(f"    {line}")
    return 1 if problems or code or (code is not None and not summary) else 0


def _is_tag(word):
    return word[0] in "/:." and not Path(word.partition("::")[0]).exists()


@contextmanager
def test_slot():
    """The first test database of this clone that no other ./dev is using."""
    for number in range(1, 10):
        with lock(name(f"test{number}"), wait=False) as free:
            if free:
                yield name(f"test{number}")
                return
    raise Failure("Nine test runs are under way in this clone: wait for one of them.")


def install_for_tests():
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
