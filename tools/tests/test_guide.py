"""The guide's numbers are those of tests, and its links lead somewhere."""

import ast
import re

import pytest

from tools.cache import ROOT

GUIDE = ROOT / "docs" / "guide"
AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+\.\d\d")


def _get_tests():
    """Return the source of each test of the addons by ``module.Class.test``."""
    tests = {}
    for path in ROOT.glob("customer_org*/tests/test_*.py"):
        source = path.read_text()
        for cls in ast.parse(source).body:
            if isinstance(cls, ast.ClassDef):
                for node in cls.body:
                    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                        tests[f"{path.stem}.{cls.name}.{node.name}"] = source
    return tests


def test_each_answer_is_tested():
    """Each answer to an accountant names a test, in whose file its amounts are found."""
    text = (GUIDE / "accountant.rst").read_text()
    answers = re.findall(r"^(.+?)\n=+\n\n(.*?)\.\. Tested by (\S+)", text, re.M | re.S)
    assert len(answers) >= 25
    tests = _get_tests()
    missing = [f"{title}: {test}" for title, _answer, test in answers if test not in tests]
    assert not missing
    files = ROOT.glob("customer_org*/tests/*.py")
    sources = "".join(path.read_text() for path in files).replace("_", "").replace(",", "")
    for title, answer, _test in answers:
        for amount in AMOUNT.findall(answer):
            plain = str(float(amount.replace(",", ""))).removesuffix(".0")
            assert plain in sources, f"{title}: {amount}"


@pytest.mark.parametrize("path", sorted(GUIDE.glob("*.rst")), ids=lambda path: path.name)
def test_pages_are_linked(path):
    """Each page is in the table of contents, and each page it refers to exists."""
    pages = {page.stem for page in GUIDE.glob("*.rst")}
    contents = set((GUIDE / "index.rst").read_text().split())
    assert path.stem in contents | {"index"}
    assert set(re.findall(r":doc:`(\w+)`", path.read_text())) <= pages
