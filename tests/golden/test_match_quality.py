"""Floors under the quality of matching on open labelled pairs: raised when matching gets better, never lowered."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.matching.evaluation import PairScores, judge_pairs, pool_scores, score_pairs_by
from conjoin.matching.frames import load_input
from conjoin.matching.run import MatchOptions, match_records

REAL = Path(__file__).parents[1] / "data" / "real"
HUMAN = ("human_oar", "double_labelled", "adjudicated_cross")
NAMES = {"source": "source_name", "name": "site_name", "address": "site_address", "country": "country_code"} | {
    "lat": "latitude",
    "lon": "longitude",
}


def _scores(options: MatchOptions) -> dict[str, PairScores]:
    read = {"dtype": str, "keep_default_na": False}
    records = pd.read_csv(REAL / "eval_records_open.csv", **read).rename(columns=NAMES)
    pairs = pd.read_csv(REAL / "eval_pairs_open.csv", **read)
    labelled = pairs.rename(columns={"id_a": "record_id_left", "id_b": "record_id_right"})
    labelled["is_match"] = labelled["label"].map({"1": True, "0": False})
    with duckdb.connect() as con:
        load_input(con, records)
        match_records(con, options)
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    return {score.group: score for score in score_pairs_by(judge_pairs(labelled, sites), "how")}


@pytest.fixture(scope="module")
def scores() -> dict[str, PairScores]:
    return _scores(MatchOptions())


def test_human_grades(scores: dict[str, PairScores]) -> None:
    human = pool_scores("human", [scores[how] for how in HUMAN])
    assert (human.true_count, human.false_count) == (63, 93)
    assert human.f1 is not None
    assert human.f1 >= 0.88


def test_silver_recall(scores: dict[str, PairScores]) -> None:
    assert (scores["cross_rule"].recall or 0) >= 0.985


def test_near_identical_rows_of_one_list_stay_apart(scores: dict[str, PairScores]) -> None:
    assert (scores["within_list_oshub_2022"].false_merge_rate or 0) <= 0.03


def test_a_declared_list_keeps_its_rows_apart() -> None:
    unique = _scores(MatchOptions(unique_sources=frozenset({"oshub_2022"})))
    assert (unique["within_list_oshub_2022"].false_merge_rate or 0) <= 0.01
    assert (unique["cross_rule"].recall or 0) >= 0.95
