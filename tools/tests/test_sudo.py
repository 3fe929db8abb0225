"""Who gives other rights says why: each ``sudo()`` of our code has its reason beside it."""

import ast
import re

import pytest

from tools.cache import ROOT

REASON = re.compile(r"#.*\b(sudo|system|superuser|any!)\b", re.I)


def _get_sources():
    return [
        path
        for path in ROOT.glob("customer_org*/**/*.py")
        if "tests" not in path.parts and "migrations" not in path.parts
    ]


def _has_other_rights(node: ast.AST) -> bool:
    """Tell whether a call acts with other rights than the user's."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr == "sudo":
        return not node.args or getattr(node.args[0], "value", None) is True
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return node.func.attr == "with_user" and any(
        isinstance(value, ast.Name) and value.id == "SUPERUSER_ID" for value in values
    )


def _get_reasonless(source: str) -> list[int]:
    """Return the lines with other rights that no comment before, in their function, explains."""
    tree, lines = ast.parse(source), source.splitlines()
    spans = [
        (node.lineno, node.end_lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    reasonless = []
    for number in sorted({node.lineno for node in ast.walk(tree) if _has_other_rights(node)}):
        starts = [start for start, end in spans if start <= number <= end]
        end = next(
            node.end_lineno
            for node in ast.walk(tree)
            if _has_other_rights(node) and node.lineno == number
        )
        if not any(REASON.search(line) for line in lines[max(starts, default=number) - 1 : end]):
            reasonless.append(number)
    return reasonless


@pytest.mark.parametrize("path", _get_sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_sudo_has_a_reason(path):
    """A comment before it, in the same function, says why the other rights are safe."""
    assert not _get_reasonless(path.read_text())


def test_a_missing_reason_is_found():
    """A function without a comment is told by its line, one with a comment is not."""
    assert _get_reasonless("def f(self):\n    return self.sudo()\n") == [2]
    assert not _get_reasonless("def f(self):\n    # sudo: it is ours.\n    return self.sudo()\n")


def test_each_unnest_has_a_cast():
    """An empty list is no SQL type of its own: a list that is unnested has a cast."""
    uncast = re.compile(r"unnest\(%(\(\w+\))?s[^:]")
    sources = {path.name: path.read_text() for path in _get_sources()}
    # Where the columns are a list, the casts are, too.
    found = [
        name
        for name, text in sources.items()
        if uncast.search(text.replace("::%s[]", "")) and "::%s[]" not in text
    ]
    assert not found
