import numpy as np
import pandas as pd

from conjoin.matching.learn.em import level_weights, run_session
from conjoin.matching.linkage import RECORDLINKAGE_VERSION, PatternClassifier, RuleIndex

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
    index = RuleIndex()
    pairs = index.index(FRAME)
    assert {frozenset(pair) for pair in pairs} == {frozenset("wy"), frozenset("wz"), frozenset("yz")}
    assert all(FRAME.index.get_loc(a) > FRAME.index.get_loc(b) for a, b in pairs)
    assert len(index.rule_bits_) == len(pairs)


def test_two_frames_are_linked_across() -> None:
    pairs = RuleIndex().index(FRAME.iloc[:2], FRAME.iloc[2:])
    assert set(pairs) == {("w", "y"), ("w", "z")}


def test_one_record_has_no_pairs() -> None:
    assert len(RuleIndex()._dedup_index(FRAME.iloc[:1])) == 0


def test_the_classifier_weighs_levels_and_leaves_nothing_compared_out() -> None:
    index = RuleIndex()
    index.index(FRAME)
    classifier = PatternClassifier()
    links = classifier.predict(index.vectors_)
    assert frozenset("wy") in {frozenset(pair) for pair in links}
    probabilities = classifier.prob(index.vectors_)
    assert probabilities.between(0, 1).all()
    nothing = pd.DataFrame(np.nan, index=index.vectors_.index, columns=index.vectors_.columns)
    assert classifier.prob(nothing).max() < 0.5


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
