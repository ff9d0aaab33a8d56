from datetime import datetime, timedelta

import duckdb
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conjoin.matching.frames import load_input
from conjoin.matching.run import MatchOptions, match_records

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
OVER_TIME = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LAWS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _frame(world: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(world, columns=["source_name", "site_name", "site_address", "country_code"])
    return frame.assign(record_id=[f"{source}:{n:03d}" for n, source in enumerate(frame["source_name"])])


def _sites(frame: pd.DataFrame, judgements: pd.DataFrame | None = None) -> dict[str, str]:
    with duckdb.connect() as con:
        load_input(con, frame, judgements=judgements)
        match_records(con, MatchOptions())
        return dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())


@LAWS
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world: list[tuple[str, str, str, str]], random: "object") -> None:
    frame = _frame(world)
    assert _sites(frame) == _sites(frame.sample(frac=1, random_state=len(world)))


@LAWS
@given(worlds)
def test_every_record_is_in_exactly_one_site(world: list[tuple[str, str, str, str]]) -> None:
    frame = _frame(world)
    assert set(_sites(frame)) == set(frame["record_id"])


@LAWS
@given(worlds.filter(lambda world: len(world) > 1), st.data())
def test_no_negative_pair_is_in_one_site(world: list[tuple[str, str, str, str]], data: st.DataObject) -> None:
    frame = _frame(world)
    pairs = data.draw(
        st.lists(
            st.tuples(*[st.sampled_from(frame["record_id"].tolist())] * 2).filter(lambda pair: pair[0] != pair[1]),
            min_size=1,
            max_size=4,
        )
    )
    verdicts = data.draw(st.lists(st.sampled_from(["NEGATIVE", "POSITIVE"]), min_size=len(pairs), max_size=len(pairs)))
    judgements = pd.DataFrame(
        [(*sorted(pair), verdict) for pair, verdict in zip(pairs, verdicts, strict=True)],
        columns=["record_id_left", "record_id_right", "judgement"],
    )
    sites = _sites(frame, judgements)
    apart = judgements.loc[judgements["judgement"] == "NEGATIVE"]
    for left, right in zip(apart["record_id_left"], apart["record_id_right"], strict=True):
        assert sites[left] != sites[right]


def _run(frame: pd.DataFrame, history: pd.DataFrame | None, day: int) -> tuple[dict[str, str], pd.DataFrame]:
    """Sites of a run, and the journal after it."""
    with duckdb.connect() as con:
        load_input(con, frame, site_history=history)
        match_records(con, MatchOptions(recorded_at=datetime(2026, 1, 1) + timedelta(days=day)))
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
        found = con.execute("from matching.site_history")
        columns = [name for name, *_ in found.description or ()]
        return sites, pd.DataFrame(found.fetchall(), columns=columns, dtype=object)


@OVER_TIME
@given(worlds)
def test_the_same_again_changes_nothing(world: list[tuple[str, str, str, str]]) -> None:
    frame = _frame(world)
    sites, journal = _run(frame, None, 0)
    again, longer = _run(frame.iloc[::-1], journal, 1)
    assert again == sites
    assert len(longer) == len(journal)


@OVER_TIME
@given(worlds, worlds)
def test_records_that_arrive_never_rename_a_site(
    first: list[tuple[str, str, str, str]], more: list[tuple[str, str, str, str]]
) -> None:
    frame = _frame([*first, *more])
    before, journal = _run(frame.iloc[: len(first)], None, 0)
    after, _ = _run(frame, journal, 1)
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
    world: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    frame, journal = _frame(world), None
    founded: dict[str, str] = {}
    for day in range(3):
        kept = data.draw(st.lists(st.sampled_from(frame["record_id"].tolist()), min_size=1, unique=True))
        sites, journal = _run(frame[frame["record_id"].isin(kept)], journal, day)
        minted = journal[journal["event"] == "minted"]
        for site, founder in zip(minted["site_id"], minted["record_id"], strict=True):
            assert founded.setdefault(site, founder) == founder
        assert len(minted) == minted["site_id"].nunique()
        assert set(sites.values()) <= set(minted["site_id"])
