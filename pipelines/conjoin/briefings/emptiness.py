"""Why an answer is empty, in one sentence: nothing delivered, nothing there, nothing then, or nothing of the kind."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict

_SET_ASIDE = {
    "cancelled": "cancelled",
    "planned_without_a_day": "without a day",
    "planned_day_has_passed": "with a day that has passed",
    "planned_and_done_since": "done since",
}


class RestsOn(BaseModel):
    """The rows that an answer is drawn from.

    Attributes:
        what: The rows in words, in the plural.
        table: Where they are.
        where: Which of them, as SQL.
        day: The column that the period looks at; empty where it looks at none.
        country: The column that the country looks at; empty: that of the row's site.
        meets: What a row must do or be to stand in the answer; goes on from "none".
        set_aside: Reasons of marts.records_set_aside for which delivered rows are not among these.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    table: str
    where: str = "true"
    day: str = ""
    country: str = ""
    meets: str
    set_aside: list[str] = []


@dataclass(frozen=True)
class Narrowed:
    """What an answer was narrowed by; None means no limit.

    Attributes:
        country: ISO code.
        from_date: First day.
        to_date: Last day.
        site: Id of one site.
        organisations: The names that one organisation goes by, in lower case.
    """

    country: str | None = None
    from_date: date | None = None
    to_date: date | None = None
    site: str | None = None
    organisations: tuple[str, ...] | None = None

    def parameters_of(self, sql: str) -> dict[str, Any]:
        """What to give a select: DuckDB takes no parameter that it does not name."""
        given: dict[str, Any] = {"country": self.country, "from_date": self.from_date, "to_date": self.to_date}
        given |= {"site": self.site, "organisations": self.organisations and list(self.organisations)}
        return {name: value for name, value in given.items() if f"${name}" in sql}

    @property
    def period(self) -> str:
        """The period in words."""
        if self.from_date and self.to_date:
            return f"between {self.from_date} and {self.to_date}"
        return f"from {self.from_date} on" if self.from_date else f"up to {self.to_date}" if self.to_date else ""


@dataclass(frozen=True)
class _Found:
    """How many rows there are, in the country, and then in the period; their first and last day in the country."""

    all: int
    there: int
    there_and_then: int
    of_unknown_country: int
    first_day: date | None
    last_day: date | None


def why_empty(con: duckdb.DuckDBPyConnection, rests_on: RestsOn, narrowed: Narrowed) -> str:
    """One sentence that says why an answer drawn from these rows is empty.

    Args:
        con: A connection to a published warehouse.
        rests_on: The rows.
        narrowed: What the answer was narrowed by.
    """
    found = _counted(con, rests_on, narrowed)
    if not found.all:
        return f"There are no {rests_on.what} in the warehouse{_set_aside(con, rests_on)}."
    if not found.there:
        unknown = f"; of {found.of_unknown_country} the country is unknown" if found.of_unknown_country else ""
        return f"Of the {rests_on.what} ({found.all}), none is in {narrowed.country}{unknown}."
    place = f" in {narrowed.country}" if narrowed.country else ""
    if not found.there_and_then:
        days = f"; they lie between {found.first_day} and {found.last_day}" if found.first_day else ", or has a day"
        return f"Of the {rests_on.what}{place} ({found.there}), none lies {narrowed.period}{days}."
    period = f" {narrowed.period}" if narrowed.period and rests_on.day else ""
    return f"Of the {rests_on.what}{place}{period} ({found.there_and_then}), none {rests_on.meets}."


def _counted(con: duckdb.DuckDBPyConnection, rests_on: RestsOn, narrowed: Narrowed) -> _Found:
    country = rests_on.country or "(select any_value(country_code) from marts.sites where sites.site_id = rows.site_id)"
    there = "($country::varchar is null or country_code = $country)"
    then = "($from_date::date is null or known_day >= $from_date) and ($to_date::date is null or known_day <= $to_date)"
    sql = f"""
        select count(*), count_if({there}), count_if({there} and {then if rests_on.day else "true"}),
            count_if(country_code is null), min(known_day) filter ({there}), max(known_day) filter ({there})
        from (
            select {country if narrowed.country else "null::varchar"} as country_code,
                {rests_on.day or "null"}::date as known_day
            from (select * from {rests_on.table} where {rests_on.where}) as rows
        )
    """
    return _Found(*con.execute(sql, narrowed.parameters_of(sql)).fetchall()[0])


def _set_aside(con: duckdb.DuckDBPyConnection, rests_on: RestsOn) -> str:
    """What became of those that were delivered all the same."""
    if not rests_on.set_aside:
        return ""
    counted = con.execute(
        "select reason, count(*) from marts.records_set_aside where list_contains($reasons, reason) group by reason",
        {"reasons": rests_on.set_aside},
    ).fetchall()
    told = dict(counted)
    parts = [f"{told[reason]} {_SET_ASIDE[reason]}" for reason in rests_on.set_aside if reason in told]
    return f": of those delivered, {', '.join(parts)}" if parts else ": none has been delivered"
