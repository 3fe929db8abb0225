"""``python -m tools.load MINUTES CUSTOMERS ACCOUNTANTS``; ``./dev load`` calls it."""

import sys

from ..console import Failure, say
from . import run

try:
    run(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
except Failure as failure:
    say(f"- {failure}")
    sys.exit(1)
