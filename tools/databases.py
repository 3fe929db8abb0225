"""Databases: the template of the dependencies, copies of it, and how fresh they are.

What a database was made from is written into its comment, the *stamp*. It is ``building`` until
the database is complete; a database without a comment is not ours and is left alone.
"""

import ast
import os
import shutil

from .cache import CACHE, CLONE, LOGS, ROOT, digest, lock, odoo_home
from .console import step
from .postgres import psql

DATA = CACHE / "data"
BUILDING = "building"
# Addons of others that tests and the demo use, though ours don't depend on them.
COMPANIONS = ("payment_demo",)
# A change of these needs no update of a database.
NOT_INSTALLED = {"tests", "static", "readme", "__pycache__"}


def use_odoo():
    """Let child processes find Odoo, our addons and the data folder."""
    home = odoo_home()
    DATA.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        PYTHONPATH=str(home),
        ODOO_RC=os.devnull,
        ODOO_ADDONS_PATH=",".join(str(path) for path in (home / "addons", ROOT) if path.is_dir()),
        ODOO_DATA_DIR=str(DATA),
        ODOO_HTTP_INTERFACE="127.0.0.1",
    )


def odoo_bin(*words):
    """Return the command that runs Odoo."""
    return ["python", "-m", "odoo", *words]


def addons():
    """Return the names of this repository's addons."""
    return sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))


def dependencies():
    """Return the addons of others that ours depend on, and those that their tests use."""
    manifests = [ROOT / addon / "__manifest__.py" for addon in addons()]
    depends = [ast.literal_eval(path.read_text())["depends"] for path in manifests]
    return sorted(set().union(COMPANIONS, *depends) - set(addons()))


def name(kind):
    """Return the name of this clone's database for ``kind``."""
    return f"customer_org_{CLONE}_{kind}"


def install(database, title, *words):
    """Run Odoo once on ``database`` to install or update addons."""
    command = odoo_bin("--database", database, "--stop-after-init", "--no-http", *words)
    step(title, command, LOGS / f"{database}.log")


def template():
    """Return the database in which only the dependencies are installed; make it if need be."""
    database = f"customer_org_deps_{_template_key()}"
    with lock(database):
        if stamp(database) != "complete":
            create(database)
            wanted = ",".join(dependencies())
            install(database, f"Template database with {wanted}, a minute", "--init", wanted)
            set_stamp(database, "complete")
    return database


def copy_template(database):
    """Make ``database`` a new copy of the template."""
    copy(template(), database)


def copy(source, database):
    """Make ``database`` a new copy of another, with its files."""
    create(database, source)
    if _filestore(source).exists():
        shutil.copytree(_filestore(source), _filestore(database), copy_function=os.link)


def create_with_addons(database):
    """Make ``database`` anew with our addons."""
    copy_template(database)
    install(database, "Installing the addons", "--init", ",".join(addons()))
    set_stamp(database, current_stamp())


def current_stamp():
    """Return the stamp of a database that holds our addons as they are now."""
    parts = []
    for path in sorted(path for addon in addons() for path in (ROOT / addon).rglob("*")):
        if path.is_file() and NOT_INSTALLED.isdisjoint(path.relative_to(ROOT).parts):
            parts += [path.relative_to(ROOT), path.read_bytes()]
    return f"{_template_key()} {digest(*parts)}"


def _template_key():
    home = odoo_home()
    return digest(home, (home / "odoo" / "release.py").read_text(), *dependencies())


def stamp(database):
    """Return the stamp of ``database``, empty where it has none, None where it does not exist."""
    found = psql(
        "SELECT '=' || coalesce(shobj_description(oid, 'pg_database'), '')"
        f" FROM pg_database WHERE datname = '{database}'"
    )
    return found[1:] if found else None


def set_stamp(database, value):
    psql(f"COMMENT ON DATABASE \"{database}\" IS '{value}'")


def create(database, source=None):
    """Make a database, empty or a copy, in place of the one that may be there."""
    drop(database)
    template = f'"{source}"' if source else "template0 ENCODING 'UTF8' LC_COLLATE 'C'"
    psql(f'CREATE DATABASE "{database}" TEMPLATE {template}')
    set_stamp(database, BUILDING)


def drop(database):
    psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    shutil.rmtree(_filestore(database), ignore_errors=True)


def _filestore(database):
    return DATA / "filestore" / database
