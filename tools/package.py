"""What users install: a zip per addon for the Apps store and by hand, and wheels for pip."""

import ast
import os
import re
import subprocess
import zipfile
from pathlib import Path

from .cache import LOGS, ROOT, get_venv
from .console import Failure, step

VERSION = re.compile(r"^19\.0\.\d+\.\d+\.\d+$")
LONGEST_NAME = 25  # of the Apps store


def check(addon: str) -> None:
    """Refuse an addon that the store or its users could not take.

    :raises Failure: with all that is wrong
    """
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
    readme, version = ROOT / addon / "readme", manifest["version"]
    wrong = []
    if not VERSION.match(version):
        wrong.append(f"its version {version} is not 19.0.x.y.z")
    if len(manifest["name"]) > LONGEST_NAME:
        wrong.append(f"its name has more than {LONGEST_NAME} letters")
    if not (readme / "HISTORY.rst").read_text().startswith(f"{version}\n"):
        wrong.append(f"readme/HISTORY.rst does not begin with {version}: ./dev docs --release")
    if list((readme / "newsfragments").glob("*.rst")):
        wrong.append("readme/newsfragments are not in its history: ./dev docs --release")
    for key in ("website", "support"):
        if not manifest.get(key):
            wrong.append(f"its manifest has no {key}")
    page = ROOT / addon / "static" / "description" / "index.html"
    for image in re.findall(r'src="([^"]+)"', page.read_text()) if page.exists() else ():
        if not (page.parent / image).exists():
            wrong.append(f"its page shows {image}, which does not exist")
    for image in manifest.get("images", ()):
        if not (ROOT / addon / image).exists():
            wrong.append(f"{image} does not exist")
    if wrong:
        raise Failure(f"{addon} can't be published: {'; '.join(wrong)}.")


def build_zip(addon: str, folder: Path) -> Path:
    """Write the files of an addon that git knows into a zip.

    :return: its path
    """
    version = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())["version"]
    path = folder / f"{addon}-{version}.zip"
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", addon]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names.stdout.splitlines():
            if (ROOT / name).is_file():
                archive.write(ROOT / name, name)
    return path


def build_wheels(addons: list[str], folder: Path) -> None:
    """Build the wheels ``odoo-addon-<name>`` as the OCA does, with whool."""
    python = get_venv("docs") / "bin" / "python"
    words = [python, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    words += ["--wheel-dir", folder, *(f"./{addon}" for addon in addons)]
    # The version is the manifest's, whatever was committed since.
    env = {**os.environ, "WHOOL_POST_VERSION_STRATEGY_OVERRIDE": "none"}
    step("Building the wheels", words, LOGS / "wheels.log", cwd=ROOT, env=env)
