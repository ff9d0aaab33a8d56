"""A headless Chromium, spoken to over its own debugging protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE_SECONDS = 60


class Browser:
    """One tab; ``events`` holds what the browser told without being asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self.events: list[dict[str, Any]] = []
        self._session: dict[str, str] = {}
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one call."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters, **self._session}))
        while True:
            told = json.loads(self._socket.recv(timeout=_PATIENCE_SECONDS))
            if told.get("id") == self._count:
                assert "error" not in told, told
                return dict(told["result"])
            self.events.append(told)

    def open(self, page: Path, width: int) -> None:
        """Open a file in a window of that width and wait until it is loaded."""
        self.go(page.resolve().as_uri(), width)

    def go(self, address: str, width: int = 1280) -> None:
        """Open an address in a window of that width and wait until it is loaded."""
        self.events.clear()
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Page.navigate", url=address)
        self._loaded()

    def _loaded(self) -> None:
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self._socket.recv(timeout=_PATIENCE_SECONDS)))
        self.until("document.readyState === 'complete'")

    def follow(self, selector: str) -> None:
        """Click what leads to another page, and wait until that is loaded."""
        self.events.clear()
        self.click(selector)
        self._loaded()

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a hand would: it must be there, be seen and not be covered."""
        found = json.dumps(selector)
        self.value(f"document.querySelector({found}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.value(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({found}).getClientRects()[0])"
        )
        hit = self.value(f"document.querySelector({found}).contains(document.elementFromPoint({box[0]}, {box[1]}))")
        assert hit, f"{selector} is covered"
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key, such as "s", "Tab" or "Enter"."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        told = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper())), "text": text}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **told)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **{**told, "text": ""})

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.ask("Input.insertText", text=text)

    def until(self, expression: str) -> Any:
        """What an expression comes to, as soon as that is something."""
        for _ in range(10 * _PATIENCE_SECONDS):
            if found := self.value(expression):
                return found
            time.sleep(0.02)
        raise TimeoutError(expression)

    def promised(self, expression: str) -> Any:
        """What a promise comes to."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, path: Path) -> None:
        """Write what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def complaints(self) -> list[dict[str, Any]]:
        """Errors and warnings on the console, and exceptions."""
        return [
            event
            for event in self.events
            if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")
            or (event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning"))
        ]

    def requests(self) -> list[str]:
        """Addresses that the page asked for."""
        sent = [event for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own; it ends with the block."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    assert program, f"none of {', '.join(_NAMES)} is installed; on Debian: apt-get install chromium"
    with tempfile.TemporaryDirectory(prefix="conjoin-browser-", ignore_cleanup_errors=True) as profile:
        # Without its sandbox, which a container does not allow: it opens pages of our own only.
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        with subprocess.Popen(
            [program, *options, f"--user-data-dir={profile}", "about:blank"], stderr=subprocess.DEVNULL
        ) as process:
            try:
                with connect(_address(Path(profile)), max_size=None) as socket:
                    yield Browser(socket)
            finally:
                process.terminate()


def _address(profile: Path) -> str:
    """Where the browser listens: it writes port and path into its profile."""
    told = profile / "DevToolsActivePort"
    for _ in range(10 * _PATIENCE_SECONDS):
        lines = told.read_text(encoding="utf-8").split() if told.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.1)
    raise TimeoutError("the browser does not answer")
