"""Erasing: what was delivered is removed for good, and a tombstone in the ledger says that it was there.

The ledger decides: the bytes of an erased file are gone unless another delivery in force has the same ones. A mark in
the archive says that an erasure is at work; whoever holds the run lock next finishes one that was killed.
"""

import json
import shutil

from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.keeping.folders import make_private, write_private
from conjoin.keeping.landing import Landing, in_force
from conjoin.settings import Settings

_MARK = ".erasing"
_SAID_OF_IT = "(said of a file that was erased since)"


def tombstones(entries: list[LedgerEntry]) -> dict[str, LedgerEntry]:
    """The last erasure of each content that was erased and not let in again, by hash, in the order of the ledger."""
    found: dict[str, LedgerEntry] = {}
    for entry in entries:
        if entry.event == "erased":
            found.pop(entry.content_hash, None)
            found[entry.content_hash] = entry
        elif entry.event == "readmitted":
            found.pop(entry.content_hash, None)
    return found


def erased_hashes(entries: list[LedgerEntry]) -> set[str]:
    """Hashes of what was erased and no delivery in force has: its bytes must be nowhere."""
    names = {entry.source_name for entry in entries}
    alive = {entry.content_hash for name in names for entry in in_force(entries, name)}
    return tombstones(entries).keys() - alive


def erased_deliveries(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    """Every delivery that was erased and is not in force again, in the order of the ledger."""
    standing: dict[tuple[str, str, str], LedgerEntry | None] = {}
    for entry in entries:
        key = (entry.source_name, entry.file_name, entry.content_hash)
        if entry.event == "erased":
            standing[key] = entry
        elif entry.event == "delivered" and key in standing:
            standing[key] = None
    return sorted((entry for entry in standing.values() if entry), key=lambda entry: entry.place)


def unsettled_tombstone(entry: LedgerEntry, ledger: list[LedgerEntry]) -> LedgerEntry | None:
    """The erasure that stands against a delivery; None if its content was never erased, or this file is in force."""
    stone = tombstones(ledger).get(entry.content_hash)
    same = (entry.file_name, entry.content_hash)
    if stone and any((e.file_name, e.content_hash) == same for e in in_force(ledger, entry.source_name)):
        return None
    return stone


def readmitted(entry: LedgerEntry, reason: str) -> list[LedgerEntry]:
    """A delivery whose content was erased, with the event before it that lets it in again."""
    first = entry.model_copy(update={"event": "readmitted", "note": reason})
    return [first, entry.model_copy(update={"place": entry.place + 1})]


def erase(settings: Settings, events: list[LedgerEntry]) -> None:
    """Record erasures (and the withdrawals with them) and remove what they speak of; the caller holds the run lock.

    Removed are originals, what was landed of them, all of matching, a warehouse that waits to be published, pages on
    checks, all briefings with their index and answers, and what the journal of runs and the memory of notifications say
    of the files. Published warehouses are ``warehouse.versions``' to drop.
    """
    make_private(settings.archive)
    write_private(settings.archive / _MARK, "")  # before the ledger says so: a kill in between leaves work, not traces
    Archive(settings.archive).record(events)
    finish_erasure(settings)


def finish_erasure(settings: Settings) -> None:
    """Remove what an erasure that is under way has not removed yet; nothing happens where none is."""
    if not (settings.archive / _MARK).exists():
        return
    archive = Archive(settings.archive)
    entries = archive.entries()
    for content_hash in erased_hashes(entries):
        archive.originals.remove(content_hash)
    erased = erased_deliveries(entries)
    _drop_loads(settings, {(entry.source_name, entry.file_name, entry.content_hash) for entry in erased})
    for folder in (settings.matching, settings.checks, settings.page_notes):
        shutil.rmtree(folder, ignore_errors=True)
    pages = [path for path in settings.briefings.glob("*") if path.is_file()]
    for path in (*settings.warehouse.parent.glob(f".{settings.warehouse.name}.*"), *pages):
        path.unlink()
    _forget(settings, {entry.file_name for entry in erased})
    (settings.archive / _MARK).unlink()


def _drop_loads(settings: Settings, erased: set[tuple[str, str, str]]) -> None:
    """Remove landed rows of erased deliveries, and loads that nobody can tell what they are of."""
    landing = Landing(settings.landing)
    for folder in settings.landing.glob("*/*"):
        load = landing.get(folder.parent.name, folder.name)
        if load is None or (load.source_name, load.file_name, load.content_hash) in erased:
            shutil.rmtree(folder, ignore_errors=True)


def _forget(settings: Settings, file_names: set[str]) -> None:
    """Take out of the journal of runs, and of what people were told, what is said of these files: it quotes cells."""
    journal = settings.run_journal
    if journal.is_file():
        lines = journal.read_text(encoding="utf-8", errors="replace").splitlines()
        write_private(journal, "".join(f"{_without(line, file_names)}\n" for line in lines))
    settings.told.unlink(missing_ok=True)  # at worst, what is still wrong is told once more


def _without(line: str, file_names: set[str]) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    if any(name in str(record.get("message")) for name in file_names):
        record["message"] = _SAID_OF_IT
    return json.dumps(record, ensure_ascii=False)
