"""An examination: what is installed, declared, delivered and published, and what is wrong with it."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import duckdb

from conjoin import content
from conjoin.briefings.pdf import NOTHING_PRINTS, printers
from conjoin.errors import ArchiveLocked, ConjoinError, SettingsError
from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.keeping.erasure import erased_deliveries, erased_hashes
from conjoin.keeping.landing import hashes_in_force
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.steps.deliveries import sources_in_use
from conjoin.steps.landed import landed_state
from conjoin.steps.pages.declared import declared_answers, declared_pages
from conjoin.warehouse.connection import reader
from conjoin.watch.troubles import find_troubles

_PINNED = {"recordlinkage": "0.16", "pandas": "2.", "duckdb": "2.", "sqlalchemy": "2.0"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    state: str
    advice: str = ""
    is_wrong: bool = False


def examine(settings: Settings) -> list[Finding]:
    """Everything worth looking at, in order of dependence."""
    return [
        _python(),
        *(_package(name, wanted) for name, wanted in _PINNED.items()),
        Finding("Project folder", str(content.project_root() or "none: packaged content only")),
        _sources(settings),
        _models(),
        _reference(),
        Finding("Data folder", str(settings.data)),
        _archive(settings),
        *_troubles(settings),
        *_published(settings),
        _pages(settings),
        _printing(settings),
    ]


def _python() -> Finding:
    right = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", sys.version.split()[0], "" if right else "use Python 3.11 to 3.13", not right)


def _package(name: str, wanted: str) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, "not installed", "install from constraints.txt again", is_wrong=True)
    right = found.startswith(wanted)
    return Finding(name, found, "" if right else f"Conjoin needs {wanted}*; install from constraints.txt", not right)


def _sources(settings: Settings) -> Finding:
    broken = []
    for name, folder in registry.folders().items():
        try:
            registry.read_source(folder / "source.toml")
        except ConjoinError as error:
            broken.append(f"{name}: {error}")
    if broken:
        return Finding("Sources", f"{len(broken)} cannot be read", "; ".join(broken), is_wrong=True)
    count = len(sources_in_use(settings))
    return Finding("Sources", f"{count} in use", "" if count else "begin one with `conjoin new-source`")


def _models() -> Finding:
    from conjoin.warehouse.models import models

    try:
        return Finding("Warehouse models", f"{len(models())} in order")
    except ConjoinError as error:
        return Finding("Warehouse models", "broken", str(error), is_wrong=True)


def _reference() -> Finding:
    from conjoin.warehouse.reference import load_reference

    with duckdb.connect() as con:
        con.execute("create schema reference")
        try:
            load_reference(con)
        except ConjoinError as error:
            return Finding("Reference tables", "broken", str(error), is_wrong=True)
        count = len(con.execute("show tables from reference").fetchall())
    return Finding("Reference tables", f"{count} in order")


def _archive(settings: Settings) -> Finding:
    try:
        entries = Archive(settings.archive).entries()
        Archive(settings.archive).must_open()
        damaged = [told for found in hashes_in_force(entries) if (told := _damage(settings, found))]
    except ArchiveLocked as error:
        return Finding("Archive", "locked", str(error), is_wrong=True)
    except ConjoinError as error:
        return Finding("Archive", "damaged", str(error), is_wrong=True)
    if there := [found for found in sorted(erased_hashes(entries)) if Archive(settings.archive).holds(found)]:
        told = f"{', '.join(there[:5])}: erased, and somebody has put it back; remove the file"
        return Finding("Archive", f"{len(there)} erased originals are there again", told, is_wrong=True)
    if damaged:
        told = "; ".join(damaged[:5])
        return Finding("Archive", f"{len(damaged)} originals are damaged or missing", told, is_wrong=True)
    return Finding("Archive", f"{len(entries)} events in the ledger", _at_rest(settings, entries))


def _at_rest(settings: Settings, entries: list[LedgerEntry]) -> str:
    """How many originals are encrypted, and how many were erased."""
    sealed, plain = Archive(settings.archive).originals.counts()
    told = [f"{len(erased)} originals erased"] if (erased := erased_deliveries(entries)) else []
    if sealed and plain:
        told.append(f"{plain} of {sealed + plain} originals are not encrypted: `conjoin archive encrypt`")
    elif sealed:
        told.append("all originals are encrypted")
    return "; ".join(told)


def _damage(settings: Settings, content_hash: str) -> str:
    """What is wrong with an original, whose every byte is looked at; empty if nothing is."""
    try:
        Archive(settings.archive).original(content_hash)
    except ConjoinError as error:
        return str(error)
    return ""


def _troubles(settings: Settings) -> list[Finding]:
    """What is not in order with deliveries; damaged originals and broken declarations are told by other findings."""
    found = find_troubles(settings, landed_state(settings), datetime.now(UTC).date())
    return [
        Finding(f"Source {t.source_name}", f"{t.kind} since {t.since:%Y-%m-%d}", t.what, is_wrong=t.stops_green)
        for t in found
        if t.kind not in ("damaged", "broken")
    ]


def _published(settings: Settings) -> list[Finding]:
    if not settings.warehouse.exists():
        return [Finding("Warehouse", "nothing published yet", "run `conjoin run` or `conjoin demo`")]
    with reader(settings.warehouse) as con:
        failed = con.execute(
            "select check_name, target, observed_value from marts.failed_checks order by all limit 20"
        ).fetchall()
    findings = [Finding("Warehouse", str(settings.warehouse))]
    findings += [Finding(f"Check {check}", f"failed at {target}", f"found {value}") for check, target, value in failed]
    return findings


def _pages(settings: Settings) -> Finding:
    try:
        pages, answers = declared_pages(settings), declared_answers(settings)
    except SettingsError as error:
        return Finding("Pages of a night", "declared wrongly", str(error), is_wrong=True)
    names = [*(page.notebook.name for page in pages), *(answer.question.name for answer in answers)]
    return Finding("Pages of a night", ", ".join(names) or "none declared")


def _printing(settings: Settings) -> Finding:
    if not settings.pdf:
        return Finding("PDF", "switched off in conjoin.toml")
    found = printers()
    return Finding("PDF", f"printed by {found[0]}" if found else "not printed", "" if found else NOTHING_PRINTS)
