"""Commands about declarations: new-source, try, accept."""

from pathlib import Path

import typer

from conjoin import content
from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame


@app.command(
    "new-source",
    help="Begin a source: a declaration with every column of a real file as a TODO.\n\n"
    "Example: `conjoin new-source brands/northwind --from export.csv`",
)
def new_source(
    name: str = typer.Argument(help="Kind and name, such as brands/northwind."),
    export: Path = typer.Option(
        ..., "--from", exists=True, dir_okay=False, help="A real file; only its header is used."
    ),
) -> None:
    """Scaffold a source."""
    from conjoin.sources.scaffold import scaffold

    root = content.project_root() or content.packaged_root()
    path = scaffold(root, name, export)
    console.print(
        f"Wrote {path}.\nNext: map or ignore every column there, put invented rows into {path.parent}/sample/,"
    )
    console.print(f"then `conjoin try {name}`.", markup=False)


@app.command(
    "try",
    help="Read a source's sample files and show what they become; nothing is kept.\n\n"
    "Example: `conjoin try brands/northwind`",
)
def try_source(
    name: str = typer.Argument(help="The source, such as brands/northwind."),
    rows: int = typer.Option(8, help="How many rows to show of each table."),
) -> None:
    """Read the samples of a source."""
    reading, _ = _read_samples(name)
    for table_name, frame in reading.frames.items():
        title = "refused" if table_name == "rejected" else table_name
        show_frame(f"{title}: {len(frame)} rows", frame, rows)
    for file_name, counts in reading.readings.items():
        console.print(
            f"{file_name}: {counts.rows_read} rows read, {counts.rows_accepted} accepted, "
            f"{counts.rows_refused} refused, {counts.rows_repeated} repeated, {counts.rows_skipped} skipped"
        )


@app.command(
    "accept",
    help="Write down what a source's samples become, as the expectation that tests hold it to.\n\n"
    "Example: `conjoin accept brands/northwind`",
)
def accept(name: str = typer.Argument(help="The source, such as brands/northwind.")) -> None:
    """Write expected/ of a source."""
    from conjoin.sources.samples import accept_samples

    reading, folder = _read_samples(name)
    for path in accept_samples(reading, folder):
        console.print(f"Wrote {path}")
    console.print("Read the difference before you commit it: that is the review.")


def _read_samples(name: str):  # type: ignore[no-untyped-def] # imported late, to keep --help quick
    import duckdb

    from conjoin.sources import registry
    from conjoin.sources.samples import read_samples

    source = registry.source(name)
    folder = registry.folders()[source.name]
    with duckdb.connect() as con:
        return read_samples(con, source, folder), folder
