"""Odoo's server as a child of ours, and programs that talk to the terminal."""

import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from ..console import Failure, say

PROBLEM = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
# Debian's wkhtmltopdf prints no headers and footers; without Chromium, tours are skipped.
HARMLESS = re.compile("wkhtmltopdf: The switch .* unpatched qt|Chrome executable not found")


@contextmanager
def serving(words, log):
    """Run Odoo in a session of its own: a Ctrl-C in the terminal reaches it through us only."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        server = subprocess.Popen(words, start_new_session=True, **streams)
        try:
            yield server
        finally:
            say("\n- Stopping Odoo ...")
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_until_up(server, url, log):
    say("- Starting Odoo ...")
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/web/login", timeout=60).close()
            return
        except urllib.error.HTTPError as error:
            raise Failure(f"Odoo answers {error.code} at {url}/web/login; see {log}") from None
        except OSError:
            time.sleep(0.2)
    for line in log.read_text(errors="replace").splitlines()[-15:]:
        say(f"    {line}")
    raise Failure(f"Odoo does not start: the last lines of {log} are above.")


def free_port(port=0):
    """Return the first free port from ``port`` on; any, if that is 0."""
    while port < 65536:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                port += 1
    raise Failure("There is no free port: choose a lower --port.")


def interactive(words):
    """Run a program that handles Ctrl-C by itself."""
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.call(words)


def get_problems(log):
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if PROBLEM.match(line) and not HARMLESS.search(line)]
