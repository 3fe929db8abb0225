"""The tests."""

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

from ..cache import LOGS, ROOT, lock
from ..cli import argument, command
from ..console import Failure, say, step
from ..databases import (
    BUILDING,
    addons,
    copy_template,
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

    ./dev test                                           both pytest and Odoo's own runner
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
    """Odoo's runner in a database in which it installs the addons, then pytest in another."""
    copy_template(f"{database}_odoo")
    tags = ",".join(f"/{addon}" for addon in addons())
    failed = _odoo_runner(f"{database}_odoo", tags, "--init", ",".join(addons()))
    drop(f"{database}_odoo")
    create_with_addons(database)
    code = run_pytest(database, [])
    if failed:
        say("./dev: Odoo's own runner failed; see above.")
    return code or failed


def run_pytest(database, words):
    """Run pytest on a database that is prepared; without a path in ``words``, on all tests."""
    if not any(Path(word.partition("::")[0]).exists() for word in words):
        words = [*words, ROOT / "tools", *(ROOT / addon for addon in addons())]
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "--odoo-database", database]
    return interactive(["python", "-m", "pytest", *options, *words])


def _odoo_runner(database, tags, *words):
    """Run Odoo's own test runner; a warning in its log is a failure, and so is no test."""
    log = LOGS / f"{database}_tests.log"
    words = ["--stop-after-init", "--test-tags", tags, "--http-port", str(free_port()), *words]
    title = f"Odoo's own test runner: {tags}"
    code = step(title, odoo_bin("--database", database, *words), log, check=False)
    problems = get_problems(log)
    summary = TESTS_RUN.findall(log.read_text(errors="replace"))
    for line in [*problems[:50], *(summary or ["no test ran"])[-1:], f"log: {log}"]:
        say(f"    {line}")
    return 1 if code or problems or not summary else 0


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
