"""Patterns into weights, probabilities and sentences."""

import duckdb
import numpy as np
import pyarrow as pa

from conjoin.matching.pairs.levels import COMPARISONS, unfold_pattern
from conjoin.matching.pairs.model import MatchModel

WEIGHT_FLOOR = -6000
"""Lowest weight of one pair in the sum over two clusters, in milli-nats."""


def score_pairs(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Make ``m_scored``: every compared pair with its pattern, weight (milli-nats) and probability."""
    patterns = con.execute("select distinct pattern from m_patterns order by pattern").fetchnumpy()["pattern"]
    weights = model.pattern_weights(np.asarray(patterns, dtype=np.int64))
    table = pa.table(
        {
            "pattern": pa.array(np.asarray(patterns, dtype=np.int32)),
            "match_weight": pa.array(weights.astype(np.int32)),
            "match_probability": pa.array(model.probabilities(weights)),
        }
    )
    con.register("m_pattern_weights", table)
    con.execute(
        "create or replace temp table m_scored as select compared.pair_no, left_no, right_no, rules, pattern, "
        "match_weight, match_probability, compared.identifier_level = 2 as has_same_identifier "
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
