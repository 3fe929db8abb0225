# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ast
from pathlib import Path

from odoo.tests import BaseCase, tagged

MODELS = Path(__file__).parent.parent / "models"
# What the modules of each package of ``models/`` may import from its siblings.
MAY_KNOW = {
    "receivable": set(),
    "hierarchy": {"receivable"},
    "settlement": {"receivable", "hierarchy"},
    "credit_limit": {"receivable", "hierarchy"},
    "groups": {"receivable", "hierarchy"},
    "remittance": {"receivable", "hierarchy", "settlement"},
    "adoption": {"receivable", "hierarchy"},
    "statement": {"receivable", "hierarchy", "settlement"},
    "payment_request": {"receivable", "hierarchy", "settlement", "remittance", "statement"},
    "portal": {"receivable", "hierarchy", "settlement"},
}
# Helpers that know no feature of ours.
GROUND_FLOOR = {"cron_batch", "parameters"}


@tagged("post_install", "-at_install")
class TestArchitecture(BaseCase):
    def test_arrows(self):
        """A feature knows only those below it: statement and portal never each other."""
        wrong = [
            f"{path.relative_to(MODELS)} imports {other}"
            for path in sorted(MODELS.rglob("*.py"))
            if (package := path.relative_to(MODELS).parts[0].removesuffix(".py")) in MAY_KNOW
            for other in self._get_imported_packages(path)
            if other not in MAY_KNOW[package] | GROUND_FLOOR | {package}
        ]
        self.assertFalse(wrong)

    def test_each_package_is_known(self):
        """A new package says what it may know."""
        packages = {path.parent.name for path in MODELS.glob("*/__init__.py")}
        self.assertLessEqual(packages, MAY_KNOW.keys())

    def _get_imported_packages(self, path):
        """Return the packages of ``models/`` from which a module imports."""
        depth = len(path.relative_to(MODELS).parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == depth:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                yield from (name.partition(".")[0] for name in names)
            elif isinstance(node, ast.ImportFrom) and node.level > depth:
                yield (node.module or "").removeprefix("models.")
