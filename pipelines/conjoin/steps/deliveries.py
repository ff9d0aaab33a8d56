"""What was delivered, as the ledger and the declarations of today see it."""

from datetime import date

from conjoin import content
from conjoin.errors import SourceError
from conjoin.keeping.archive import Archive, LedgerEntry, now
from conjoin.keeping.landing import Delivered, Landing, Load, in_force, make_load_id
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sources.descriptor import Source
from conjoin.sources.patterns import match_feed


def sources_in_use(settings: Settings, as_of: date | None = None) -> dict[str, Source]:
    """The sources that count here, by name: all that can be read, or in a project folder its own.

    There, a packaged declaration counts from its first delivery on: from a folder of its name in the inbox, or an entry
    in the ledger. Otherwise everybody's reports would name two dozen sources that nobody there has.

    Args:
        settings: Where inbox and ledger are.
        as_of: Only what the ledger had recorded by the end of this day; None for all, and for what waits.
    """
    project = content.project_root()
    if project is None:
        return registry.sources()
    entries = Archive(settings.archive).entries()
    known = {entry.source_name for entry in entries if as_of is None or entry.recorded_at.date() <= as_of}
    if as_of is None:
        known |= {name for name in registry.sources() if (settings.inbox / name).is_dir()}
    return {
        name: source
        for name, source in registry.sources().items()
        if name in known or registry.folders()[name].is_relative_to(project)
    }


def inbox_url(settings: Settings, source: Source) -> str:
    """Where the source's deliveries wait."""
    return source.inbox or str(settings.inbox / source.name)


def deliveries(entries: list[LedgerEntry], source: Source) -> dict[tuple[str, str], list[Delivered]]:
    """The deliveries in force of a source, per feed and period, oldest first; of a file's repeats the last one."""
    groups: dict[tuple[str, str], list[Delivered]] = {}
    for entry in in_force(entries, source.name):
        matched = match_feed(source, entry.file_name)
        if matched is not None:
            delivered = Delivered(entry, matched[0], matched[1] or "")
            groups.setdefault((delivered.feed, delivered.period), []).append(delivered)
    return {key: sorted(group, key=lambda delivered: delivered.order) for key, group in sorted(groups.items())}


def load_id(source: Source, delivered: Delivered) -> str:
    """The id of what this version of Conjoin reads that delivery as."""
    return make_load_id(delivered, registry.reading_version(source.name))


def loads_of(source_name: str, entries: list[LedgerEntry], landing: Landing) -> list[tuple[Load, bool]]:
    """Every load of the source's deliveries, oldest first per feed and period, and whether it is current.

    A delivery that could not be read again (after an upgrade, with a declaration that is broken now, or with an
    original that is damaged) keeps the load that an earlier version made of it.
    """
    version = registry.reading_version(source_name)
    readings: dict[tuple[str, str], list[Load]] = {}
    for load in landing.loads(source_name):
        readings.setdefault((load.file_name, load.content_hash), []).append(load)
    groups: dict[tuple[str, str], dict[str, Load]] = {}
    for entry in in_force(entries, source_name):
        made = readings.get((entry.file_name, entry.content_hash), [])
        ids = {make_load_id(Delivered(entry, load.feed, load.period), version) for load in made}
        fresh = [load for load in made if load.load_id in ids]
        for load in (fresh or made)[:1]:
            group = groups.setdefault((load.feed, load.period), {})
            group.pop(load.load_id, None)  # what came back after a correction counts from its return
            group[load.load_id] = load.model_copy(update={"ledger_line": entry.place})
    found: list[tuple[Load, bool]] = []
    for _, group in sorted(groups.items()):
        landed = [load for load in group.values() if load.load_status == "landed"]
        found += [(load, bool(landed) and load is landed[-1]) for load in group.values()]
    return found


def standing_refusals(loads: list[tuple[Load, bool]]) -> list[Load]:
    """Refused deliveries that no later delivery of their feed and period has settled, of ``loads_of``."""
    newest: dict[tuple[str, str, str], Load] = {}
    for load, _ in loads:
        newest[load.source_name, load.feed, load.period] = load
    return [load for load in newest.values() if load.load_status == "refused"]


def has_unread_deliveries(source: Source, entries: list[LedgerEntry], landing: Landing) -> bool:
    """Whether a delivery in force has no load yet: this version of Conjoin has not read it."""
    return any(
        landing.get(source.name, load_id(source, delivered)) is None
        for group in deliveries(entries, source).values()
        for delivered in group
    )


def is_news(entry: LedgerEntry, entries: list[LedgerEntry], source: Source) -> bool:
    """Whether the file says anything that the ledger does not hold already.

    The same content under the same name is no news, withdrawn or not; nor is a copy of what is current.
    """
    same_name = [e for e in entries if e.event == "delivered" and e.file_name == entry.file_name]
    if same_name and same_name[-1].content_hash == entry.content_hash:
        return False
    group = deliveries([*entries, entry], source)
    matched = match_feed(source, entry.file_name)
    assert matched is not None  # noqa: S101 - collected files are matched
    before = [d for d in group[matched[0], matched[1] or ""] if d.entry is not entry]
    return not before or before[-1].entry.content_hash != entry.content_hash


def withdrawal_of(entry: LedgerEntry, entries: list[LedgerEntry]) -> LedgerEntry | None:
    """The withdrawal after which that content has not been delivered again, if there is one."""
    told = [e for e in entries if e.event == "withdrawn" and e.file_name in ("", entry.file_name)]
    same = [e for e in entries if e.event == "delivered" and e.content_hash == entry.content_hash]
    return told[-1] if told and same and entries.index(told[-1]) > entries.index(same[-1]) else None


def refusal_of_erased(entry: LedgerEntry, stone: LedgerEntry) -> str:
    """Why a file is not taken in whose content was erased, and what to do."""
    return (
        f"{entry.file_name}: its content was erased on {stone.recorded_at:%Y-%m-%d} ({stone.note}) and is not taken in "
        f"again; take the file out of the inbox or, if it counts after all, "
        f"`conjoin ingest {entry.source_name} --readmit '{entry.file_name}' --reason '...'`"
    )


def clock_notices(ledger: list[LedgerEntry], fresh: list[LedgerEntry]) -> list[str]:
    """Deliveries count in the order of the ledger; days are the clock's, so one that runs backwards is told."""
    latest = max((entry.recorded_at for entry in ledger), default=None)
    if latest is None or not fresh or fresh[0].recorded_at >= latest:
        return []
    return [
        f"the clock of this machine says {fresh[0].recorded_at:%Y-%m-%d %H:%M}, but something was delivered at "
        f"{latest:%Y-%m-%d %H:%M} already: set the clock right. Deliveries keep their order; their days may be wrong"
    ]


def withdraw(settings: Settings, source_name: str, file_name: str, reason: str) -> None:
    """Take back everything that a source delivered, or one of its files; the ledger keeps the fact and the reason.

    Raises:
        SourceError: Nothing of that name was delivered.
    """
    archive = Archive(settings.archive)
    event = withdrawal(archive.entries(), source_name, file_name, reason)
    if event is None:
        raise SourceError(f"{source_name}: nothing delivered under the name {file_name or source_name!r} is in force")
    archive.record([event])


def withdrawal(entries: list[LedgerEntry], source_name: str, file_name: str, reason: str) -> LedgerEntry | None:
    """The event that takes back everything of a source, or one of its files; None if nothing of it is in force."""
    if not [entry for entry in in_force(entries, source_name) if not file_name or entry.file_name == file_name]:
        return None
    return LedgerEntry(event="withdrawn", source_name=source_name, file_name=file_name, recorded_at=now(), note=reason)


def delivered_name(settings: Settings, name: str) -> str:
    """The name of a source that has delivered something, whatever became of its declaration, or that is declared.

    Raises:
        SourceError: There is no such source.
    """
    short = name.rstrip("/").rsplit("/", 1)[-1]
    known = {entry.source_name for entry in Archive(settings.archive).entries()}
    return short if short in known else registry.source(name).name
