"""However records and judgements come and go, a run that builds on the last one concludes what a run over all does."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pandas as pd
from hypothesis import strategies as st

from conjoin.matching.increment.run import match_changes
from conjoin.matching.run import MatchOptions, match_records
from support.laws import crowd_law
from support.over_time import RECORD_IDS, World, applied, contents, deliveries, delivery_of, id_of, together

OPTIONS = MatchOptions(unique_sources=frozenset("c"))
TABLES = [
    "site_memberships",
    "site_links",
    "weakest_links",
    "refused_merges",
    "review_queue",
    "conflicts",
    "site_groups",
    "pattern_evidence",
    "site_aliases",
    "site_changes",
    "site_moves",
]
Result = dict[str, list[tuple[Any, ...]]]

#: Only a judgement connects the two records, and it is there already when one of them comes, or comes back.
COMES_LATER = [
    delivery_of({"a:00": "Quillon Fashions"}, judged=("a:00", "b:00")),
    delivery_of({"b:00": "Orlovane Textile Mills"}),
]
COMES_BACK = [
    delivery_of({"a:00": "Quillon Fashions", "b:00": "Orlovane Textile Mills"}, judged=("a:00", "b:00")),
    delivery_of({}, go="a:00"),
    delivery_of({"a:00": "Quillon Fashions"}),
]
#: A judgement is taken back whose records stand in others: nothing but it differs.
TAKEN_BACK = [
    delivery_of({"a:00": "Quillon Fashions", "b:00": "Orlovane Textile Mills"})
    | {
        "judged": [
            (("a:00", "b:00"), "POSITIVE", datetime(2026, 1, 1)),
            *(
                ((one, f"c:0{number}"), "NEGATIVE", datetime(2026, 1, 1))
                for one in ("a:00", "b:00")
                for number in range(3)
            ),
        ]
    },
    delivery_of({}),  # only the last six judgements are kept
]
#: A name begins as twelve others do, so that their beginning no longer brings them together.
ONE_TOO_MANY = [
    delivery_of({record: f"Gazelle{letter}" for record, letter in zip(RECORD_IDS, "abcdefghijkl", strict=False)}),
    delivery_of({"c:00": "Gazellem"}),
]
#: What a judgement touches is the later record of a link, and the earlier one stands at a site of its own.
LINKED_FROM_BEFORE = [
    delivery_of({"a:00": "Zephyrine Garments Ltd", "b:00": "Zephyrine Quillon", "c:00": "Orlovane Textile Mills"}),
    delivery_of({}) | {"judged": [(("b:00", "c:00"), "UNSURE", datetime(2026, 1, 1))]},
]
KNOWN = (COMES_LATER, COMES_BACK, TAKEN_BACK, ONE_TOO_MANY, LINKED_FROM_BEFORE)
CROWD = 20


def _tables(con: duckdb.DuckDBPyConnection) -> Result:
    return {name: sorted(con.execute(f"from matching.{name}").fetchall(), key=repr) for name in TABLES}


def _options(world: World, day: int) -> MatchOptions:
    return MatchOptions(
        unique_sources=OPTIONS.unique_sources,
        recorded_at=datetime(2026, 2, 1) + timedelta(days=day),
        unread_sources=world.unread,
    )


def _full_run(world: World, journal: pd.DataFrame | None, day: int) -> tuple[Result, pd.DataFrame]:
    """Every table of a run over everything, and the journal after it."""
    with duckdb.connect(config={"threads": 1}) as con:  # a few rows: threads would only cost
        world.load(con, journal)
        match_records(con, _options(world, day))
        found = con.execute("from matching.site_history")
        columns = [name for name, *_ in found.description or ()]
        journal_after = pd.DataFrame(found.fetchall(), columns=columns, dtype=object)
        return _tables(con), journal_after


@contextmanager
def _kept() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:  # a few rows: threads would only cost
        con.execute("attach ':memory:' as kept")
        yield con


def _build_on(con: duckdb.DuckDBPyConnection, world: World, journal: pd.DataFrame | None, day: int) -> Result | None:
    """Every table of a run that builds on the last one; None if it found nothing to do."""
    world.load(con, journal)
    return None if match_changes(con, _options(world, day), "any stamp") is None else _tables(con)


@crowd_law(st.lists(deliveries, min_size=2, max_size=4), CROWD, *KNOWN)
def test_any_sequence_of_increments_concludes_what_full_runs_do(sequences: list[list[dict[str, Any]]]) -> None:
    worlds, journal, last = [World() for _ in sequences], None, Result()
    with _kept() as con:
        for day in range(max(map(len, sequences))):
            worlds = [
                applied(world, sequence[day]) if day < len(sequence) else world
                for world, sequence in zip(worlds, sequences, strict=True)
            ]
            world = together(worlds)
            expected, longer = _full_run(world, journal, day)
            found = _build_on(con, world, journal, day)
            if found is None:
                assert expected["site_changes"] == []
                found = last | {"site_changes": []}
            assert found == expected
            journal, last = longer, found


@crowd_law(st.tuples(st.lists(deliveries, min_size=2, max_size=4), st.integers(0, 1_000_000)), CROWD)
def test_the_order_of_rows_and_of_deliveries_changes_nothing(drawn: list[tuple[list[dict[str, Any]], int]]) -> None:
    """Without judgements and journal, what stands at the end decides, not the way there."""
    worlds = []
    for sequence, number in drawn:
        world = World()
        for delivery in sequence:
            world = applied(world, delivery)
        order = list(world.records)
        random.Random(number).shuffle(order)  # noqa: S311 - an order, no secret
        worlds.append(World({key: world.records[key] for key in order}))
    whole = together(worlds)
    expected, _ = _full_run(whole, None, 0)
    with _kept() as con:
        for end in range(5, max(len(world.records) for world in worlds) + 5, 5):
            _build_on(con, together([World(dict(list(world.records.items())[:end])) for world in worlds]), None, 0)
        found = _build_on(con, whole, None, 0)
        assert (found is None) == bool(whole.records), "everything was there already"
        links = sorted(con.execute("from kept.site_links").fetchall(), key=repr)
        memberships = con.execute("select * exclude (site_id) from kept.site_memberships order by record_id").fetchall()
    if whole.records:
        assert links == expected["site_links"]
        assert memberships == sorted(((record, *rest) for record, _, *rest in expected["site_memberships"]), key=repr)


def _unmoved(before: dict[str, str], meanwhile: dict[str, str]) -> set[str]:
    """Sites of before that neither met another nor fell apart meanwhile: what an id stands for was never in doubt."""
    met = pd.DataFrame({"before": [before[record] for record in meanwhile], "then": list(meanwhile.values())})
    alone = met.groupby("then")["before"].transform("nunique") == 1
    whole = met.groupby("before")["then"].transform("nunique") == 1
    return set(before.values()) - set(met.loc[~(alone & whole), "before"])


def _by_first_record(tables: Result, name: str) -> list[tuple[Any, ...]]:
    """Rows of a table with each site named by its first record: who is together, whatever the site is called."""
    first: dict[str, str] = {}
    for record, site, *_ in sorted(tables["site_memberships"], key=repr):
        first.setdefault(site, record)
    return [tuple(first.get(cell, cell) if isinstance(cell, str) else cell for cell in row) for row in tables[name]]


@crowd_law(st.tuples(deliveries, st.sets(st.sampled_from(RECORD_IDS), min_size=1, max_size=6)), CROWD)
def test_withdrawal_and_new_delivery_equal_never_withdrawn(drawn: list[tuple[dict[str, Any], set[str]]]) -> None:
    """What was withdrawn and comes again is where it was, and its site has the id that it had.

    But for sites that met or fell apart meanwhile (a withdrawn record can make a name rarer): their ids were given
    away then, and an id is never given back.
    """
    worlds = [applied(World(), delivery | {"go": set(), "unread": frozenset()}) for delivery, _ in drawn]
    world = together(worlds)
    gone = {id_of(key, number) for number, (_, keys) in enumerate(drawn) for key in keys}
    less = World({k: row for k, row in world.records.items() if k not in gone}, world.identifiers, world.judgements)
    expected, journal = _full_run(world, None, 0)
    with _kept() as con:
        _build_on(con, world, None, 0)
        between, longer = _full_run(less, journal, 1)
        _build_on(con, less, journal, 1)
        again = _build_on(con, world, longer, 2)
    if again is not None:
        tables = ("site_memberships", "site_links", "weakest_links", "refused_merges", "review_queue", "conflicts")
        for name in tables:
            assert sorted(_by_first_record(again, name), key=repr) == sorted(
                _by_first_record(expected, name), key=repr
            ), name
        before, now = (
            {record: site for record, site, *_ in tables["site_memberships"]} for tables in (expected, again)
        )
        kept = _unmoved(before, {record: site for record, site, *_ in between["site_memberships"]})
        assert {record: now[record] for record, site in before.items() if site in kept} == {
            record: site for record, site in before.items() if site in kept
        }


@crowd_law(
    st.tuples(deliveries, st.dictionaries(st.sampled_from(["b:90", "c:91", "a:92"]), contents, min_size=1)), CROWD
)
def test_records_that_arrive_touch_no_site_they_do_not_reach(
    drawn: list[tuple[dict[str, Any], dict[str, dict[str, Any]]]],
) -> None:
    world = together([applied(World(), delivery | {"go": set()}) for delivery, _ in drawn])
    arrivals = together([World(records) for _, records in drawn]).records
    before, journal = _full_run(world, None, 0)
    with _kept() as con:
        _build_on(con, world, None, 0)
        after = _build_on(con, World(world.records | arrivals, world.identifiers, world.judgements), journal, 1)
    assert after is not None
    held = {record: site for record, site, *_ in before["site_memberships"]}
    now = {record: site for record, site, *_ in after["site_memberships"]}
    moved = {row[3] for row in after["site_changes"] if row[1] == "joined"}
    assert {record for record in held if now[record] != held[record]} == moved & held.keys()
