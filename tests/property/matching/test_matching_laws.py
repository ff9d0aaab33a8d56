"""Laws of matching that hold for any records. One connection serves all runs, so none may leave anything behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.matching.frames import load_input
from conjoin.matching.run import MatchOptions, match_records
from support.laws import law

NAMES = [
    "Zephyrine Garments Ltd",
    "Zephyrine Garments Limited",
    "Zephyrine Garments Unit 2",
    "Quillon Fashions",
    "",
    "Ğül 7",
]
ADDRESSES = ["12 Harbour Road, Seaview", "12 Harbour Rd Seaview", "Plot 7, Hill Street", "Plot 9, Hill Street", ""]
rows = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(NAMES),
    st.sampled_from(ADDRESSES),
    st.sampled_from(["BD", "TR", ""]),
)
worlds = st.lists(rows, min_size=1, max_size=12)
OVER_TIME = law(5)
LAWS = law(12)


Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def shared() -> Iterator[Con]:
    """A connection for every run; small worlds are quickest on one thread."""
    with duckdb.connect(config={"threads": 1}) as con:
        yield con


def _frame(world: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(world, columns=["source_name", "site_name", "site_address", "country_code"])
    return frame.assign(record_id=[f"{source}:{n:03d}" for n, source in enumerate(frame["source_name"])])


def _sites(con: Con, frame: pd.DataFrame, judgements: pd.DataFrame | None = None) -> dict[str, str]:
    load_input(con, frame, judgements=judgements)
    match_records(con, MatchOptions())
    return dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())


@LAWS
@given(worlds)
def test_every_record_is_in_one_site_whatever_the_order_of_rows(
    shared: Con, world: list[tuple[str, str, str, str]]
) -> None:
    frame = _frame(world)
    sites = _sites(shared, frame)
    assert set(sites) == set(frame["record_id"])
    assert _sites(shared, frame.sample(frac=1, random_state=len(world))) == sites


@LAWS
@given(worlds.filter(lambda world: len(world) > 1), st.data())
def test_no_negative_pair_is_in_one_site(
    shared: Con, world: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    frame = _frame(world)
    pairs = data.draw(
        st.lists(
            st.tuples(*[st.sampled_from(frame["record_id"].tolist())] * 2).filter(lambda pair: pair[0] != pair[1]),
            min_size=1,
            max_size=4,
        )
    )
    verdicts = data.draw(
        st.lists(st.sampled_from(["NEGATIVE", "MOVED", "POSITIVE"]), min_size=len(pairs), max_size=len(pairs))
    )
    judgements = pd.DataFrame(
        [(*sorted(pair), verdict) for pair, verdict in zip(pairs, verdicts, strict=True)],
        columns=["record_id_left", "record_id_right", "judgement"],
    )
    sites = _sites(shared, frame, judgements)
    apart = judgements.loc[judgements["judgement"] != "POSITIVE"]
    for left, right in zip(apart["record_id_left"], apart["record_id_right"], strict=True):
        assert sites[left] != sites[right]


def _run(con: Con, frame: pd.DataFrame, history: pd.DataFrame | None, day: int) -> tuple[dict[str, str], pd.DataFrame]:
    """Sites of a run, and the journal after it."""
    load_input(con, frame, site_history=history)
    match_records(con, MatchOptions(recorded_at=datetime(2026, 1, 1) + timedelta(days=day)))
    sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    found = con.execute("from matching.site_history")
    columns = [name for name, *_ in found.description or ()]
    return sites, pd.DataFrame(found.fetchall(), columns=columns, dtype=object)


@OVER_TIME
@given(worlds)
def test_the_same_again_changes_nothing(shared: Con, world: list[tuple[str, str, str, str]]) -> None:
    frame = _frame(world)
    sites, journal = _run(shared, frame, None, 0)
    again, longer = _run(shared, frame.iloc[::-1], journal, 1)
    assert again == sites
    assert len(longer) == len(journal)


@OVER_TIME
@given(worlds, worlds)
def test_records_that_arrive_never_rename_a_site(
    shared: Con, first: list[tuple[str, str, str, str]], more: list[tuple[str, str, str, str]]
) -> None:
    frame = _frame([*first, *more])
    before, journal = _run(shared, frame.iloc[: len(first)], None, 0)
    after, _ = _run(shared, frame, journal, 1)
    members: dict[str, set[str]] = {}
    for record, site in before.items():
        members.setdefault(site, set()).add(record)
    for site, records in members.items():
        landed = {after[record] for record in records}
        others = {before[r] for r in before if after[r] in landed and before[r] != site}
        if not others and len(landed) == 1:  # neither merged nor split: it may only have grown
            assert landed == {site}


@OVER_TIME
@given(worlds, st.data())
def test_ids_are_never_reused_and_always_lead_somewhere(
    shared: Con, world: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    frame, journal = _frame(world), None
    founded: dict[str, str] = {}
    for day in range(3):
        kept = data.draw(st.lists(st.sampled_from(frame["record_id"].tolist()), min_size=1, unique=True))
        sites, journal = _run(shared, frame[frame["record_id"].isin(kept)], journal, day)
        minted = journal[journal["event"] == "minted"]
        for site, founder in zip(minted["site_id"], minted["record_id"], strict=True):
            assert founded.setdefault(site, founder) == founder
        assert len(minted) == minted["site_id"].nunique()
        assert set(sites.values()) <= set(minted["site_id"])
