from datetime import datetime

import duckdb
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from conjoin.matching.inputs import load_input
from conjoin.matching.run import MatchOptions, match_records
from conjoin.matching.sites.judgements import LONGEST_CHAIN, Judgement, find_contradictions

Row = dict[str, object]


def _said(left: str, right: str, is_same: bool) -> Judgement:
    return Judgement(left, right, "POSITIVE" if is_same else "NEGATIVE", "RK", datetime(2026, 3, 1))


def test_a_contradiction_shows_the_shortest_chain() -> None:
    long_way = [_said("a", "x", True), _said("x", "y", True), _said("d", "y", True)]
    short_way = [_said("a", "b", True), _said("b", "d", True)]
    apart = _said("a", "d", False)
    assert find_contradictions([*long_way, *short_way, apart]) == [(apart, short_way)]
    assert str(apart) == "a and d: NEGATIVE by RK on 2026-03-01"


def test_what_no_chain_connects_is_no_contradiction() -> None:
    assert find_contradictions([_said("a", "b", True), _said("c", "d", True), _said("a", "c", False)]) == []


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 2).filter(lambda pair: pair[0] != pair[1]), max_size=40), st.data())
def test_chains_are_as_short_as_scipys(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    apart = data.draw(st.tuples(*[st.integers(0, 30)] * 2).filter(lambda pair: pair[0] != pair[1]))
    said = [_said(f"r{left:02d}", f"r{right:02d}", True) for left, right in pairs]
    graph = csr_array((np.ones(len(pairs)), tuple(zip(*pairs, strict=True)) or ((), ())), shape=(31, 31))
    length = shortest_path(graph, directed=False, unweighted=True)[apart]
    found = find_contradictions([*said, _said(f"r{apart[0]:02d}", f"r{apart[1]:02d}", False)])
    assert bool(found) == np.isfinite(length)
    for negative, chain in found:
        assert len(chain) == (length if length <= LONGEST_CHAIN else 0)
        here = negative.left
        for link in chain:
            here = link.right if link.left == here else link.left
        assert not chain or here == negative.right


def _row(record_id: str, name: str, address: str) -> Row:
    source = record_id.split(":")[0]
    found = {"record_id": record_id, "source_name": source, "site_name": name, "site_address": address}
    return {**found, "country_code": "BD"}


def _tables(records: list[Row], judgements: list[Row] | None = None) -> dict[str, list[Row]]:
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame(records), judgements=pd.DataFrame(judgements) if judgements else None)
        match_records(con, MatchOptions())
        names = ("review_queue", "conflicts", "refused_merges", "weakest_links", "site_groups", "pattern_evidence")
        return {name: con.execute(f"from matching.{name} order by all").df().to_dict("records") for name in names}


ROAD = "No. 12 Harbour Road, Seaview Industrial Area"
UNITS = [
    _row("a:1", "Zephyrine Garments Ltd Unit 1", ROAD),
    _row("b:1", "Zephyrine Garments Ltd Unit 2", ROAD),
    _row("c:1", "Zephyrine Garments Ltd", ROAD),
]


def test_a_record_without_a_unit_is_asked_about_and_shares_the_campus() -> None:
    found = _tables(UNITS)
    questions = {row["question"] for row in found["review_queue"] if not row["is_random"]}
    assert questions == {"no_unit", "unit_conflict"}
    assert len(found["site_groups"]) == 3
    assert {row["group_kind"] for row in found["site_groups"]} == {"campus"}


def test_what_somebody_judged_or_could_not_decide_is_not_asked_again() -> None:
    asked = [row for row in _tables(UNITS)["review_queue"] if not row["is_random"]]
    judged: list[Row] = [
        {
            "record_id_left": row["record_id_left"],
            "record_id_right": row["record_id_right"],
            "judgement": "UNSURE",
            "decided_at": "2026-01-01",
        }
        for row in asked
    ]
    again = {(row["record_id_left"], row["record_id_right"]) for row in _tables(UNITS, judged)["review_queue"]}
    assert asked
    assert again.isdisjoint((row["record_id_left"], row["record_id_right"]) for row in judged)


def test_a_pair_drawn_at_random_is_not_drawn_again_once_somebody_looked_at_it() -> None:
    certain = [
        _row("d:1", "Quorvane Knitting Ltd", "9 Hill Road"),
        _row("e:1", "QUORVANE KNITTING LTD", "9, Hill Road"),
    ]
    records = [*UNITS, *certain]
    (drawn,) = [row for row in _tables(records)["review_queue"] if row["is_random"]]
    pair = {name: drawn[name] for name in ("record_id_left", "record_id_right")}
    again = _tables(records, [{**pair, "judgement": "UNSURE", "decided_at": "2026-01-01"}])["review_queue"]
    assert again
    assert [row for row in again if pair.items() <= row.items()] == []


def test_what_weighs_most_is_told_first_whether_it_speaks_for_one_site_or_against() -> None:
    steps = _tables(UNITS[:2])["pattern_evidence"]
    weights = [row["evidence_weight"] for row in steps if row["comparison"] != "prior"]
    assert min(weights) < 0 < max(weights)
    assert [abs(weight) for weight in weights] == sorted(map(abs, weights), reverse=True)


def test_certain_matches_raise_no_question() -> None:
    same = [
        _row(f"{source}:1", "Zephyrine Garments Ltd", ROAD.replace(",", "," * n)) for n, source in enumerate("ab", 1)
    ]
    assert [row for row in _tables(same)["review_queue"] if not row["is_random"]] == []


def test_an_unanswered_contradiction_names_who_and_when() -> None:
    chain = [("a:1", "b:1", "POSITIVE"), ("b:1", "c:1", "POSITIVE"), ("a:1", "c:1", "NEGATIVE")]
    judgements: list[Row] = [
        {"record_id_left": a, "record_id_right": b, "judgement": verdict, "reviewer": "RK", "decided_at": "2026-03-01"}
        for a, b, verdict in chain
    ]
    (told,) = [row for row in _tables(UNITS, judgements)["conflicts"] if row["kind"] == "judgements_contradict"]
    assert told["detail"] == (
        "a:1 and c:1: NEGATIVE by RK on 2026-03-01. Against it: a:1 and b:1: POSITIVE by RK on 2026-03-01; "
        "b:1 and c:1: POSITIVE by RK on 2026-03-01"
    )
