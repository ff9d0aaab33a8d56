"""Patterns into weights, probabilities and sentences."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conjoin.matching.pairs.levels import COMPARISONS, unfold_pattern
from conjoin.matching.pairs.model import MatchModel

WEIGHT_FLOOR = -6000
"""Lowest weight of one pair in the sum over two clusters, in milli-nats."""


@dataclass(frozen=True)
class Score:
    """What a classifier says of patterns; one entry per pattern in each array.

    Attributes:
        pattern: The pattern.
        weight: In milli-nats, prior included.
        probability: Calibrated.
        is_match: Whether more speaks for one site than against.
    """

    pattern: npt.NDArray[np.int64]
    weight: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float64]
    is_match: npt.NDArray[np.bool_]


def write_scores(con: duckdb.DuckDBPyConnection, score: Score) -> None:
    """Make ``m_scored``: every compared pair of ``m_patterns`` with what is said of its pattern."""
    table = pa.table(
        {
            "pattern": pa.array(score.pattern.astype(np.int32)),
            "match_weight": pa.array(score.weight.astype(np.int32)),
            "match_probability": pa.array(score.probability),
            "is_match": pa.array(score.is_match),
        }
    )
    con.register("m_pattern_weights", table)
    con.execute(
        "create or replace temp table m_scored as select compared.pair_no, left_no, right_no, rules, pattern, "
        "match_weight, match_probability, is_match, compared.identifier_level = 2 as has_same_identifier "
        f"from m_patterns as compared inner join m_pattern_weights using (pattern) where match_weight > {WEIGHT_FLOOR} "
        "or identifier_level = 2"
    )
    con.unregister("m_pattern_weights")


def waterfall(model: MatchModel, pattern: int) -> list[tuple[str, str, int]]:
    """What each comparison says and weighs in milli-nats, strongest first, after the prior."""
    levels = unfold_pattern(pattern)
    steps = [
        (comparison.name, comparison.title(levels[comparison.name]), model.level_weight(comparison.name, level))
        for comparison in COMPARISONS
        if (level := levels[comparison.name])
    ]
    return [
        ("prior", "before anything is compared", model.prior),
        *sorted(steps, key=lambda step: (-abs(step[2]), step)),
    ]


def explain_pattern(model: MatchModel, pattern: int) -> str:
    """One sentence: what speaks for one site, what against, strongest first."""
    steps = waterfall(model, pattern)[1:]
    speaks_for = [title for _, title, weight in steps if weight > 0]
    against = [title for _, title, weight in steps if weight < 0]
    parts = []
    if speaks_for:
        parts.append("for one site: " + ", ".join(speaks_for))
    if against:
        parts.append("against: " + ", ".join(against))
    sentence = "; ".join(parts) or "nothing could be compared"
    return sentence[0].upper() + sentence[1:] + "."
