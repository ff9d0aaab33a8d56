"""Labelled pairs from files: training a model on them, and evaluating matching against them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd

from conjoin.errors import MatchingError, SourceError
from conjoin.matching.learn.evaluation import (
    ClusterScores,
    PairScores,
    bootstrap_interval,
    judge_pairs,
    label_clusters,
    pool_scores,
    reliability_table,
    score_clusters,
    score_pairs_by,
    threshold_curve,
    wilson_interval,
    worst_errors,
)
from conjoin.matching.learn.train import Evidence, TrainingReport, fold_of, gather_evidence, train
from conjoin.matching.pairs.model import MatchModel, model_text, read_model
from conjoin.matching.run import MatchOptions, match_records
from conjoin.progress import counted
from conjoin.settings import Settings
from conjoin.tools.link_files import load_files
from conjoin.warehouse.connection import workbench

_PAIR_COLUMNS = {"id_a": "record_id_left", "id_b": "record_id_right", "country": "country_code", "how": "kind"}
_LABELS = {"1": True, "0": False, "POSITIVE": True, "NEGATIVE": False, "MOVED": False}
_UNSURE = {"-1", "UNSURE", ""}
_NO_LINK = "No link between these two: no candidate pair, or too little in common."
_TEXTS = ("record_id", "site_name", "site_address", "country_code")


@dataclass(frozen=True)
class GroupScores:
    """Scores of one group of labelled pairs, and the 95 % interval of each figure where there is one.

    Rates have Wilson's interval, F1 one drawn over clusters. ``kind`` says what the group shares: "all", "grade",
    "kind" or "country"; ``scores.group`` is its value.
    """

    kind: str
    scores: PairScores
    intervals: dict[str, tuple[float, float] | None]


@dataclass(frozen=True)
class Evaluation:
    """How a partition does on labelled pairs.

    Attributes:
        groups: Over everything, then per grade, kind and country.
        clusters: Labelled records only; the labels' own sites are the chains of their true pairs, and two records
            that no chain connects count as two sites, so precision is a lower bound.
        curve: Precision and recall of links alone by threshold.
        reliability: How often pairs are true where a probability is told, by bands.
        errors: The surest mistakes, both records side by side, with what the comparison said of them.
        unknown_count: Labelled pairs that name a record which is not among the given ones.
    """

    groups: list[GroupScores]
    clusters: ClusterScores
    curve: pd.DataFrame
    reliability: pd.DataFrame
    errors: pd.DataFrame
    unknown_count: int


def read_pairs(path: Path) -> pd.DataFrame:
    """Labelled pairs: two record ids, a label, and where given grade, kind and country.

    Takes the columns ``id_a, id_b, label`` (1, 0, -1 for unsure) or those of decisions.csv (``record_id_left``,
    ``record_id_right``, ``judgement``).

    Raises:
        SourceError: A column is missing or a label is none.
    """
    pairs = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=_PAIR_COLUMNS)
    label = "label" if "label" in pairs else "judgement"
    missing = [column for column in ("record_id_left", "record_id_right", label) if column not in pairs]
    if missing:
        raise SourceError(
            f"{path.name}: the header lacks {', '.join(missing)}; labelled pairs need id_a, id_b and label, or "
            "record_id_left, record_id_right and judgement"
        )
    wrong = pairs.loc[~pairs[label].isin([*_LABELS, *_UNSURE])]
    if not wrong.empty:
        raise SourceError(
            f"{path.name}, line {int(wrong.index[0]) + 2}, column {label}: {wrong[label].iloc[0]!r} is no label; write "
            "1, 0 or -1, or POSITIVE, NEGATIVE, MOVED or UNSURE"
        )
    pairs["is_match"] = pairs[label].map(_LABELS)
    for column in ("grade", "kind", "country_code"):
        if column not in pairs:
            pairs[column] = "judged" if column == "grade" else ""
    return pairs


def read_all_pairs(paths: Sequence[Path]) -> pd.DataFrame:
    """The labelled pairs of several files; errors as of ``read_pairs``."""
    return pd.concat([read_pairs(path) for path in paths], ignore_index=True)


def train_model(settings: Settings, pairs: Sequence[Path], records: list[Path], out: Path, version: str) -> list[str]:
    """Train a model, write it to ``out``, and return its training report."""
    labelled = read_all_pairs(pairs)
    with workbench(settings) as con:
        load_files(con, records, [])
        evidence = gather_evidence(con, labelled)
        model, report = train(evidence, version)
        judged = _judge_unseen(con, evidence, labelled)
    lines = _report_lines(pairs, records, report, judged)
    building = out.with_name(f".{out.name}.building")
    building.write_text(model_text(model, lines), encoding="utf-8")
    building.replace(out)
    return lines


def evaluate_files(
    settings: Settings,
    pairs: Sequence[Path],
    records: list[Path],
    model_file: Path | None = None,
    unique_sources: frozenset[str] = frozenset(),
    is_cross_validated: bool = False,
) -> Evaluation:
    """Match the records and score the result on labelled pairs.

    Args:
        settings: Memory and threads of DuckDB.
        pairs: Files of labelled pairs, see ``read_pairs``.
        records: Files as for ``link_files``.
        model_file: The model; the shipped one if None.
        unique_sources: Sources that list every site once.
        is_cross_validated: Judge each pair with a model trained on the pairs of the other folds, not on ``model_file``.
    """
    labelled = read_all_pairs(pairs)
    options = MatchOptions(unique_sources=unique_sources)
    with workbench(settings) as con:
        load_files(con, records, [])
        texts = con.execute(f"select {', '.join(_TEXTS)} from input.site_records order by record_id").df()
        if is_cross_validated:
            judged = _judge_unseen(con, gather_evidence(con, labelled), labelled, options)
        else:
            judged = _judge(con, labelled, options, read_model(model_file) if model_file else None)
    if judged.empty:
        raise MatchingError(f"{_names(pairs)}: none of the pairs names two of the given records")
    judged["cluster"] = judged["record_id_left"].map(label_clusters(labelled))
    truth = label_clusters(judged, only_true=True)
    sites = pd.concat([judged.set_index(f"record_id_{side}")[f"site_id_{side}"] for side in ("left", "right")])
    sites = sites[~sites.index.duplicated()].reindex(truth.index)
    probabilities = {
        (min(left, right), max(left, right)): probability
        for left, right, probability in judged[["record_id_left", "record_id_right", "match_probability"]].itertuples(
            index=False
        )
    }
    errors = worst_errors(judged.drop(columns="match_probability"), probabilities)
    return Evaluation(
        _groups(judged),
        score_clusters(sites, truth),
        threshold_curve(judged, probabilities),
        reliability_table(judged, probabilities),
        _side_by_side(errors, texts),
        len(labelled) - len(judged),
    )


def _judge(
    con: duckdb.DuckDBPyConnection, labelled: pd.DataFrame, options: MatchOptions, model: MatchModel | None
) -> pd.DataFrame:
    """The labelled pairs with is_together, the site of each record, match_probability and explanation.

    Without a link the probability is 0 and the explanation says so.
    """
    match_records(con, options, model)
    sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    links = con.execute(
        "select record_id_left, record_id_right, match_probability, explanation from matching.site_links"
    ).fetchall()
    found = {(left, right): (probability, explanation) for left, right, probability, explanation in links}
    judged = judge_pairs(labelled, sites)
    keys = zip(judged["record_id_left"], judged["record_id_right"], strict=True)
    told = [found.get((min(pair), max(pair)), (0.0, _NO_LINK)) for pair in keys]
    judged["match_probability"] = [probability for probability, _ in told]
    judged["explanation"] = [explanation for _, explanation in told]
    for side in ("left", "right"):
        judged[f"site_id_{side}"] = judged[f"record_id_{side}"].map(sites)
    return judged


def _judge_unseen(
    con: duckdb.DuckDBPyConnection,
    evidence: Evidence,
    labelled: pd.DataFrame,
    options: MatchOptions | None = None,
) -> pd.DataFrame:
    """As ``_judge``, each pair with the model of the other folds."""
    folds = labelled["record_id_left"].map(label_clusters(labelled)).map(fold_of)
    parts = []
    for fold in counted("Judging pairs that training did not see", sorted(folds.unique())):
        model, _ = train(evidence, f"without fold {fold}", without_fold=int(fold))
        parts.append(_judge(con, labelled.loc[folds == fold], options or MatchOptions(), model))
    return pd.concat(parts)


def _groups(judged: pd.DataFrame) -> list[GroupScores]:
    found = [_group("all", pool_scores("all", score_pairs_by(judged, "grade")), judged)]
    for column, kind in (("grade", "grade"), ("kind", "kind"), ("country_code", "country")):
        for scores in score_pairs_by(judged, column):
            pairs = judged.loc[judged[column] == scores.group]
            found.append(_group(kind, replace(scores, group=scores.group or "unknown"), pairs))
    return found


def _group(kind: str, scores: PairScores, pairs: pd.DataFrame) -> GroupScores:
    rates = {
        "recall": (scores.found_count, scores.true_count),
        "precision": (scores.found_count, scores.found_count + scores.merged_count),
        "false_merge_rate": (scores.merged_count, scores.false_count),
    }
    intervals = {measure: wilson_interval(*counts) if counts[1] else None for measure, counts in rates.items()}
    return GroupScores(kind, scores, intervals | {"f1": bootstrap_interval(pairs, "f1")})


def _side_by_side(errors: pd.DataFrame, texts: pd.DataFrame) -> pd.DataFrame:
    shown = errors[["record_id_left", "record_id_right", "is_match", "match_probability", "explanation"]]
    for side in ("left", "right"):
        named = texts.rename(columns={"record_id": f"record_id_{side}"} | {n: f"{n}_{side}" for n in _TEXTS[1:]})
        shown = shown.merge(named, on=f"record_id_{side}", how="left")
    return shown


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _report_lines(
    pairs: Sequence[Path], records: list[Path], report: TrainingReport, judged: pd.DataFrame
) -> list[str]:
    lines = [
        "Match model of Conjoin. Weights in milli-nats, weakest level first; what the levels are stands in",
        "conjoin.matching.pairs.levels. Nothing to compare weighs 0. Written by `conjoin train`.",
        "",
        f"Trained on {_names(pairs)} and",
        f"{_names(records)}: {report.record_count} different records,",
        f"{report.random_count} random pairs, {report.judged_count} judged candidate pairs.",
    ]
    lines += [
        f"Session `{s.rule}`: {s.pair_count} pairs, share of matches {s.prior:.3f}, {s.rounds} rounds."
        for s in report.sessions
    ]
    lines.append(f"Slope of the weights learned without labels: {report.slope:.3f}. Before any label they were:")
    lines += [f"  {name} = {list(weights)}" for name, weights in report.unlabelled.items()]
    lines.append("Judged pairs, each with a model that has not seen its cluster:")
    for score in score_pairs_by(judged, "grade"):
        lines.append(
            f"  {score.group}: {score.found_count} of {score.true_count} found, "
            f"{score.merged_count} of {score.false_count} wrongly merged"
        )
    return [*lines, ""]
