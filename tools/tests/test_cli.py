"""``./dev`` refuses what it does not understand."""

import ast
import subprocess
import sys
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


def test_each_benchmark_can_be_loaded():
    """They run rarely: that a name which they import is gone is told at once."""
    names = ", ".join(f"bench.{path.stem}" for path in (ROOT / "bench").glob("[!_]*.py"))
    program = f"from odoo.tools import config; config.parse_config([]); import {names}"
    call = [sys.executable, "-c", program]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
