"""Commands that run the pipeline: init, demo, run, ingest, withdraw, match, build, publish, brief, serve, status.

Exit codes: 0 all is well, 1 not done, 2 the command was mistyped, 3 done, but something that was delivered does not
count, or a page could not be made.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.keeping_commands import erase_and_tell
from conjoin.cli.output import command_name, console, errors, show_rows, shown_path
from conjoin.errors import ConjoinError
from conjoin.progress import listening, stage
from conjoin.settings import load_settings
from conjoin.sources.schedules import EXAMPLE

#: Done, but a delivery was refused, a source could not be ingested, or a page could not be made.
REFUSED_CODE = 3


@app.command(
    help="Make a private project folder: one's own sources, judgements, overrides and settings.\n\n"
    "Example: `conjoin init ~/overlap`"
)
def init(folder: Path = typer.Argument(help="The folder to make; it may exist if it is empty.")) -> None:
    """Make a project folder."""
    from conjoin.tools.project import make_project

    root = make_project(folder)
    console.print(f"Made the project folder {root}.")
    console.print("Work inside it: its sources and judgements are found before the packaged ones. Next:")
    console.print("  conjoin new-source brands/yours --from export.csv", markup=False)


@app.command(
    help="Run everything once over the shipped samples, into a data folder of its own.\n\nExample: `conjoin demo`"
)
def demo() -> None:
    """Run the nightly flow over the samples."""
    from conjoin.tools.project import fill_inbox_with_samples

    settings = load_settings()
    count = fill_inbox_with_samples(settings)
    console.print(f"Put {count} invented sample files into {shown_path(settings.inbox)}.", soft_wrap=True)
    _run_nightly([], [""])
    console.print("\nTry next:")
    for line in (
        "desk                            # overview, sites, review and questions in the browser",
        "ask                             # the questions that the warehouse answers",
        "brief --country TR              # the briefing for one country",
        "sql 'from marts.source_overlap' # any question of one's own",
    ):
        console.print(f"  {command_name()} {line}", markup=False, soft_wrap=True)


@app.command(
    help="Run the nightly flow now: ingest all sources, match, build, check, publish, brief.\n\n"
    "Example: `conjoin run --country TR --country BD`"
)
def run(
    country: list[str] = typer.Option([], help="A briefing per country; one over all countries when left out."),
    source: list[str] = typer.Option([], help="Ingest these sources only."),
) -> None:
    """Run the nightly flow."""
    _run_nightly(source, country or [""])


@app.command(help="Read what waits in the inbox of one source, or of all.\n\nExample: `conjoin ingest northwind`")
def ingest(
    source: list[str] = typer.Argument(None, help="Names of sources; all when left out."),
    readmit: list[str] = typer.Option([], help="A waiting file that counts although its content was erased."),
    reason: str = typer.Option("", help="Who asked for --readmit, and why; kept in the ledger."),
) -> None:
    """Ingest sources."""
    from conjoin.errors import SettingsError
    from conjoin.flows.summary import COLUMNS, summary_rows
    from conjoin.keeping.archive import Archive
    from conjoin.keeping.run_journal import recorded_run
    from conjoin.sources import registry
    from conjoin.steps.deliveries import sources_in_use
    from conjoin.steps.ingest import ingest_source

    settings = load_settings()
    if readmit and not (reason and len(source or []) == 1):
        raise SettingsError("--readmit needs the name of one source, and --reason: who asked for it, and why")
    names = [registry.source(name).name for name in source or []] or list(sources_in_use(settings))
    if not names:
        raise ConjoinError(
            "; ".join(registry.broken_sources().values())
            or "no source is declared here yet; begin one with `conjoin new-source`"
        )
    summaries, failures = [], {} if source else registry.broken_sources()
    with recorded_run(settings, "conjoin ingest") as record:
        Archive(settings.archive).must_open()
        with stage("Reading sources", len(names)) as told:
            for name in names:
                told.now(name)
                try:
                    summaries.append(ingest_source(settings, name, dict.fromkeys(readmit, reason)))
                except ConjoinError as error:
                    failures[name] = str(error)
        if not summaries:
            raise ConjoinError("; ".join(f"{name}: {text}" for name, text in failures.items()))
        refused = {summary.source_name: summary.refused for summary in summaries if summary.refused}
        record.outcome = "refused" if refused or failures else "completed"
    show_rows("Ingested", COLUMNS, summary_rows(summaries, failures))
    for summary in summaries:
        for notice in summary.notices:
            if notice not in summary.refused:
                console.print(f"{summary.source_name}: {notice}", markup=False)
    _end_red(failures, refused, "everything else is landed")


@app.command(
    help="Take back all that a source delivered, or one file of it; it is left out of every later run.\n\n"
    "With --erase its originals and all that was made of them are removed for good, published warehouses too.\n\n"
    "Example: `conjoin withdraw northwind --reason 'agreement ended'`"
)
def withdraw(
    source: str = typer.Argument(help="Name of the source."),
    reason: str = typer.Option(..., help="Who asked, and why; kept in the ledger."),
    file: str = typer.Option("", help="Name of one delivered file; the whole source when left out."),
    erase: bool = typer.Option(False, "--erase", help="Remove the bytes too, for good; the ledger keeps a tombstone."),
) -> None:
    """Withdraw a source."""
    from conjoin.keeping.run_lock import run_lock
    from conjoin.steps.deliveries import delivered_name
    from conjoin.steps.deliveries import withdraw as withdraw_source

    settings = load_settings()
    name = delivered_name(settings, source)
    if erase:
        from conjoin.steps.erase import withdraw_and_erase

        erase_and_tell("conjoin withdraw --erase", lambda by: withdraw_and_erase(settings, name, file, reason, by))
        return
    with run_lock(settings, "conjoin withdraw"):
        withdraw_source(settings, name, file, reason)
    console.print("Withdrawn. The next `conjoin run` leaves it out; the ledger keeps the fact and the reason.")


@app.command(help="Match all current site records.\n\nExample: `conjoin match`")
def match() -> None:
    """Match site records."""
    from conjoin.flows.scale import comparing
    from conjoin.keeping.run_lock import run_lock
    from conjoin.steps.match import match_sites

    settings = load_settings()
    with run_lock(settings, "conjoin match"):
        summary = match_sites(settings, compare=comparing(settings))
    console.print(
        f"{summary.record_count} site records, {summary.site_count} sites, {summary.review_count} pairs for a person; "
        f"{summary.vague_count} records name nobody or no place and join no other by evidence"
    )


@app.command(
    help="Build and check the warehouse; what is published stays as it is.\n\n"
    "Example: `conjoin build --as-of 2025-06-30 --out june.duckdb`"
)
def build(
    as_of: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="Reckon from this day, with what was delivered and in force then; needs --out."
    ),
    out: Path | None = typer.Option(None, help="Build this file, never to be published; `conjoin ask` can read it."),
) -> None:
    """Build the warehouse."""
    from conjoin.errors import SettingsError
    from conjoin.flows.scale import comparing
    from conjoin.keeping.run_lock import run_lock
    from conjoin.steps.build import build_warehouse

    if as_of and not out:
        raise SettingsError("--as-of needs --out: a warehouse of an earlier day must not be published as today's")
    settings = load_settings()
    with run_lock(settings, "conjoin build"):
        summary = build_warehouse(settings, as_of.date() if as_of else None, out, comparing(settings))
    show_rows("Built, not published", ("Mart", "Rows"), summary.row_counts.items())


@app.command(
    help="Publish the built warehouse if its checks allow it, or go back to the one before.\n\n"
    "Example: `conjoin publish --previous`"
)
def publish(
    previous: bool = typer.Option(False, "--previous", help="Go back to the version before the published one."),
) -> None:
    """Publish the warehouse."""
    from conjoin.keeping.run_lock import run_lock
    from conjoin.steps.build import publish_warehouse
    from conjoin.steps.pages.index import write_index
    from conjoin.warehouse.versions import publish_previous

    settings = load_settings()
    with run_lock(settings, "conjoin publish"):
        if previous:
            version = publish_previous(settings)
            write_index(settings)  # which pages are stale now
            console.print(f"Published version {version.number} of {version.published_at:%Y-%m-%d %H:%M} UTC again.")
            console.print(
                "It stays until something new is delivered or declared; `conjoin brief` renders its briefing."
            )
            return
        found = publish_warehouse(settings)
        write_index(settings)
    console.print(f"Published {shown_path(settings.warehouse)}\nChecks:   {shown_path(found.pages)}", soft_wrap=True)


@app.command(
    help="Render a briefing as one self-contained page, and as PDF where something on the machine can print one.\n\n"
    "Which there are: overlap_briefing, source_coverage, match_quality, site_dossier (--site), organisation_view "
    "(--reader), and those in the project's notebooks/.\n\n"
    "Example: `conjoin brief --country TR --from 2025-01-01 --to 2025-12-31`"
)
def brief(
    notebook: str = typer.Option("overlap_briefing", help="Which one: the name of a notebook."),
    country: str = typer.Option("", help="ISO code of a country; all countries when left out."),
    from_date: datetime | None = typer.Option(None, "--from", formats=["%Y-%m-%d"], help="First day."),
    to_date: datetime | None = typer.Option(None, "--to", formats=["%Y-%m-%d"], help="Last day."),
    site: str = typer.Option("", help="A site by id, identifier or name, for site_dossier."),
    reader: str = typer.Option("", help="An organisation or party, for organisation_view."),
    given: list[str] = typer.Option([], "--set", help="Another parameter of the notebook, as name=value."),
    pdf: bool = typer.Option(True, help="Print the page as PDF too."),
    warehouse: Path | None = typer.Option(
        None, help="A file of `conjoin build --out` or of a pack; the page is put beside it."
    ),
) -> None:
    """Render a briefing."""
    from conjoin.steps.brief import make_page
    from conjoin.steps.pages.requests import page_request, values_of

    told = {"country": country, "site": site, "reader": reader}
    days = {"from_date": from_date and from_date.date(), "to_date": to_date and to_date.date()}
    named = {name: value for name, value in {**told, **days}.items() if value}
    request = page_request(notebook, {**named, **values_of(given)}, "", "--{} {}")
    settings = load_settings().model_copy(update={} if pdf else {"pdf": False})
    made = make_page(settings, request, warehouse)
    console.print(f"Briefing: {shown_path(made.page)}", soft_wrap=True, markup=False)
    if made.pdf:
        console.print(f"PDF:      {shown_path(made.pdf)}", soft_wrap=True, markup=False)
    if made.no_pdf:
        console.print(made.no_pdf, soft_wrap=True, markup=False)


@app.command(
    help="Serve every source on its own schedule, and the nightly run, until stopped.\n\n"
    "On the Prefect server that PREFECT_API_URL names, else on one of its own, which ends with it.\n\n"
    "Example: `conjoin serve`"
)
def serve(nightly: str = typer.Option(EXAMPLE, help="Cron of the nightly run, UTC.")) -> None:
    """Serve the deployments."""
    from conjoin.flows.serving import serve as serve_sources
    from conjoin.steps.deliveries import sources_in_use
    from conjoin.watch.next_runs import NextRun

    settings = load_settings()

    def tell(url: str, planned: list[NextRun]) -> None:
        rows = [(f"{run.starts_at:%Y-%m-%d %H:%M}", run.title, run.schedule) for run in planned]
        show_rows("Next runs, UTC", ("Starts", "What", "Schedule"), rows)
        console.print(f"Prefect's pages: {url.removesuffix('/api')}", markup=False, soft_wrap=True)
        console.print(f"For its own commands: export PREFECT_API_URL={url}", markup=False, soft_wrap=True)
        console.print("Ctrl-C ends it; until then each run starts by itself. `conjoin status` tells how they went.")

    with listening(None):
        serve_sources(settings, list(sources_in_use(settings).values()), nightly, tell)
    console.print("Ended: nothing starts by itself any more.")


@app.command(
    help="Tell how things stand: what arrived, is late or refused, what ran, what is published, what comes next.\n\n"
    "Example: `conjoin status`"
)
def status() -> None:
    """Tell how things stand."""
    from rich.markdown import Markdown

    from conjoin.watch.status import take_stock
    from conjoin.watch.status_text import status_text

    found = take_stock(load_settings())
    console.print(Markdown(status_text(found)))
    if not found.is_green:
        raise typer.Exit(REFUSED_CODE)


def _run_nightly(sources: list[str], countries: list[str]) -> None:
    from conjoin.flows.by_hand import run_now
    from conjoin.flows.summary import COLUMNS, summary_rows
    from conjoin.sources import registry

    names = [registry.source(name).name for name in sources] or None
    with listening(None):  # Prefect tells of every task as it begins and ends
        summary = run_now(names, [country.upper() for country in countries])
    show_rows("What came in", COLUMNS, summary_rows(summary.sources, summary.failures))
    if not summary.is_published:
        console.print("Nothing new: what is published stays as it is.\n")
    figures = [(name, f"{value:,}") for name, value in summary.headlines.items()]
    show_rows("What is published", ("Figure", "Value"), figures)
    for page in summary.pages:
        console.print(shown_path(page), markup=False, soft_wrap=True)
    if summary.no_pdf:
        console.print(summary.no_pdf, markup=False, soft_wrap=True)
    for name, text in sorted(summary.failed_pages.items()):
        errors.print(f"Not made: {name}: {text}. An earlier one stays.", markup=False, soft_wrap=True)
    _end_red(summary.failures, summary.refused, "everything else is published")
    if summary.failed_pages:
        raise typer.Exit(REFUSED_CODE)


def _end_red(failures: Mapping[str, str], refused: Mapping[str, list[str]], rest: str) -> None:
    """Say at the very end, and by the exit code, that something does not count; nothing happens if all does."""
    told = [f"  {name}: {error}" for name, error in sorted(failures.items())]
    told += [f"  {name}: {text}" for name, texts in sorted(refused.items()) for text in texts]
    if told:
        names = ", ".join(sorted({*failures, *refused}))
        errors.print(f"[bold red]Refused:[/] {names}; {rest}.", soft_wrap=True)
        errors.print("\n".join(told), markup=False, soft_wrap=True)
        raise typer.Exit(REFUSED_CODE)
