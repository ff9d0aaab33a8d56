"""Conjoin as people run it: a process of its own, in a project folder, with a home of its own."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from conjoin.tools.project import make_project
from support import warm

#: Read by every Python below the process: whoever speaks to another machine leaves a line, and gets no answer.
_WATCH = """
import os, socket
_connect, _resolve = socket.socket.connect, socket.getaddrinfo
def _told(place):
    with open(os.environ["CONJOIN_TEST_CALLS"], "a") as calls:
        print(place, file=calls)
    raise OSError(f"no way out: {place}")
def connect(self, address):
    if self.family != socket.AF_UNIX and str(address[0]) not in ("127.0.0.1", "::1", "localhost"):
        _told(address)
    return _connect(self, address)
def getaddrinfo(host, *rest, **more):
    if str(host) not in ("127.0.0.1", "::1", "localhost", "None", "0.0.0.0", ""):
        _told(host)
    return _resolve(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = connect, getaddrinfo
"""


#: No pages of a night: what they say is tried where they are declared, and each takes seconds of a core.
MARKER = "briefings = []\nanswers = []\n\n[run]\nsettle_seconds = 0\n"


@dataclass
class Office:
    """A project folder and the environment in which its commands run.

    Attributes:
        root: The project folder.
        calls: Every attempt to reach another machine, one a line; absent when there was none.
        environment: Variables of the processes; no Prefect server of the developer's leaks in.
    """

    root: Path
    calls: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, code: str = warm.COMMAND) -> subprocess.Popen[str]:
        """Start ``conjoin`` with arguments; ``code`` may prepare something first."""
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, code: str = warm.COMMAND) -> tuple[int, str]:
        """Run ``conjoin`` to its end in a process that need not import: exit code, and all that it printed."""
        return warm.run(self.root, self.environment, arguments, code)

    def deliver(self, source_name: str, file_name: str, content: bytes) -> None:
        """Put a file into a source's inbox."""
        inbox = self.root / ".data" / "inbox" / source_name
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / file_name).write_bytes(content)


def office(folder: Path, server: str = "") -> Office:
    """A new project folder below ``folder``, whose processes are watched.

    Args:
        folder: An existing folder.
        server: The Prefect server that its runs use; empty: each brings its own, as people's do.
    """
    root = make_project(folder / "project")
    (root / "conjoin.toml").write_text(MARKER, encoding="utf-8")
    watch, home = folder / "watch", folder / "home"
    for made in (watch, home):
        made.mkdir()
    (watch / "sitecustomize.py").write_text(_WATCH, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CONJOIN_", "GX_"))}
    path = os.pathsep.join(filter(None, [str(watch), *(kept.get("PYTHONPATH", "").split(os.pathsep))]))
    calls = folder / "calls.txt"
    environment = {**kept, "HOME": str(home), "PYTHONPATH": path, "CONJOIN_TEST_CALLS": str(calls)}
    # Each new home would look through all fonts of the machine once more, which takes longer than a briefing.
    environment["MPLCONFIGDIR"] = str(Path(tempfile.gettempdir()) / f"conjoin-tests-fonts-{os.getuid()}")
    return Office(root, calls, environment | ({"PREFECT_API_URL": server} if server else {}))
