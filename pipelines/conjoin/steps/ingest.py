"""One source from its inbox to landing: collect, archive, read, check, land. Plain functions, no Prefect."""

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from conjoin.errors import DamagedOriginal, SourceError
from conjoin.keeping.archive import Archive, LedgerEntry, now
from conjoin.keeping.erasure import erased_hashes, readmitted, unsettled_tombstone
from conjoin.keeping.inbox import STILL_WRITTEN, WaitingFile, waiting_files
from conjoin.keeping.landing import REJECTED_ROWS, Delivered, Landing, Load, in_force
from conjoin.keeping.leftovers import scratch_folder
from conjoin.machine import told_in_words
from conjoin.plain import message
from conjoin.progress import counted
from conjoin.schemas.expectations import Check, CheckResult, judge, table_checks
from conjoin.schemas.profile import measure
from conjoin.schemas.tables import table
from conjoin.schemas.vocabularies import may_be_told_per_site
from conjoin.settings import Settings
from conjoin.sources import mapping, registry
from conjoin.sources.descriptor import Source
from conjoin.sources.emits import Delivery
from conjoin.sources.envelopes import envelope_checks, envelope_measures
from conjoin.sources.patterns import match_feed
from conjoin.sql import quote_literal
from conjoin.steps.deliveries import (
    clock_notices,
    deliveries,
    has_unread_deliveries,
    inbox_url,
    is_news,
    load_id,
    loads_of,
    refusal_of_erased,
    standing_refusals,
    withdrawal_of,
)
from conjoin.steps.landed import new_site_records
from conjoin.warehouse.connection import workbench


@dataclass
class SourceSummary:
    """What a run did for one source.

    Attributes:
        source_name: The source.
        new_files: Files archived by this run.
        loads: Loads made by this run, landed and refused.
        new_site_records: Site records in this run's loads that no earlier load of the source holds.
        notices: What a person should know: unclaimed and unfinished files, refusals, warnings of envelopes.
        refused: What is refused and not settled, by this run or an earlier one, and what the archive holds damaged: in
            words, file by file. Such a source is not in order, whatever else went well.
    """

    source_name: str
    new_files: list[str] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    new_site_records: int = 0
    notices: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def tell(self, *texts: str) -> None:
        """Add what a person should know, fit to be shown."""
        self.notices += [message(text) for text in texts]

    def refuse(self, text: str) -> None:
        """Add what was delivered and does not count."""
        self.tell(text)
        self.refused.append(message(text))

    @property
    def rows_read(self) -> int:
        """Rows read by this run."""
        return sum(load.rows_read for load in self.loads)

    @property
    def rows_refused(self) -> int:
        """Rows refused by this run."""
        return sum(load.rows_refused for load in self.loads)


def ingest_source(settings: Settings, source_name: str, readmit: Mapping[str, str] | None = None) -> SourceSummary:
    """Collect what waits for a source, and read what has not been read yet.

    Delivering the same file twice changes nothing. A file that cannot be read changes nothing either, except that
    its refusal is on record: the load before it stays current.

    Args:
        settings: Where everything is.
        source_name: The source.
        readmit: Names of files that count although their content was erased, each with who asked and why.
    """
    source = registry.source(source_name)
    summary = SourceSummary(source.name)
    archive, landing = Archive(settings.archive), Landing(settings.landing)
    with told_in_words():
        try:
            _collect(settings, source, archive, summary, readmit or {})
        finally:  # an inbox out of reach is no reason to leave what is archived unread
            _land_archived(settings, source, archive, landing, summary)
    return summary


# --- collecting ----------------------------------------------------------------------------------------------


def _collect(
    settings: Settings, source: Source, archive: Archive, summary: SourceSummary, readmit: Mapping[str, str]
) -> None:
    """Archive what waits and is news; leave for the next run what is not complete."""
    ledger = archive.entries()
    gone = erased_hashes(ledger)
    fresh: list[LedgerEntry] = []
    inbox = inbox_url(settings, source)
    for waiting in waiting_files(inbox, settings.settle_seconds, is_declared=bool(source.inbox)):
        if waiting.unfinished:
            summary.tell(_left(waiting.name, waiting.unfinished))
        elif match_feed(source, waiting.name) is None:
            patterns = ", ".join(feed.pattern for feed in source.feed.values())
            summary.tell(f"{waiting.name}: belongs to no feed of {source.name} (they read {patterns})")
        elif entry := _archived(waiting, source, archive, () if waiting.name in readmit else gone, summary):
            placed = entry.model_copy(update={"place": len(ledger) + len(fresh) + 1})
            fresh += _events(placed, ledger, fresh, source, summary, readmit)
    summary.tell(*clock_notices(ledger, fresh))
    archive.record(fresh)
    summary.new_files = [entry.file_name for entry in fresh if entry.event == "delivered"]
    for name in sorted(readmit.keys() - summary.new_files):
        summary.tell(f"{name}: no file of that name waits whose content was erased, so nothing was let in again")


def _events(
    entry: LedgerEntry,
    ledger: list[LedgerEntry],
    fresh: list[LedgerEntry],
    source: Source,
    summary: SourceSummary,
    readmit: Mapping[str, str],
) -> list[LedgerEntry]:
    """What the ledger is to say of a file: that it was delivered, or nothing."""
    entries = [known for known in ledger if known.source_name == source.name]
    if stone := unsettled_tombstone(entry, ledger):
        if entry.file_name in readmit:
            return readmitted(entry, readmit[entry.file_name])
        summary.refuse(refusal_of_erased(entry, stone))
    elif is_news(entry, [*entries, *fresh], source):
        return [entry]
    elif withdrawn := withdrawal_of(entry, entries):
        summary.tell(
            f"{entry.file_name}: was withdrawn on {withdrawn.recorded_at:%Y-%m-%d} ({withdrawn.note}) and waits "
            "unchanged, so it counts for nothing; take it out of the inbox, or deliver it under another name "
            "if it counts after all"
        )
    return []


def _left(name: str, why: str) -> str:
    return f"{name}: left for the next run, {why}"


def _archived(
    waiting: WaitingFile, source: Source, archive: Archive, unwanted: Collection[str], summary: SourceSummary
) -> LedgerEntry | None:
    """Store a file unless its content is unwanted; None if it is left for the next run."""
    try:
        with waiting.open() as stream:
            content_hash, byte_count = archive.store(stream, unwanted)
    except FileNotFoundError:
        summary.tell(_left(waiting.name, "it went away before it could be opened"))
        return None
    if waiting.has_changed():
        summary.tell(_left(waiting.name, STILL_WRITTEN))
        return None
    return LedgerEntry(
        event="delivered",
        source_name=source.name,
        file_name=waiting.name,
        content_hash=content_hash,
        byte_count=byte_count,
        recorded_at=now(),
    )


# --- reading and landing -------------------------------------------------------------------------------------


def _land_archived(
    settings: Settings, source: Source, archive: Archive, landing: Landing, summary: SourceSummary
) -> None:
    """Read whatever the archive holds of the source and landing does not; drop loads that nothing refers to."""
    entries = archive.entries()
    if has_unread_deliveries(source, entries, landing):
        with workbench(settings) as con:
            groups = deliveries(entries, source)
            _land_groups(con, source, groups, _Places(archive, landing, scratch_folder(settings)), summary)
            summary.new_site_records = new_site_records(con, summary.loads, landing)
    loads = loads_of(source.name, entries, landing)
    summary.refused += [load.refusal for load in standing_refusals(loads)]
    told = " ".join(summary.refused)
    summary.refused += [
        f"{entry.file_name}: its original in the archive is damaged or missing; `conjoin doctor` says more"
        for entry in in_force(entries, source.name)
        if not archive.looks_whole(entry) and entry.content_hash not in told
    ]
    landing.keep_only(source.name, {load.load_id for load, _ in loads})


@dataclass(frozen=True)
class _Places:
    """From where to where deliveries are read; plain bytes of a sealed original exist in ``scratch`` alone."""

    archive: Archive
    landing: Landing
    scratch: Path


@dataclass
class _Attempt:
    """A load in the making: read and staged, not yet judged."""

    load: Load
    measures: dict[str, float | None]


def _land_groups(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    groups: dict[tuple[str, str], list[Delivered]],
    places: _Places,
    summary: SourceSummary,
) -> None:
    """Read what has no load yet, oldest first: each file is compared with the one that it replaces.

    One round reads one delivery of every feed and period and judges them together, since a judgement costs the same
    for one load as for twenty.
    """
    last_rows: dict[tuple[str, str], int] = {}
    for position in counted("Deliveries", range(max(map(len, groups.values()), default=0))):
        unread: dict[tuple[str, str], Delivered] = {}
        for key, group in groups.items():
            if position < len(group):
                load = places.landing.get(source.name, load_id(source, group[position]))
                if load is None:
                    unread[key] = group[position]
                elif load.load_status == "landed":
                    last_rows[key] = load.rows_read

        attempt = partial(_attempt, con, source, places)
        # A file is small for DuckDB, which works on one with one thread: so two cores read two files at a time.
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            made = list(pool.map(attempt, unread.values(), [last_rows.get(key) for key in unread]))
        attempts = {key: found for key, found in zip(unread, made, strict=True) if isinstance(found, _Attempt)}
        damaged = [str(found) for found in made if isinstance(found, DamagedOriginal)]
        summary.tell(*damaged)
        summary.refused += damaged
        for key, load in _judged(source, attempts).items():
            places.landing.finish(load)
            summary.loads.append(load)
            summary.tell(*([load.refusal] if load.refusal else [*load.notices, *load.warnings]))
            if load.load_status == "landed":
                last_rows[key] = load.rows_read


def _attempt(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    places: _Places,
    delivered: Delivered,
    last_rows: int | None,
) -> _Attempt | DamagedOriginal:
    """Read one delivery on a cursor of its own: temporary tables belong to a cursor, so files do not see each other.

    A damaged original makes no load: it is read again once the archive is restored.
    """
    try:
        with con.cursor() as own:
            mapping.prepare(own)
            return _read_and_stage(own, source, places, delivered, last_rows)
    except DamagedOriginal as error:
        return DamagedOriginal(f"{delivered.entry.file_name}: {error}")


def _read_and_stage(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    places: _Places,
    delivered: Delivered,
    last_rows: int | None,
) -> _Attempt:
    entry, made_id = delivered.entry, load_id(source, delivered)
    feed = source.feed[delivered.feed]
    load = Load(
        load_id=made_id,
        source_name=source.name,
        feed=delivered.feed,
        file_name=entry.file_name,
        period=delivered.period,
        content_hash=entry.content_hash,
        byte_count=entry.byte_count,
        delivered_at=entry.recorded_at,
        ledger_line=entry.place,
        load_status="landed",
    )
    delivery = Delivery(
        source, delivered.feed, made_id, entry.file_name, entry.recorded_at.date(), delivered.period or None
    )
    try:
        with places.archive.originals.readable(entry.content_hash, places.scratch) as path:
            reading = mapping.read_delivery(con, path, delivery, places.scratch)
    except SourceError as error:
        return _Attempt(load.model_copy(update={"load_status": "refused", "refusal": str(error)}), {})
    measures: dict[str, float | None] = {}
    for name, relation in reading.tables.items():
        measures.update(measure(con, relation, table(name)))
    counts = {name: int(measures[f"{name}.rows"] or 0) for name in reading.tables}
    measures.update(envelope_measures(_prefix(source, delivered.feed), feed, reading, measures, last_rows))
    rejected = _rejected_relation(load, source)
    places.landing.stage(con, source.name, made_id, {**reading.tables, REJECTED_ROWS: rejected})
    figures = {
        "rows_read": reading.rows_read,
        "rows_accepted": reading.rows_accepted,
        "rows_refused": reading.rows_refused,
        "rows_repeated": reading.rows_repeated,
        "rows_skipped": reading.rows_skipped,
        "tables": counts,
        "notices": list(reading.notices),
    }
    return _Attempt(load.model_copy(update=figures), measures)


def _rejected_relation(load: Load, source: Source) -> str:
    visibility = source.most_restricted(load.feed)
    columns = {
        "source_name": load.source_name,
        "load_id": load.load_id,
        "feed": load.feed,
        "file_name": load.file_name,
        "visibility": visibility,
    }
    selected = ", ".join(f"{quote_literal(value)} as {name}" for name, value in columns.items())
    # What a refused cell holds would tell of one site what may only be told in totals, or to nobody.
    value = "value" if may_be_told_per_site(visibility) else "null::varchar"
    return (
        f'(select distinct {selected}, "#sheet" as sheet_name, "#line" as line_number, column_name, {value} as value, '
        f"reason, advice from {mapping.REJECTED} order by all)"
    )


def _judged(source: Source, attempts: dict[tuple[str, str], _Attempt]) -> dict[tuple[str, str], Load]:
    """The loads, each landed or refused by its checks."""
    rows = {attempt.load.load_id: attempt.measures for attempt in attempts.values() if attempt.measures}
    results = judge(source.name, rows, _checks(source)) if rows else []
    return {
        key: _settled(attempt.load, [result for result in results if result.target == attempt.load.load_id])
        for key, attempt in attempts.items()
    }


def _checks(source: Source) -> list[Check]:
    names = {emit.table for feed in source.feed.values() for emit in feed.all_emits()}
    checks = [check for name in sorted(names) for check in table_checks(table(name))]
    return [*checks, *(c for name, feed in source.feed.items() for c in envelope_checks(_prefix(source, name), feed))]


def _prefix(source: Source, feed_name: str) -> str:
    return f"{source.name}.{feed_name}"


def _settled(load: Load, results: list[CheckResult]) -> Load:
    if load.load_status == "refused":
        return load
    failed = [result for result in results if not result.is_passed]
    told = [
        f"{load.file_name}: {result.note}: {result.observed_value}, expected {result.expected_value}"
        for result in failed
    ]
    refusing = [text for text, result in zip(told, failed, strict=True) if result.severity == "refuse"]
    update: dict[str, object] = {"checks": [result.as_dict() for result in results], "warnings": told}
    if refusing:
        advice = (
            "Look at the file; if it is right, change [expect] in the declaration. The load before it stays current."
        )
        update |= {"load_status": "refused", "refusal": f"{'; '.join(refusing)}. {advice}", "warnings": []}
    return load.model_copy(update=update)
