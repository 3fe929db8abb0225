"""How a command is declared, and what ``./dev`` does around it."""

import argparse
import difflib
import os
import signal
import sys

from . import cache, databases, postgres
from .console import Failure, say

COMMANDS = {}


def argument(*names, **options):
    return names, options


def command(*arguments, needs="database", rest=""):
    """Make a function a command: its name is the command's, its docstring the help.

    :param arguments: made with :func:`argument`
    :param needs: what is set up before: ``"nothing"``; ``"python"``; ``"database"``, which is
        Odoo and a running PostgreSQL as well
    :param rest: whose the words are that the arguments do not know, found in ``options.rest``:
        ``"all"`` of them the called program's; those ``"after --"``; by default nobody's
    """

    def register(function):
        COMMANDS[function.__name__] = function
        function.arguments, function.needs, function.rest = arguments, needs, rest
        return function

    return register


def main():
    options = _parse(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    os.umask(0o022)
    try:
        return _run(options)
    except SystemExit:
        say("./dev: stopped.")
        raise
    except Failure as failure:
        say(f"./dev: {failure}")
    except OSError as error:
        say(f"./dev: {error}. Is the disk full, or does {cache.CACHE} belong to somebody else?")
    return 1


def _stop(number, _frame):
    """Unwind once; a second Ctrl-C must not cut the cleaning up short."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _parse(words):
    parser = argparse.ArgumentParser(prog="./dev", description="The project's tool.")
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
    own, theirs = words, []
    if "--" in words:
        own, theirs = words[: words.index("--")], words[words.index("--") + 1 :]
    options, unknown = parser.parse_known_args(own)
    function = options.function
    if function.rest != "all" and unknown:
        _refuse(function, unknown[0])
    if not function.rest and theirs:
        _refuse(function, theirs[0])
    options.rest = unknown + theirs
    return options


def _refuse(function, word):
    """Say which word is not understood, and what may have been meant."""
    name, known = function.__name__, ["--help"]
    for names, _options in function.arguments:
        known += [option for option in names if option.startswith("-")]
    close = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"./dev {name} --help lists what there is."
    if function.rest == "after --":
        hint += " Options of Odoo come after --."
    sys.exit(f"./dev {name}: {word} is not understood. {hint}")


def _run(options):
    if options.function.needs != "nothing":
        venv = cache.use_venv()
    if options.function.needs != "database":
        return options.function(options)
    databases.use_odoo()
    with postgres.running(venv):
        return options.function(options)
