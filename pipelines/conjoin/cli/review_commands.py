"""Commands on judgements: reviews export, reviews import."""

from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, errors
from conjoin.settings import load_settings

reviews = typer.Typer(
    no_args_is_help=True,
    help="Take the review queue to a person and the judgements back.\n\nExample: `conjoin reviews export queue.xlsx`",
)
app.add_typer(reviews, name="reviews")


@reviews.command(
    name="export",
    help="Write the review queue as a spreadsheet: fill in judgement and reviewer, and import it again.\n\n"
    "Questions that somebody has judged are left out.\n\nExample: `conjoin reviews export queue.xlsx`",
)
def export_command(
    out: Path = typer.Argument(help="The .xlsx file to write."),
    everything: bool = typer.Option(False, "--all", help="Also questions on which a judgement is on file."),
) -> None:
    """Export the review queue."""
    from conjoin.steps.reviews import export_queue

    made = export_queue(load_settings(), out, everything)
    judged = f" {made.left_out} more are on file already; --all includes them." if made.left_out else ""
    console.print(f"Wrote {made.written} questions to {out}.{judged}", markup=False, soft_wrap=True)
    if made.of_cases:
        errors.print(
            f"{made.of_cases} of them rest on complaint cases (column visible to): take these rows out before "
            "the sheet goes to anybody but a case worker.",
            soft_wrap=True,
        )
    if made.written:
        console.print(f"Fill in the yellow columns, then `conjoin reviews import {out}`.", markup=False, soft_wrap=True)


@reviews.command(
    name="import",
    help="Append judgements from a filled-in sheet to decisions.csv: all of them or, if a cell is wrong, none.\n\n"
    "Example: `conjoin reviews import queue.xlsx`",
)
def import_command(path: Path = typer.Argument(help="A .xlsx or .csv file.")) -> None:
    """Import judgements."""
    from conjoin.keeping.run_lock import run_lock
    from conjoin.steps.reviews import import_judgements

    settings = load_settings()
    with run_lock(settings, "conjoin reviews import"):
        summary = import_judgements(settings, path)
    for notice in summary.notices:
        errors.print(notice, markup=False)
    console.print(f"Added {summary.added} judgements to {summary.decisions}. The next `conjoin run` honours them.")
