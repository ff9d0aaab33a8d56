"""The first page: what could have been one visit, whether it gets better, who, where and why, and what to do next."""

from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from conjoin.briefings.queries import answer, find_question
from conjoin.desk.ask import rows, told_rows
from conjoin.desk.entry import Session, session_of
from conjoin.desk.opened import Reading
from conjoin.desk.pictures import years_picture
from conjoin.desk.render import page

router = APIRouter()
Known = Annotated[Session, Depends(session_of)]


@router.get("/")
def overview(request: Request, session: Known) -> HTMLResponse:
    """The overview; what was counted once for a file is not counted again."""
    desk = request.app.state.desk
    with desk.file.reading() as reading:
        told = reading.kept("overview", lambda con: _figures(reading, con))
        about = reading.about
    return page(request, "overview.html", session, about=about, **told)


def _figures(reading: Reading, con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    def asked(name: str) -> list[dict[str, Any]]:
        return told_rows(answer(con, find_question(name)))

    years = asked("avoidable_by_year")
    return {
        "headline": asked("headline")[0],
        "years": years,
        "years_picture": years_picture(years),
        "claims": rows(con, "claims"),
        "next_visits": rows(con, "next_visits"),
        "stale": asked("stale_feeds"),
        "coverage": rows(con, "rests_on"),
        "classes": asked("classes_of_pairs"),
        "doubtful_count": rows(con, "open_questions")[0]["question_count"],
        "released": rows(con, "released") if reading.has("released.totals") else None,
    }
