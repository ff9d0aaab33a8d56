"""The match model: weights per comparison level, prior and calibration; a readable, versioned file.

Weights are integers in milli-nats (a thousandth of a natural logarithm), so that sums are exact whatever their order.
A model belongs to one version of the normalisation and to one list of comparisons; another one is refused.
"""

import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from conjoin import content
from conjoin.errors import ModelMismatch
from conjoin.matching.pairs.levels import COMPARISONS
from conjoin.matching.text.ascii import NORMALISATION_VERSION

SHIPPED_MODEL = "schemas/matching/model.toml"


@dataclass(frozen=True)
class MatchModel:
    """What turns levels into weights and weights into probabilities.

    Attributes:
        version: Name of the model, written into every result.
        prior: Weight of a candidate pair before anything is compared, in milli-nats.
        weights: Weight of each level of each comparison, weakest first, in milli-nats; nothing compared weighs 0.
        knots: Points (weight, probability) of the calibration, both rising; straight lines between.
        missing_weight: Weight of two records that no candidate rule brought together.
        margin: By how much one sibling must lead before a record without a unit joins it.
    """

    version: str
    prior: int
    weights: dict[str, tuple[int, ...]]
    knots: tuple[tuple[int, float], ...]
    missing_weight: int = -3000
    margin: int = 1000

    def level_weight(self, comparison: str, level: int) -> int:
        """Weight of one level; level 0, nothing to compare, weighs 0."""
        return self.weights[comparison][level - 1] if level else 0

    def pattern_weights(self, patterns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Weight of each pattern, prior included."""
        total = np.full(len(patterns), self.prior, dtype=np.int64)
        rest = patterns.astype(np.int64)
        for comparison in COMPARISONS:
            rest, level = np.divmod(rest, len(comparison.levels) + 1)
            total += np.array((0, *self.weights[comparison.name]), dtype=np.int64)[level]
        return total

    def probabilities(self, weights: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Calibrated probability of each weight."""
        knot_weights, knot_probabilities = zip(*self.knots, strict=True)
        found: npt.NDArray[np.float64] = np.interp(weights.astype(np.float64), knot_weights, knot_probabilities)
        return found

    def probability(self, weight: int) -> float:
        """Calibrated probability of one weight."""
        weights = [knot[0] for knot in self.knots]
        place = min(max(bisect_right(weights, weight), 1), len(weights) - 1)
        return float(
            np.interp(weight, weights[place - 1 : place + 1], [k[1] for k in self.knots][place - 1 : place + 1])
        )


def parse_model(raw: dict[str, Any], where: str) -> MatchModel:
    """A model out of its parsed file.

    Raises:
        ModelMismatch: The model was made for another normalisation or other comparisons.
    """
    if raw.get("normalisation") != NORMALISATION_VERSION:
        raise ModelMismatch(
            f"{where}: made for normalisation {raw.get('normalisation')!r}, this version of Conjoin has "
            f"{NORMALISATION_VERSION!r}; train it again or remove it to use the shipped model"
        )
    expected = {comparison.name: len(comparison.levels) for comparison in COMPARISONS}
    found = {name: len(levels) for name, levels in raw.get("weights", {}).items()}
    if found != expected:
        differing = sorted(name for name in expected | found if expected.get(name) != found.get(name))
        raise ModelMismatch(f"{where}: the levels of {', '.join(differing)} differ from this version; train it again")
    return MatchModel(
        version=raw["version"],
        prior=int(raw["prior"]),
        weights={name: tuple(int(weight) for weight in raw["weights"][name]) for name in expected},
        knots=tuple((int(weight), float(probability)) for weight, probability in raw["knots"]),
        missing_weight=int(raw["missing_weight"]),
        margin=int(raw["margin"]),
    )


def model_text(model: MatchModel, report: list[str]) -> str:
    """The model as its file: the training report as comments, then the figures."""
    lines = [f"# {line}".rstrip() for line in report]
    lines += [
        f'version = "{model.version}"',
        f'normalisation = "{NORMALISATION_VERSION}"',
        f"prior = {model.prior}",
        f"missing_weight = {model.missing_weight}",
        f"margin = {model.margin}",
        "",
        "# weight, probability",
        f"knots = {[list(knot) for knot in model.knots]}",
        "",
        "[weights]",
    ]
    lines += [f"{name} = {list(weights)}" for name, weights in model.weights.items()]
    return "\n".join(lines) + "\n"


def read_model(path: Path) -> MatchModel:
    """The model in a file."""
    return parse_model(tomllib.loads(path.read_text(encoding="utf-8")), str(path))


@cache
def shipped_model() -> MatchModel:
    """The model that the project folder or the package brings."""
    return read_model(content.find(SHIPPED_MODEL))
