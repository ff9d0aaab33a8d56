"""Commands about declarations: new-source, try, accept, reference."""

from pathlib import Path

import typer

from conjoin import content
from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame, show_rows, shown_path

_MOST_ADVICE = 10


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
    encoding: str = typer.Option("", help="Of a text file, such as cp1254; guessed when left out."),
    skip_rows: int = typer.Option(0, help="Lines above the header."),
    header_rows: int = typer.Option(1, help="Rows of a workbook that make up the header."),
    sheet: str = typer.Option("", help="Sheets of a workbook to read; all when left out."),
    records: str = typer.Option("", help="Keys of a JSON file down to its rows, such as suppliers/audits."),
) -> None:
    """Scaffold a source."""
    from conjoin.sources.scaffold import scaffold

    known = {"encoding": encoding, "sheet": sheet, "skip_rows": skip_rows, "records": records.split("/")}
    layout = {option: value for option, value in known.items() if value not in ("", 0, [""])}
    layout |= {"header_rows": header_rows} if header_rows > 1 else {}
    root = content.project_root() or content.packaged_root()
    path = shown_path(scaffold(root, name, export, layout))
    console.print(f"Wrote {path}.", soft_wrap=True)
    console.print("Next: map or ignore every column there, put invented rows into the folder sample/ beside it,")
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
    for advice in reading.advice[:_MOST_ADVICE]:
        console.print(f"To do: {advice}", markup=False)
    for file_name, counts in reading.readings.items():
        console.print(
            f"{file_name}: {counts.rows_read} rows read, {counts.rows_accepted} accepted, "
            f"{counts.rows_refused} refused, {counts.rows_repeated} repeated, {counts.rows_skipped} skipped"
        )
        for notice in counts.notices:
            console.print(notice, markup=False)


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


@app.command(
    "reference",
    help="List the reference tables, or copy one into the project folder to be edited there.\n\n"
    "Example: `conjoin reference acceptance_policies`",
)
def reference(table: str = typer.Argument("", help="The table to edit; all are listed when left out.")) -> None:
    """List reference tables, or begin to edit one."""
    from conjoin.errors import SettingsError
    from conjoin.warehouse.reference import copy_to_edit, reference_tables

    if not table:
        rows = [(name, described.grain) for name, described in reference_tables().items()]
        show_rows("Reference tables", ["Table", "One row is"], rows)
        return
    root = content.project_root()
    if root is None:
        raise SettingsError("reference tables are edited in a project folder; make one with `conjoin init FOLDER`")
    path, is_new = copy_to_edit(table, root)
    console.print(f"{'Copied to' if is_new else 'You already have'} {shown_path(path)}.", soft_wrap=True)
    console.print("Edit it as CSV UTF-8, then `conjoin build` and `conjoin publish`.", markup=False)


@app.command(
    "fields",
    help="List the fields that a column can be mapped to: of all tables, or of one with their meaning.\n\n"
    "Example: `conjoin fields audit_records`",
)
def fields(table: str = typer.Argument("", help="A table; all are listed when left out.")) -> None:
    """List tables, or the fields of one."""
    from conjoin.errors import SchemaError
    from conjoin.schemas.tables import PROVENANCE, tables

    known = tables()
    if not table:
        rows = [(name, found.grain) for name, found in known.items()]
        show_rows("Tables that a feed can emit", ["Table", "One row is"], rows)
        console.print("`conjoin fields TABLE` lists the fields of one.", markup=False)
        return
    if table not in known:
        raise SchemaError(f"{table}: no table is called that; there are {', '.join(known)}")
    declared = known[table]
    own = [entry for entry in known[table].fields if entry.name not in (*PROVENANCE, *declared.references)]
    listed = [
        (
            entry.name,
            f"codes {entry.vocabulary}" if entry.vocabulary else entry.type.replace("_", " "),
            "needed" if entry.name in declared.required else "",
            entry.description,
        )
        for entry in own
    ]
    show_rows(f"Fields of {table}: {declared.grain}", ["Field", "Holds", "", "Meaning"], listed)


@app.command(
    "codes",
    help="List the codes that a field of categories may hold, with the spellings that are understood.\n\n"
    "Example: `conjoin codes scheme`",
)
def codes(name: str = typer.Argument("", help="A vocabulary; all are listed when left out.")) -> None:
    """List vocabularies, or the codes of one."""
    from conjoin.errors import SchemaError
    from conjoin.schemas.vocabularies import vocabularies

    known = vocabularies()
    if not name:
        rows = [(found.name, len(found.codes), found.description) for found in known.values()]
        show_rows("Vocabularies", ["Name", "Codes", "What it lists"], rows)
        return
    if name not in known:
        raise SchemaError(f"{name}: no vocabulary is called that; there are {', '.join(known)}")
    listed = [(code, entry.title, ", ".join(entry.synonyms)) for code, entry in known[name].values.items()]
    show_rows(f"Codes of {name}", ["Code", "Title", "Also understood"], listed)


def _read_samples(name: str):  # type: ignore[no-untyped-def] # imported late, to keep --help quick
    import duckdb

    from conjoin.sources import registry
    from conjoin.sources.samples import read_samples

    source = registry.source(name)
    folder = registry.folders()[source.name]
    with duckdb.connect() as con:
        return read_samples(con, source, folder), folder
