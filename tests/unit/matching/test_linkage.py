import duckdb
import numpy as np
import pandas as pd
import pytest
import recordlinkage

from conjoin.matching.inputs import load_input
from conjoin.matching.learn.em import level_weights, run_session
from conjoin.matching.linkage import (
    RECORDLINKAGE_VERSION,
    LevelCompare,
    PatternClassifier,
    RuleIndex,
    Rules,
    candidate_index,
    score_patterns,
)
from conjoin.matching.pairs.levels import COMPARISONS
from conjoin.matching.pairs.records import prepare_records
from conjoin.matching.run import MatchOptions, partition_nodes
from conjoin.matching.sites.judgements import put_judgements_in_force

FRAME = pd.DataFrame(
    {
        "site_name": ["Zephyrine Garments Ltd", "Quillon Fashions", "Zephyrine Garments", "Zephyrine Garments"],
        "site_address": ["12 Harbour Road, Seaview", "7 Hill Street", "12 Harbour Rd, Seaview", None],
        "country_code": ["BD"] * 4,
    },
    index=["w", "x", "y", "z"],
)


def test_the_installed_recordlinkage_is_the_pinned_one() -> None:
    assert RECORDLINKAGE_VERSION.startswith("0.16")


def test_candidates_are_pairs_of_the_frames_own_index_in_the_lower_triangle() -> None:
    rules = Rules()
    pairs = recordlinkage.Index([rules]).index(FRAME)
    assert {frozenset(pair) for pair in pairs} == {frozenset("wy"), frozenset("wz"), frozenset("yz")}
    assert all(FRAME.index.get_loc(a) > FRAME.index.get_loc(b) for a, b in pairs)
    assert len(rules.rule_bits_) == len(pairs)


def test_rules_are_composed_one_by_one_and_leaving_one_out_leaves_its_pairs_out() -> None:
    placed = recordlinkage.Index([Rules("start of the name and number")]).index(FRAME)
    assert {frozenset(pair) for pair in placed} == {frozenset("wy")}
    both = recordlinkage.Index([Rules("start of the name and number"), Rules("same name")]).index(FRAME)
    assert {frozenset(pair) for pair in both} == {frozenset("wy"), frozenset("wz"), frozenset("yz")}
    with pytest.raises(ValueError, match="no rule same shoe; there are identifier, same name"):
        Rules("same shoe")


def test_two_frames_are_linked_across() -> None:
    pairs = Rules().index(FRAME.iloc[:2], FRAME.iloc[2:])
    assert set(pairs) == {("w", "y"), ("w", "z")}
    levels = LevelCompare().compute(pairs, FRAME.iloc[:2], FRAME.iloc[2:])
    assert list(levels.index) == list(pairs)
    assert levels.loc[("w", "y"), "address"] > 1


def test_one_record_has_no_pairs() -> None:
    assert len(Rules().index(FRAME.iloc[:1])) == 0


def test_features_are_levels_of_any_pair_and_unknown_where_nothing_could_be_compared() -> None:
    pairs = pd.MultiIndex.from_tuples([("x", "w"), ("z", "y")])  # no rule finds the first
    levels = LevelCompare().compute(pairs, FRAME)
    assert list(levels.columns) == [comparison.name for comparison in COMPARISONS]
    assert levels.loc[("x", "w"), "name"] == 1
    assert levels.loc[("z", "y"), "name"] >= 7
    assert np.isnan(levels.loc[("z", "y"), "address"])
    with pytest.raises(KeyError, match="a record that the frames do not hold"):
        LevelCompare().compute(pd.MultiIndex.from_tuples([("x", "nobody")]), FRAME)


def test_a_point_on_the_equator_has_a_distance_and_the_point_where_nothing_was_typed_has_none() -> None:
    points = {"latitude": [0.0, 0.001, 0.0, 0.0], "longitude": [109.34, 109.34, 0.0, 0.0]}
    pairs = pd.MultiIndex.from_tuples([("x", "w"), ("z", "y")])
    levels = LevelCompare().compute(pairs, FRAME.assign(**points))
    assert levels.loc[("x", "w"), "distance"] == 2
    assert np.isnan(levels.loc[("z", "y"), "distance"])


def test_the_classifier_weighs_levels_and_leaves_nothing_compared_out() -> None:
    features = LevelCompare().compute(Rules().index(FRAME), FRAME)
    classifier = PatternClassifier()
    links = classifier.predict(features)
    assert frozenset("wy") in {frozenset(pair) for pair in links}
    probabilities = classifier.prob(features)
    assert probabilities.between(0, 1).all()
    nothing = pd.DataFrame(np.nan, index=features.index, columns=features.columns)
    assert classifier.prob(nothing).max() < 0.5
    assert set(classifier.weights(nothing)) == {classifier.model.prior}


def test_a_comparison_left_out_of_compare_is_left_out_of_the_weight() -> None:
    pairs, classifier = Rules().index(FRAME), PatternClassifier()
    without = LevelCompare([comparison for comparison in COMPARISONS if comparison.name != "name"])
    less, whole = without.compute(pairs, FRAME), LevelCompare().compute(pairs, FRAME)
    assert "name" not in less
    weights = classifier.model.weights["name"]
    expected = classifier.weights(whole) - [weights[int(level) - 1] for level in whole["name"]]
    assert classifier.weights(less).tolist() == expected.tolist()
    with pytest.raises(ValueError, match="no comparison shoe"):
        classifier.prob(less.assign(shoe=1.0))


class _Doubting(PatternClassifier):
    """A classifier that takes nothing for a match."""

    def _predict(self, features: np.ndarray) -> np.ndarray:
        return np.zeros(len(features), dtype=np.int64)


def test_a_run_goes_through_index_compare_and_classifier(con: duckdb.DuckDBPyConnection) -> None:
    """Whatever these objects conclude is what a run concludes: no other way leads from records to sites."""
    load_input(con, FRAME.assign(record_id=FRAME.index, source_name="s" + FRAME.index))
    records = prepare_records(con, is_kept=True)
    assert len(candidate_index().index(records)) == 3
    candidates = RuleIndex([Rules("start of the name and number")]).index(records)
    assert len(candidates) == 1
    features = LevelCompare().compute(candidates, records)
    assert features.index.name == "pattern"
    score_patterns(con, features, PatternClassifier())
    found = con.execute("select match_weight, match_probability, is_match from m_scored").fetchall()
    classifier = PatternClassifier()
    assert found == [(classifier.weights(features).iloc[0], classifier.prob(features).iloc[0], True)]
    score_patterns(con, features, _Doubting())
    con.execute("create schema matching")
    put_judgements_in_force(con)
    assert partition_nodes(con, MatchOptions(), classifier.model).cluster.tolist() == list(range(len(records)))


def test_a_session_recovers_what_made_the_patterns() -> None:
    rng = np.random.default_rng(7)
    is_match = rng.random(40_000) < 0.2
    true_match, true_unmatched = np.array([0.1, 0.9]), np.array([0.8, 0.2])
    columns = [np.where(is_match, rng.random(40_000) < 0.9, rng.random(40_000) < 0.2) + 1 for _ in range(3)]
    patterns, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    session = run_session(patterns, counts.astype(float), [true_unmatched] * 3, [True] * 3)
    assert abs(session.prior - 0.2) < 0.02
    assert np.abs(session.match[0] - true_match).max() < 0.03


def test_weights_rise_with_the_level() -> None:
    weights = level_weights(np.array([0.3, 0.1, 0.6]), np.array([0.3, 0.2, 0.5]))
    assert list(weights) == sorted(weights)
