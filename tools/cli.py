"""How a command is declared, and what ``./dev`` does around it."""

import argparse
import os
import signal
import sys

from . import cache, databases, postgres
from .console import Failure, say

COMMANDS = {}


def command(*arguments, needs="database"):
    """Make a function a command: its name is the name, its docstring the help.

    :param arguments: made with :func:`argument`; what they do not know ends up in ``options.rest``
    :param needs: what is set up before: ``"nothing"``, ``"python"``, or ``"database"``, which is
        Odoo and a running PostgreSQL as well
    """

    def register(function):
        COMMANDS[function.__name__] = function
        function.arguments, function.needs = arguments, needs
        return function

    return register


def argument(*names, **options):
    return names, options


def main():
    options = _parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.umask(0o022)
    try:
        return _run(options)
    except Failure as failure:
        say(f"./dev: {failure}")
        return 1
    except KeyboardInterrupt:
        say("./dev: interrupted.")
        return 128 + signal.SIGINT
    except OSError as error:
        say(f"./dev: {error}. Is the disk full, or does {cache.CACHE} belong to somebody else?")
        return 1


def _parse(words):
    parser = argparse.ArgumentParser(
        prog="./dev", description="What a contributor does with this repository."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, function in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=function.__doc__.splitlines()[0],
            description=function.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.set_defaults(function=function)
        for names, options in function.arguments:
            sub.add_argument(*names, **options)
    options, rest = parser.parse_known_args(words)
    options.rest = [word for word in rest if word != "--"]
    return options


def _run(options):
    if options.function.needs == "nothing":
        return options.function(options)
    options.python = cache.venv() / "bin" / "python"
    if options.function.needs == "python":
        return options.function(options)
    databases.use_odoo()
    with postgres.running(cache.venv()):
        return options.function(options)
