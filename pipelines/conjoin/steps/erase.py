"""What must not be kept any longer: deliveries that were withdrawn for good, and those kept longer than was agreed."""

import hashlib
import os
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from conjoin.errors import ConjoinError, SourceError
from conjoin.keeping import erasure
from conjoin.keeping.archive import Archive, LedgerEntry, now
from conjoin.keeping.erasure import erased_hashes
from conjoin.keeping.handed_out import packs_handed_out, statements_handed_out
from conjoin.keeping.inbox import without_secrets
from conjoin.keeping.run_lock import holder_of, serve_lock_file
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.run import Compare
from conjoin.plain import listed
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.steps.build import build_warehouse, publish_warehouse
from conjoin.steps.deliveries import inbox_url, withdrawal
from conjoin.steps.match import match_sites
from conjoin.steps.pages.index import NAME as INDEX_NAME
from conjoin.warehouse.versions import drop_versions_holding


@dataclass(frozen=True)
class Due:
    """A delivery that is kept longer than its declaration allows; its bytes are still in the archive.

    Attributes:
        entry: Its last delivery under that name.
        months: How long its source may be kept.
        due_since: The day from which it should be gone.
    """

    entry: LedgerEntry
    months: int
    due_since: date


@dataclass
class Erased:
    """What an erasure did.

    Attributes:
        entries: The deliveries erased, one of each file name and content.
        shared: Names of those whose bytes stay, since another delivery in force has the same ones.
        pages: Briefings that were removed, by name.
        versions: Numbers of the published warehouses that were dropped.
        published: The version that was published without them; 0 where nothing had been published.
        left: What still holds something of them, in sentences.
    """

    entries: list[LedgerEntry]
    shared: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    published: int = 0
    left: list[str] = field(default_factory=list)


def due_deliveries(settings: Settings, day: date) -> list[Due]:
    """Every delivery that its source's ``retention_months`` no longer covers on ``day``, the oldest first.

    Withdrawn ones are among them: their originals are kept. What was delivered again counts from its last delivery.
    """
    months = {name: source.retention_months for name, source in registry.sources().items() if source.retention_months}
    found = []
    for entry in kept_deliveries(Archive(settings.archive).entries()):
        if entry.source_name in months:
            limit = months[entry.source_name] or 0
            due_since = months_after(entry.recorded_at.date(), limit)
            if due_since <= day:
                found.append(Due(entry, limit, due_since))
    return sorted(found, key=lambda due: (due.due_since, due.entry.place))


def months_after(day: date, months: int) -> date:
    """The day so many months later, or the last of its month where that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def kept_deliveries(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The last delivery of every file name and content that was not erased since, withdrawn or not."""
    kept: dict[tuple[str, str, str], LedgerEntry] = {}
    for entry in entries:
        key = (entry.source_name, entry.file_name, entry.content_hash)
        if entry.event == "delivered":
            kept[key] = entry
        elif entry.event == "erased":
            kept.pop(key, None)
    return list(kept.values())


def withdraw_and_erase(
    settings: Settings, source_name: str, file_name: str, reason: str, compare: Compare = compare_pairs
) -> Erased:
    """Take back a source or one of its files and erase all that was ever delivered of it; the caller holds the lock.

    Args:
        settings: Where everything is.
        source_name: The source.
        file_name: One delivered file; empty for all.
        reason: Who asked and why; kept in the ledger.
        compare: Compares the pairs when sites are matched again.

    Raises:
        SourceError: Nothing of that name is kept.
        ConjoinError: It is erased, but no warehouse could be published without it.
    """
    entries = Archive(settings.archive).entries()
    kept = [entry for entry in kept_deliveries(entries) if entry.source_name == source_name]
    wanted = [entry for entry in kept if not file_name or entry.file_name == file_name]
    if not wanted:
        raise SourceError(
            f"{source_name}: no original delivered under the name {file_name or source_name!r} is kept; "
            "`conjoin sql 'from landing.loads'` lists what was delivered"
        )
    before = withdrawal(entries, source_name, file_name, reason)
    return erase(settings, wanted, reason, [before] if before else [], compare)


def erase(
    settings: Settings,
    wanted: list[LedgerEntry],
    reason: str,
    before: Iterable[LedgerEntry] = (),
    compare: Compare = compare_pairs,
) -> Erased:
    """Erase deliveries, then match, build and publish without them if anything was published.

    Args:
        settings: Where everything is.
        wanted: Deliveries, of ``kept_deliveries``.
        reason: Who asked and why.
        before: Events to be recorded with it.
        compare: Compares the pairs when sites are matched again.

    Raises:
        ConjoinError: They are erased, but no warehouse could be published without them.
    """
    done = Erased(wanted, pages=sorted(path.name for path in settings.briefings.glob("*") if path.name != INDEX_NAME))
    served = _forget_runs(settings)
    stones = [entry.model_copy(update={"event": "erased", "recorded_at": now(), "note": reason}) for entry in wanted]
    erasure.erase(settings, [*before, *stones])
    gone = erased_hashes(Archive(settings.archive).entries())
    done.shared = [entry.file_name for entry in wanted if entry.content_hash not in gone]
    dropped, holding = drop_versions_holding(settings, gone)
    done.versions = [version.number for version in dropped]
    if settings.warehouse.is_file():
        _publish_without(settings, compare, done)
        done.versions += [holding.number] if holding else []
    done.left = [*_waiting(settings, wanted), *served, *_packed(settings)]
    return done


def _packed(settings: Settings) -> list[str]:
    """Who holds packs and statements that may have been made from it: what was handed out is beyond our reach."""
    told = []
    if readers := [f"{name} ({day})" for name, day in packs_handed_out(settings).items()]:
        told.append(
            f"packs handed out before, if it was visible in them: {', '.join(readers)}; ask them to delete those"
        )
    if sites := [f"{name} ({day})" for name, day in statements_handed_out(settings).items()]:
        told.append(f"statements of sites, if it stood on them: {listed(sites)}; give their factories new ones")
    return told


def _publish_without(settings: Settings, compare: Compare, done: Erased) -> None:
    try:
        match_sites(settings, compare=compare)
        build_warehouse(settings)
        done.published = publish_warehouse(settings).version.number
    except ConjoinError as error:
        raise ConjoinError(
            f"erased from archive, landing and matching, but {settings.warehouse} still holds it: no warehouse could "
            f"be published without it ({error}). Mend that, then `conjoin run`; to have it gone at once, remove the "
            f"folder {settings.warehouse.parent}"
        ) from error


def _forget_runs(settings: Settings) -> list[str]:
    """Begin Prefect's history anew: its log and its artifacts quote refused cells. What could not be, in a sentence."""
    if serving := holder_of(serve_lock_file(settings)):
        return [
            f"Prefect's history of runs, which quotes refused cells ({serving}): stop `conjoin serve` and remove "
            f"{settings.data / 'prefect'}, or wait until it forgets runs after 30 days"
        ]
    for path in (settings.data / "prefect").glob("*"):
        if path.name.startswith("prefect.db") or path.suffix == ".log":
            path.unlink()
    if named := os.environ.get("PREFECT_API_URL"):
        return [f"the history of runs on the Prefect server {without_secrets(named)}, which quotes refused cells"]
    return []


def _waiting(settings: Settings, erased: list[LedgerEntry]) -> Iterator[str]:
    """Where the files still wait, or may wait: the inbox is the deliverer's, so nothing is removed there."""
    for name in sorted({entry.source_name for entry in erased}):
        source = registry.sources().get(name)
        hashes = {entry.content_hash for entry in erased if entry.source_name == name}
        url = inbox_url(settings, source) if source else str(settings.inbox / name)
        if "://" in url:
            yield f"the inbox {without_secrets(url)}, if the files are still there: have them removed"
            continue
        for path in sorted(Path(url).glob("*")):
            if path.is_file() and _hash(path) in hashes:
                yield f"{path}: waits in the inbox still; remove it, it is not taken in again"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
