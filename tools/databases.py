"""Databases: the template of the dependencies, copies of it, and how fresh they are.

What a database was made from is written into its comment, the *stamp*. It is ``building`` until
the database is complete; a database without a comment is not ours and is left alone.
"""

import ast
import os
import shutil
import subprocess

from .cache import CACHE, CLONE, LOGS, ROOT, addons_path, digest, lock, odoo_home
from .console import step
from .postgres import psql

DATA = CACHE / "data"
BUILDING = "building"
# A change of these needs no update of a database.
NOT_INSTALLED = {"tests", "static", "readme", "__pycache__"}


def name(kind):
    """Return the name of this clone's database for ``kind``."""
    return f"customer_org_{CLONE}_{kind}"


def addons():
    """Return this repository's installable addons and their manifests."""
    found = {}
    for path in sorted(ROOT.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text())
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def dependencies():
    """Return the addons of others that ours depend on."""
    ours = addons()
    return sorted({name for manifest in ours.values() for name in manifest["depends"]} - set(ours))


def use_odoo():
    """Let every child process find Odoo, our addons and the data folder."""
    home = odoo_home()
    DATA.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        PYTHONPATH=str(home),
        ODOO_RC=os.devnull,
        ODOO_ADDONS_PATH=addons_path(home),
        ODOO_DATA_DIR=str(DATA),
        ODOO_HTTP_INTERFACE="127.0.0.1",
        PGDATABASE_TEMPLATE="template0",
    )


def odoo_command(python, *arguments):
    """Return the command that runs Odoo."""
    return [str(python), "-m", "odoo", *arguments]


def install(python, database, title, *arguments):
    """Run Odoo once on ``database`` to install or update addons."""
    command = odoo_command(
        python, "--database", database, "--stop-after-init", "--no-http", *arguments
    )
    step(title, command, LOGS / f"{database}.log")


def sources_digest():
    """Return a digest of all that an installed database holds of our addons."""
    parts = []
    for addon in addons():
        for path in sorted((ROOT / addon).rglob("*")):
            if path.is_file() and not NOT_INSTALLED.intersection(path.relative_to(ROOT).parts):
                parts += [path.relative_to(ROOT), path.read_bytes()]
    return digest(*parts)


def template_key():
    return digest(odoo_home(), (odoo_home() / "odoo" / "release.py").read_text(), *dependencies())


def template(python):
    """Return the database in which only the dependencies are installed; build it if need be."""
    database = f"customer_org_deps_{template_key()}"
    with lock(database):
        if stamp(database) != "complete":
            create(database)
            wanted = ",".join(dependencies())
            install(
                python, database, f"Template database: {wanted} (about a minute)", "--init", wanted
            )
            set_stamp(database, "complete")
    return database


def fresh_copy(python, database, with_addons=True):
    """Make ``database`` a new copy of the template, with our addons unless told otherwise."""
    source = template(python)
    drop(database)
    with lock(source):
        subprocess.run(["createdb", "--template", source, database], check=True)
        set_stamp(database, BUILDING)
        shutil.copytree(_filestore(source), _filestore(database), copy_function=os.link)
    if with_addons:
        install(python, database, "Installing the addons", "--init", ",".join(addons()))
        set_stamp(database, wanted_stamp())


def is_current(database):
    return stamp(database) == wanted_stamp()


def wanted_stamp():
    """Return the stamp of a database that holds our addons as they are now."""
    return f"{template_key()} {sources_digest()}"


def stamp(database):
    """Return the stamp of ``database``, empty where it has none, None where it does not exist."""
    found = psql(
        "SELECT '=' || coalesce(shobj_description(oid, 'pg_database'), '')"
        f" FROM pg_database WHERE datname = '{database}'"
    )
    return found[1:] if found else None


def set_stamp(database, value):
    psql(f"COMMENT ON DATABASE \"{database}\" IS '{value}'")


def create(database):
    """Make an empty database, in place of the one that may be there."""
    drop(database)
    command = ["createdb", "--template=template0", "--encoding=UTF8", "--lc-collate=C", database]
    subprocess.run(command, check=True)
    set_stamp(database, BUILDING)


def drop(database):
    psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    shutil.rmtree(_filestore(database), ignore_errors=True)


def _filestore(database):
    return DATA / "filestore" / database
