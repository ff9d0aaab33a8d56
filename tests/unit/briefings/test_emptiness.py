"""An empty answer says why: each reason by the figures that make it the reason."""

from datetime import date

import duckdb
import pytest

from conjoin.briefings.emptiness import Narrowed, RestsOn, why_empty

PLANNED = RestsOn(
    what="planned visits still to come",
    table="marts.planned_overlaps",
    where="source_name <> 'hidden'",
    day="visit_month",
    meets="meets another",
    set_aside=["cancelled", "planned_day_has_passed"],
)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute("create table marts.sites (site_id varchar, country_code varchar)")
    con.execute("insert into marts.sites values ('S1', 'TR'), ('S2', 'IN'), ('a:3', null)")
    con.execute("create table marts.planned_overlaps (site_id varchar, visit_month date, source_name varchar)")
    con.execute("create table marts.records_set_aside (record_id varchar, reason varchar)")
    return con


@pytest.fixture
def planned(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute(
        "insert into marts.planned_overlaps values ('S1', '2026-12-01', 'a'), ('S1', '2027-02-01', 'a'), "
        "('a:3', '2027-03-01', 'a'), ('S2', '2027-03-01', 'hidden')"
    )
    return con


def test_nothing_was_delivered(con: duckdb.DuckDBPyConnection) -> None:
    told = why_empty(con, PLANNED, Narrowed("TR", date(2026, 1, 1)))
    assert told == "There are no planned visits still to come in the warehouse: none has been delivered."


def test_what_was_delivered_is_not_to_come(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into marts.records_set_aside values ('a', 'cancelled'), ('b', 'cancelled'), ('c', 'other')")
    told = why_empty(con, PLANNED, Narrowed())
    assert told == "There are no planned visits still to come in the warehouse: of those delivered, 2 cancelled."


def test_none_is_in_the_country(planned: duckdb.DuckDBPyConnection) -> None:
    told = why_empty(planned, PLANNED, Narrowed("IN"))
    assert told == "Of the planned visits still to come (3), none is in IN; of 1 the country is unknown."


@pytest.mark.parametrize(
    ("narrowed", "period"),
    [
        (Narrowed("TR", date(2028, 1, 1), date(2028, 12, 31)), "between 2028-01-01 and 2028-12-31"),
        (Narrowed("TR", date(2028, 1, 1)), "from 2028-01-01 on"),
        (Narrowed("TR", None, date(2026, 1, 1)), "up to 2026-01-01"),
    ],
)
def test_none_lies_in_the_period(planned: duckdb.DuckDBPyConnection, narrowed: Narrowed, period: str) -> None:
    told = why_empty(planned, PLANNED, narrowed)
    days = "they lie between 2026-12-01 and 2027-02-01"
    assert told == f"Of the planned visits still to come in TR (2), none lies {period}; {days}."


def test_those_that_are_there_are_not_of_the_kind(planned: duckdb.DuckDBPyConnection) -> None:
    told = why_empty(planned, PLANNED, Narrowed("TR", date(2027, 1, 1)))
    assert told == "Of the planned visits still to come in TR from 2027-01-01 on (1), none meets another."


def test_a_table_with_a_country_of_its_own_needs_no_sites(con: duckdb.DuckDBPyConnection) -> None:
    rests_on = RestsOn(what="topics", table="(select 'TR' as country_code)", country="country_code", meets="is told")
    assert why_empty(con, rests_on, Narrowed("TR")) == "Of the topics in TR (1), none is told."
    assert why_empty(con, rests_on, Narrowed("IN")) == "Of the topics (1), none is in IN."
