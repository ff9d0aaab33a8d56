"""The Prefect server on which flows are served: the one that PREFECT_API_URL names, else a whole one of our own.

Prefect's embedded (ephemeral) server runs no scheduler, by design: what is served there is registered and never starts.
So a server of our own is a process with all services, on loopback, with its database in the data folder. It ends with
``conjoin serve``, however that ends.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from conjoin.errors import ServerUnreachable
from conjoin.settings import Settings
from conjoin.warehouse.folders import make_private

#: Prefect's usual port, on which its own commands look for a server; another one where it is taken.
USUAL_PORT = 4200
_START_SECONDS = 180
_STOP_SECONDS = 4
_PR_SET_PDEATHSIG = 1
_LAST_LINES = 12


@contextmanager
def prefect_server(settings: Settings) -> Iterator[str]:
    """The address of a Prefect server that schedules, for as long as the block runs.

    Yields:
        The address of its interface, which is PREFECT_API_URL while the block runs.

    Raises:
        ServerUnreachable: The named server does not answer, or our own could not be started.
    """
    named = os.environ.get("PREFECT_API_URL")
    if named:
        if not _is_healthy(named):
            raise ServerUnreachable(
                f"PREFECT_API_URL={named}: no Prefect server answers there; start it, or unset the variable and "
                "`conjoin serve` brings its own"
            )
        yield named
        return
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    log = settings.data / "prefect" / "server.log"
    make_private(log.parent)
    process = _start(port, url, log)
    os.environ["PREFECT_API_URL"] = url
    try:
        _await_health(process, url, log)
        yield url
    finally:
        del os.environ["PREFECT_API_URL"]
        _stop(process)


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=10).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ServerUnreachable("no port is free on this machine; close other programs, then start again")


def _start(port: int, url: str, log: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "PREFECT_SERVER_UI_API_URL": url,  # the pages ask on port 4200 unless told otherwise
        "PREFECT_API_URL": url,
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C ends ``serve`` first, which still tells the server what it stops
            preexec_fn=_end_with_parent,
        )


def _end_with_parent() -> None:
    """The kernel ends the server when ``conjoin serve`` is killed and can no longer do so itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _await_health(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while not _is_healthy(url):
        if process.poll() is not None or time.monotonic() > end:
            told = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])
            raise ServerUnreachable(
                f"{log}: Prefect's server did not start; its last words are below. If its database is damaged, "
                f"move {log.parent} away: it holds the history of runs and no data of yours.\n{told}"
            )
        time.sleep(0.2)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return
