"""The commands, in the order of ``./dev --help``.

To add one, write a function with ``@command`` and a docstring in the module that it belongs to.
"""

from . import demo, tests, lint, bench, proof, docs, databases
