"""Commands that hand out: who sees what, packs of readers, released totals, statements of factories."""

from datetime import UTC, date, datetime
from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame, show_rows, shown_path
from conjoin.errors import PackError
from conjoin.settings import load_settings

_DAY = typer.Option(None, "--day", formats=["%Y-%m-%d"], help="As of the end of this day; today when left out.")


@app.command(help="Tell in plain words who sees what of what is pooled.\n\nExample: `conjoin policy`")
def policy() -> None:
    """Show the audience policy."""
    from conjoin.packs.policy_text import policy_sections

    for section in policy_sections():
        show_rows(section.title, section.columns, section.rows)
    console.print("It stands in schemas/policy.toml; who takes part stands in sources/parties.toml.", markup=False)
    _tell_closed()


@app.command(
    help="Make the pack of one party, or of the public: a warehouse built from what it may see, a workbook, a briefing."
    "\n\nExample: `conjoin pack --for northwind --out northwind_pack`"
)
def pack(
    reader: str = typer.Option(..., "--for", help="A party of sources/parties.toml, or public."),
    out: Path = typer.Option(..., help="The folder to write; an earlier pack there is replaced."),
    day: datetime | None = _DAY,
) -> None:
    """Make a pack."""
    from conjoin.keeping.run_lock import run_lock
    from conjoin.packs.pack import MANIFEST, make_pack
    from conjoin.packs.reader import reader_of
    from conjoin.steps.landed import landed_state

    settings = load_settings()
    with run_lock(settings, "conjoin pack"):
        wanted = reader_of(reader, _day(day))
        made = make_pack(settings, landed_state(settings, wanted.day), wanted, out.resolve())
    rows = [(name, count) for name, count in made.manifest["rows_delivered"].items() if count]
    show_rows(f"Rows that {made.reader.party.title} may see", ("Delivered table", "Rows"), rows)
    _tell_closed()
    release = made.manifest["release"]
    console.print(
        f"Totals: release {release['number']} of {release['day']}."
        if release
        else "Totals: none yet; `conjoin release` makes them.",
        markup=False,
    )
    console.print(f"Wrote {shown_path(made.folder)}; {MANIFEST} says what is in it.", soft_wrap=True, markup=False)


@app.command(
    help="Release totals over everything that may stand behind them: the same for every reader, on fixed days.\n\n"
    "Example: `conjoin release --day 2026-09-30`"
)
def release(day: datetime | None = _DAY) -> None:
    """Release totals."""
    from conjoin.keeping.run_lock import run_lock
    from conjoin.packs.pack import release_frame, release_totals
    from conjoin.steps.landed import landed_state

    settings = load_settings()
    with run_lock(settings, "conjoin release"):
        made = release_totals(settings, landed_state(settings, _day(day)), _day(day))
    show_frame(f"Release {made.number} of {made.day}", release_frame(made), limit=40)
    shown = sum(one.shown is not None for one in made.cells)
    console.print(
        f"{shown} of {len(made.cells)} cells are told; the others rest on too few sites or parties, or would give one "
        "away that does, and a country, year or scheme of which nothing is told is not named. Packs made from now on "
        "hold this release.",
        markup=False,
    )


@app.command(
    help="Make the statement of one site: a page or two, HTML and PDF, that its factory can hand to a buyer.\n\n"
    "It holds what is published, and what its deliverers allow on statements.\n\n"
    "Example: `conjoin statement CJ0XH4DAAZDQD --out statements`"
)
def statement(
    site: str = typer.Argument(help="A site id, in use or ended, an identifier of the place, or its name."),
    out: Path = typer.Option(Path(), help="An existing folder; here when left out.", show_default=False),
    day: datetime | None = typer.Option(None, "--day", formats=["%Y-%m-%d"], help="What holds on this day; today."),
) -> None:
    """Make a statement."""
    from conjoin.packs.statement.make import make_statement

    made = make_statement(load_settings(), site, _day(day), out.resolve())
    console.print(
        f"{made.site_name or made.site_id}: {made.audits_told} of {made.audits_known} audits may stand on the page.",
        soft_wrap=True,
        markup=False,
    )
    if made.questions:
        console.print(
            f"{made.questions} open questions about which records are this site: settle them before you hand it out "
            "(conjoin desk, Review).",
            soft_wrap=True,
            markup=False,
        )
    if made.no_pdf:
        console.print(made.no_pdf, soft_wrap=True, markup=False)
    for path in filter(None, (made.page, made.pdf)):
        console.print(f"Wrote {shown_path(path)}", soft_wrap=True, markup=False)


def _tell_closed() -> None:
    """A source that nobody answers for is in no pack; that must not go by without a word."""
    from conjoin.packs.reader import closed_sources

    if closed := closed_sources(load_settings()):
        console.print(
            f"Closed to everybody but for public rows, since nobody in sources/parties.toml delivers them: "
            f"{', '.join(closed)}",
            soft_wrap=True,
            markup=False,
        )


def _day(day: datetime | None) -> date:
    """The day that was asked for; what is still to come cannot be told."""
    today = datetime.now(UTC).date()
    if day and day.date() > today:
        raise PackError(f"--day {day.date()} lies ahead of today, {today} (UTC)")
    return day.date() if day else today
