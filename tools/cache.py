"""The per-user cache, shared by all clones: Odoo, the Python environment, logs and locks.

Whatever is unpacked or installed gets its final name, or its stamp, as the last act under a lock:
an interrupted run leaves nothing that a later one takes for complete.
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
# Odoo's package holds relative links into these packages: they are unpacked into the same tree.
FROM_SID = (
    "odoo-19 libjs-jquery libjs-jquery-form libjs-underscore"
    " fonts-montserrat fonts-ocr-b fonts-roboto-unhinted"
).split()
# Font Awesome 4.7: the newer one in sid has other file names.
FROM_RELEASE = "fonts-font-awesome fonts-inconsolata".split()


@contextmanager
def lock(name, wait=True, shared=False):
    """Hold a lock between processes; yields False if it is taken and we do not ``wait``.

    The system releases it when the process ends, in whatever way.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
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
    """Return the folder that holds Odoo's ``odoo`` package, after fetching it if need be."""
    own = os.environ.get("ODOO_HOME")
    if own:
        if not (Path(own) / "odoo" / "release.py").exists():
            raise Failure(
                f"ODOO_HOME is {own}, which holds no odoo/release.py: name a checkout of Odoo 19."
            )
        return Path(own).resolve()
    tree = CACHE / "odoo-19"
    if not tree.exists():
        with lock("odoo"):
            if not tree.exists():
                _fetch_odoo(tree)
    return tree / "usr/lib/python3/dist-packages"


def addons_path(home):
    """Return the folders of addons that Odoo does not find by itself."""
    return ",".join(str(path) for path in (home / "addons", ROOT) if path.is_dir())


def _fetch_odoo(tree):
    """Download Odoo 19 from Debian's ``sid`` and unpack it; the system itself is not touched."""
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Failure(
                f"{tool} is missing: use Debian, or set ODOO_HOME to a checkout of Odoo 19."
            )
    work = Path(tempfile.mkdtemp(prefix="odoo-19.", dir=CACHE))
    try:
        apt = _private_apt(work)
        step("Reading the package lists", [*apt, "update"], LOGS / "apt.log", _APT_HINT)
        wanted = [f"{name}/sid" for name in FROM_SID]
        wanted += [f"{name}/{_codename()}" for name in FROM_RELEASE]
        (work / "debs").mkdir()
        command = [*apt, "download", *wanted]
        step(
            "Downloading Odoo 19 (130 MB)", command, LOGS / "apt.log", _APT_HINT, cwd=work / "debs"
        )
        unpack = f'set -e; for deb in debs/*.deb; do dpkg-deb -x "$deb" "{work}/tree"; done'
        step(
            "Unpacking Odoo 19",
            ["sh", "-c", unpack],
            LOGS / "unpack.log",
            "Is the disk full?",
            cwd=work,
        )
        # Left out of the package, yet asked for by every backend page.
        stub = "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation"
        (work / "tree" / stub).mkdir(parents=True, exist_ok=True)
        (work / "tree" / stub / "selfie_segmentation.js").touch()
        (work / "tree").rename(tree)
    finally:
        shutil.rmtree(work, ignore_errors=True)


_APT_HINT = "Is the package mirror reachable? ODOO_HOME can name a checkout of Odoo 19 instead."


def _private_apt(work):
    """Return an apt-get command with sources and state of its own, below ``work``."""
    if not KEYRING.exists():
        raise Failure(
            f"{KEYRING} is missing: apt-get install debian-archive-keyring, or set ODOO_HOME."
        )
    mirror = _debian_mirror()
    (work / "lists/partial").mkdir(parents=True)
    (work / "sources.list").write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in ("sid", _codename())
        )
    )
    options = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::Etc::Preferences": "-",
        "Dir::Etc::PreferencesParts": "-",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
    }
    return ["apt-get", "-qy", *(f"-o{name}={value}" for name, value in options.items())]


def _debian_mirror():
    """Return the address from which this machine's own apt takes its release's main packages."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--no-release-info"]
        + ["--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
    ).stdout
    for line in listing.splitlines():
        suite, component, address = line.split(" ", 2)
        if component == "main" and suite in (_codename(), "stable", "testing", "unstable", "sid"):
            return address
    raise Failure(
        "apt has no Debian mirror among its sources: add one, or let ODOO_HOME name an Odoo 19."
    )


def _codename():
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    return "sid"


# ---------------------------------------------------------------- Python


def venv(make=True):
    """Return the folder of the Python environment, one per set of requirements and Python.

    :param make: install it where it is missing; otherwise, return None
    """
    files = sorted((ROOT / "requirements").glob("*.txt"))
    interpreter = _interpreter()
    folder = CACHE / f"venv-{digest(interpreter, *(file.read_text() for file in files))}"
    if not (folder / "complete").exists():
        if not make:
            return None
        with lock("venv"):
            if not (folder / "complete").exists():
                _make_venv(interpreter, folder, files)
    return folder


def _make_venv(interpreter, folder, files):
    if subprocess.run(
        [interpreter, "-c", "import ensurepip, venv"], capture_output=True
    ).returncode:
        raise Failure(
            f"{interpreter} lacks the venv module: apt-get install python3-venv, then try again."
        )
    log = LOGS / "venv.log"
    step("Making the Python environment", [interpreter, "-m", "venv", "--clear", folder], log)
    install = [folder / "bin/python", "-m", "pip", "install", "--no-input", "--progress-bar=off"]
    install += [f"--requirement={file}" for file in files]
    step(
        "Installing Python packages (about a minute)",
        install,
        log,
        "Is the package index reachable?",
    )
    (folder / "complete").touch()


def _interpreter():
    """Return a Python that Odoo 19 takes: the one we run on, else the newest on the PATH."""
    if sys.version_info < (3, 14):
        return os.path.realpath(sys.executable)
    for minor in (13, 12, 11, 10):
        if found := shutil.which(f"python3.{minor}"):
            return os.path.realpath(found)
    raise Failure("Odoo 19 needs Python 3.10 to 3.13: install one of them.")
