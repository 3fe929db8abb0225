"""Odoo's own command line, and cleaning up."""

import shutil

from .. import cache, postgres
from ..cache import LOGS, lock
from ..cli import argument, command
from ..console import Failure, say
from ..databases import drop, name, odoo_bin
from .server import interactive


@command(rest="all")
def odoo(options):
    """Run Odoo's own command line with this clone's environment."""
    return interactive(odoo_bin(*options.rest))


@command(argument("--all", action="store_true", help="and all clones' cache"), needs="nothing")
def clean(options):
    """Remove this clone's databases and logs."""
    if options.all:
        with lock("postgresql-users", wait=False) as alone:
            if not alone:
                raise Failure("Another ./dev is running: stop it first.")
    try:
        _drop_all("customer_org_%" if options.all else name("%"))
    except Failure as failure:
        if not options.all:
            raise
        say(f"- {failure}")
    shutil.rmtree(LOGS, ignore_errors=True)
    if options.all:
        shutil.rmtree(cache.CACHE)
        say(f"- Removed {cache.CACHE}")


def _drop_all(pattern):
    if not cache.is_complete(cache.venv()):
        return
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}'"
    with postgres.running(cache.venv()):
        for database in postgres.psql(query).split():
            drop(database)
            say(f"- Dropped {database}")
