"""The first page: what could have been one visit, whether it gets better, who, where and why, and what to do next."""

from dataclasses import dataclass
from typing import Annotated, Any

import duckdb
import pandas as pd
from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from conjoin.briefings.joint_visits import joint_visit_plan
from conjoin.briefings.queries import answer, find_question
from conjoin.briefings.sections.next_steps import steps_of
from conjoin.briefings.words import money, titled
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
        told = overview_of(reading)
        about = reading.about
    return page(request, "overview.html", session, about=about, **told)


def overview_of(reading: Reading) -> dict[str, Any]:
    """What the page tells, worked out once for each file that is published."""
    return reading.kept("overview", lambda con: _figures(reading, con))


@dataclass(frozen=True)
class _Asked:
    """What the next steps are worked out from."""

    con: duckdb.DuckDBPyConnection
    is_pack: bool

    def ask(self, question: str) -> pd.DataFrame:
        """The answer to a saved question."""
        return answer(self.con, find_question(question))

    @property
    def plan(self) -> pd.DataFrame:
        """Planned visits with the months in which the fewest visits would serve them."""
        return joint_visit_plan(self.con)


def _figures(reading: Reading, con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    def asked(name: str) -> list[dict[str, Any]]:
        return told_rows(answer(con, find_question(name)))

    every_year, countries = asked("avoidable_by_year"), asked("avoidable_by_country")
    # Years of long ago stand in one row, which drawn as a year would dwarf the others.
    years = [year for year in every_year if year["first_year"] == year["visit_year"]]
    cost = asked("money_of_avoidable")[0]
    return {
        "headline": asked("headline")[0],
        "years": years,
        "years_picture": years_picture(years),
        "claims": rows(con, "claims"),
        "before": next((year for year in every_year if year not in years), None),
        "steps": steps_of(_Asked(con, reading.about.is_pack)),
        "stale": asked("stale_feeds"),
        "coverage": rows(con, "rests_on"),
        "classes": asked("classes_of_pairs"),
        "map": _map(countries),
        "countries": countries,
        "orderers": asked("avoidable_by_orderer"),
        "schemes": asked("avoidable_by_scheme"),
        "reasons": asked("reasons_of_repeats"),
        "money": cost,
        "money_range": money(cost["cost_low_usd"], cost["cost_high_usd"]),
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
