"""Style, Odoo's rules, types and measures."""

import re
import subprocess

from .. import measures
from ..cache import ROOT
from ..cli import argument, command
from ..console import Failure, say
from ..databases import addons

# Here, because in pylint's configuration what is enabled wins: computes return nothing, core's
# neither; and each package of models/ extends a model for its own feature.
NO_RULE_OF_OURS = ("missing-return", "consider-merging-classes-inherited")


@command(argument("--fix", action="store_true", help="correct what ruff can"), needs="python")
def lint(options):
    """Check style and Odoo's rules: ruff, pylint-odoo, the OCA's checks; types of plain Python."""
    paths = " ".join(addons())
    checks = [
        "ruff check" + (" --fix" if options.fix else ""),
        "ruff format" + ("" if options.fix else " --check"),
        f"pylint --disable={','.join(NO_RULE_OF_OURS)} {paths}",
        f"oca-checks-odoo-module {paths}",
        f"mypy {' '.join(_get_plain_python())}",
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


def _get_plain_python():
    """Return the files of our addons that need no Odoo, whose types can be checked."""
    uses_odoo = re.compile(r"^\s*(from|import) odoo\b", re.MULTILINE)
    paths = sorted(path for addon in addons() for path in (ROOT / addon).rglob("*.py"))
    return [
        str(path.relative_to(ROOT))
        for path in paths
        if path.name not in ("__init__.py", "__manifest__.py")
        and not {"migrations", "tests"} & set(path.parts)
        and not uses_odoo.search(path.read_text())
    ]
