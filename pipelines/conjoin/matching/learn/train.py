"""A match model out of records and judged pairs, in four steps that always give the same model.

1. u: levels of random pairs within countries. 2. m: one EM session per training rule, without labels. 3. Prior and
weights moved to fit judged pairs. 4. Calibration of pairs that their fold did not see.
"""

from dataclasses import dataclass
from hashlib import sha256

import duckdb
import numpy as np
import pandas as pd

from conjoin.errors import MatchingError
from conjoin.matching.learn.calibrating import PLAIN_WEIGHT, SILVER_WEIGHT, Fit, calibration_knots, fit_weights
from conjoin.matching.learn.em import Floats, Levels, level_shares, level_weights, rising, run_session
from conjoin.matching.learn.evaluation import label_clusters
from conjoin.matching.linkage import LevelCompare, candidate_index
from conjoin.matching.pairs.blocking import RULES
from conjoin.matching.pairs.levels import COMPARISONS, compare_pairs, unfold_patterns
from conjoin.matching.pairs.model import MatchModel
from conjoin.matching.pairs.records import prepare_records
from conjoin.progress import counted, stage

FOLDS = 10
RANDOM_PAIRS = 500_000
_NEIGHBOURS = 60
_MISSING_WEIGHT, _MARGIN = -3000, 1000
CAUTION = 0.2
"""Nats that the prior is lowered by: a false merge invents a duplicate audit, a missed one is asked."""
#: Weights that no training moves. Identifiers were often given by somebody's matcher of names and addresses, so a fit
#: would be circular; different values of one scheme are weak evidence, because registries hold doubles themselves.
#: Random pairs are drawn within countries, so nothing can be learned of pairs across them. Names that differ in their
#: trade are sisters more often than the few labels among them can say.
SET_BY_RULE = {"identifier": (-2000, 3000), "country": (-6000,), "trade": (-1500,)}
#: Comparisons that may only speak for one site: whoever geocodes another spelling lands kilometres away.
ONLY_SUPPORTS = frozenset({"distance"})
#: Comparisons whose strongest level is full agreement, which never speaks against one site.
NEVER_AGAINST = ("number", "postcode", "legal_form")
#: Two rows of one list are two sites to whoever keeps the list, and one to most readers: at least this much against.
AT_MOST = {"list": -2300}
#: Kinds of read pairs that nobody takes for one site: two firms in one building, two firms in one town.
PLAINLY_TWO = ("read_different", "read_neighbours")
#: Where training without labels begins with theory: a name of n rows of one list agrees n times as often by chance.
FROM_THEORY = {"namesakes": np.array([-2.2, -1.6, -0.9])}
#: Rules that nearly always bring one site together, with the comparisons that their keys settle and so must be off.
SESSIONS = {
    "identifier": frozenset({"identifier"}),
    "same name": frozenset({"name"}),
    "postcode and number": frozenset({"address", "number", "postcode"}),
}


@dataclass(frozen=True)
class SessionReport:
    """One EM session: its rule, how many pairs it saw, the share of matches among them, and rounds until it stood."""

    rule: str
    pair_count: int
    prior: float
    rounds: int


@dataclass(frozen=True)
class TrainingReport:
    """How a model came to be.

    Attributes:
        record_count: Distinct records. ``random_count``: random pairs behind u. ``judged_count``: judged pairs that
            candidates brought together.
        sessions: EM sessions that had pairs.
        slope: By what the unlabelled weights were multiplied before single levels moved.
        unlabelled: Weights in milli-nats before any label was read.
    """

    record_count: int
    random_count: int
    judged_count: int
    sessions: tuple[SessionReport, ...]
    slope: float
    unlabelled: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Evidence:
    """What training keeps of records and labels: patterns, never texts.

    Attributes:
        start: Weights learned without labels, in nats.
        judged: One row per judged candidate pair: pattern, is_match, count, fold.
        report: Figures of the steps before labels.
    """

    start: dict[str, Floats]
    judged: pd.DataFrame
    report: TrainingReport


def gather_evidence(con: duckdb.DuckDBPyConnection, labelled: pd.DataFrame) -> Evidence:
    """Compare the records of ``input``, learn weights without labels, and look up the judged pairs.

    Args:
        con: Holds the schema ``input``, as for ``match_records``.
        labelled: record_id_left, record_id_right, is_match and grade; one row per judged pair.

    Raises:
        MatchingError: No judged pair is a candidate, or all of them have one label.
    """
    with stage("Comparing records", 2) as told:
        told.now("reading names and addresses")
        records = prepare_records(con)
        told.now("comparing pairs")
        LevelCompare().compute(candidate_index().index(records), records)
    judged = _judged_patterns(con, labelled)
    if judged["is_match"].nunique() < 2:
        raise MatchingError(
            "training needs judged pairs of both kinds, one site and two sites, whose records are among the given "
            f"ones; found {len(judged)}"
        )
    with stage("Learning without labels"):
        return _learned(con, judged)


def _learned(con: duckdb.DuckDBPyConnection, judged: pd.DataFrame) -> Evidence:
    """Weights of candidates and random pairs, and the judged pairs."""
    compare_pairs(con, is_filtered=False)
    candidates = con.execute(
        "select rules, pattern, count(*) as pair_count from m_patterns group by all order by all"
    ).df()
    random_levels, random_counts = _random_pairs(con)
    unmatched = [
        level_shares(random_levels[:, j], random_counts, len(comparison.levels))
        for j, comparison in enumerate(COMPARISONS)
    ]
    match, sessions = _run_sessions(candidates, unmatched)
    start = {
        comparison.name: level_weights(match[j], unmatched[j], comparison.is_ordered)
        for j, comparison in enumerate(COMPARISONS)
    } | FROM_THEORY
    record_count = int(con.execute("select count(*) from m_nodes").fetchall()[0][0])
    unlabelled = {name: _milli_nats(weights) for name, weights in start.items()}
    report = TrainingReport(record_count, int(random_counts.sum()), len(judged), tuple(sessions), 0.0, unlabelled)
    return Evidence(start, judged, report)


def fold_of(cluster: str) -> int:
    """The fold of a cluster of labels; it depends on nothing but the cluster's first record."""
    return int.from_bytes(sha256(cluster.encode()).digest()[:4], "big") % FOLDS


def train(evidence: Evidence, version: str, without_fold: int | None = None) -> tuple[MatchModel, TrainingReport]:
    """The model of all folds, or of all but one.

    Args:
        evidence: From ``gather_evidence``.
        version: Name of the new model.
        without_fold: Judged pairs of this fold are not looked at.
    """
    judged = evidence.judged
    if without_fold is not None:
        judged = judged.loc[judged["fold"] != without_fold]
    fit = _fit(evidence, judged)
    parts = [
        (_model(_fit(evidence, judged.loc[judged["fold"] != fold]), version), judged.loc[judged["fold"] == fold])
        for fold in counted("Folds", sorted(judged["fold"].unique()))
    ]
    weights = np.concatenate([model.pattern_weights(pairs["pattern"].to_numpy()) for model, pairs in parts])
    unseen = pd.concat([pairs for _, pairs in parts])
    knots = calibration_knots(weights, unseen["is_match"].to_numpy(dtype=np.bool_), unseen["count"].to_numpy())
    report = evidence.report
    return _model(fit, version, tuple(knots)), TrainingReport(
        report.record_count, report.random_count, len(judged), report.sessions, round(fit.slope, 3), report.unlabelled
    )


def _fit(evidence: Evidence, judged: pd.DataFrame) -> Fit:
    return fit_weights(
        judged["pattern"].to_numpy(dtype=np.int64),
        judged["is_match"].to_numpy(dtype=np.bool_),
        judged["count"].to_numpy(dtype=np.float64),
        evidence.start,
    )


def _model(fit: Fit, version: str, knots: tuple[tuple[int, float], ...] = ((-1, 0.0), (1, 1.0))) -> MatchModel:
    weights = {
        comparison.name: _milli_nats(
            rising(fit.weights[comparison.name]) if comparison.is_ordered else fit.weights[comparison.name]
        )
        for comparison in COMPARISONS
    }
    weights |= {name: (*weights[name][:-1], max(0, weights[name][-1])) for name in NEVER_AGAINST}
    weights |= {name: tuple(min(most, weight) for weight in weights[name]) for name, most in AT_MOST.items()}
    weights |= {name: tuple(max(0, weight) for weight in weights[name]) for name in ONLY_SUPPORTS}
    weights |= SET_BY_RULE
    return MatchModel(version, 10 * round((fit.prior - CAUTION) * 100), weights, knots, _MISSING_WEIGHT, _MARGIN)


def _milli_nats(weights: Floats) -> tuple[int, ...]:
    """Rounded to hundredths of a nat: the last digits of a float differ between machines, a model must not."""
    return tuple(10 * round(float(weight) * 100) for weight in weights)


def _judged_patterns(con: duckdb.DuckDBPyConnection, labelled: pd.DataFrame) -> pd.DataFrame:
    certain = labelled.loc[labelled["is_match"].notna()].reset_index(drop=True)
    folds = label_clusters(labelled).map(fold_of)
    certain = certain.assign(
        fold=certain["record_id_left"].map(folds),
        count=np.select(
            [certain["grade"] == "silver", certain["kind"].isin(PLAINLY_TWO)], [SILVER_WEIGHT, PLAIN_WEIGHT], 1.0
        ),
        is_match=certain["is_match"].astype(bool),
    )
    con.register("given_pairs", certain[["record_id_left", "record_id_right", "is_match", "count", "fold"]])
    found = con.execute(
        """
        select patterns.pattern, given.is_match, given.count, given.fold
        from given_pairs as given
        inner join m_records as l on l.record_id = given.record_id_left
        inner join m_records as r on r.record_id = given.record_id_right
        inner join m_patterns as patterns
            on patterns.left_no = least(l.node_no, r.node_no) and patterns.right_no = greatest(l.node_no, r.node_no)
        order by given.record_id_left, given.record_id_right, given.is_match
        """
    ).df()
    con.unregister("given_pairs")
    return found


def _random_pairs(con: duckdb.DuckDBPyConnection) -> tuple[Levels, Floats]:
    """Levels and counts of random pairs within countries: neighbours in the order of a digest of the record id."""
    con.execute(
        f"""
        create or replace temp table m_pairs as
        with shuffled as (
            select nodes.node_no, nodes.country_code, row_number() over (
                partition by nodes.country_code order by md5(contents.first_record_id), contents.first_record_id
            ) as place
            from m_nodes as nodes inner join m_contents as contents using (node_no)
        ), steps as (
            select unnest(range(1, 1 + least({_NEIGHBOURS}, {RANDOM_PAIRS} // greatest(1, count(*))))) as step
            from shuffled
        ), met as (
            select least(l.node_no, r.node_no) as left_no, greatest(l.node_no, r.node_no) as right_no
            from shuffled as l cross join steps
            inner join shuffled as r on r.country_code = l.country_code and r.place = l.place + steps.step
        )
        select (row_number() over (order by left_no, right_no) - 1)::integer as pair_no, left_no, right_no, 0 as rules
        from met
        """
    )
    compare_pairs(con, is_filtered=False)
    found = con.execute("select pattern, count(*) as pair_count from m_patterns group by all order by all").df()
    return unfold_patterns(found["pattern"].to_numpy(dtype=np.int64)), found["pair_count"].to_numpy(dtype=np.float64)


def _run_sessions(candidates: pd.DataFrame, unmatched: list[Floats]) -> tuple[list[Floats], list[SessionReport]]:
    """Shares m of each comparison, the mean over the sessions in which it was on, and what each session saw."""
    bits = {rule.name: rule.bit for rule in RULES}
    found: list[list[Floats]] = [[] for _ in COMPARISONS]
    reports = []
    for rule, settled in SESSIONS.items():
        seen = (candidates["rules"].to_numpy(dtype=np.int64) & bits[rule]) > 0
        if not seen.any():
            continue
        active = [comparison.name not in settled for comparison in COMPARISONS]
        counts = candidates["pair_count"].to_numpy(dtype=np.float64)[seen]
        levels = unfold_patterns(candidates["pattern"].to_numpy(dtype=np.int64)[seen])
        session = run_session(levels, counts, unmatched, active)
        reports.append(SessionReport(rule, int(counts.sum()), round(session.prior, 3), session.rounds))
        for column, is_on, match in zip(found, active, session.match, strict=True):
            if is_on:
                column.append(match)
    mean = [np.asarray(np.mean(column, axis=0)) if column else unmatched[j] for j, column in enumerate(found)]
    return mean, reports
