"""How the scores of an evaluation are printed: tables that fit 80 columns, mistakes side by side."""

import pandas as pd
from rich.markup import escape

from conjoin.cli.output import console, show_frame, show_rows
from conjoin.tools.judged_pairs import Evaluation, GroupScores

_TITLES = {
    "all": "Labelled pairs, with 95 % intervals",
    "grade": "Per grade",
    "kind": "Per kind",
    "country": "Per country",
}
_COLUMNS = ("Group", "Recall", "Precision", "F1", "False merges")
_LISTED_ERRORS = 20


def show_evaluation(found: Evaluation) -> None:
    """Print scores per group, clusters, the curve, and the surest mistakes with both records side by side."""
    for kind, title in _TITLES.items():
        show_rows(title, _COLUMNS, [_group_cells(group) for group in found.groups if group.kind == kind])
    clusters = found.clusters
    show_rows(
        "Clusters of labelled records",
        ("Precision", "Recall", "F1", "Over-merged", "Over-split", "Largest"),
        [
            (
                *(f"{value:.3f}" for value in (clusters.precision, clusters.recall, clusters.f1)),
                clusters.over_merged,
                clusters.over_split,
                clusters.largest,
            )
        ],
    )
    show_frame("Links alone, by threshold of their probability", found.curve.round(3))
    show_frame("How often pairs are true where a probability is told", found.reliability.round(3))
    console.print(f"[bold]The surest of {len(found.errors)} listed mistakes[/]")
    for _, error in found.errors.head(_LISTED_ERRORS).iterrows():
        _show_error(error)


def _group_cells(group: GroupScores) -> tuple[str, ...]:
    """One row of a table: hits of how many, share, and below these the interval."""
    scores, intervals = group.scores, group.intervals
    merged = scores.found_count + scores.merged_count
    return (
        scores.group.replace("_", " "),
        _cell(f"{scores.found_count}/{scores.true_count} ", scores.recall, intervals["recall"]),
        _cell(f"{scores.found_count}/{merged} ", scores.precision, intervals["precision"]),
        _cell("", scores.f1, intervals["f1"]),
        _cell(f"{scores.merged_count}/{scores.false_count} ", scores.false_merge_rate, intervals["false_merge_rate"]),
    )


def _cell(counts: str, value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    return f"{counts}{value:.3f}" + (f"\n{interval[0]:.2f}-{interval[1]:.2f}" if interval else "")


def _show_error(error: "pd.Series[str]") -> None:
    """One mistake: what was expected, the two records beside each other, and what the comparison said."""
    expected = "One site, kept apart" if error["is_match"] else "Two sites, made one"
    rows = [
        (label, *("" if pd.isna(error[f"{name}_{side}"]) else error[f"{name}_{side}"] for side in ("left", "right")))
        for label, name in (("record", "record_id"), ("name", "site_name"), ("address", "site_address"))
    ]
    country = error["country_code_left"]
    title = (
        f"{expected}; probability {error['match_probability']:.2f}{f'; {country}' if isinstance(country, str) else ''}"
    )
    show_rows(title, ("", "Left", "Right"), rows)
    console.print(escape(str(error["explanation"])) + "\n")
