"""Counts of the code, by its syntax tree: what ``./dev lint`` prints. It judges nothing."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .cache import ROOT

MOST_LINES = {"code": 400, "tests": 500}
MOST_FUNCTION_LINES = 60
MOST_EXTENSION_LINES = 20
LEAST_TEST_SHARE = 1.2
# A whole sentence begins with a capital, a name in code, a number, or a label ("sudo: …").
FRAGMENT = re.compile(r"^#\s+[a-z]+\b(?![(_.=:!])")
NO_SENTENCE = re.compile(r"#\s*(noqa|pylint|isort|type:|pragma|fmt:)")


class Function(NamedTuple):
    """A function, where it is, and its lines without docstring."""

    place: str
    lines: int
    is_extension: bool
    has_reason: bool


def report(addons: list[str]) -> list[str]:
    """Return the lines of the report on the Python and XML files of these addons."""
    files = [path for addon in addons for path in (ROOT / addon).rglob("*") if path.is_file()]
    python = sorted(path for path in files if path.suffix == ".py")
    xml = sorted(path for path in files if path.suffix == ".xml" and "i18n" not in path.parts)
    code = [path for path in python if "tests" not in path.parts]
    tests = [path for path in python if "tests" in path.parts]
    functions = [function for path in code for function in get_functions(path)]
    lengths = sorted(function.lines for function in functions)
    code_lines, test_lines = (sum(map(count_lines, paths)) for paths in (code, tests))
    lines = [
        f"functions: {len(lengths)}, lines at median / p90 / most: {_at(lengths, 0.5)}"
        f" / {_at(lengths, 0.9)} / {lengths[-1]} (8 / 25 / {MOST_FUNCTION_LINES})",
        f"tests to code: {test_lines} / {code_lines} = {test_lines / code_lines:.2f}"
        f" ({LEAST_TEST_SHARE})",
    ]
    lines += _get_long_files([*code, *xml], "code") + _get_long_files(tests, "tests")
    for function in functions:
        if function.lines > MOST_FUNCTION_LINES:
            lines.append(f"{function.place}: {function.lines} lines")
        elif (
            function.is_extension
            and function.lines > MOST_EXTENSION_LINES
            and not function.has_reason
        ):
            lines.append(f"{function.place}: extends core in {function.lines} lines, no reason")
    return lines + [line for path in python for line in get_fragments(path)]


def _at(lengths: list[int], share: float) -> int:
    return lengths[min(len(lengths) - 1, int(len(lengths) * share))]


def count_lines(path: Path) -> int:
    """Return the lines that are neither blank, nor a comment, nor of a docstring."""
    source = path.read_text()
    told = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for number in _get_docstring_lines(node)
    }
    lines = enumerate(map(str.strip, source.splitlines()), start=1)
    return sum(
        bool(line) and not line.startswith("#") and number not in told for number, line in lines
    )


def _get_docstring_lines(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> range:
    if ast.get_docstring(node) is None:
        return range(0)
    doc = node.body[0]
    return range(doc.lineno, (doc.end_lineno or doc.lineno) + 1)


def _get_long_files(paths: list[Path], kind: str) -> list[str]:
    sizes = [(path, len(path.read_text().splitlines())) for path in paths]
    return [
        f"{path.relative_to(ROOT)}: {size} lines ({MOST_LINES[kind]})"
        for path, size in sizes
        if size > MOST_LINES[kind]
    ]


def get_functions(path: Path) -> Iterator[Function]:
    """Yield the functions of a file."""
    source = path.read_text()
    rows = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            lines -= len(_get_docstring_lines(node))
            comments = any(
                row.strip().startswith("#") for row in rows[node.lineno : node.end_lineno]
            )
            yield Function(
                place=f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                lines=lines,
                is_extension=calls_super(node),
                has_reason=comments or ast.get_docstring(node) is not None,
            )


def calls_super(node: ast.FunctionDef) -> bool:
    """Whether a method calls the one that it overrides."""
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == node.name
        and isinstance(call.func.value, ast.Call)
        and getattr(call.func.value.func, "id", "") == "super"
        for call in ast.walk(node)
    )


def get_fragments(path: Path) -> Iterator[str]:
    """Yield the comments that begin as a fragment of a sentence."""
    previous = -1
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type != tokenize.COMMENT:
            continue
        is_whole_line = token.line.strip().startswith("#")
        continues = is_whole_line and token.start[0] == previous + 1
        previous = token.start[0] if is_whole_line else -1
        if (
            is_whole_line
            and not continues
            and FRAGMENT.match(token.string)
            and not NO_SENTENCE.match(token.string)
        ):
            yield f"{path.relative_to(ROOT)}:{token.start[0]}: {token.string}"
