"""The register of working tables is what runs do: a run over everything and increments are watched, and compared."""

from datetime import datetime
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import strategies as st

from conjoin.matching.increment.run import match_changes
from conjoin.matching.run import MatchOptions, match_records
from conjoin.matching.working_tables import WORKING_TABLES
from support.laws import drawn_from
from support.over_time import World, applied, deliveries, together
from support.traced import Traced

#: What these small worlds hold no row of; the laws meet them.
RARE = {"m_name_joins", "m_address_joins", "m_unread", "m_namesakes", "m_elsewhere"}
OPTIONS = MatchOptions(unique_sources=frozenset("c"), recorded_at=datetime(2026, 2, 1))


@pytest.fixture(scope="module")
def watched() -> Traced:
    """What a run over everything and increments after it made, filled and read."""
    worlds = [World() for _ in range(12)]
    drawn = drawn_from(st.lists(deliveries, min_size=3, max_size=3), len(worlds), 5)
    traced = Traced({name: table.key for name, table in WORKING_TABLES.items()})
    journal: Any = None
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("attach ':memory:' as kept")
        traced.con = con
        for day in range(3):
            worlds = [applied(world, sequence[day]) for world, sequence in zip(worlds, drawn, strict=True)]
            together(worlds).load(con, journal)
            match_changes(traced, OPTIONS, "stamp")  # type: ignore[arg-type] # stands in the place of a connection
            found = con.execute("from matching.site_history")
            names = [name for name, *_ in found.description or ()]
            journal = pd.DataFrame(found.fetchall(), columns=names, dtype=object)
    with duckdb.connect(config={"threads": 1}) as con:
        traced.con = con
        together(worlds).load(con, None)
        match_records(traced, OPTIONS)  # type: ignore[arg-type]
    return traced


def words(text: str) -> set[str]:
    return {word for word in text.split(", ") if word}


def test_every_table_that_passes_between_modules_is_registered(watched: Traced) -> None:
    shared = {
        name for name, makers in watched.made.items() if len(makers | watched.filled[name] | watched.read[name]) > 1
    }
    assert shared == set(WORKING_TABLES)


@pytest.mark.parametrize("name", WORKING_TABLES)
def test_a_table_is_made_and_read_by_whom_the_register_says(watched: Traced, name: str) -> None:
    table = WORKING_TABLES[name]
    makers = watched.made[name] | watched.filled[name]
    assert (makers, watched.read[name] - makers) == (words(table.made_by), words(table.read_by))


@pytest.mark.parametrize("name", [name for name, table in WORKING_TABLES.items() if table.key])
def test_the_key_of_a_table_tells_its_rows_apart_whenever_it_is_read(watched: Traced, name: str) -> None:
    assert watched.keys_seen[name] > 0 or name in RARE, "no row was ever seen"
    assert name not in watched.repeated
