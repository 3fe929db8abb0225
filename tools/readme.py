"""The addons' ``README.rst`` and ``HISTORY``, made from the fragments in ``readme/``.

As in the OCA, each addon's page is put together from ``readme/DESCRIPTION.rst``, ``CONFIGURE``,
``USAGE``, ``ROADMAP``, ``HISTORY`` and ``CONTRIBUTORS``. News of the release that is being made are
files in ``readme/newsfragments``; ``./dev docs --release`` moves them into ``HISTORY.rst``.
"""

import ast
from pathlib import Path

from .cache import ROOT

SECTIONS = {
    "DESCRIPTION": "",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
NOTE = ".. Made from the files in readme/ by ./dev docs: change those."
LICENSE = "License\n=======\n\nLGPL-3 or later.\n"


def get_readme(addon: str) -> str:
    """Return the page of an addon."""
    folder = ROOT / addon / "readme"
    title = _get_manifest(addon)["name"]
    parts = [f"{'=' * len(title)}\n{title}\n{'=' * len(title)}\n", f"{NOTE}\n"]
    for name, heading in SECTIONS.items():
        path = folder / f"{name}.rst"
        if path.exists():
            text = path.read_text().strip()
            parts.append(f"{heading}\n{'=' * len(heading)}\n\n{text}\n" if heading else f"{text}\n")
    return "\n".join([*parts, LICENSE])


def write(addons: list[str]) -> None:
    """Write the pages of all addons."""
    for addon in addons:
        (ROOT / addon / "README.rst").write_text(get_readme(addon))


def release(addons: list[str]) -> None:
    """Move the news into the history of the version that the manifest names."""
    for addon in addons:
        folder = ROOT / addon / "readme"
        if news := sorted((folder / "newsfragments").glob("*.rst")):
            _add_news(folder / "HISTORY.rst", _get_manifest(addon)["version"], news)


def _add_news(history: Path, version: str, news: list[Path]) -> None:
    items = []
    for path in news:
        lines = path.read_text().strip().splitlines()
        items.append("\n".join([f"* {lines[0]}", *(f"  {line}".rstrip() for line in lines[1:])]))
    old = history.read_text() if history.exists() else ""
    history.write_text(f"{version}\n{'-' * len(version)}\n\n" + "\n".join(items) + f"\n\n{old}")
    for path in news:
        path.unlink()


def _get_manifest(addon: str) -> dict:
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
