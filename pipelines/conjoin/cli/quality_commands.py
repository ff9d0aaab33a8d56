"""Commands about the quality of matching: train, evaluate, candidates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame, show_rows
from conjoin.errors import SettingsError
from conjoin.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd

_RECORDS = typer.Option("--records", exists=True, dir_okay=False, help="Files of records, as for `conjoin link`.")
_PAIRS = typer.Argument(
    exists=True,
    dir_okay=False,
    help="Labelled pairs: id_a, id_b, label; grade, kind and country; one file or more.",
)
Records = Annotated[list[Path], _RECORDS]
Pairs = Annotated[list[Path], _PAIRS]


@app.command(
    help="Train a match model: weights without labels, then calibrated on judged pairs. The same input gives the same "
    "bytes.\n\nExample: `conjoin train pairs.csv --records records.csv --out schemas/matching/model.toml`"
)
def train(
    pairs: Pairs,
    records: Records,
    out: Path = typer.Option(..., help="The model file to write."),
    version: str = typer.Option("own-1", help="Name of the model; every link names it."),
) -> None:
    """Train a model."""
    from conjoin.tools.judged_pairs import train_model

    for line in train_model(load_settings(), pairs, records, out, version):
        console.print(line, markup=False)
    console.print(f"Wrote {out}", markup=False)


@app.command(
    help="Score matching on labelled pairs: per grade, kind and country, with intervals, and the worst errors.\n\n"
    "Example: `conjoin evaluate pairs.csv --records records.csv`"
)
def evaluate(
    pairs: Pairs,
    records: Records,
    model: Path | None = typer.Option(None, exists=True, dir_okay=False, help="A model file; else the shipped one."),
    unique_within: str = typer.Option("", help="Sources that hold every site once, separated by commas."),
    cross_validate: bool = typer.Option(False, help="Judge each pair with a model trained on the other clusters."),
    errors_to: Path | None = typer.Option(None, help="Write the worst errors, side by side, to this CSV file."),
) -> None:
    """Evaluate matching."""
    from conjoin.cli.evaluation_output import show_evaluation
    from conjoin.tools.judged_pairs import evaluate_files

    unique = frozenset(name.strip() for name in unique_within.split(",") if name.strip())
    found = evaluate_files(load_settings(), pairs, records, model, unique, cross_validate)
    show_evaluation(found)
    if errors_to:
        from conjoin.sheets import write_csv

        write_csv(found.errors, errors_to)
    if found.unknown_count:
        console.print(f"{found.unknown_count} pairs name a record that is not among the given ones.")


@app.command(
    help="Count candidate pairs per rule, and how many true pairs each rule finds: of labelled pairs and files or, "
    "without any, of all that has landed and the judgements on file.\n\n"
    "Example: `conjoin candidates pairs.csv --records records.csv --report`"
)
def candidates(
    pairs: Annotated[list[Path] | None, _PAIRS] = None,
    records: Annotated[list[Path] | None, _RECORDS] = None,
    report: bool = typer.Option(False, help="List the fullest buckets, and those that the caps drop."),
) -> None:
    """Report on candidate pairs."""
    from conjoin.tools.candidates import report_files, report_landed

    if bool(pairs) != bool(records):
        raise SettingsError("give labelled pairs together with --records, or neither to report on what has landed")
    found = report_files(load_settings(), pairs, records) if pairs and records else report_landed(load_settings())
    rows = [
        (
            rule.name,
            rule.pair_count,
            rule.only_count,
            f"{rule.found_count}/{found.true_count}",
            f"{rule.found_count / found.true_count:.3f}" if found.true_count else "",
            rule.only_found_count,
            rule.dropped_count,
            rule.lost_count,
        )
        for rule in found.rules
    ]
    columns = ("Rule", "Pairs", "Exclusive", "True", "Recall", "Exclusive", "Dropped", "Lost")
    show_rows("Candidate pairs", columns, rows)
    console.print(
        "Exclusive: made by no other rule. Dropped: buckets over the cap, which make no\n"
        "pairs. Lost: true pairs that only such buckets hold. Rows that say the same in\n"
        "everything that matching reads count as one record."
    )
    if report:
        show_frame("Fullest buckets that make pairs", _headed(found.largest))
        show_frame("Fullest buckets over their cap, which make none", _headed(found.dropped))


def _headed(buckets: "pd.DataFrame") -> "pd.DataFrame":
    return buckets.rename(columns=str.title)
