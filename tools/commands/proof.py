"""What proves that nothing of others breaks beside us, and that we come to what core comes to."""

import os
import subprocess

from .. import regress as suites
from .. import upgrade as upgrading
from ..cache import ROOT, lock
from ..cli import argument, command
from ..console import Failure, say
from ..databases import create_with_addons, name
from .tests import prepare_tests, run_pytest, test_slot


@command(argument("modules", nargs="*", metavar="module", help="core's addons; six if not given"))
def regress(options):
    """Run core's own tests without and with our addons; print what fails only with us."""
    # One by one: what each does without us is kept by itself.
    modules = options.modules or suites.CORE
    if differing := [one for one in modules if not suites.compare(suites.Suite([one]))]:
        raise Failure(f"Some tests of {', '.join(differing)} fail only with us: see above.")


@command(argument("modules", nargs="*", metavar="module", help="OCA's addons; all if not given"))
def companions(options):
    """Run the tests of OCA's addons of this field without and with ours, and ours beside them."""
    folder = suites.fetch_companions()
    suite = suites.Suite(options.modules or suites.get_companions(folder), str(folder))
    same = suites.compare(suite)
    own = suites.run_own_tests(suite, suites.get_classes("customer_org/tests/test_oca_*.py"))
    if not (same and own):
        raise Failure("Something fails only beside OCA's addons: see above.")


@command(
    argument("--steps", type=int, default=2000, help="in each kind of company; 2,000 if not given"),
    argument("--seed", type=int, default=1, help="of the first history; the next ones count up"),
)
def soak(options):
    """Tell random histories twice, by one customer in core and by a family, and compare.

    Prints the seed and the shortest history that shows a difference.
    """
    os.environ |= {"ORACLE_STEPS": str(options.steps), "ORACLE_SEED": str(options.seed)}
    with test_slot() as database:
        prepare_tests(database, as_is=False)
        if run_pytest(database, [str(ROOT / "customer_org/tests/test_oracle.py")]):
            raise Failure("Core and we have not come to the same: see above.")
    say(f"- {options.steps} steps in each kind of company from seed {options.seed}: no difference.")


@command(
    argument("--minutes", type=float, default=3.0, help="3 if not given"),
    argument("--customers", type=int, default=6, help="of each kind; 6 if not given"),
    argument("--accountants", type=int, default=3, help="3 if not given"),
)
def load(options):
    """Let many work at once, kill a worker, crash PostgreSQL; print what is lost: nothing.

    Head offices and accountants beside the same number of core's own, on a server of its own that
    listens to this machine only.
    """
    with lock(name("load")):
        create_with_addons(name("load"))
        words = [options.minutes, options.customers, options.accountants]
        call = ["python", "-m", "tools.load", *map(str, words)]
        if subprocess.call(call, cwd=ROOT):
            raise Failure("Something was lost or is wrong: see above.")


@command(argument("--invoices", type=int, default=20000, help="20,000 if not given"))
def upgrade(options):
    """Upgrade a database of the first version with many invoices; print how long it takes."""
    with lock(name("upgrade")):
        upgrading.measure(options.invoices)
