"""How good a partition is, on labelled pairs and on known clusters; nothing here reads a file.

Pairs are scored on the final partition, not on links: a pair counts as found when both records are in one site.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from conjoin.matching.linkage import fscore, precision, recall

LabelledPairs = pd.DataFrame
_Z = 1.959963984540054


@dataclass(frozen=True)
class PairScores:
    """Scores of one group of labelled pairs (a grade, a country, a kind of dirt).

    Attributes:
        group: What the pairs have in common.
        true_count: Pairs of one site. ``found_count`` of them are in one site.
        false_count: Pairs of two sites. ``merged_count`` of them are in one site.
    """

    group: str
    true_count: int
    found_count: int
    false_count: int
    merged_count: int

    @property
    def _confusion(self) -> npt.NDArray[np.int64]:
        """Found and missed true pairs, merged and kept false ones, as recordlinkage's measures take them."""
        return np.array(
            [
                [self.found_count, self.true_count - self.found_count],
                [self.merged_count, self.false_count - self.merged_count],
            ]
        )

    @property
    def recall(self) -> float | None:
        """Share of the true pairs that were found; None without true pairs."""
        return float(recall(self._confusion)) if self.true_count else None

    @property
    def false_merge_rate(self) -> float | None:
        """Share of the false pairs that were merged; None without false pairs."""
        return self.merged_count / self.false_count if self.false_count else None

    @property
    def precision(self) -> float | None:
        """Share of the merged pairs that are true; None if nothing was merged."""
        return float(precision(self._confusion)) if self.found_count + self.merged_count else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None without true pairs."""
        if not self.found_count:  # recordlinkage would divide nothing by nothing
            return 0.0 if self.true_count else None
        return float(fscore(self._confusion))


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a rate; (0, 1) without observations.

    Source:
        Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    if count == 0:
        return 0.0, 1.0
    share, square = hits / count, _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def judge_pairs(labelled: LabelledPairs, sites: dict[str, str]) -> LabelledPairs:
    """The labelled pairs with ``is_together``: whether both records are in one site.

    Args:
        labelled: One row per pair with ``record_id_left``, ``record_id_right`` and ``is_match`` (true, false or null
            for unsure). Pairs naming a record without a site are left out.
        sites: Site of each record.
    """
    known = labelled["record_id_left"].isin(sites) & labelled["record_id_right"].isin(sites)
    judged = labelled.loc[known].copy()
    judged["is_together"] = judged["record_id_left"].map(sites) == judged["record_id_right"].map(sites)
    return judged


def score_pairs_by(judged: LabelledPairs, column: str) -> list[PairScores]:
    """Scores per value of ``column``, in order of the value; unsure pairs do not count."""
    certain = judged.loc[judged["is_match"].notna()]
    scores = []
    for group, pairs in certain.groupby(column, sort=True):
        is_match = pairs["is_match"].astype(bool)
        scores.append(
            PairScores(
                group=str(group),
                true_count=int(is_match.sum()),
                found_count=int((is_match & pairs["is_together"]).sum()),
                false_count=int((~is_match).sum()),
                merged_count=int((~is_match & pairs["is_together"]).sum()),
            )
        )
    return scores


def pool_scores(group: str, scores: list[PairScores]) -> PairScores:
    """Several groups as one."""
    totals = np.array([[s.true_count, s.found_count, s.false_count, s.merged_count] for s in scores], dtype=np.int64)
    return PairScores(group, *(int(total) for total in totals.reshape(-1, 4).sum(axis=0)))


def worst_errors(judged: LabelledPairs, probabilities: dict[tuple[str, str], float], limit: int = 20) -> LabelledPairs:
    """Wrong pairs, the surest mistakes first, with ``match_probability`` (0 where the pair was no candidate)."""
    certain = judged.loc[judged["is_match"].notna()]
    wrong = certain.loc[certain["is_match"].astype(bool) != certain["is_together"]].copy()
    keys = zip(wrong["record_id_left"], wrong["record_id_right"], strict=True)
    wrong["match_probability"] = [probabilities.get((min(left, right), max(left, right)), 0.0) for left, right in keys]
    wrong["mistake"] = (wrong["is_match"].astype(float) - wrong["match_probability"]).abs()
    order = wrong.sort_values(["mistake", "record_id_left", "record_id_right"], ascending=[False, True, True])
    return order.head(limit).drop(columns="mistake")


@dataclass(frozen=True)
class ClusterScores:
    """A partition against the true one.

    Attributes:
        precision: Share of record pairs in one site that truly are. ``recall``: share of true pairs in one site.
        over_merged: Sites that hold two true sites. ``over_split``: true sites in two sites.
        largest: Records of the largest site.
    """

    precision: float
    recall: float
    over_merged: int
    over_split: int
    largest: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_clusters(sites: "pd.Series[str]", truth: "pd.Series[str]") -> ClusterScores:
    """Compare two partitions of the same records, given as columns in the same order."""
    found, true = pd.factorize(sites)[0].astype(np.int64), pd.factorize(truth)[0].astype(np.int64)
    if len(found) == 0:
        return ClusterScores(1.0, 1.0, 0, 0, 0)
    both = pd.DataFrame({"found": found, "true": true}).value_counts(sort=False)
    together, in_found, in_true = (_pairs(sizes) for sizes in (both.to_numpy(), np.bincount(found), np.bincount(true)))
    cells = both.index.to_frame(index=False)
    return ClusterScores(
        precision=together / in_found if in_found else 1.0,
        recall=together / in_true if in_true else 1.0,
        over_merged=int((cells["found"].value_counts() > 1).sum()),
        over_split=int((cells["true"].value_counts() > 1).sum()),
        largest=int(np.bincount(found).max()),
    )


def _pairs(sizes: npt.NDArray[Any]) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())


def label_clusters(labelled: LabelledPairs, only_true: bool = False) -> "pd.Series[str]":
    """Connected component of each labelled record, named by its first record; indexed by record.

    Args:
        labelled: One row per pair with ``record_id_left``, ``record_id_right`` and ``is_match``.
        only_true: Only pairs of one site connect: the sites that the labels know. Else every pair does: what must stay
            on one side of a fold.
    """
    left, right = labelled["record_id_left"].to_numpy(), labelled["record_id_right"].to_numpy()
    names, codes = np.unique(np.concatenate((left, right)).astype(str), return_inverse=True)
    kept = (labelled["is_match"].eq(True) if only_true else labelled["record_id_left"].notna()).to_numpy(dtype=np.bool_)
    ends = codes[: len(left)][kept], codes[len(left) :][kept]
    graph = coo_matrix((np.ones(len(ends[0])), ends), shape=(len(names), len(names)))
    component = connected_components(graph, directed=False)[1]
    first = names[np.unique(component, return_index=True)[1]]
    return pd.Series(first[component], index=names)


def bootstrap_interval(judged: LabelledPairs, measure: str, draws: int = 1000) -> tuple[float, float] | None:
    """95 % interval of ``recall``, ``precision``, ``f1`` or ``false_merge_rate``; clusters are drawn, not pairs.

    Args:
        judged: From ``judge_pairs``, with ``cluster``.
        measure: Which figure.
        draws: How often the clusters are drawn anew; the seed is fixed.

    Returns:
        None where fewer than two clusters, or no draw, has the figure, or where no draw moves it.
    """
    certain = judged.loc[judged["is_match"].notna()]
    is_match, together = certain["is_match"].astype(bool), certain["is_together"].astype(bool)
    flags = np.column_stack((is_match, is_match & together, ~is_match, ~is_match & together))
    codes, clusters = pd.factorize(certain["cluster"], sort=True)
    if len(clusters) < 2:
        return None
    sums = np.zeros((len(clusters), 4), dtype=np.int64)
    np.add.at(sums, codes, flags.astype(np.int64))
    rng = np.random.default_rng(20260101)
    drawn = rng.multinomial(len(clusters), np.full(len(clusters), 1 / len(clusters)), size=draws) @ sums
    values = [getattr(PairScores("", *(int(total) for total in row)), measure) for row in drawn]
    found = [value for value in values if value is not None]
    if not found:
        return None
    low, high = np.quantile(found, (0.025, 0.975))
    return (float(low), float(high)) if low < high else None


def threshold_curve(judged: LabelledPairs, probabilities: dict[tuple[str, str], float]) -> LabelledPairs:
    """Precision and recall of links alone at twenty thresholds of their probability, before any clustering."""
    certain = judged.loc[judged["is_match"].notna()]
    keys = zip(certain["record_id_left"], certain["record_id_right"], strict=True)
    probability = np.array([probabilities.get((min(pair), max(pair)), 0.0) for pair in keys])
    is_match = certain["is_match"].to_numpy(dtype=np.bool_)
    rows = []
    for threshold in np.arange(1, 20) / 20:
        linked = probability >= threshold
        hits = int((linked & is_match).sum())
        rows.append(
            (
                float(threshold),
                hits / int(linked.sum()) if linked.any() else None,
                hits / int(is_match.sum()) if is_match.any() else None,
            )
        )
    return pd.DataFrame(rows, columns=["threshold", "precision", "recall"])


#: Edges of the bands of the reliability table.
BANDS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0)


def reliability_table(judged: LabelledPairs, probabilities: dict[tuple[str, str], float]) -> LabelledPairs:
    """How often pairs are true where a probability is told: one row per band of probability.

    Returns:
        ``lowest`` and ``highest`` of the band, ``pair_count`` of certain labelled pairs that were compared,
        ``mean_probability``, ``true_share`` and its 95 % interval (``share_low``, ``share_high``).
    """
    certain = judged.loc[judged["is_match"].notna()]
    keys = zip(certain["record_id_left"], certain["record_id_right"], strict=True)
    told = np.array([probabilities.get((min(pair), max(pair)), 0.0) for pair in keys])
    is_match = certain["is_match"].to_numpy(dtype=np.bool_)
    rows = []
    for lowest, highest in pairwise(BANDS):
        inside = (told > lowest) & (told <= highest)  # 0 means that the pair was never compared
        if inside.any():
            hits, count = int(is_match[inside].sum()), int(inside.sum())
            low, high = wilson_interval(hits, count)
            rows.append((lowest, highest, count, float(told[inside].mean()), hits / count, low, high))
    columns = ["lowest", "highest", "pair_count", "mean_probability", "true_share", "share_low", "share_high"]
    return pd.DataFrame(rows, columns=columns)
