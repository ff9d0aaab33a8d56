"""Learning m and u without labels: one EM session per training rule, on pattern counts.

u comes from random pairs and is held fixed; a session is run on the pairs of one rule with that rule's own columns
switched off; m of a column is the mean over the sessions in which it was on. The few hundred distinct patterns of a
session stand for its millions of pairs.

Source:
    Enamorado, Fifield, Imai (2019) for EM on pattern counts; matching.md 2.4 for sessions and starting values.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int64]

_ROUNDS = 200
_TOLERANCE = 1e-6
_PSEUDO_COUNT = 0.5


@dataclass(frozen=True)
class Session:
    """What one EM session learned.

    Attributes:
        prior: Share of matches among its pairs.
        match: Per column, the share of each level among matches (level 0 left out).
        rounds: Rounds until nothing moved.
    """

    prior: float
    match: list[Floats]
    rounds: int


def level_shares(levels: Levels, counts: Floats, level_count: int) -> Floats:
    """Share of each level above 0 of one column, with half a pseudo-pair per level."""
    shares = np.bincount(levels, weights=counts, minlength=level_count + 1)[1:] + _PSEUDO_COUNT
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def run_session(
    levels: Levels, counts: Floats, unmatched: list[Floats], active: list[bool], prior: float = 0.5
) -> Session:
    """EM on pattern counts with u fixed.

    Args:
        levels: One row per distinct pattern, one column per comparison; 0 means nothing to compare.
        counts: How many pairs show each pattern.
        unmatched: Per column, u of each level above 0.
        active: Columns that the session's rule leaves on.
        prior: Share of matches to begin with.
    """
    match = []
    for column in unmatched:
        start = 3.0 ** np.arange(len(column))
        match.append(start / start.sum())
    done = 0
    while done < _ROUNDS:
        done += 1
        posterior = _posterior(levels, match, unmatched, active, prior)
        weighted = posterior * counts
        new_prior = float(np.clip(weighted.sum() / counts.sum(), 1e-9, 1 - 1e-9))
        new_match = [level_shares(levels[:, j], weighted, len(column)) for j, column in enumerate(unmatched)]
        moved = max(
            abs(new_prior - prior), *(float(np.abs(a - b).max()) for a, b in zip(match, new_match, strict=True))
        )
        prior, match = new_prior, new_match
        if moved < _TOLERANCE:
            break
    return Session(prior, match, done)


def _posterior(
    levels: Levels, match: list[Floats], unmatched: list[Floats], active: list[bool], prior: float
) -> Floats:
    total = np.full(len(levels), np.log(prior) - np.log1p(-prior))
    for j, is_on in enumerate(active):
        if is_on:
            total += np.concatenate(([0.0], np.log(match[j]) - np.log(unmatched[j])))[levels[:, j]]
    return np.asarray(1 / (1 + np.exp(-np.clip(total, -700, 700))), dtype=np.float64)


def rising(weights: Floats) -> Floats:
    """Weights made to rise with the level: neighbours that do not are pooled to their mean."""
    pooled: list[tuple[float, int]] = []
    for weight in weights:
        pooled.append((float(weight), 1))
        while len(pooled) > 1 and pooled[-2][0] > pooled[-1][0]:
            (a, n), (b, m) = pooled[-2:]
            pooled[-2:] = [((a * n + b * m) / (n + m), n + m)]
    return np.array([weight for weight, count in pooled for _ in range(count)])


def level_weights(match: Floats, unmatched: Floats, is_ordered: bool = True) -> Floats:
    """ln(m / u) of each level in nats, rising with the level if the levels are ordered."""
    weights = np.asarray(np.log(match / unmatched), dtype=np.float64)
    return rising(weights) if is_ordered else weights
