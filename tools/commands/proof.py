"""What proves that nothing of others breaks beside us."""

from .. import regress as suites
from ..cli import argument, command
from ..console import Failure


@command(argument("modules", nargs="*", metavar="module", help="core's addons; six if not given"))
def regress(options):
    """Run core's own tests without and with our addons; print what fails only with us."""
    if not suites.compare(suites.Suite(options.modules or suites.CORE)):
        raise Failure("Some tests of Odoo fail only with us: see above.")


@command(argument("modules", nargs="*", metavar="module", help="OCA's addons; all if not given"))
def companions(options):
    """Run the tests of OCA's addons of this field without and with ours, and ours beside them."""
    folder = suites.fetch_companions()
    suite = suites.Suite(options.modules or suites.get_companions(folder), str(folder))
    same = suites.compare(suite)
    own = suites.run_own_tests(suite, suites.get_classes("customer_org/tests/test_oca_*.py"))
    if not (same and own):
        raise Failure("Something fails only beside OCA's addons: see above.")
