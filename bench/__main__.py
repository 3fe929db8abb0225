"""Run one benchmark: ``python -m bench NAME DATABASE CORE_DATABASE``; ``./dev bench`` calls it."""

import importlib
import sys

from odoo.tools import config

from . import common


def main(name, database, core_database):
    options = ["--database", database, "--log-level", "warn", "--no-http"]
    config.parse_config(options, setup_logging=True)
    common.databases.update(installed=database, core=core_database)
    with common.open_env(database) as env:
        if not importlib.import_module(f"bench.{name}").main(env):
            raise SystemExit(1)


main(*sys.argv[1:])
