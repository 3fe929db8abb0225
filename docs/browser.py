# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A headless Chromium, driven by its DevTools protocol."""

import base64
import io
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

TIMEOUT = 30


class Browser:
    """Use as a context manager; selectors are CSS, and every step waits for its element.

    :param url: address of the Odoo server
    """

    def __init__(self, url, width=1280, height=1000):
        self.url = url
        self._ids = itertools.count(1)
        self._profile = tempfile.TemporaryDirectory(prefix="chromium.", ignore_cleanup_errors=True)
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=en-US",
            "--remote-debugging-port=0",
            "--remote-allow-origins=*",
            f"--user-data-dir={self._profile.name}",
            f"--window-size={width},{height}",
        ]
        binary = shutil.which("chromium") or shutil.which("google-chrome")
        self._process = subprocess.Popen(
            [binary, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._socket = websocket.create_connection(self._get_page_address(), timeout=TIMEOUT)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._process.terminate()
        self._process.wait(timeout=10)
        self._profile.cleanup()

    def _get_page_address(self):
        found = Path(self._profile.name) / "DevToolsActivePort"
        port = self._wait(
            lambda: found.exists() and found.read_text().partition("\n")[0], "Chromium"
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = json.load(answer)
        return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")

    @staticmethod
    def _wait(condition, what):
        end = time.monotonic() + TIMEOUT
        while not (result := condition()):
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.1)
        return result

    def call(self, method, **params):
        """Call a method of the protocol and return its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def evaluate(self, expression):
        """Return the value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    def wait(self, selector, text=""):
        """Wait for an element, with ``text`` in it; leave it in the page as ``window.found``."""
        expression = (
            f"!!(window.found = [...document.querySelectorAll({json.dumps(selector)})].find("
            "element => element.getClientRects().length"
            f" && element.textContent.includes({json.dumps(text)})))"
        )
        try:
            self._wait(lambda: self.evaluate(expression), f"{selector} {text}")
        except TimeoutError:
            self.save(Path(tempfile.gettempdir()) / "screenshots-timeout.png")
            raise

    def click(self, selector, text="", inside=None):
        """Click on an element, or on what ``inside`` selects in it."""
        self.wait(selector, text)
        target = f".querySelector({json.dumps(inside)})" if inside else ""
        self.evaluate(f"window.found{target}.click()")

    def scroll_to(self, selector):
        self.wait(selector)
        self.evaluate("window.found.scrollIntoView({block: 'center'})")

    def open(self, path):
        """Open a page of the server."""
        # An old element must not be taken for one of the new page.
        self.evaluate("document.body.textContent = ''")
        self.call("Page.navigate", url=self.url + path)

    def log_in(self, login):
        self.open("/web/login")
        self.wait("input[name=password]")
        for name in ("login", "password"):
            self.evaluate(f"document.querySelector('input[name={name}]').value = '{login}'")
        self.evaluate("document.querySelector('input[name=password]').form.submit()")
        self.wait(".o_main_navbar")

    def settle(self):
        """Wait until the page has loaded all it asked for and nothing moves any more."""
        self._wait(
            lambda: self.evaluate(
                "document.readyState === 'complete' && document.fonts.status === 'loaded'"
                " && !document.querySelector('.o_loading_indicator, .o_view_sample_data_loading')"
            ),
            "the page",
        )
        time.sleep(1)

    def save(self, path):
        """Write what is seen as a small PNG."""
        self.settle()
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        image = Image.open(io.BytesIO(data)).convert("RGB")
        image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
