"""Commands that answer: ask, sql, export, link, doctor, simulate."""

from datetime import datetime
from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, errors, show_frame, show_rows
from conjoin.errors import ConjoinError
from conjoin.plain import message
from conjoin.settings import load_settings


@app.command(
    help="List the saved questions, or answer one.\n\nExample: `conjoin ask busiest_sites --country TR --format csv`"
)
def ask(
    question: str = typer.Argument("", help="Name or number of a question; lists them when left out."),
    country: str = typer.Option("", help="ISO code of a country."),
    from_date: datetime | None = typer.Option(None, "--from", formats=["%Y-%m-%d"], help="First day."),
    to_date: datetime | None = typer.Option(None, "--to", formats=["%Y-%m-%d"], help="Last day."),
    output_format: str = typer.Option("table", "--format", help="table, csv, json or xlsx."),
    out: Path | None = typer.Option(None, help="Write to this file instead of the screen; needed for xlsx."),
    warehouse: Path | None = typer.Option(None, help="Ask this file: of `conjoin build --out`, or of a pack."),
    row_count: int = typer.Option(20, "--rows", min=0, help="How many rows to show on the screen; 0 for all."),
) -> None:
    """Answer a saved question."""
    from conjoin.briefings import queries
    from conjoin.briefings.answering.telling import scope_of
    from conjoin.briefings.answers import write_answer
    from conjoin.briefings.emptiness import Narrowed
    from conjoin.cli.screen.answers import show_answer
    from conjoin.warehouse.connection import asking
    from conjoin.warehouse.versions import told_version

    settings = load_settings()
    if not question:
        rows = [(q.place, q.name, q.title) for q in queries.questions()]
        show_rows("Questions", ("No.", "Name", "What it answers"), rows)
        return
    asked = queries.find_question(question)
    narrowed = Narrowed(
        country=country.upper() or None,
        from_date=from_date.date() if from_date else None,
        to_date=to_date.date() if to_date else None,
    )
    with asking(warehouse or settings.warehouse, settings.query_seconds) as con:
        found = queries.ask(con, asked, narrowed)
        scope = scope_of(con, narrowed, told_version(settings, warehouse), found.withheld_count)
        why = queries.why_no_answer(con, asked, narrowed) if found.frame.empty else ""
    is_shown = output_format == "table" and out is None
    if why:
        _tell_why(f"{asked.title} {why}", is_shown)
    elif is_shown:
        show_answer(asked, found.frame, scope, row_count)
    if not is_shown:
        typer.echo(write_answer(asked, found.frame, output_format, out, scope), nl=False)


@app.command(
    help="Run a query on the published warehouse, read-only.\n\n"
    "Example: `conjoin sql 'select country_code, count(*) as sites from marts.sites group by all order by all'`"
)
def sql(
    query: str = typer.Argument(help="The query; `from marts.sites` alone is one."),
    limit: int = typer.Option(20, help="How many rows to show."),
) -> None:
    """Query the warehouse."""
    import duckdb

    from conjoin.warehouse.connection import asking

    settings = load_settings()
    with asking(settings.warehouse, settings.query_seconds) as con:
        try:
            statements = con.extract_statements(query)
            if len(statements) != 1:
                raise ConjoinError(f"one query at a time; this is {len(statements) or 'none'}")
            frame = con.execute(statements[0]).df()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            errors.print(message(f"DuckDB refuses this query: {error}"), markup=False)
            raise typer.Exit(1) from error
    show_frame("1 row" if len(frame) == 1 else f"{len(frame)} rows", frame, limit)


@app.command(
    "export",
    help="Write the marts for other programs: a folder of Parquet files, or one SQLite file (docs/RECIPES.md).\n\n"
    "Example: `conjoin export marts --format parquet`",
)
def export(
    out: Path = typer.Argument(help="The folder (parquet) or file (sqlite) to write; it must not be there."),
    output_format: str = typer.Option("parquet", "--format", help="parquet or sqlite."),
    warehouse: Path | None = typer.Option(None, help="Export this file, such as a pack's; the published one if none."),
) -> None:
    """Export the marts."""
    from conjoin.tools.export_marts import export_marts

    written = export_marts(warehouse or load_settings().warehouse, out, output_format)
    console.print(f"Wrote {len(written)} marts with {sum(one.rows for one in written):,} rows to {out}.", markup=False)


@app.command(
    help="Match any tables straight from files: which records are one site.\n\n"
    "Input columns: record_id, source, name and, each optional, address, city, region, postal_code, country, lat, lon, "
    "os_id, lei and other identifier schemes. Output: record_id, site_id, probability; every record once.\n\n"
    "Example: `conjoin link lists.csv registry.csv --out sites.csv --unique-within registry`"
)
def link(
    files: list[Path] = typer.Argument(
        exists=True, dir_okay=False, help="Text files (delimiter , ; tab or |) or workbooks."
    ),
    out: Path = typer.Option(..., help="Where to write record_id, site_id, probability."),
    pairs: Path | None = typer.Option(None, help="Where to write the linked pairs, each with an explanation."),
    unique_within: str = typer.Option("", help="Sources that hold every site once, separated by commas, or `all`."),
) -> None:
    """Link records from files."""
    from conjoin.tools.link_files import link_files

    result = link_files(load_settings(), files, out, pairs, unique_within)
    for notice in result.notices:
        errors.print(notice, markup=False, soft_wrap=True)
    console.print(f"{result} Wrote {out}.", markup=False, soft_wrap=True)


@app.command(help="Tell what is installed, what is declared and what is wrong.\n\nExample: `conjoin doctor`")
def doctor() -> None:
    """Examine the installation and the data folder."""
    from conjoin.watch.doctor import examine

    findings = examine(load_settings())
    show_rows("Examined", ("What", "State", "What to do"), [(f.what, f.state, f.advice) for f in findings])
    if any(finding.is_wrong for finding in findings):
        raise typer.Exit(1)


@app.command(
    help="Write deliveries of an invented industry with known truth, in the formats of all sources.\n\n"
    "Example: `conjoin simulate --sites 200 --out world`"
)
def simulate(
    sites: int = typer.Option(200, min=1, help="How many sites the industry has."),
    out: Path = typer.Option(..., help="Folder to write; it must not exist, or be empty."),
    seed: int = typer.Option(7, help="The same seed gives the same world."),
) -> None:
    """Simulate a world."""
    from conjoin.simulate.world import write_world

    summary = write_world(out, sites=sites, seed=seed)
    console.print(f"Wrote {summary.file_count} files of {summary.source_count} sources to {out / 'inbox'}")
    console.print(f"Truth: {out / 'truth'} ({summary.site_count} sites, {summary.event_count} audit events)")


@app.command(
    name="joint-visits",
    help="Plan the fewest visits that serve all planned ones of each site, by months.\n\n"
    "Example: `conjoin joint-visits --country TR --shift 2 --format csv`",
)
def joint_visits(
    country: str = typer.Option("", help="ISO code of a country."),
    shift: int = typer.Option(1, min=0, max=12, help="How many months a visit may be moved, earlier or later."),
    output_format: str = typer.Option("table", "--format", help="table, csv, json or xlsx."),
    out: Path | None = typer.Option(None, help="Write to this file instead of the screen; needed for xlsx."),
) -> None:
    """Plan joint visits."""
    from conjoin.briefings.answering.telling import scope_of
    from conjoin.briefings.answers import write_answer
    from conjoin.briefings.emptiness import Narrowed, why_empty
    from conjoin.briefings.joint_visits import PLAN, RESTS_ON, joint_visit_plan
    from conjoin.briefings.queries import marked
    from conjoin.cli.screen.answers import show_answer
    from conjoin.warehouse.connection import reader
    from conjoin.warehouse.versions import told_version

    settings = load_settings()
    narrowed = Narrowed(country.upper() or None)
    with reader(settings.warehouse) as con:
        plan = marked(con, joint_visit_plan(con, narrowed.country, shift))
        scope = scope_of(con, narrowed, told_version(settings))
        why = why_empty(con, RESTS_ON, narrowed) if plan.empty else ""
    is_shown = output_format == "table" and out is None
    if why:
        _tell_why(f"No visits to plan. {why}", is_shown)
    elif is_shown:
        show_answer(PLAN, plan, scope, limit=0)
        sites = plan.drop_duplicates("site_id")
        console.print(
            f"Planned visits: {len(plan)}, at {len(sites)} sites. "
            f"Needed: {sites['visits_needed'].sum():.0f}, saved: {sites['visits_saved'].sum():.0f}."
        )
    if not is_shown:
        typer.echo(write_answer(PLAN, plan, output_format, out, scope), nl=False)


def _tell_why(sentence: str, is_shown: bool) -> None:
    """Say why there is no answer: in its place on the screen, else beside the file or text that holds it."""
    (console if is_shown else errors).print(sentence, markup=False, soft_wrap=True)


@app.command(
    "what-if",
    help="Judge the published audits again under other rules: visits spared, days freed, and what it would risk.\n\n"
    "No file is touched. SCHEME.validity_months, policies.max_age_months, policies.notice_required, "
    "policies.min_grade, policies.auditor_requirement (none: ask for nothing) and every parameter of docs/RULES.md can "
    "be set.\n\nExample: `conjoin what-if --set smeta.validity_months=18`",
)
def what_if(
    assumptions: list[str] = typer.Option(..., "--set", help="NAME=VALUE; may be given several times."),
    out: Path | None = typer.Option(None, help="Write the table to this CSV file as well."),
) -> None:
    """Ask what another rule would have meant."""
    from conjoin.sheets import write_csv
    from conjoin.tools.what_if import what_if as judge_again

    found = judge_again(load_settings(), assumptions)
    then = f"{found.avoidable_then:,} with {', '.join(assumptions)}"
    console.print(f"Avoidable audits: {found.avoidable_now:,} as published, {then}.", markup=False)
    if found.by_scheme.empty:
        console.print("Nothing changes: no audit would have been spared, and none less.", markup=False)
    else:
        show_frame("By scheme of the audit that would have done", found.by_scheme)
        console.print(
            "Topics newly found are those on which a spared audit found something and the earlier one nothing: what "
            "would have gone unseen. Days are estimates where nobody delivered them.",
            markup=False,
        )
    if out:
        write_csv(found.by_scheme, out)
