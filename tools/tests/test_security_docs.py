"""What ``docs/security.rst`` promises is proved by tests that exist."""

import ast
import re

from tools.cache import ROOT

DOCUMENT = ROOT / "docs" / "security.rst"


def _test_names(pattern):
    """Return the names of test methods in each file, by the file's name without ``.py``."""
    return {
        path.stem: {
            node.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for path in ROOT.glob(pattern)
    }


def test_each_test_named_exists():
    """Each ``test_...`` in the document is a file, a method, or a method of the file it names."""
    files = _test_names("*/tests/test_*.py")
    methods = set().union(*files.values())
    named = re.findall(r"``(?:(test_\w+)\.)?(test_\w+)``", DOCUMENT.read_text())
    assert len(named) > 30
    missing = [
        f"{file}.{name}" if file else name
        for file, name in named
        if name not in (files.get(file, ()) if file else methods | files.keys())
    ]
    assert not missing


def test_each_promise_names_a_test():
    """No row of a table of promises goes without a test."""
    rows = re.findall(
        r"^   \* - (.*?)^     - (.*?)(?=^   \* - |^\S|\Z)", DOCUMENT.read_text(), re.M | re.S
    )
    rows = [row for row in rows if row[0].strip() != "Promise"]
    assert len(rows) > 20
    unproved = [promise for promise, proof in rows if not re.search("test_|above", proof)]
    assert not unproved
