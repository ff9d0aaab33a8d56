"""recordlinkage at work: its index, comparisons and classifier over records that stand in DuckDB. Its only importer.

Every run goes through these objects: rules composed in an ``Index``, comparisons as features of a ``Compare``, the
decision by a classifier's ``predict`` and ``prob``. Over ``Records`` the work stays in DuckDB: pairs are never brought
to Python, and the classifier sees each distinct pattern of levels once. Over frames the same objects are plain
recordlinkage: frames in, frames out, the same rules, levels and weights (docs/RECORDLINKAGE.md).
"""

from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage
from recordlinkage import fscore, precision, recall
from recordlinkage.base import BaseClassifier, BaseCompareFeature, BaseIndexAlgorithm

from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.blocking import RULES, Rule, drop_candidates, find_pairs, number_pairs
from conjoin.matching.pairs.levels import COMPARISONS, Comparison, compare_pairs, set_repeating_sources, unfold_patterns
from conjoin.matching.pairs.model import MatchModel, shipped_model
from conjoin.matching.pairs.records import Records, prepare_records
from conjoin.matching.pairs.scoring import Score, write_scores

__all__ = ["fscore", "precision", "recall"]

RECORDLINKAGE_VERSION = recordlinkage.__version__
Work = Callable[[duckdb.DuckDBPyConnection], None]
_NAMES = [comparison.name for comparison in COMPARISONS]


# --- candidate pairs -----------------------------------------------------------------------------------------


class Candidates:
    """The pairs that some rules find among records, in the place of a MultiIndex; found once their number is asked."""

    def __init__(self, records: Records, rules: Sequence[Rule]) -> None:
        """Rules in any order; the pairs do not depend on it."""
        self.records = records
        self.rules = tuple(rule for rule in RULES if rule in rules)

    def union(self, other: "Candidates") -> "Candidates":
        """The pairs that these or those rules find."""
        return Candidates(self.records, (*self.rules, *other.rules))

    @cached_property
    def shape(self) -> tuple[int]:
        """How many pairs; makes ``m_supported`` and ``m_pairs``."""
        con = self.records.con
        find_pairs(con, self.rules)
        count = number_pairs(con)
        if not self.records.is_kept:
            drop_candidates(con)
        return (count,)

    def __len__(self) -> int:
        """How many pairs."""
        return self.shape[0]


class Rules(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage has no types
    """One or more candidate rules as an indexing algorithm; all of them if none is named.

    Over a frame, what it says is read anew by each algorithm: let one hold all the rules that are wanted.

    Attributes:
        rule_bits_: After ``index`` over a frame, the rules of each pair (``blocking.RULES``), in their order.
    """

    def __init__(self, *names: str) -> None:
        """Rules by their name.

        Raises:
            ValueError: There is no rule of that name.
        """
        super().__init__()
        if unknown := set(names) - {rule.name for rule in RULES}:
            raise ValueError(f"no rule {', '.join(sorted(unknown))}; there are {', '.join(r.name for r in RULES)}")
        self.rules = tuple(rule for rule in RULES if not names or rule.name in names)
        self.rule_bits_: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def index(self, x: Any, x_link: Any = None) -> Any:
        """Candidate pairs: of records in DuckDB as ``Candidates``, of a frame or two as a MultiIndex."""
        return Candidates(x, self.rules) if isinstance(x, Records) else super().index(x, x_link)

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        rows, self.rule_bits_ = _rows_of_pairs(df_a, self.rules)
        return _pair_index(df_a, df_a, rows.max(axis=1), rows.min(axis=1))

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        rows, bits = _rows_of_pairs(pd.concat([df_a, df_b], ignore_index=True), self.rules)
        rows = np.sort(rows, axis=1)
        crosses = (rows[:, 0] < len(df_a)) & (rows[:, 1] >= len(df_a))
        self.rule_bits_ = bits[crosses]
        return _pair_index(df_a, df_b, rows[crosses, 0], rows[crosses, 1] - len(df_a))


class RuleIndex(recordlinkage.Index):  # type: ignore[misc]  # recordlinkage has no types
    """Rules composed as recordlinkage composes them; its own index divides by nothing where there is one record."""

    def index(self, x: Any, x_link: Any = None) -> Any:
        """The pairs that any of the rules finds."""
        if isinstance(x, Records) and len(x) < 2:
            pairs = reduce(Candidates.union, (algorithm.index(x) for algorithm in self.algorithms))
            len(pairs)  # which finds them
            return pairs
        return super().index(x, x_link)


def candidate_index() -> RuleIndex:
    """Every rule."""
    return RuleIndex([Rules(rule.name) for rule in RULES])


def _pair_index(
    df_a: pd.DataFrame, df_b: pd.DataFrame, codes_a: npt.NDArray[np.int64], codes_b: npt.NDArray[np.int64]
) -> pd.MultiIndex:
    """Pairs as codes into the frames' own indexes; positions, whatever the labels are."""
    levels: Any = [df_a.index, df_b.index]
    codes: Any = [codes_a, codes_b]
    names: Any = [None, None] if df_a is df_b else [df_a.index.name, df_b.index.name]
    return pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)


# --- comparisons ---------------------------------------------------------------------------------------------


class Levels(BaseCompareFeature):  # type: ignore[misc]  # recordlinkage has no types
    """One comparison as a feature: how far two records agree, from 1 (not) to the strongest level; NaN for unknown.

    The level of a pair follows from its two records and from who else bears the name, so features are computed
    together, by ``LevelCompare``.
    """

    name = "levels"
    description = "levels of agreement, computed with all others"

    def __init__(self, comparison: Comparison) -> None:
        """One of ``levels.COMPARISONS``."""
        super().__init__((), (), label=comparison.name)


class LevelCompare(recordlinkage.Compare):  # type: ignore[misc]  # recordlinkage has no types
    """Comparisons as recordlinkage composes them; all of them by default."""

    def __init__(self, comparisons: Sequence[Comparison] = COMPARISONS, work: Work = compare_pairs) -> None:
        """``work`` makes ``m_patterns`` of ``m_pairs``; another one may spread it, with the same result."""
        super().__init__([Levels(comparison) for comparison in comparisons])
        self._work = work

    def compute(self, pairs: Any, x: Any, x_link: Any = None) -> pd.DataFrame:
        """Levels of pairs: one row per pair of frames, or one row per distinct pattern of records in DuckDB."""
        labels = [feature.label for feature in self.features]
        if isinstance(pairs, Candidates):
            self._work(x.con)
            return distinct_patterns(x.con)[labels]
        return _levels_of(pairs, x, x_link)[labels]


def distinct_patterns(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every pattern of ``m_patterns`` once, as a row of levels; indexed by pattern."""
    found = con.execute("select distinct pattern from m_patterns order by pattern").fetchnumpy()["pattern"]
    patterns = np.asarray(found, dtype=np.int64)
    return _as_features(unfold_patterns(patterns), pd.Index(patterns, name="pattern"))


def _as_features(levels: npt.NDArray[np.int64], index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(np.where(levels > 0, levels, np.nan), columns=_NAMES, index=index)


# --- the decision --------------------------------------------------------------------------------------------


class PatternClassifier(BaseClassifier):  # type: ignore[misc]  # recordlinkage has no types
    """The match model as a recordlinkage classifier over levels, with NaN for nothing compared."""

    def __init__(self, model: MatchModel | None = None) -> None:
        """The shipped model if None."""
        super().__init__()
        self.model = model or shipped_model()

    @property
    def log_weights(self) -> dict[str, dict[int, float]]:
        """Weight in nats of each level of each comparison."""
        return {
            name: {level: weight / 1000 for level, weight in enumerate(weights, start=1)}
            for name, weights in self.model.weights.items()
        }

    def weights(self, features: pd.DataFrame) -> "pd.Series[int]":
        """Weight of each row in milli-nats, prior included."""
        return pd.Series(self._weights(_in_order(features).to_numpy()), index=features.index)

    def predict(self, comparison_vectors: pd.DataFrame) -> Any:
        """The pairs (or patterns) for which more speaks for one site than against, as recordlinkage returns them."""
        return super().predict(_in_order(comparison_vectors))

    def prob(self, comparison_vectors: pd.DataFrame, return_type: str | None = None) -> "pd.Series[float]":
        """The calibrated probability of each row."""
        found: pd.Series[float] = super().prob(_in_order(comparison_vectors), return_type)
        return found

    def _fit(self, features: npt.NDArray[np.float64], y: npt.NDArray[np.int64] | None = None) -> None:
        """Nothing to learn: the model is given; training is ``conjoin.matching.learn.train``."""

    def _weights(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        levels = np.nan_to_num(features, nan=0.0).astype(np.int64)
        total = np.full(len(levels), self.model.prior, dtype=np.int64)
        for column, name in enumerate(_NAMES):
            total += np.array((0, *self.model.weights[name]), dtype=np.int64)[levels[:, column]]
        return total

    def _predict(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return (self._weights(features) > 0).astype(np.int64)

    def _prob_match(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self.model.probabilities(self._weights(features))


def _in_order(features: pd.DataFrame) -> pd.DataFrame:
    """Features in the order of ``COMPARISONS``; one that was left out says nothing.

    Raises:
        ValueError: A column is no comparison of ours.
    """
    if unknown := set(features.columns) - set(_NAMES):
        raise ValueError(f"no comparison {', '.join(sorted(map(str, unknown)))}; there are {', '.join(_NAMES)}")
    return features.reindex(columns=_NAMES)


def score_patterns(con: duckdb.DuckDBPyConnection, features: pd.DataFrame, classifier: PatternClassifier) -> None:
    """Make ``m_scored``: what the classifier says of each pattern, put to every pair that has it."""
    score = Score(
        pattern=np.asarray(features.index, dtype=np.int64),
        weight=np.asarray(classifier.weights(features), dtype=np.int64),
        probability=np.asarray(classifier.prob(features), dtype=np.float64),
        is_match=np.asarray(features.index.isin(classifier.predict(features)), dtype=np.bool_),
    )
    write_scores(con, score)


# --- frames, as anyone with a script of recordlinkage has them -------------------------------------------------


def _loaded(con: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> Records:
    """A frame as records named by their row; each stands for itself, so that no two collapse to one node."""
    rows = pd.Series([f"{row:012d}" for row in range(len(frame))])
    records = frame.reset_index(drop=True).assign(record_id=rows, source_name="row " + rows)
    alone = pd.DataFrame({"record_id_left": rows, "record_id_right": "", "judgement": "POSITIVE"})
    load_input(con, records, judgements=alone)
    return prepare_records(con)


def _rows_of_pairs(frame: pd.DataFrame, rules: Sequence[Rule]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row positions of the candidate pairs of a frame, as (pairs, 2), and the rules of each."""
    if len(frame) < 2:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64)
    with duckdb.connect() as con:
        len(Candidates(_loaded(con, frame), rules))
        found = con.execute(
            "select l.record_id::bigint as l, r.record_id::bigint as r, rules::bigint as bits from m_pairs "
            "inner join m_records as l on l.node_no = left_no inner join m_records as r on r.node_no = right_no "
            "order by pair_no"
        ).fetchnumpy()
    return np.column_stack((found["l"], found["r"])).astype(np.int64), np.asarray(found["bits"], dtype=np.int64)


def _levels_of(pairs: pd.MultiIndex, df_a: pd.DataFrame, df_b: pd.DataFrame | None) -> pd.DataFrame:
    """Levels of any pairs of one frame, or of two, whether a rule finds them or not."""
    left = df_a.index.get_indexer(pairs.get_level_values(0))
    right = (df_a if df_b is None else df_b).index.get_indexer(pairs.get_level_values(1))
    if min(left.min(initial=0), right.min(initial=0)) < 0:
        raise KeyError("a pair names a record that the frames do not hold")
    whole = df_a if df_b is None else pd.concat([df_a, df_b], ignore_index=True)
    given = pd.DataFrame({"l": left, "r": right + (0 if df_b is None else len(df_a)), "n": range(len(pairs))})
    with duckdb.connect() as con:
        _loaded(con, whole)
        con.register("given_pairs", given)
        con.execute(
            "create or replace temp table m_pairs as select n::integer as pair_no, "
            "least(l.node_no, r.node_no) as left_no, greatest(l.node_no, r.node_no) as right_no, 0 as rules "
            "from given_pairs inner join m_records as l on l.record_id::bigint = given_pairs.l "
            "inner join m_records as r on r.record_id::bigint = given_pairs.r order by pair_no"
        )
        set_repeating_sources(con, [])  # every row is a source of its own
        compare_pairs(con, is_filtered=False)
        patterns = con.execute("select pattern from m_patterns order by pair_no").fetchnumpy()["pattern"]
    return _as_features(unfold_patterns(np.asarray(patterns, dtype=np.int64)), pairs)
