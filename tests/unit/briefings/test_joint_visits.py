"""Joint visits: exact, within reach, and never more than planned."""

from itertools import combinations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.briefings.joint_visits import fewest_months, joint_visit_plan
from support.laws import law

MONTHS = st.lists(st.integers(24300, 24312), min_size=1, max_size=5)


def _fewest_by_trying(months: list[int], shift: int) -> int:
    """The smallest number of months that reach all, found by trying every set."""
    choices = range(min(months) - shift, max(months) + shift + 1)
    return next(
        size
        for size in range(1, len(months) + 1)
        for used in combinations(choices, size)
        if all(any(abs(month - one) <= shift for one in used) for month in months)
    )


@law(40)
@given(MONTHS, st.integers(0, 2))
def test_no_smaller_set_serves_all(months: list[int], shift: int) -> None:
    served = fewest_months(months, shift)
    assert all(abs(one - month) <= shift for one, month in zip(served, months, strict=True))
    assert len(set(served)) == _fewest_by_trying(months, shift)


def test_visits_of_one_month_stay_there() -> None:
    assert fewest_months([24300, 24300, 24300], 1) == [24300, 24300, 24300]


@pytest.fixture
def planned(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("create schema marts")
    con.execute("create table marts.sites as select 'S1' as site_id, 'TR' as country_code")
    con.execute(
        "create table marts.planned_overlaps as select * from (values "
        "('S1', 'a', 'Alder', 'bsci', date '2026-12-01', 0), ('S1', 'b', 'Birch', 'slcp', date '2027-01-01', 0), "
        "('S1', 'c', 'Cedar', 'slcp', date '2027-06-01', 0), ('S1', 'd', 'Dogwood', 'slcp', date '2027-01-01', 1)) "
        "as planned (site_id, record_id, commissioner, scheme, visit_month, accepted_event_count)"
    )
    return con


def test_a_plan_over_the_turn_of_the_year(planned: duckdb.DuckDBPyConnection) -> None:
    plan = joint_visit_plan(planned, "TR")
    assert plan["record_id"].tolist() == ["a", "b", "c"]
    assert plan["joint_month"].nunique() == 2
    assert plan["joint_month"].iloc[0] == plan["joint_month"].iloc[1]
    assert plan[["visits_planned", "visits_needed", "visits_saved"]].iloc[0].tolist() == [3, 2, 1]


def test_no_planned_visits_give_an_empty_plan(planned: duckdb.DuckDBPyConnection) -> None:
    assert joint_visit_plan(planned, "IN").empty
