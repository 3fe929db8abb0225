"""Messages, long steps and failures."""

import subprocess
import time
from pathlib import Path


class Failure(Exception):
    """One line for the user: what went wrong and what to do."""


def say(text):
    print(text, flush=True)


def step(title, command, log, hint="", **options):
    """Run ``command`` with its output in the file ``log``, and show that it is alive.

    :raises Failure: when it exits non-zero, after printing the end of the log
    """
    if run_logged(title, command, log, **options):
        say(
            "".join(
                f"    {line}\n" for line in Path(log).read_text(errors="replace").splitlines()[-15:]
            )
        )
        raise Failure(f"{title}: failed. {hint or 'See the reason above.'} Full log: {log}")


def run_logged(title, command, log, **options):
    """Run ``command`` like :func:`step`, but return its exit code."""
    say(f"- {title} ...")
    start = time.monotonic()
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=15)
                    break
                except subprocess.TimeoutExpired:
                    say(f"    {time.monotonic() - start:.0f} s")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    say(f"    {'failed after' if code else 'done in'} {time.monotonic() - start:.0f} s")
    return code
