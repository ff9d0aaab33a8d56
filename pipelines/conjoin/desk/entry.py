"""Who may enter: a one-time link, a cookie of the session, and nothing that another page could send in its name.

Everybody on the machine can reach a port on loopback, and so can every web page in the reader's browser. So the host
that was asked for must be ours, the session is proven by a cookie that only the link gives, a change needs the token
of the session's own pages, and no page may be framed or load anything from elsewhere.
"""

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "conjoin_desk"
_TOKEN_BYTES = 32
#: The most that a form may hold; a pasted reference table is the longest.
LARGEST_FORM = 4_000_000

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer, browsers send forms of our own pages as from nowhere
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass
class Session:
    """One browser that came through the link. ``csrf`` proves that a change was sent by a page of this session.

    Attributes:
        csrf: Stands in every form.
        reviewer: Initials or function of who judges, once told.
        role: For whom, once told.
        is_blind: Whether probability, evidence and what others said are hidden until the judgement is given.
        skipped: Pairs of records that are not asked again in this session.
        given: What was answered in this session, for undoing; each knows what it saved.
    """

    csrf: str
    reviewer: str = ""
    role: str = ""
    is_blind: bool = False
    skipped: set[tuple[str, str]] = field(default_factory=set)
    given: list[Any] = field(default_factory=list)


class Entrance:
    """The links that were given out, and the sessions that came through them."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._guard = threading.Lock()
        self._links: set[str] = set()
        self._used: set[str] = set()
        self._sessions: dict[str, Session] = {}
        self.service_key = secrets.token_urlsafe(_TOKEN_BYTES)

    def new_link(self) -> str:
        """A token that opens the desk once."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._guard:
            self._links.add(token)
        return token

    def enter(self, token: str) -> str | None:
        """The cookie of a new session; None if the token was used before or was never given out.

        Whoever comes with a used one may be the reader with an old tab, or somebody who saw it: where the desk was
        started a fresh one is shown, which only its owner can see.
        """
        with self._guard:
            if token not in self._links:
                was_used = token in self._used
            else:
                self._links.discard(token)
                self._used.add(token)
                cookie = secrets.token_urlsafe(_TOKEN_BYTES)
                self._sessions[cookie] = Session(secrets.token_urlsafe(_TOKEN_BYTES))
                return cookie
        if was_used:
            self._tell(self.new_link())
        return None

    def session(self, cookie: str | None) -> Session | None:
        """The session of a cookie."""
        return self._sessions.get(cookie or "")

    def is_service(self, key: str) -> bool:
        """Whether a program may use the reconciliation service: its address holds this key."""
        return hmac.compare_digest(key.encode(), self.service_key.encode())


def session_of(request: Request) -> Session:
    """The session of a request.

    Raises:
        HTTPException: 401 without one.
    """
    entrance: Entrance = request.app.state.entrance
    session = entrance.session(request.cookies.get(COOKIE))
    if session is None:
        raise HTTPException(401, "Open the link that `conjoin desk` printed: it works once, in one browser.")
    return session


async def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a form that a page of this session sent.

    Raises:
        HTTPException: 401 without a session, 403 where another page sent it, 413 where it is too long.
    """
    session = session_of(request)
    origin = request.headers.get("origin")
    if origin not in (None, f"{request.url.scheme}://{request.headers.get('host', '')}"):
        raise HTTPException(403, "This was sent by another page, so nothing was changed.")
    fields: dict[str, list[str]] = {}
    for name, value in await _sent(request):
        fields.setdefault(name, []).append(value)
    given = request.headers.get("x-csrf-token") or fields.get("csrf", [""])[0]
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise HTTPException(403, "This page is from before the desk was started; load it again. Nothing was changed.")
    return fields


async def fields_of(request: Request) -> dict[str, str]:
    """The fields that a program sent, who proves itself by its address; the last of each name.

    Raises:
        HTTPException: 413 where it is too long.
    """
    return dict(await _sent(request))


async def _sent(request: Request) -> list[tuple[str, str]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, f"The form holds more than {LARGEST_FORM:,} bytes; nothing was changed.")
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


class Guarded:
    """Answers only to the hosts that were named, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if host not in self._hosts:
            await send({"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This desk does not answer under that name."})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
