"""The Prefect server on which flows run: the one that PREFECT_API_URL names, else one of our own.

Prefect's embedded (ephemeral) server runs no scheduler, by design: what is served there is registered and never starts.
So ``conjoin serve`` has a whole server, a process with all services, on loopback, with its database in the data folder.
``conjoin run`` needs none of the services: it uses the server that serves this data folder, or a small one as Prefect
would start itself. Unlike that one, ours ends with us, however we end.
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
from conjoin.keeping.folders import make_private
from conjoin.keeping.originals import VARIABLE
from conjoin.keeping.run_lock import holder_of, serve_lock_file
from conjoin.settings import Settings

#: Prefect's usual port, on which its own commands look for a server; another one where it is taken.
USUAL_PORT = 4200
_WHOLE = ["prefect", "server", "start"]
#: Old runs are forgotten: the history that counts stands in the journal of runs and in the archive.
_WHOLE_SETTINGS = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
}
_SMALL = ["uvicorn", "--factory", "prefect.server.api.server:create_app", "--log-level", "error"]
#: What is kept of a run by hand is in our own journal.
_SMALL_SETTINGS = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_SERVER_UI_ENABLED": "false"}
_LARGEST_DATABASE = 20_000_000
_START_SECONDS = 180
_STOP_SECONDS = 4
_PR_SET_PDEATHSIG = 1
_LAST_LINES = 12


@contextmanager
def prefect_server(settings: Settings, *, is_whole: bool) -> Iterator[str]:
    """The address of a Prefect server for as long as the block runs; Prefect must not be imported before.

    Args:
        settings: Where the database of a server of our own is.
        is_whole: Whether it must schedule; otherwise it only keeps what the run says of itself.

    Yields:
        The address of its interface, which is PREFECT_API_URL while the block runs.

    Raises:
        ServerUnreachable: The named server does not answer, or our own could not be started.
    """
    serving = None if is_whole else holder_of(serve_lock_file(settings))
    named = os.environ.get("PREFECT_API_URL") or (serving.url if serving and answers(serving.url) else "")
    if named:
        if not answers(named):
            raise ServerUnreachable(
                f"PREFECT_API_URL={named}: no Prefect server answers there; start it, or unset the variable: then "
                "Conjoin brings its own"
            )
        with _named(named):
            yield named
        return
    port = _free_port(USUAL_PORT if is_whole else 0)
    url = f"http://127.0.0.1:{port}/api"
    home = make_private(settings.data / "prefect")
    if not is_whole:
        _bound_database(home)
    log = home / "server.log"
    process = _start(_WHOLE if is_whole else _SMALL, port, url, log)
    try:
        _await_health(process, url, log)
        with _named(url):
            yield url
    finally:
        _stop(process)


def _bound_database(home: Path) -> None:
    """Begin Prefect's database anew once it is large: only a whole server forgets old runs by itself."""
    database = home / "prefect.db"
    if database.is_file() and database.stat().st_size > _LARGEST_DATABASE:
        for path in home.glob("prefect.db*"):
            path.unlink()


@contextmanager
def _named(url: str) -> Iterator[None]:
    before = os.environ.get("PREFECT_API_URL")
    os.environ["PREFECT_API_URL"] = url
    try:
        yield
    finally:
        if before is None:
            del os.environ["PREFECT_API_URL"]


def answers(url: str) -> bool:
    """Whether a Prefect server answers at that address of its interface."""
    try:
        return httpx.get(f"{url}/health", timeout=10).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ServerUnreachable("no port is free on this machine; close other programs, then start again")


def _start(command: list[str], port: int, url: str, log: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **{name: value for name, value in os.environ.items() if name != VARIABLE},  # it has no use for the key
        "PREFECT_SERVER_UI_API_URL": url,  # the pages ask on port 4200 unless told otherwise
        "PREFECT_API_URL": url,
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        **(_SMALL_SETTINGS if command is _SMALL else _WHOLE_SETTINGS),
    }
    with log.open("wb") as file:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", *command, "--host", "127.0.0.1", "--port", str(port)],
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
    while not answers(url):
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
