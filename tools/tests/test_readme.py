"""The pages made from others are what they would be if they were made now."""

import pytest

from tools import readme
from tools.cache import ROOT
from tools.databases import addons


@pytest.mark.parametrize("addon", addons())
def test_readme_is_up_to_date(addon):
    """If not: ``./dev docs``."""
    assert (ROOT / addon / "README.rst").read_text() == readme.get_readme(addon)


@pytest.mark.parametrize("addon", addons())
def test_each_addon_has_its_pages(addon):
    """Who meets an addon finds what it does, what it lacks and what has changed."""
    folder = ROOT / addon / "readme"
    for name in ("DESCRIPTION", "ROADMAP", "HISTORY", "CONTRIBUTORS"):
        assert (folder / f"{name}.rst").read_text().strip()
