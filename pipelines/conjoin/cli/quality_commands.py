"""Commands about the quality of matching: train, evaluate, candidates."""

from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame, show_rows
from conjoin.settings import load_settings

_RECORDS = typer.Option(..., "--records", exists=True, dir_okay=False, help="Files of records, as for `conjoin link`.")


@app.command(
    help="Train a match model: weights without labels, then calibrated on judged pairs. The same input gives the same "
    "bytes.\n\nExample: `conjoin train pairs.csv --records records.csv --out schemas/matching/model.toml`"
)
def train(
    pairs: Path = typer.Argument(exists=True, dir_okay=False, help="Judged pairs: id_a, id_b, label, grade."),
    records: list[Path] = _RECORDS,
    out: Path = typer.Option(..., help="The model file to write."),
    version: str = typer.Option("own-1", help="Name of the model; every link names it."),
) -> None:
    """Train a model."""
    from conjoin.flows.labelled import train_model

    for line in train_model(load_settings(), pairs, records, out, version):
        console.print(line, markup=False)
    console.print(f"Wrote {out}", markup=False)


@app.command(
    help="Score matching on labelled pairs: per grade, kind and country, with intervals, and the worst errors.\n\n"
    "Example: `conjoin evaluate pairs.csv --records records.csv`"
)
def evaluate(
    pairs: Path = typer.Argument(exists=True, dir_okay=False, help="Labelled pairs: id_a, id_b, label, grade."),
    records: list[Path] = _RECORDS,
    model: Path | None = typer.Option(None, exists=True, dir_okay=False, help="A model file; else the shipped one."),
    unique_within: str = typer.Option("", help="Sources that hold every site once, separated by commas."),
    cross_validate: bool = typer.Option(False, help="Judge each pair with a model trained on the other clusters."),
    errors_to: Path | None = typer.Option(None, help="Write the worst errors, side by side, to this CSV file."),
) -> None:
    """Evaluate matching."""
    from conjoin.flows.labelled import evaluate_files

    unique = frozenset(name.strip() for name in unique_within.split(",") if name.strip())
    found = evaluate_files(load_settings(), pairs, records, model, unique, cross_validate)
    measures = ("recall", "precision", "f1", "false_merge_rate")
    rows = [
        (
            group.scores.group,
            f"{group.scores.found_count}/{group.scores.true_count}",
            f"{group.scores.merged_count}/{group.scores.false_count}",
            *(_figure(getattr(group.scores, measure), group.intervals[measure]) for measure in measures),
        )
        for group in found.groups
    ]
    show_rows("Labelled pairs", ("Group", "Found", "Merged", "Recall", "Precision", "F1", "False merges"), rows)
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
    show_frame("Links alone, by threshold", found.curve.round(3))
    show_frame("Surest mistakes", found.errors)
    if errors_to:
        found.errors.to_csv(errors_to, index=False, lineterminator="\n")
    if found.unknown_count:
        console.print(f"{found.unknown_count} pairs name a record that is not among the given ones.")


@app.command(
    help="Count candidate pairs per rule, and how many labelled true pairs each rule finds.\n\n"
    "Example: `conjoin candidates pairs.csv --records records.csv`"
)
def candidates(
    pairs: Path = typer.Argument(exists=True, dir_okay=False, help="Labelled pairs: id_a, id_b, label."),
    records: list[Path] = _RECORDS,
) -> None:
    """Report on candidate pairs."""
    from conjoin.flows.labelled import count_candidates

    rows = [
        (name, count, f"{found}/{total}", f"{found / total:.3f}" if total else "")
        for name, count, found, total in count_candidates(load_settings(), pairs, records)
    ]
    show_rows("Candidate pairs", ("Rule", "Pairs", "True pairs found", "Recall"), rows)


def _figure(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" + (f"\n{interval[0]:.2f}-{interval[1]:.2f}" if interval else "")
