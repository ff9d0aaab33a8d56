"""Law of the marts: no row is more open than what it rests on.

Over rule cases with everything that a rule case leaves out beside them, each landed row with a visibility of its own.
"""

from dataclasses import replace

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conjoin.warehouse.models import ROWS
from support import taint
from support.laws import law
from support.rule_cases import cases
from support.tainted_worlds import load_tainted_cases

CASES = cases()
_NUMBERS = st.integers(0, 10**6)


def _world(case_count: int) -> st.SearchStrategy[tuple[list[int], int]]:
    """Places of rule cases that are put into one world, and the number that its visibilities are drawn by."""
    places = st.lists(st.integers(0, len(CASES) - 1), min_size=1, max_size=case_count, unique=True)
    return st.tuples(places.map(sorted), _NUMBERS)


def _build(con: duckdb.DuckDBPyConnection, world: tuple[list[int], int]) -> None:
    places, number = world
    con.execute("set threads = 1")
    load_tainted_cases(con, [CASES[place] for place in places], number)
    taint.remember(con)


@law(5)
@example(([491], 596), 3)  # a study that a hidden one keeps apart
@example(([128], 237096), 2)  # three reports, of which the first alone is hidden, and parts the other two
@given(_world(80), st.sampled_from(taint.RANKS))
def test_a_row_can_be_built_of_what_its_readers_may_see(world: tuple[list[int], int], rank: int) -> None:
    with duckdb.connect() as con:
        _build(con, world)

        assert [str(leak) for leak in taint.leaks_below(con, rank)] == []


@law(4)
@given(_world(12), st.data())
def test_a_row_is_no_more_open_than_a_landed_row_that_it_rests_on(
    world: tuple[list[int], int], data: st.DataObject
) -> None:
    with duckdb.connect() as con:
        _build(con, world)
        rows = taint.landed_rows(con)
        if not rows:
            return
        row_name, rank = data.draw(st.sampled_from(rows))

        assert [str(leak) for leak in taint.leaks_of_row(con, row_name, rank)] == []


def test_the_law_finds_a_row_that_counts_what_its_readers_may_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    counting = ("sites", "audit_events")
    pretending = [
        replace(mart, sidecar=mart.sidecar.model_copy(update={"audience": ROWS, "rests_on_more": {}}))
        if mart.table in counting
        else mart
        for mart in taint.SEEN
    ]
    monkeypatch.setattr(taint, "SEEN", pretending)
    with duckdb.connect() as con:
        _build(con, (list(range(40)), 1))

        found = taint.leaks_below(con, 4)

    assert {leak.mart for leak in found} == {f"marts.{name}" for name in counting}
