"""One small Prefect server for all processes of a test session that do not try the server itself.

A run by hand brings a server of its own, which takes longer than the run over a few rows. Tests of what a run says and
leaves behind name this one instead, as an office with a server of its own would; it ends with the session.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conjoin.flows.server import answers
from support.once import made_once

_SERVER = """
import os, sys, threading, time
import uvicorn
session, port = int(sys.argv[1]), int(sys.argv[2])
def end_with_the_session():
    while os.path.exists(f"/proc/{session}") or sys.platform != "linux" and os.kill(session, 0) is None:
        time.sleep(1)
    os._exit(0)
threading.Thread(target=end_with_the_session, daemon=True).start()
uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="error")
"""
_START_SECONDS = 120


def shared_server(factory: pytest.TempPathFactory) -> str:
    """The address of the session's server, started by whichever process asks first."""
    return (made_once(factory, "prefect_server", _start) / "url").read_text(encoding="utf-8")


def _start(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    session = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    own = {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
    }
    with (folder / "server.log").open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(session), str(port)],
            env=kept | own,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url, end = f"http://127.0.0.1:{port}/api", time.monotonic() + _START_SECONDS
    while not answers(url):
        assert time.monotonic() < end, (folder / "server.log").read_text(encoding="utf-8")
        time.sleep(0.2)
    (folder / "url").write_text(url, encoding="utf-8")
