"""Events and classes of pairs of a simulated world, sites known: what the deliveries tell against the truth.

Names of organisations and firms are misspelt in part of the deliveries. The verdicts on repeats were decided when the
world was invented, story by story, and by no rule of the product.
"""

from difflib import get_close_matches
from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.simulate.world import write_world
from support.once import made_once, reckoned_once
from support.worlds import build_delivered, build_truth

MARTS = ["audit_events", "audit_pairs", "audit_uses", "record_pairs"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deliveries and the truth of 400 sites, invented once for all processes."""
    return made_once(tmp_path_factory, "rule_world", lambda folder: write_world(folder / "world", 400, 11)) / "world"


@pytest.fixture(scope="module")
def told(world: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What the rules say of the deliveries: ``records`` with their true event, ``pairs``, ``uses`` of shared audits."""
    return reckoned_once(tmp_path_factory, "rules_told", lambda _: _told(world))


def _told(world: Path) -> dict[str, pd.DataFrame]:
    with duckdb.connect() as con:
        build_delivered(con, world, MARTS)
        records = con.execute("select record_id, event_id from marts.audit_event_records order by record_id").df()
        pairs = con.execute("select event_id_a, event_id_b, pair_class from marts.audit_pairs order by all").df()
        untold = con.execute("select event_id from marts.event_facts where not is_party_known").df()
        uses = con.execute(
            "select uses.event_id, uses.organisation from marts.audit_uses as uses "
            "semi join marts.audit_events as events on uses.event_id = events.event_id and events.use_count > 1 "
            "where uses.use_kind = 'commissioned'"
        ).df()
    truth = pd.read_csv(world / "truth" / "audit_records.csv")[["record_id", "true_event_id"]]
    return {
        "records": records.merge(truth, on="record_id", validate="1:1"),
        "pairs": pairs,
        "uses": uses,
        "untold": untold,
    }


def _together(records: pd.DataFrame, event: str) -> set[tuple[str, ...]]:
    return {
        pair for _, ids in records.groupby(event)["record_id"] if len(ids) > 1 for pair in combinations(sorted(ids), 2)
    }


def test_rows_of_one_assessment_become_one_event(told: dict[str, pd.DataFrame]) -> None:
    found, true = (_together(told["records"], event) for event in ("event_id", "true_event_id"))
    assert len(true) > 1000
    f1 = 2 * len(found & true) / (len(found) + len(true))
    assert f1 >= 0.995, f"F1 {f1:.4f}: {len(found - true)} pairs too many, {len(true - found)} missing"


def test_repeats_are_what_they_were_when_the_world_was_invented(world: Path, told: dict[str, pd.DataFrame]) -> None:
    """Of audits that somebody told, with who ordered them: of an unknown orderer nothing can be said, by the rules."""
    event = told["records"].groupby("event_id")["true_event_id"].agg(lambda ids: ids.mode()[0])
    known = set(event[~event.index.isin(told["untold"]["event_id"])])
    verdicts = pd.read_csv(world / "truth" / "verdicts.csv")
    asked = verdicts[verdicts["true_event_id_a"].isin(known) & verdicts["true_event_id_b"].isin(known)]
    ends = told["pairs"].assign(**{name: told["pairs"][name].map(event) for name in ("event_id_a", "event_id_b")})
    # Of two audits that begin on one day, neither is the earlier one.
    found = {frozenset(pair[:2]): pair[2] for pair in ends.itertuples(index=False)}
    given = [found.get(frozenset((row.true_event_id_a, row.true_event_id_b)), "no pair") for row in asked.itertuples()]
    wrong = asked.assign(given=given)[asked["true_class"].ne(given)]
    assert len(asked) >= 60
    assert set(asked["true_class"]) >= {"repeat_avoidable", "own_repeat", "repeat_justified", "followup", "renewal"}
    assert 1 - len(wrong) / len(asked) >= 0.985, wrong.to_string()


def test_pairs_get_the_class_that_the_truth_gives(world: Path, told: dict[str, pd.DataFrame]) -> None:
    """The truth: the same rules over the true events, each delivered once, with nothing missing or wrong."""
    with duckdb.connect() as con:
        build_truth(con, world, MARTS)
        true = con.execute("select event_id_a, event_id_b, pair_class as true_class from marts.audit_pairs").df()
    event = told["records"].groupby("event_id")["true_event_id"].agg(lambda ids: ids.mode()[0])
    named = told["pairs"].assign(**{name: told["pairs"][name].map(event) for name in ("event_id_a", "event_id_b")})
    joined = named.merge(true, on=["event_id_a", "event_id_b"], how="left")
    accuracy = (joined["pair_class"] == joined["true_class"]).mean()
    assert len(joined) > 5000
    assert accuracy >= 0.95, f"accuracy {accuracy:.4f}"


def test_an_audit_that_several_rely_on_was_truly_ordered_by_them(world: Path, told: dict[str, pd.DataFrame]) -> None:
    """Nobody is told to share an audit who did not order it; not all sharing is told, for not all keep a log."""
    events = pd.read_csv(world / "truth" / "events.csv", low_memory=False).set_index("true_event_id")["commissioner"]
    true_event = told["records"].groupby("event_id")["true_event_id"].agg(lambda ids: ids.mode()[0])
    uses = told["uses"].assign(orderers=told["uses"]["event_id"].map(true_event).map(events).str.split("; "))

    assert uses["event_id"].nunique() >= 10
    told_by_nobody = [
        name
        for name, names in zip(uses["organisation"], uses["orderers"], strict=True)
        if not get_close_matches(name, names, cutoff=0.9)  # a typing error is no other organisation
    ]
    assert told_by_nobody == []
