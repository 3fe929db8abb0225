"""The guide's numbers are those of tests, and all links to it and in it lead somewhere."""

import ast
import re
import subprocess

import pytest
from docutils.nodes import make_id

from tools import package
from tools.cache import ROOT, get_venv
from tools.databases import addons
from tools.pictures import LIMIT

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
    """Each answer to an accountant names a test; its amounts are in that file or its fixtures."""
    text = (GUIDE / "accountant.rst").read_text()
    answers = re.findall(r"^(.+?)\n=+\n\n(.*?)\.\. Tested by (\S+)", text, re.M | re.S)
    assert len(answers) >= 25
    tests = _get_tests()
    missing = [f"{title}: {test}" for title, _answer, test in answers if test not in tests]
    assert not missing
    fixtures = "".join(
        path.read_text()
        for pattern in ("tests/*common*.py", "demo/*.xml")
        for path in ROOT.glob(f"customer_org*/{pattern}")
    )
    for title, answer, test in answers:
        source = (tests[test] + fixtures).replace("_", "").replace(",", "")
        for amount in AMOUNT.findall(answer):
            plain = str(float(amount.replace(",", ""))).removesuffix(".0")
            assert plain in source, f"{title}: {amount}"


@pytest.mark.parametrize("path", sorted(GUIDE.glob("*.rst")), ids=lambda path: path.name)
def test_pages_are_linked(path):
    """Each page is in the table of contents, and each page it refers to exists."""
    pages = {page.stem for page in GUIDE.glob("*.rst")}
    contents = set((GUIDE / "index.rst").read_text().split())
    assert path.stem in contents | {"index"}
    assert set(re.findall(r":doc:`(\w+)`", path.read_text())) <= pages


ROUTE = (ROOT / "customer_org/controllers/guide.py").read_text()
# Where the guide is, and the pages that the route knows.
URL = re.search(r'^GUIDE_URL = "(.+)"$', ROUTE, re.M)[1]
PAGES = ast.literal_eval(re.search(r"^PAGES = (.+)$", ROUTE, re.M)[1])
LINK = re.compile(r"/customer_org/guide/([a-z_]+)(?:#([a-z0-9-]+))?")
TITLE = re.compile(r"^(\S.*)\n[=-]{3,}$", re.M)


def _get_sections(page):
    """Return the names that a page's titles have in its HTML."""
    titles = TITLE.findall((GUIDE / f"{page}.rst").read_text())
    return {make_id(title) for title in titles}


def _get_links():
    """Return (file, page, section) of each link of the product to the guide."""
    for path in ROOT.glob("customer_org*/**/*"):
        if path.suffix in {".xml", ".js", ".py"} and "tests" not in path.parts:
            for page, section in LINK.findall(path.read_text()):
                yield path.name, page, section


def test_links_of_screens():
    """Each help link of a screen leads to a page that the guide has, and to a section of it."""
    links = list(_get_links())
    assert len(links) >= 15
    known = {page: _get_sections(page) for page in PAGES}
    for name, page, section in links:
        assert page in known, f"{name}: {page}"
        assert not section or section in known[page], f"{name}: {page}#{section}"


def test_one_address():
    """Screens lead to the guide by our route alone, which knows where it is."""
    host = URL.split("/")[2]
    for path in ROOT.glob("customer_org*/**/*"):
        if path.suffix in {".xml", ".js", ".py"} and path.name != "__manifest__.py":
            if path.name != "guide.py":
                assert host not in path.read_text(), path.name
    for path in ROOT.glob("customer_org*/__manifest__.py"):
        website = ast.literal_eval(path.read_text())["website"]
        assert URL.startswith(website)


def test_guide_is_built(tmp_path):
    """It is built without a warning, and each link and picture in the HTML is there."""
    python = get_venv("docs") / "bin" / "python"
    words = [python, "-m", "sphinx", "-W", "-q", "-b", "html", GUIDE, tmp_path]
    built = subprocess.run(words, capture_output=True, text=True, check=False)
    assert not built.returncode, built.stderr
    pages = {path.name: path.read_text() for path in tmp_path.glob("*.html")}
    for name, text in pages.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target, _hash, section = link.partition("#")
            target = target.partition("?")[0]
            if target.startswith(("http", "mailto:")):
                continue
            assert not target or (tmp_path / target).exists(), f"{name}: {link}"
            if section and not target.startswith("_"):
                assert f'id="{section}"' in pages[target or name], f"{name}: {link}"


@pytest.mark.parametrize("path", sorted(GUIDE.glob("*.rst")), ids=lambda path: path.name)
def test_files_exist(path):
    """Each picture of a page, and each file of the repository that it names, is there."""
    text = path.read_text()
    for image in re.findall(r"\.\. (?:image|figure):: (\S+)", text):
        assert (GUIDE / image).exists(), image
    for name in re.findall(r"``((?:docs/)?\w[\w/-]*\.rst)``", text):
        assert (ROOT / name).exists(), name


def test_apps_page():
    """The page's pictures and anchors are there, and its links are mail addresses or anchors."""
    folder = ROOT / "customer_org/static/description"
    page = (folder / "index.html").read_text()
    for image in re.findall(r'src="([^"]+)"', page):
        assert (folder / image).exists(), image
        assert (folder / image).stat().st_size < LIMIT, image
    for link in re.findall(r'href="([^"]+)"', page):
        assert link.startswith("mailto:") or f'id="{link[1:]}"' in page, link


@pytest.mark.parametrize("addon", addons())
def test_manifest(addon):
    """What the store shows of an addon is there."""
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
    assert len(manifest["name"]) <= package.LONGEST_NAME
    for key in ("website", "support", "maintainers", "summary"):
        assert manifest.get(key), key
    assert bool(manifest.get("images")) == bool(manifest.get("application"))
    for image in manifest.get("images", ()):
        assert (ROOT / addon / image).exists(), image
    assert (ROOT / addon / "static/description/icon.png").exists()


def test_readme_pictures():
    """The pictures of the README are there."""
    for image in re.findall(r"\.\. image:: (\S+)", (ROOT / "README.rst").read_text()):
        assert (ROOT / image).exists(), image
