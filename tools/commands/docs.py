"""Pages and files that are made from others."""

import shutil
import subprocess

from .. import package as packages
from .. import readme
from ..cache import LOGS, ROOT, get_venv
from ..cli import argument, command
from ..console import Failure, say, step
from ..databases import addons, create_with_addons, current_stamp, odoo_bin, stamp
from .tests import prepare_tests, test_slot


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
def translations(_options):
    """Write i18n/*.pot anew, from which translations start."""
    with test_slot() as database:
        if stamp(database) != current_stamp():
            create_with_addons(database)
        words = ["i18n", "export", "--database", database, *addons()]
        step("Exporting the terms", odoo_bin(*words), LOGS / "translations.log")


@command()
def seams(_options):
    """Write down anew which methods of core we override, after a change of that."""
    with test_slot() as database:
        prepare_tests(database, as_is=False)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        script += "from tools import seams; seams.write(env)\n"
        words = odoo_bin("shell", "--database", database, "--no-http", "--log-level=warn")
        if subprocess.run(words, input=script, text=True, check=False).returncode:
            raise Failure("Writing the seams failed: see above.")


@command(needs="nothing")
def guide(_options):
    """Build the guide as HTML, into dist/guide."""
    python = get_venv("docs") / "bin" / "python"
    words = [python, "-m", "sphinx", "-W", "-q", "-b", "html", ROOT / "docs/guide"]
    step("Building the guide", [*words, ROOT / "dist/guide"], LOGS / "guide.log")
    say(f"- {ROOT / 'dist/guide/index.html'}")


@command(needs="python")
def package(_options):
    """Build what users install, into dist/: a zip and a wheel for each addon."""
    folder = ROOT / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for addon in addons():
        packages.check(addon)
        packages.build_zip(addon, folder)
    packages.build_wheels(addons(), folder)
    for path in sorted(folder.iterdir()):
        say(f"- {path.relative_to(ROOT)}")
