"""The benchmarks."""

import subprocess

from ..cache import ROOT, lock
from ..cli import argument, command
from ..console import Failure, say
from ..databases import copy_template, create_with_addons, name


@command(argument("names", nargs="*", metavar="name", help="a module of bench/; all if not given"))
def bench(options):
    """Run benchmarks, in a new database with our addons and one with their dependencies only."""
    known = sorted({path.stem for path in (ROOT / "bench").glob("[!_]*.py")} - {"common"})
    if unknown := set(options.names) - set(known):
        raise Failure(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known)}.")
    with lock(name("bench")):
        for benchmark in options.names or known:
            create_with_addons(name("bench"))
            copy_template(name("bench_core"))
            say(f"- Benchmark {benchmark}")
            words = ["python", "-m", "bench", benchmark, name("bench"), name("bench_core")]
            if subprocess.call(words, cwd=ROOT):
                raise Failure(f"Benchmark {benchmark} failed: see above.")
