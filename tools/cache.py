"""The per-user cache, shared by all clones: Odoo, the Python environment, logs and locks.

Whatever is unpacked or installed gets its name, or its stamp, as the last act under a lock: what
an interrupted run leaves is never taken for complete.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .console import Failure, say, step

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "customer_org"
CLONE = hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]
LOGS = CACHE / "logs" / CLONE

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES = "usr/lib/python3/dist-packages"
# Odoo's package holds relative links into the others: they are unpacked into the same tree.
FROM_SID = """odoo-19 libjs-jquery libjs-jquery-form libjs-underscore
    fonts-montserrat fonts-ocr-b fonts-roboto-unhinted"""
# Font Awesome 4.7: the one in sid has other file names.
FROM_RELEASE = "fonts-font-awesome fonts-inconsolata"
# Not in the package, though every page of the backend asks for it.
MISSING_FILE = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
OR_ODOO_HOME = "or let ODOO_HOME name a checkout of Odoo 19."


@contextmanager
def lock(name, wait=True, shared=False):
    """Hold a lock between processes; yields False if it is taken and we do not ``wait``.

    The system releases it when the process ends, in whatever way.
    """
    CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as handle:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                yield False
                return
            say(f"- Waiting for another ./dev ({name}) ...")
            fcntl.flock(handle, mode)
        yield True


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


# ---------------------------------------------------------------- Odoo


def odoo_home():
    """Return the folder that holds the package ``odoo``; fetch it first if need be."""
    if own := os.environ.get("ODOO_HOME"):
        if not (Path(own) / "odoo" / "release.py").exists():
            raise Failure(f"ODOO_HOME is {own}, which has no odoo/release.py: name an Odoo 19.")
        return Path(own).resolve()
    tree = CACHE / "odoo-19"
    if not tree.exists():
        with lock("odoo"):
            if not tree.exists():
                _fetch_odoo(tree)
    return tree / PACKAGES


def _fetch_odoo(tree):
    """Download Odoo 19 from Debian's ``sid`` and unpack it; the system itself is not touched."""
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Failure(f"{tool} is missing: use Debian, {OR_ODOO_HOME}")
    hint = f"Is the package mirror reachable? Try again, {OR_ODOO_HOME}"
    release = _codename()
    wanted = [f"{name}/sid" for name in FROM_SID.split()]
    wanted += [f"{name}/{release}" for name in FROM_RELEASE.split()]
    for left_over in CACHE.glob("odoo-19.*/"):
        shutil.rmtree(left_over, ignore_errors=True)
    options = {"prefix": "odoo-19.", "dir": CACHE, "ignore_cleanup_errors": True}
    with tempfile.TemporaryDirectory(**options) as work:
        work = Path(work)
        apt = _private_apt(work, ["sid", release])
        step("Reading the package lists", [*apt, "update"], LOGS / "apt.log", hint)
        (work / "debs").mkdir()
        download = [*apt, "download", *wanted]
        step("Downloading Odoo 19, 130 MB", download, LOGS / "apt.log", hint, cwd=work / "debs")
        unpack = 'set -e; for deb in debs/*.deb; do dpkg-deb -x "$deb" tree; done'
        step("Unpacking Odoo 19", ["sh", "-c", unpack], LOGS / "unpack.log", cwd=work)
        missing = work / "tree" / PACKAGES / MISSING_FILE
        missing.parent.mkdir(parents=True, exist_ok=True)
        missing.touch()
        (work / "tree").rename(tree)


def _private_apt(work, suites):
    """Return an apt-get that has its own sources and state in ``work``, and checks signatures."""
    if not KEYRING.exists():
        raise Failure(f"{KEYRING} is missing: install debian-archive-keyring, {OR_ODOO_HOME}")
    mirror = _debian_mirror()
    sources = [f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites]
    (work / "sources.list").write_text("".join(sources))
    (work / "lists/partial").mkdir(parents=True)
    options = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::Etc::Preferences": "-",
        "Dir::Etc::PreferencesParts": "-",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",
    }
    return ["apt-get", "-qy", *(f"-o{name}={value}" for name, value in options.items())]


def _debian_mirror():
    """Return the address from which this machine's own apt takes Debian's main packages."""
    command = ["apt-get", "indextargets", "--no-release-info", "Created-By: Packages"]
    command += ["--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listing.splitlines():
        suite, component, address = line.split(" ", 2)
        if component == "main" and suite in (_codename(), "stable", "testing", "unstable", "sid"):
            return address
    raise Failure(f"apt has no Debian mirror among its sources: add one, {OR_ODOO_HOME}")


def _codename():
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    return "sid"


# ---------------------------------------------------------------- Python


def venv(kind=""):
    """Return the folder of a Python environment: one per set of requirements and Python.

    :param kind: the folder of ``requirements/`` that is wanted; Odoo's, tests' and lint's if empty
    """
    parts = [_python(), *(file.read_text() for file in _requirements(kind))]
    return CACHE / f"venv-{digest(*parts)}"


def use_venv():
    """Install the Python environment if need be, and let child processes find it first."""
    folder = get_venv()
    os.environ["PATH"] = f"{folder / 'bin'}:{os.environ['PATH']}"
    return folder


def get_venv(kind=""):
    """Return the folder of a Python environment that is complete."""
    folder = venv(kind)
    if not is_complete(folder):
        with lock("venv"):
            if not is_complete(folder):
                _make_venv(folder, kind)
    return folder


def is_complete(folder):
    return (folder / "complete").exists()


def _make_venv(folder, kind):
    python = _python()
    has_venv = [python, "-c", "import ensurepip, venv"]
    if subprocess.run(has_venv, capture_output=True, check=False).returncode:
        raise Failure(f"{python} has no venv module: apt-get install python3-venv, then try again.")
    step(
        "Making the Python environment",
        [python, "-m", "venv", "--clear", folder],
        LOGS / "venv.log",
    )
    install = [folder / "bin/python", "-m", "pip", "install", "--no-input", "--progress-bar=off"]
    install += [f"--requirement={file}" for file in _requirements(kind)]
    hint = "Is the package index reachable? Then try again."
    step("Installing Python packages, about a minute", install, LOGS / "pip.log", hint)
    (folder / "complete").touch()


def _requirements(kind=""):
    return sorted((ROOT / "requirements" / kind).glob("*.txt"))


def _python():
    """Return a Python that Odoo 19 takes: the one we run on, else the newest on the PATH."""
    if sys.version_info < (3, 14):
        return os.path.realpath(sys.executable)
    for minor in (13, 12, 11, 10):
        if found := shutil.which(f"python3.{minor}"):
            return os.path.realpath(found)
    raise Failure("Odoo 19 needs Python 3.10 to 3.13: install one of them.")
