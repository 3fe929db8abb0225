"""``./dev`` refuses what it does not understand."""

import ast
from pathlib import Path

import pytest

from tools import cli, commands
from tools.cache import ROOT

HERE = Path(__file__).parent


def test_unknown_option_is_refused_with_a_hint():
    """A mistyped option is not handed to Odoo, where it only says that Odoo does not start."""
    assert commands.demo.run
    with pytest.raises(SystemExit) as refusal:
        cli._parse(["run", "--prot", "3"])
    assert "--port" in str(refusal.value)


def test_words_for_the_called_program_pass():
    """What comes after -- is Odoo's; pytest's options need none."""
    assert cli._parse(["run", "--", "--log-level=debug"]).rest == ["--log-level=debug"]
    assert cli._parse(["test", "-k", "undo"]).rest == ["-k", "undo"]


def test_every_test_is_run():
    """Odoo's runner finds the module, and runs it in a database where the addons are installed."""
    missed = []
    for path in sorted(ROOT.glob("*/tests/test_*.py")):
        imports = (path.parent / "__init__.py").read_text().split()
        missed += [] if path.stem in imports or path.is_relative_to(HERE) else [path.name]
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and any(map(_is_test, node.body)):
                tagged = any("'post_install'" in ast.unparse(tag) for tag in node.decorator_list)
                missed += [] if tagged else [f"{path.name}: {node.name}"]
    assert not missed


def _is_test(node):
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
