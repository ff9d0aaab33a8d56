import pandas as pd
import pytest

from conjoin.matching.learn.evaluation import (
    judge_pairs,
    pool_scores,
    score_clusters,
    score_pairs_by,
    wilson_interval,
    worst_errors,
)

LABELLED = pd.DataFrame(
    {
        "record_id_left": ["a", "a", "b", "a"],
        "record_id_right": ["b", "c", "d", "z"],
        "is_match": [True, False, True, True],
        "grade": ["gold", "gold", "silver", "gold"],
    }
)
SITES = {"a": "1", "b": "1", "c": "1", "d": "2"}


def test_pairs_are_scored_per_group_and_unknown_records_left_out() -> None:
    gold, silver = score_pairs_by(judge_pairs(LABELLED, SITES), "grade")
    assert (gold.true_count, gold.found_count, gold.false_count, gold.merged_count) == (1, 1, 1, 1)
    assert (gold.recall, gold.precision, gold.false_merge_rate) == (1.0, 0.5, 1.0)
    assert (silver.recall, silver.false_merge_rate, silver.precision) == (0.0, None, None)
    assert pool_scores("all", [gold, silver]).f1 == pytest.approx(0.5)


def test_interval_of_a_rate() -> None:
    low, high = wilson_interval(44, 46)
    assert (round(low, 3), round(high, 3)) == (0.855, 0.988)
    assert round(wilson_interval(0, 64)[1], 3) == 0.057
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_surest_mistake_comes_first() -> None:
    worst = worst_errors(judge_pairs(LABELLED, SITES), {("a", "c"): 0.9})
    assert worst["record_id_left"].tolist() == ["b", "a"]


def test_clusters() -> None:
    scores = score_clusters(pd.Series(["1", "1", "1", "2"]), pd.Series(["x", "x", "y", "y"]))
    assert (scores.precision, scores.recall) == (pytest.approx(1 / 3), 0.5)
    assert (scores.over_merged, scores.over_split, scores.largest) == (1, 1, 3)
