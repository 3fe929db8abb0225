"""Messages, long steps and failures."""

import os
import signal
import subprocess
import time


class Failure(Exception):
    """One line for the user: what went wrong and what to do."""


def say(text):
    print(text, flush=True)


def step(title, command, log, hint="", check=True, **options):
    """Run ``command`` with its output in the file ``log``, showing that it is alive.

    :param hint: what to do where it fails
    :param check: raise :class:`Failure` where it fails, after the end of the log
    :return: the exit code
    """
    say(f"- {title} ...")
    start = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    options.update(stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True)
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, **options)
        try:
            while (code := _wait(process, time.monotonic() - start)) is None:
                say(f"    {time.monotonic() - start:.0f} s")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
    say(f"    {'failed after' if code else 'done in'} {time.monotonic() - start:.0f} s")
    if code and check:
        for line in log.read_text(errors="replace").splitlines()[-15:]:
            say(f"    {line}")
        raise Failure(f"{title}: failed. {hint} Full log: {log}".replace("  ", " "))
    return code


def call(command, log):
    """Run ``command`` with its output in the file ``log``; return the exit code."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        options = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        return subprocess.call(command, **options)


def _wait(process, elapsed):
    """Wait a while, longer where it has taken long; return the exit code, None if it runs on."""
    try:
        return process.wait(timeout=min(60, max(10, elapsed)))
    except subprocess.TimeoutExpired:
        return None
