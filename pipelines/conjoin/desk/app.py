"""The application: its rooms, its state, and what a reader sees when something is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from conjoin import content
from conjoin.desk import overview, questions, reconcile, sites
from conjoin.desk.editing import overrides, reference_tables
from conjoin.desk.entry import COOKIE, Entrance, Guarded
from conjoin.desk.opened import WarehouseFile
from conjoin.desk.render import STATIC, page
from conjoin.desk.review import routes as review
from conjoin.desk.review.judging import Judging
from conjoin.errors import ConjoinError
from conjoin.settings import Settings

#: FastAPI can send what it serves to a collector named in the environment: addresses here hold names searched for.
_SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


@dataclass(frozen=True)
class Desk:
    """What one desk serves.

    Attributes:
        settings: Where everything is.
        file: The warehouse that is shown.
        judging: What has been judged; None where nothing may be written: in a pack, and outside a project folder.
        why_read_only: Why nothing may be written, in words; "" where it may.
    """

    settings: Settings
    file: WarehouseFile
    judging: Judging | None
    why_read_only: str

    @property
    def may_write(self) -> bool:
        """Whether judgements, overrides and reference tables may be changed here."""
        return self.judging is not None


def open_desk(settings: Settings, warehouse: Path | None) -> Desk:
    """The desk over the published warehouse, or over a file or a pack's folder.

    Raises:
        ConjoinError: There is no warehouse there.
    """
    path = warehouse or settings.warehouse
    if path.is_dir():
        path = path / "conjoin.duckdb"
    file = WarehouseFile(path, settings.query_seconds)
    with file.reading() as reading:
        is_pack = reading.about.is_pack
    why = ""
    if is_pack:
        why = "This is a pack: it is read. Judgements are made by the pooling's reviewers, where the records are."
    elif path != settings.warehouse:
        why = "This is not the published warehouse: it is read. Judgements are made on what is published."
    elif content.roots()[0].name == "_content":
        why = "Judgements need a project folder: make one with `conjoin init`, then start the desk inside it."
    return Desk(settings, file, None if why else Judging(), why)


def make_app(desk: Desk, hosts: frozenset[str], is_secure: bool, tell: Callable[[str], None]) -> FastAPI:
    """The web application of a desk.

    Args:
        desk: What it serves.
        hosts: Names and ports under which it answers.
        is_secure: Whether it is reached through TLS, so that the cookie may travel there alone.
        tell: Shows a fresh one-time token where the desk was started.
    """
    app = FastAPI(title="Conjoin desk", docs_url=None, redoc_url=None, openapi_url=None, telemetry=_SILENT)
    app.state.desk = desk
    app.state.entrance = Entrance(tell)
    app.state.is_secure = is_secure
    app.add_middleware(Guarded, hosts=hosts)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/enter", _enter, methods=["GET"])
    for room in (overview, sites, review, reconcile, questions, overrides, reference_tables):
        app.include_router(room.router)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(404, _refused)
    app.add_exception_handler(ConjoinError, _not_done)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(duckdb.Error, _not_shown)
    return app


def _enter(request: Request, token: str = "") -> Response:
    cookie = request.app.state.entrance.enter(token)
    if cookie is None:
        raise HTTPException(
            401, "This link was used or is not known. Where the desk was started, a used link shows a fresh one."
        )
    # A reload instead of a redirect: a strict cookie does not travel along a redirect that another program began.
    answer = Response("Welcome to the desk.", headers={"refresh": "0; url=/"}, media_type="text/plain")
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=request.app.state.is_secure, path="/")
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    told = "There is no such page." if status == 404 and not _is_ours(error) else str(getattr(error, "detail", error))
    return _told(request, status, told)


def _is_ours(error: Exception) -> bool:
    return getattr(error, "detail", "Not Found") != "Not Found"


async def _not_done(request: Request, error: Exception) -> Response:
    return _told(request, 400, str(error))


async def _not_understood(request: Request, error: Exception) -> Response:
    wrong = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    name = (wrong.get("loc") or ("", "the address"))[-1]
    return _told(request, 400, f"{name}: {wrong.get('input')!r} cannot be understood: {wrong.get('msg')}.")


async def _not_shown(request: Request, error: Exception) -> Response:
    told = str(error).splitlines()[0]
    return _told(
        request,
        400,
        f"This cannot be shown from this file ({told}). If another version of Conjoin built it, build it again, or ask "
        "for a new pack.",
    )


def _told(request: Request, status: int, told: str) -> Response:
    session = request.app.state.entrance.session(request.cookies.get(COOKIE))
    template = "told_part.html" if request.headers.get("hx-request") else "told.html"
    return page(request, template, session, status, told=told)
