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
