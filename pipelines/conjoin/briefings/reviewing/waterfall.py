"""The waterfall of a link: how each comparison moves the evidence from the prior to the verdict."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from conjoin.briefings.figures import Picture
from conjoin.errors import ConjoinError

_FOR, _AGAINST, _TOTAL = "#2f6690", "#d1603d", "#4a4e69"
FORMATS = (".svg", ".png")


def draw_waterfall(steps: pd.DataFrame, title: str) -> Picture:
    """One bar per comparison from where the last one ended, and the sum.

    Args:
        steps: comparison, finding, evidence_weight in bits, in order, the prior first.
        title: What the figure is about.
    """
    weights = steps["evidence_weight"].to_numpy(dtype=float)
    ends = np.cumsum(weights)
    names = [f"{name}: {found}" for name, found in zip(steps["comparison"], steps["finding"], strict=True)]
    figure = Figure(figsize=(9, 0.42 * (len(names) + 1) + 1.2), layout="constrained")
    axes = figure.subplots()
    colours = [_FOR if weight >= 0 else _AGAINST for weight in weights]
    axes.barh([*names, "sum"], [*weights, ends[-1]], left=[*(ends - weights), 0], color=[*colours, _TOTAL], height=0.6)
    for place, (end, weight) in enumerate(zip([*ends, ends[-1]], [*weights, ends[-1]], strict=True)):
        axes.annotate(
            f"{weight:+.1f}",
            (end, place),
            (4 if weight >= 0 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if weight >= 0 else "right",
            fontsize=8.5,
        )
    axes.axvline(0, color="#46505e", linewidth=0.8)
    axes.use_sticky_edges = False  # else bars that end at the edge leave their figures no room
    axes.margins(x=0.12)
    axes.invert_yaxis()
    axes.set_xlabel("evidence in bits: for two sites to the left, for one site to the right")
    axes.set_title(title, fontsize=10, loc="left")
    told = "; ".join(f"{name} {weight:+.1f}" for name, weight in zip(names, weights, strict=True))
    return Picture(figure, f"Waterfall of the evidence in bits: {told}; sum {ends[-1]:+.1f}")


def write_picture(picture: Picture, path: Path) -> None:
    """Write a figure as SVG or PNG, by the ending of ``path``.

    Raises:
        ConjoinError: Another ending, or nothing to write to.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise ConjoinError(f"{path}: a figure is written as {' or '.join(FORMATS)}; choose such a name")
    if not path.parent.is_dir():
        raise ConjoinError(f"{path}: the folder {path.parent} does not exist; make it first")
    metadata = {"Date": None, "Description": picture.alt} if ending == ".svg" else {"Description": picture.alt}
    picture.figure.savefig(path, format=ending[1:], metadata=metadata, dpi=150)
