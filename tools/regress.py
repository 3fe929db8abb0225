"""Others' test suites without and with our addons, in the same set-up."""

import json
import os
import re
import subprocess
from pathlib import Path

from .cache import CACHE, LOGS, ROOT, digest, get_venv, lock
from .console import Failure, say, step
from .databases import (
    COMPANIONS,
    addons,
    copy,
    copy_template,
    drop,
    install,
    name,
    odoo_bin,
    template,
)

CORE = ("account", "account_payment", "payment", "portal", "product", "sale")
REQUIREMENTS = ROOT / "requirements" / "companions" / "requirements.txt"
# A test, maybe "Subtest …", or "setUpClass (module.Class)", which another logger tells of.
FAILED = re.compile(
    r" odoo\.(?:addons\.(\w+)\.\S+|tests\.\S+): (?:FAIL|ERROR): (?:Subtest )?(.+?)(?: \[| <|$)",
    re.MULTILINE,
)
IN_ADDON = re.compile(r"odoo\.addons\.(\w+)")
TESTS_RUN = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


class Suite:
    """The tests of some addons of others.

    :param list modules: whose tests
    :param str path: the folder of those that Odoo does not bring
    """

    def __init__(self, modules, path=""):
        self.modules = sorted(modules)
        if path:
            os.environ["ODOO_ADDONS_PATH"] += f",{path}"
        self.base = name("regress")
        self.kept = CACHE / "regress" / f"{digest(template(), *self.modules, path)}.json"

    def prepare(self):
        """Make the database in which the modules are installed, and none of ours."""
        copy_template(self.base)
        words = ["--init", ",".join(self.modules)]
        install(self.base, f"Installing {', '.join(self.modules)}", *words)

    def get_failures_with_us(self):
        """Return the tests that fail where our addons are installed as well."""
        tags = ",".join(f"/{module}" for module in self.modules)
        return self._run("with us", tags, *addons())

    def get_failures_without_us(self, failures):
        """Return which of these failures there are without us; kept for the next time."""
        kept = {}
        if self.kept.exists():
            kept = {tuple(test): fails for *test, fails in json.loads(self.kept.read_text())}
        if unknown := failures - kept.keys():
            tags = ",".join(sorted({_get_tag(*test) for test in unknown}))
            found = self._run("without us", tags)
            kept |= {test: test in found for test in unknown}
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            rows = [[*test, fails] for test, fails in sorted(kept.items())]
            self.kept.write_text(json.dumps(rows))
        return {test for test in failures if kept[test]}

    def _run(self, title, tags, *ours):
        """Run tests in a copy of the database.

        :param tags: which
        :param ours: addons to install before
        :return: a set of (addon, test) that fail
        """
        database = f"{self.base}_run"
        copy(self.base, database)
        if ours:
            install(database, "Installing our addons", "--init", ",".join(ours))
        log = LOGS / f"{database}_{self.modules[0]}_{title.replace(' ', '_')}.log"
        words = ["--update", ",".join(self.modules), "--test-tags", tags, "--stop-after-init"]
        words = odoo_bin("--database", database, "--http-port", "0", *words)
        step(f"Tests of {', '.join(self.modules)}, {title}", words, log, check=False)
        drop(database)
        return tell(log)[0]


def tell(log):
    """Say and return what the log of a run tells: see :func:`read_log`."""
    try:
        failures, tests = read_log(log.read_text(errors="replace"))
    except ValueError as error:
        raise Failure(f"{error} Log: {log}") from None
    say(f"    {len(failures)} failed of {tests} tests; log: {log}")
    return failures, tests


def read_log(text):
    """Return what a log of Odoo's tests tells: a set of (addon, test) that fail, and how many ran.

    :raise ValueError: where it tells of more or fewer failures than it counts
    """
    ran = TESTS_RUN.findall(text)
    if not ran:
        raise ValueError("The tests did not run to their end.")
    told = [(addon or IN_ADDON.search(test)[1], test) for addon, test in FAILED.findall(text)]
    failed, errors, tests = map(int, ran[-1])
    if len(told) != failed + errors:
        raise ValueError(f"{failed + errors} failures are counted, {len(told)} are told.")
    return set(told), tests


def _get_tag(addon, test):
    """Return the tag that runs a test again; where no more is known, those of its whole class."""
    if re.fullmatch(r"\w+\.\w+", test):
        return f"/{addon}:{test}"
    found = re.search(r"\.(\w+)\)?$", test)
    return f"/{addon}:{found[1]}" if found else f"/{addon}"


def compare(suite):
    """Run a suite with us, what fails without us as well, and say what fails only with us.

    :return: whether nothing does
    """
    with lock(name("regress")):
        suite.prepare()
        with_us = suite.get_failures_with_us()
        without = suite.get_failures_without_us(with_us)
        drop(suite.base)
    only = sorted(with_us - without)
    say(f"- {len(with_us)} fail with us, {len(without)} of them without us, {len(only)} do not")
    for addon, test in only:
        say(f"    {addon}: {test}")
    return not only


def fetch_companions():
    """Return the folder that has OCA's addons; fetch them if need be."""
    folder = CACHE / f"companions-{digest(REQUIREMENTS.read_text())}"
    if not (folder / "complete").exists():
        python = get_venv() / "bin" / "python"
        words = [python, "-m", "pip", "install", "--no-deps", "--upgrade", "--target", folder]
        step("Fetching OCA's addons", [*words, "-r", REQUIREMENTS], LOGS / "companions.log")
        (folder / "complete").touch()
    return folder / "odoo" / "addons"


def get_companions(folder: Path):
    """Return the names of OCA's addons in a folder."""
    return sorted(path.parent.name for path in folder.glob("*/__manifest__.py"))


def run_own_tests(suite, tags):
    """Run tests of ours that need the others' addons.

    :return: whether all passed, and some ran
    """
    with lock(name("regress")):
        suite.prepare()
        install(suite.base, "Installing our addons", "--init", ",".join([*addons(), *COMPANIONS]))
        log = LOGS / f"{suite.base}_own.log"
        words = ["--test-tags", tags, "--stop-after-init", "--http-port", "0"]
        step(f"Tests of ours: {tags}", odoo_bin("--database", suite.base, *words), log, check=False)
        drop(suite.base)
    failures, tests = tell(log)
    for addon, test in sorted(failures):
        say(f"    {addon}: {test}")
    return bool(tests) and not failures


def get_classes(pattern):
    """Return the tags of the test classes in our files of this pattern."""
    listing = subprocess.run(
        ["grep", "-hoE", r"^class \w+", *ROOT.glob(pattern)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ",".join(f"/customer_org:{line.split()[1]}" for line in listing.stdout.splitlines())
