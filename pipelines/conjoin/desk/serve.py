"""Bringing the desk up: on loopback with a one-time link, elsewhere only through TLS."""

import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from conjoin.desk.app import Desk, make_app
from conjoin.desk.overview import overview_of
from conjoin.desk.search import build_index
from conjoin.errors import ConjoinError


@dataclass(frozen=True)
class Place:
    """Where a desk answers.

    Attributes:
        host: Name or address.
        port: 0 for any free one.
        certificate: A PEM file; needed beyond loopback.
        key: Its private key.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None

    @property
    def is_secure(self) -> bool:
        """Whether it is reached through TLS."""
        return self.certificate is not None


def serve(desk: Desk, place: Place, links: int, tell: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        desk: What to serve.
        place: Where.
        links: How many one-time links to give out, one for each person.
        tell: Shows a link where the desk was started.

    Raises:
        ConjoinError: It would be reachable by others without TLS, or the port is taken.
    """
    _refuse_open(place)
    listening = _bound(place)
    port = listening.getsockname()[1]
    scheme = "https" if place.is_secure else "http"
    address = f"{scheme}://{_shown(place.host)}:{port}"

    def tell_link(token: str) -> None:
        tell(f"{address}/enter?token={token}")

    app = make_app(desk, _hosts(place, port), place.is_secure, tell_link)
    for _ in range(links):
        tell_link(app.state.entrance.new_link())
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # addresses hold names that were searched for
        server_header=False,
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
        timeout_graceful_shutdown=3,
    )
    # uvicorn sends itself again the signal that ended it: the process then ends in order, and takes its index along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=_prepare, args=[desk], daemon=True).start()
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


def _prepare(desk: Desk) -> None:
    """Work out what the first reader would wait for."""
    with suppress(ConjoinError), desk.file.reading(in_time=False) as reading:
        overview_of(reading)
        reading.kept("search", build_index)


def _refuse_open(place: Place) -> None:
    if place.certificate is None and not _is_loopback(place.host):
        raise ConjoinError(
            f"--host {place.host}: others could listen to what the desk sends. Name --certificate and --key (PEM "
            "files), or leave --host out to serve this machine alone"
        )
    for option, path in (("--certificate", place.certificate), ("--key", place.key)):
        if path is not None and not path.is_file():
            raise ConjoinError(f"{option} {path}: there is no such file")
    if (place.certificate is None) != (place.key is None):
        raise ConjoinError("--certificate and --key belong together: name both")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(place: Place) -> socket.socket:
    try:
        family = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((place.host, place.port))
    except OSError as error:
        raise ConjoinError(
            f"--host {place.host} --port {place.port}: {error.strerror or error}; choose another"
        ) from error
    return listening


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else "localhost" if host in ("0.0.0.0", "127.0.0.1") else host  # noqa: S104


def _hosts(place: Place, port: int) -> frozenset[str]:
    """Names under which the desk answers; on loopback the usual two, else what was named and this machine's name."""
    names = {place.host, "localhost"} if not _is_loopback(place.host) else {"localhost", "127.0.0.1", "[::1]"}
    if not _is_loopback(place.host):
        names |= {socket.gethostname(), socket.getfqdn()}
    return frozenset(f"{_shown(name) if ':' in name and '[' not in name else name}:{port}" for name in names)
