"""An explanation agrees with itself: either way round, weights with their sum, the chain with the sites."""

from itertools import combinations

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.briefings.reviewing.explaining import Explanation, explain_pair, told_weights
from support.laws import law

_TABLES = """
create schema marts; create schema matching;
create table marts.site_records_at_sites as
    select 'r:' || n as record_id, 'S' as site_id, 's' as source_name, 'Elm' as site_name, null::varchar as site_address
    from range(7) as numbers(n);
create table marts.site_links (
    record_id_left varchar, record_id_right varchar, pair_decided_by varchar, veto varchar, match_probability double,
    is_accepted boolean, site_id_left varchar);
create table marts.site_link_evidence (
    record_id_left varchar, record_id_right varchar, step_number int, comparison varchar, finding varchar,
    evidence_weight double);
create table matching.judgements (
    record_id_left varchar, record_id_right varchar, judgement varchar, reviewer varchar, decided_at timestamp);
"""
_PAIRS = list(combinations([f"r:{number}" for number in range(7)], 2))
LINKS = st.dictionaries(st.sampled_from(_PAIRS), st.sampled_from([0.2, 0.5, 0.6, 0.9, 0.97]), max_size=12)


def explained(
    links: dict[tuple[str, str], float], one: str, other: str, twins: tuple[tuple[str, str], ...] = ()
) -> Explanation:
    with duckdb.connect() as con:
        con.execute(_TABLES)
        for first, further in twins:
            row = [first, further, "content", None, 1.0, True, "S"]
            con.execute("insert into marts.site_links values (?, ?, ?, ?, ?, ?, ?)", row)
        for (left, right), probability in links.items():
            row = [left, right, "score", None, probability, True, "S"]
            con.execute("insert into marts.site_links values (?, ?, ?, ?, ?, ?, ?)", row)
            con.execute("insert into marts.site_link_evidence values (?, ?, 0, 'prior', 'f', 1.5)", [left, right])
        return explain_pair(con, one, other)


def surest(links: dict[tuple[str, str], float], one: str, other: str) -> float | None:
    """The oracle: the highest threshold at which the two still hang together."""
    for threshold in sorted(set(links.values()), reverse=True):
        reached = {one}
        for _ in links:
            reached |= {b for a, b in links if a in reached and links[a, b] >= threshold}
            reached |= {a for a, b in links if b in reached and links[a, b] >= threshold}
        if other in reached:
            return threshold
    return None


@law(15)
@given(LINKS, st.sampled_from(_PAIRS))
def test_a_chain_is_as_sure_as_any_and_the_same_either_way_round(
    links: dict[tuple[str, str], float], pair: tuple[str, str]
) -> None:
    found, back = explained(links, *pair), explained(links, *pair[::-1])
    assert (found.verdict, found.link, found.probability) == (back.verdict, back.link, back.probability)
    assert found.steps.equals(back.steps)
    wanted = links.get(pair) or surest(links, *pair)
    assert found.probability == wanted
    if wanted is None:
        assert found.verdict == "One site, S, by an identifier or a judgement."
    else:
        assert links[found.link] == wanted


def test_rows_that_say_the_same_are_compared_as_the_first_of_them() -> None:
    twins = (("r:0", "r:1"), ("r:0", "r:2"))
    found = explained({("r:0", "r:5"): 0.9}, "r:5", "r:2", twins)
    assert (found.link, found.probability, len(found.steps)) == (("r:0", "r:5"), 0.9, 1)
    same = explained({("r:0", "r:5"): 0.9}, "r:2", "r:1", twins)
    assert same.verdict == "One site, S: the rows say the same in every field."
    assert (same.steps.empty, same.decided_by, same.probability) == (True, "content", 1.0)


@law(200)
@given(st.lists(st.floats(-12, 12), min_size=1, max_size=14))
def test_shown_weights_add_up_to_the_shown_sum(weights: list[float]) -> None:
    shown = told_weights(pd.Series(weights))
    assert sum(shown) == pytest.approx(round(sum(weights), 2), abs=1e-9)
    assert all(abs(told - weight) < 0.0101 for told, weight in zip(shown, weights, strict=True))


@pytest.mark.parametrize("probability", [0.0, 0.03, 0.5, 0.97, 1.0])
def test_sum_and_calibration_come_to_the_probability(probability: float) -> None:
    steps = pd.DataFrame({"comparison": ["prior"], "finding": ["f"], "evidence_weight": [-2.0]})
    found = Explanation(pd.DataFrame(), "", steps, ("a", "b"), "score", None, probability)
    bits = found.evidence + found.calibration
    assert 1 / (1 + 2**-bits) == pytest.approx(probability, abs=1e-5)
