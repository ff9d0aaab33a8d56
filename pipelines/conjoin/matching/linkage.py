"""recordlinkage's public interfaces over the engine of ``matching``; the only module that imports recordlinkage.

The flows run the SQL path and never bring pairs to Python. These classes serve tests, notebooks and anyone with
recordlinkage code of their own: frames in, frames out, the same rules, levels and weights.
"""

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage
from recordlinkage.base import BaseClassifier, BaseIndexAlgorithm

from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.levels import COMPARISONS
from conjoin.matching.pairs.model import MatchModel, shipped_model
from conjoin.matching.run import prepare_pairs

RECORDLINKAGE_VERSION = recordlinkage.__version__


class RuleIndex(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage has no types
    """Candidate pairs of the engine's rules, as a MultiIndex of the frame's own index.

    Attributes:
        rule_bits_: After ``index``, the rules of each pair (``blocking.RULES``), in the order of the pairs.
        vectors_: After ``index``, the level of each comparison per pair: a comparison matrix for ``PatternClassifier``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule_bits_: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.vectors_ = pd.DataFrame()

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        found = _compared(df_a)
        left, right = found["left_row"].to_numpy(), found["right_row"].to_numpy()
        larger, smaller = np.maximum(left, right), np.minimum(left, right)
        index = _pair_index(df_a, df_a, larger, smaller)
        self._remember(found, index)
        return index

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        found = _compared(pd.concat([df_a, df_b], ignore_index=True))
        rows = np.sort(found[["left_row", "right_row"]].to_numpy(), axis=1)
        crosses = (rows[:, 0] < len(df_a)) & (rows[:, 1] >= len(df_a))
        index = _pair_index(df_a, df_b, rows[crosses, 0], rows[crosses, 1] - len(df_a))
        self._remember(found.loc[crosses], index)
        return index

    def _remember(self, found: pd.DataFrame, index: pd.MultiIndex) -> None:
        self.rule_bits_ = found["rules"].to_numpy(dtype=np.int64)
        names = [comparison.name for comparison in COMPARISONS]
        self.vectors_ = pd.DataFrame(
            {name: found[f"{name}_level"].to_numpy(dtype=np.float64) for name in names}, index=index
        ).replace(0.0, np.nan)


def _pair_index(
    df_a: pd.DataFrame, df_b: pd.DataFrame, codes_a: npt.NDArray[np.int64], codes_b: npt.NDArray[np.int64]
) -> pd.MultiIndex:
    """Pairs as codes into the frames' own indexes; positions, whatever the labels are."""
    levels: Any = [df_a.index, df_b.index]
    codes: Any = [codes_a, codes_b]
    names: Any = [None, None] if df_a is df_b else [df_a.index.name, df_b.index.name]
    return pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)


def _compared(frame: pd.DataFrame) -> pd.DataFrame:
    """Compared pairs of a frame, with row positions; an empty frame for fewer than two records."""
    columns = ["left_row", "right_row", "rules", *(f"{comparison.name}_level" for comparison in COMPARISONS)]
    if len(frame) < 2:
        return pd.DataFrame({column: np.zeros(0, dtype=np.int64) for column in columns})
    with duckdb.connect() as con:
        rows = pd.Series([f"{row:012d}" for row in range(len(frame))])
        records = frame.reset_index(drop=True).assign(record_id=rows, source_name="row " + rows)
        # a judged record stands for itself: who hands over a frame expects a pair, not a collapsed twin
        alone = pd.DataFrame({"record_id_left": rows, "record_id_right": "", "judgement": "POSITIVE"})
        load_input(con, records, judgements=alone)
        prepare_pairs(con)
        levels = ", ".join(f"{comparison.name}_level" for comparison in COMPARISONS)
        return con.execute(
            "select l.record_id::integer as left_row, r.record_id::integer as right_row, "
            f"rules, {levels} from m_patterns inner join m_records as l on l.node_no = left_no "
            "inner join m_records as r on r.node_no = right_no order by pair_no"
        ).df()


class PatternClassifier(BaseClassifier):  # type: ignore[misc]  # recordlinkage has no types
    """The match model as a recordlinkage classifier: ``predict`` and ``prob`` over levels, NaN for nothing compared."""

    def __init__(self, model: MatchModel | None = None) -> None:
        super().__init__()
        self.model = model or shipped_model()

    @property
    def log_weights(self) -> dict[str, dict[int, float]]:
        """Weight in nats of each level of each comparison."""
        return {
            name: {level: weight / 1000 for level, weight in enumerate(weights, start=1)}
            for name, weights in self.model.weights.items()
        }

    def _fit(self, features: npt.NDArray[np.float64], y: npt.NDArray[np.int64] | None = None) -> None:
        """Nothing to learn: the model is given; training is ``conjoin.matching.learn.em``."""

    def _weights(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        levels = np.nan_to_num(features, nan=0.0).astype(np.int64)
        total = np.full(len(levels), self.model.prior, dtype=np.int64)
        for column, comparison in enumerate(COMPARISONS):
            total += np.array((0, *self.model.weights[comparison.name]), dtype=np.int64)[levels[:, column]]
        return total

    def _predict(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return (self._weights(features) > 0).astype(np.int64)

    def _prob_match(self, features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self.model.probabilities(self._weights(features))
