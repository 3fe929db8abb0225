"""The demo database: run it, look into it, take its pictures."""

import subprocess

from ..cache import LOGS, ROOT, get_venv, lock
from ..cli import argument, command
from ..console import Failure, say
from ..databases import (
    BUILDING,
    COMPANIONS,
    addons,
    create,
    current_stamp,
    install,
    name,
    odoo_bin,
    set_stamp,
    stamp,
)
from .server import free_port, get_problems, interactive, serving, wait_until_up
from .tests import install_for_tests

WELCOME = """
  {url}

    accountant                   admin / admin
    head office's portal user    acme / acme
    branch's portal user         acme-north / acme-north

  First, as the accountant: Invoicing, Sales, and search for Acme North. README.rst goes on.

  Odoo's log: {log}
  Ctrl-C stops Odoo and PostgreSQL.
"""

#: Odoo restarts itself where a request or a job takes longer than two minutes, as its PDFs do on a
#: busy machine; started as ``python -m odoo`` it does not find itself and ends.
PATIENCE = ("--limit-time-real", "3600")


@command(
    argument("--port", type=int, default=8069, help="8069 if not given; if taken, the next"),
    argument("--db", metavar="NAME", help="another database than this clone's own"),
    argument("--fresh", action="store_true", help="make the database anew"),
    rest="after --",
)
def run(options):
    """Start Odoo on the demo database. Words after -- are options for Odoo."""
    database = options.db or name("demo")
    prepare_demo(database, options.fresh)
    port = free_port(options.port)
    if port != options.port:
        say(f"- Port {options.port} is taken: using {port}.")
    log = LOGS / "run.log"
    words = ["--database", database, "--db-filter", f"^{database}$", "--no-database-list"]
    words += [*PATIENCE, "--http-port", str(port), *options.rest]
    with serving(odoo_bin(*words), log) as server:
        url = f"http://localhost:{port}"
        wait_until_up(server, url, log)
        say(WELCOME.format(url=url, log=log))
        server.wait()
        raise Failure(f"Odoo stopped by itself; see {log}")


@command()
def screenshots(_options):
    """Take the pictures of README, guide and Apps page again, in a new demo database."""
    missing = install_for_tests()
    if "chromium" in missing:
        raise Failure("Chromium is missing: apt-get install chromium, as root.")
    database = name("screenshots")
    prepare_demo(database, fresh=True)
    port = free_port()
    words = ["--database", database, "--db-filter", f"^{database}$", "--http-port", str(port)]
    log = LOGS / "screenshots.log"
    with serving(odoo_bin(*words, *PATIENCE), log) as server:
        url = f"http://localhost:{port}"
        wait_until_up(server, url, log)
        say("- Taking screenshots ...")
        python = get_venv("docs") / "bin" / "python"
        if subprocess.call([python, ROOT / "docs/screenshots.py", url]):
            raise Failure(f"Taking screenshots failed: see above and {log}")
    folders = (ROOT / "docs/images", ROOT / "customer_org/static/description")
    pictures = [path for folder in folders for path in folder.glob("*.png") if path.stem != "icon"]
    subprocess.run(["python", "-m", "tools.pictures", *sorted(pictures)], cwd=ROOT, check=True)


@command(rest="all")
def shell(options):
    """Open Odoo's Python shell on the demo database."""
    prepare_demo(name("demo"))
    return interactive(odoo_bin("shell", "--database", name("demo"), "--no-http", *options.rest))


@command(rest="all")
def psql(options):
    """Open psql on the demo database."""
    prepare_demo(name("demo"))
    return interactive(["psql", "--dbname", name("demo"), *options.rest])


@command()
def update(_options):
    """Update our addons in the demo database, changed or not."""
    if not prepare_demo(name("demo")):
        install(name("demo"), "Updating the addons", "--update", ",".join(addons()))


def prepare_demo(database, fresh=False):
    """Create the demo database once, later update our addons in it where they have changed.

    :return: whether there was something to do
    """
    with lock(database):
        found = None if fresh else stamp(database)
        if found in ("", current_stamp()):
            return False
        if found in (None, BUILDING):
            create(database)
            words = ["--init", ",".join([*addons(), *COMPANIONS]), "--with-demo"]
            install(database, "Demo database, a minute", *words)
        else:
            install(database, "Updating the addons", "--update", ",".join(addons()))
        set_stamp(database, current_stamp())
        for line in get_problems(LOGS / f"{database}.log"):
            say(f"    {line}")
        return True
