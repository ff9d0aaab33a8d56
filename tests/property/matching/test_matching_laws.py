"""Laws of matching that hold for any records. One connection serves all runs, so none may leave anything behind."""

from datetime import datetime, timedelta
from functools import cache
from itertools import combinations

import duckdb
import pandas as pd
from hypothesis import strategies as st

from conjoin.matching.inputs import load_input
from conjoin.matching.run import MatchOptions, match_records
from support.laws import country_of, crowd_law

NAMES = [
    "Zephyrine Garments Ltd",
    "Zephyrine Garments Limited",
    "Zephyrine Garments Unit 2",
    "Quillon Fashions",
    "",
    "Ğül 7",
]
ADDRESSES = ["12 Harbour Road, Seaview", "12 Harbour Rd Seaview", "Plot 7, Hill Street", "Plot 9, Hill Street", ""]
Row = tuple[str, str, str, str]
rows = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(NAMES),
    st.sampled_from(ADDRESSES),
    st.sampled_from(["BD", "TR", ""]),
)
worlds = st.lists(rows, min_size=1, max_size=12)
#: A world, and what a reviewer said of some of its pairs: of every pair, should there be one of that number.
judged = st.tuples(
    st.lists(rows, min_size=2, max_size=12),
    st.dictionaries(
        st.sampled_from(list(combinations(range(12), 2))),
        st.sampled_from(["NEGATIVE", "MOVED", "POSITIVE"]),
        min_size=1,
        max_size=4,
    ),
)
CROWD = 25


@cache
def _shared() -> duckdb.DuckDBPyConnection:
    """A connection for every run; small worlds are quickest on one thread."""
    return duckdb.connect(config={"threads": 1})


def _frame(several: list[list[Row]]) -> pd.DataFrame:
    """The records of worlds, each in countries of its own; a record is known by its world and its row there."""
    columns = ["source_name", "site_name", "site_address", "country_code", "record_id", "world"]
    cells = [
        (source, name, address, country_of(country, world), f"{source}:{world:02d}{n:03d}", world)
        for world, rows in enumerate(several)
        for n, (source, name, address, country) in enumerate(rows)
    ]
    return pd.DataFrame(cells, columns=columns)


def _sites(frame: pd.DataFrame, judgements: pd.DataFrame | None = None) -> dict[str, str]:
    load_input(_shared(), frame.drop(columns="world"), judgements=judgements)
    match_records(_shared(), MatchOptions())
    return dict(_shared().execute("select record_id, site_id from matching.site_memberships").fetchall())


@crowd_law(worlds, CROWD)
def test_every_record_is_in_one_site_whatever_the_order_of_rows(several: list[list[Row]]) -> None:
    frame = _frame(several)
    sites = _sites(frame)
    assert set(sites) == set(frame["record_id"])
    assert _sites(frame.sample(frac=1, random_state=len(frame))) == sites


@crowd_law(judged, CROWD)
def test_no_negative_pair_is_in_one_site(several: list[tuple[list[Row], dict[tuple[int, int], str]]]) -> None:
    frame = _frame([world for world, _ in several])
    ids = [group["record_id"].tolist() for _, group in frame.groupby("world")]
    judgements = pd.DataFrame(
        [
            (*sorted((records[left], records[right])), verdict)
            for records, (_, verdicts) in zip(ids, several, strict=True)
            for (left, right), verdict in verdicts.items()
            if right < len(records)
        ],
        columns=["record_id_left", "record_id_right", "judgement"],
    )
    sites = _sites(frame, judgements)
    apart = judgements.loc[judgements["judgement"] != "POSITIVE"]
    for left, right in zip(apart["record_id_left"], apart["record_id_right"], strict=True):
        assert sites[left] != sites[right]


def _run(frame: pd.DataFrame, history: pd.DataFrame | None, day: int) -> tuple[dict[str, str], pd.DataFrame]:
    """Sites of a run, and the journal after it."""
    load_input(_shared(), frame.drop(columns="world"), site_history=history)
    match_records(_shared(), MatchOptions(recorded_at=datetime(2026, 1, 1) + timedelta(days=day)))
    sites = dict(_shared().execute("select record_id, site_id from matching.site_memberships").fetchall())
    found = _shared().execute("from matching.site_history")
    columns = [name for name, *_ in found.description or ()]
    return sites, pd.DataFrame(found.fetchall(), columns=columns, dtype=object)


@crowd_law(worlds, CROWD)
def test_the_same_again_changes_nothing(several: list[list[Row]]) -> None:
    frame = _frame(several)
    sites, journal = _run(frame, None, 0)
    again, longer = _run(frame.iloc[::-1], journal, 1)
    assert again == sites
    assert len(longer) == len(journal)


@crowd_law(st.tuples(worlds, worlds), CROWD)
def test_records_that_arrive_never_rename_a_site(several: list[tuple[list[Row], list[Row]]]) -> None:
    frame = _frame([[*first, *more] for first, more in several])
    there = frame.groupby("world").cumcount() < frame["world"].map(dict(enumerate(len(first) for first, _ in several)))
    before, journal = _run(frame[there], None, 0)
    after, _ = _run(frame, journal, 1)
    members: dict[str, set[str]] = {}
    for record, site in before.items():
        members.setdefault(site, set()).add(record)
    for site, records in members.items():
        landed = {after[record] for record in records}
        others = {before[r] for r in before if after[r] in landed and before[r] != site}
        if not others and len(landed) == 1:  # neither merged nor split: it may only have grown
            assert landed == {site}


@crowd_law(st.tuples(worlds, st.lists(st.sets(st.integers(0, 11), min_size=1), min_size=3, max_size=3)), CROWD)
def test_ids_are_never_reused_and_always_lead_somewhere(several: list[tuple[list[Row], list[set[int]]]]) -> None:
    frame, journal = _frame([world for world, _ in several]), None
    row = frame.groupby("world").cumcount()
    founded: dict[str, str] = {}
    for day in range(3):
        kept = [row % 12 == -1] + [(frame["world"] == world) & row.isin(d[day]) for world, (_, d) in enumerate(several)]
        here = frame[pd.concat(kept, axis=1).any(axis=1)]
        sites, journal = _run(here, journal, day)
        minted = journal[journal["event"] == "minted"]
        for site, founder in zip(minted["site_id"], minted["record_id"], strict=True):
            assert founded.setdefault(site, founder) == founder
        assert len(minted) == minted["site_id"].nunique()
        assert set(sites.values()) <= set(minted["site_id"])
