"""The first page: what could have been one visit, whether it gets better, who, where and why, and what to do next."""

from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from conjoin.briefings.queries import answer, find_question
from conjoin.briefings.words import titled
from conjoin.briefings.world_map import world_map
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

    years, countries = asked("avoidable_by_year"), asked("avoidable_by_country")
    return {
        "headline": asked("headline")[0],
        "years": years,
        "years_picture": years_picture(years),
        "claims": rows(con, "claims"),
        "next_visits": rows(con, "next_visits"),
        "stale": asked("stale_feeds"),
        "coverage": rows(con, "rests_on"),
        "classes": asked("classes_of_pairs"),
        "map": _map(countries),
        "countries": countries,
        "orderers": asked("avoidable_by_orderer"),
        "schemes": asked("avoidable_by_scheme"),
        "reasons": asked("reasons_of_repeats"),
        "money": asked("money_of_avoidable")[0],
        "doubtful_count": rows(con, "open_questions")[0]["question_count"],
        "released": rows(con, "released") if reading.has("released.totals") else None,
    }


def _map(countries: list[dict[str, Any]]) -> Markup:
    """The countries shaded by their avoidable audits."""
    countries = [row for row in countries if row["country_code"]]
    values = {row["country_code"]: float(row["avoidable_count"]) for row in countries}
    told = {
        row["country_code"]: f"{row['avoidable_count']:,} of {row['audit_count']:,} audits could have been spared"
        for row in countries
    }
    first = countries[0] if countries else None
    title = titled(first["country_code"], "country") if first else ""
    finding = f"Most in {title}: {told[first['country_code']]}" if first else "No country"
    return Markup(world_map(values, told, finding))  # noqa: S704 - the map escapes what it tells
