# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ast
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools.template_inheritance import locate_node

from . import common_seams

REPOSITORY = Path(__file__).parent.parent.parent


@tagged("post_install", "-at_install")
class TestCoreSeams(TransactionCase):
    """What we build on is where it was: a newer 19.0 that moved something is told by name.

    After a change of ours: ``./dev seams``, and name the test of each new override in
    ``core_seams.json``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pinned = common_seams.read_pinned()
        cls.overrides = common_seams.get_overrides(cls.env)

    def test_overrides_are_pinned(self):
        """Each override is known, and core's method has the signature that we were made for."""
        wrong = [
            f"{override.place}: {override.name} overrides {override.core}, pinned is {pinned}"
            for override in self.overrides
            if (pinned := self.pinned["overrides"].get(override.name, {}).get("core"))
            != override.core
        ]
        self.assertFalse(wrong)

    def test_overrides_still_override(self):
        """What core has renamed is told by name: our method would never be called again."""
        addons = {path.parent.name for path in REPOSITORY.glob("customer_org*/__manifest__.py")}
        if not addons <= self.env.registry._init_modules:
            self.skipTest("Some of our addons are not installed.")
        found = {override.name for override in self.overrides}
        self.assertFalse(self.pinned["overrides"].keys() - found)

    def test_overrides_call_super(self):
        """We extend core and never replace it."""
        self.assertFalse(
            [
                f"{override.place}: {override.name}"
                for override in self.overrides
                if not override.calls_super
            ]
        )

    def test_overrides_are_tested(self):
        """Each override names a test that exists, which fails where core changes under it."""
        tests = self._get_test_names()
        wrong = {
            name: pinned["test"]
            for name, pinned in self.pinned["overrides"].items()
            if pinned["test"] not in tests
        }
        self.assertFalse(wrong)

    def test_private_calls(self):
        """Core's private methods that we call exist, with the signatures we call them by."""
        found = common_seams.get_private_calls(self.env)
        installed = self.env.registry._init_modules
        wrong = [
            f"{path}.{name} is {found.get(name, {}).get(path)}, pinned is {signature}"
            for name, signatures in self.pinned["calls"].items()
            for path, signature in signatures.items()
            if found.get(name, {}).get(path) != signature
            and (path.startswith("odoo.orm") or path.split(".")[2] in installed)
        ]
        self.assertFalse(wrong)

    def test_view_anchors(self):
        """The places in views that we extend are in core's views, or in ours before them."""
        views = self.env["ir.ui.view"].search(
            [("model_data_id.module", "=like", "customer_org%"), ("inherit_id", "!=", False)]
        )
        ours = views | self.env["ir.ui.view"].search(
            [("model_data_id.module", "=like", "customer_org%")]
        )
        before = {view: self._get_arch(view) for view in views}
        ours.flush_recordset()
        ours.filtered("inherit_id").active = False
        missing = []
        for view in views:
            core = self._get_arch(view)
            for spec in self._get_specs(etree.fromstring(view.arch_db)):
                if locate_node(core, spec) is None and locate_node(before[view], spec) is None:
                    missing.append(f"{view.xml_id}: {etree.tostring(spec)[:100]}")
        self.assertFalse(missing)

    def _get_arch(self, view):
        view = view.inherit_id or view
        while view.mode == "extension":
            view = view.inherit_id
        return etree.fromstring(view.get_combined_arch())

    def _get_specs(self, arch):
        """Return the nodes that say where to extend, but those that replace what they name."""
        nodes = arch if arch.tag in ("data", "odoo") else [arch]
        return [
            node
            for node in nodes
            if isinstance(node.tag, str) and node.get("position") != "replace"
        ]

    def _get_test_names(self):
        """Return ``module.Class.test`` of all tests of our addons."""
        return {
            f"{path.stem}.{cls.name}.{node.name}"
            for path in REPOSITORY.glob("customer_org*/tests/test_*.py")
            for cls in ast.parse(path.read_text()).body
            if isinstance(cls, ast.ClassDef)
            for node in cls.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
