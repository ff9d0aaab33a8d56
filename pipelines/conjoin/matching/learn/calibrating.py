"""From weights learned without labels to weights that fit judged pairs, and from weights to probabilities.

Fellegi-Sunter adds the weights of comparisons as if they were independent, so its sums are too sure of themselves. The
fit shrinks all of them by one slope, then lets single levels move as far as the judged pairs insist (a ridge penalty
holds them to where they were). All of it is Newton's method on sums over patterns: same input, same figures.

Source:
    Hoerl, Kennard (1970) for the penalty; Ayer et al. (1955) for pooling neighbours to a rising curve.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conjoin.matching.pairs.levels import COMPARISONS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PENALTY = 1.0
"""What it costs a level to move one nat from where training without labels left it, in judged pairs."""
SILVER_WEIGHT = 0.6
"""A pair labelled by rule counts for this much of a pair that a person has read."""
PLAIN_WEIGHT = 0.3
"""A pair that is plainly two sites counts for this much of one that could be either."""
_ROUNDS = 100
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Fit:
    """Prior and weight of each level of each comparison, in nats, and the slope that came first."""

    prior: float
    weights: dict[str, Floats]
    slope: float


def level_indicators(patterns: Integers) -> Floats:
    """One row per pattern, one column per level above 0 of each comparison: 1 where the pattern has that level."""
    blocks = []
    rest = patterns.astype(np.int64)
    for comparison in COMPARISONS:
        rest, level = np.divmod(rest, len(comparison.levels) + 1)
        blocks.append(level[:, None] == np.arange(1, len(comparison.levels) + 1))
    return np.concatenate(blocks, axis=1).astype(np.float64)


def fit_weights(patterns: Integers, is_match: npt.NDArray[np.bool_], counts: Floats, start: dict[str, Floats]) -> Fit:
    """Prior and weights that fit judged pairs and stay near ``start``.

    Args:
        patterns: Pattern of each judged pair.
        is_match: Label of each judged pair.
        counts: How much each judged pair counts.
        start: Weights learned without labels, in nats, weakest level first.
    """
    levels = level_indicators(patterns)
    flat = np.concatenate([start[comparison.name] for comparison in COMPARISONS])
    target = is_match.astype(np.float64)
    straight = np.column_stack((np.ones(len(patterns)), levels @ flat))
    prior, slope = _newton(straight, target, counts, np.zeros(2), np.array([0.01, 0.01]))
    slope = max(float(slope), 0.0)
    design = np.column_stack((np.ones(len(patterns)), levels))
    centre = np.concatenate(([prior], slope * flat))
    penalties = np.concatenate(([1e-6], np.full(len(flat), PENALTY)))
    found = _newton(design, target, counts, centre, penalties)
    ends = np.cumsum([len(comparison.levels) for comparison in COMPARISONS])[:-1]
    parts = np.split(found[1:], ends)
    return Fit(
        float(found[0]), {comparison.name: part for comparison, part in zip(COMPARISONS, parts, strict=True)}, slope
    )


def _newton(design: Floats, target: Floats, counts: Floats, centre: Floats, penalties: Floats) -> Floats:
    """Penalised logistic regression, its coefficients drawn towards ``centre``."""
    found = centre.copy()
    for _ in range(_ROUNDS):
        expected = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        gradient = design.T @ (counts * (target - expected)) - penalties * (found - centre)
        curvature = (design * (counts * expected * (1 - expected))[:, None]).T @ design + np.diag(penalties)
        step = np.linalg.solve(curvature, gradient)
        found = found + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    return np.asarray(found, dtype=np.float64)


def calibration_knots(weights: Integers, is_match: npt.NDArray[np.bool_], counts: Floats) -> list[tuple[int, float]]:
    """Points (milli-nats, probability) of a rising line from raw weight to the share of true pairs.

    Weights must come from folds that did not see the pairs. A logistic line of two parameters, because a few hundred
    judged pairs do not carry more; its slope is at least a tenth, so that the line always rises.
    """
    nats = weights / 1000
    design = np.column_stack((np.ones(len(nats)), nats))
    offset, slope = _newton(design, is_match.astype(np.float64), counts, np.array([0.0, 1.0]), np.array([0.1, 0.1]))
    slope = max(float(slope), 0.1)
    places = [-6000, -4000, -3000, -2000, -1000, -500, 0, 500, 1000, 2000, 3000, 4000, 6000, 8000]
    return [(place, round(float(1 / (1 + np.exp(-(offset + slope * place / 1000)))), 3)) for place in places]
