from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conjoin.errors import MatchingError, ModelMismatch, SourceError
from conjoin.matching.learn.calibrating import calibration_knots, fit_weights
from conjoin.matching.learn.em import rising
from conjoin.matching.learn.evaluation import bootstrap_interval, label_clusters
from conjoin.matching.pairs.levels import COMPARISONS
from conjoin.matching.pairs.model import model_text, read_model, shipped_model
from conjoin.settings import load_settings
from conjoin.tools.judged_pairs import evaluate_files, read_pairs, train_model

START = {comparison.name: np.linspace(-1, 1, len(comparison.levels)) for comparison in COMPARISONS}


def test_labels_move_only_the_levels_they_show() -> None:
    patterns = np.array([1, 8] * 50)  # weakest and strongest level of the first comparison, nothing else compared
    fit = fit_weights(patterns, patterns == 8, np.ones(100), START)
    assert fit.weights["name"][7] > fit.slope * START["name"][7]
    assert fit.weights["name"][0] < fit.slope * START["name"][0]
    assert fit.weights["address"] == pytest.approx(fit.slope * START["address"])


def test_contradicting_labels_say_little() -> None:
    patterns = np.full(100, 8)
    fit = fit_weights(patterns, np.arange(100) % 2 == 0, np.ones(100), START)
    assert abs(fit.prior + fit.weights["name"][7]) < 0.1


def test_the_calibration_rises_and_follows_the_labels() -> None:
    weights = np.repeat(np.array([-2000, 2000]), 200)
    is_match = np.concatenate((np.arange(200) % 10 == 0, np.arange(200) % 10 > 0))
    knots = dict(calibration_knots(weights, is_match, np.ones(400)))
    assert list(knots.values()) == sorted(knots.values())
    assert knots[-2000] == pytest.approx(0.1, abs=0.02)
    assert knots[2000] == pytest.approx(0.9, abs=0.02)


def test_pooling_keeps_the_mean_and_rises() -> None:
    assert rising(np.array([3.0, 1.0, 5.0])).tolist() == [2.0, 2.0, 5.0]


def test_a_written_model_is_read_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(model_text(shipped_model(), ["a report"]), encoding="utf-8")
    assert read_model(path) == shipped_model()


def test_a_model_of_another_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    text = model_text(shipped_model(), [])
    path.write_text(text.replace('normalisation = "', 'normalisation = "not '), encoding="utf-8")
    with pytest.raises(ModelMismatch, match="train it again"):
        read_model(path)
    path.write_text(text.replace("list = [", "list = [1, "), encoding="utf-8")
    with pytest.raises(ModelMismatch, match="levels of list"):
        read_model(path)


def _pairs(*rows: tuple[str, str, bool | None, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["record_id_left", "record_id_right", "is_match", "is_together"])


def test_clusters_of_labels_are_chains() -> None:
    pairs = _pairs(("b", "a", True, True), ("b", "c", False, False), ("x", "y", None, False))
    assert label_clusters(pairs).to_dict() == {"a": "a", "b": "a", "c": "a", "x": "x", "y": "x"}
    assert label_clusters(pairs, only_true=True).to_dict() == {"a": "a", "b": "a", "c": "c", "x": "x", "y": "y"}


def test_the_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    rows = [(f"a{i}", f"b{i}", True, i % 4 > 0) for i in range(40)]
    judged = _pairs(*rows).assign(cluster=[f"c{i}" for i in range(40)])
    first = bootstrap_interval(judged, "recall")
    assert first is not None
    assert 0.55 < first[0] < 0.75 < first[1] < 0.92
    assert bootstrap_interval(judged, "recall") == first
    assert bootstrap_interval(judged.head(1), "recall") is None


def test_pairs_files_are_refused_where_they_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("id_a,id_b,label\na,b,yes\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 2.*'yes'"):
        read_pairs(path)
    path.write_text("id_a,label\na,1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="record_id_right"):
        read_pairs(path)


def test_labels_without_their_records_are_told(tmp_path: Path) -> None:
    pairs, records = tmp_path / "pairs.csv", tmp_path / "records.csv"
    pairs.write_text("record_id_left,record_id_right,judgement\na,b,POSITIVE\n", encoding="utf-8")
    records.write_text("record_id,source,name\nx,list,Zephyrine Garments\n", encoding="utf-8")
    with pytest.raises(MatchingError, match="both kinds"):
        train_model(load_settings(), [pairs], [records], tmp_path / "model.toml", "test")
    with pytest.raises(MatchingError, match="none of the pairs"):
        evaluate_files(load_settings(), [pairs], [records])
