"""How things stand: what arrived, what is not in order, what ran, what is published, what comes next."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import duckdb

from conjoin.errors import ConjoinError, ServerUnreachable
from conjoin.keeping.inbox import without_secrets
from conjoin.keeping.run_journal import NIGHTLY, RunRecord, recorded_runs
from conjoin.keeping.run_lock import Holder, holder_of, run_lock_file, serve_lock_file
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.steps.deliveries import inbox_url, sources_in_use
from conjoin.steps.fingerprint import build_inputs
from conjoin.steps.landed import LandedState, landed_state
from conjoin.warehouse.connection import reader
from conjoin.warehouse.versions import Version, published_version, versions
from conjoin.watch.next_runs import NextRun, next_runs
from conjoin.watch.troubles import Trouble, find_troubles


@dataclass(frozen=True)
class SourceStatus:
    """One source: what it delivered last, and where its deliveries wait.

    Attributes:
        name: Its name.
        title: Its title.
        last_file: The file delivered last; empty if there is none.
        delivered_at: When, UTC.
        row_count: Rows of its current loads that were read.
        refused_row_count: Rows of them that were refused.
        inbox: Where its deliveries wait, without passwords.
    """

    name: str
    title: str
    last_file: str
    delivered_at: datetime | None
    row_count: int
    refused_row_count: int
    inbox: str


@dataclass(frozen=True)
class Change:
    """A headline figure of the published warehouse, and its difference to the version before, if there is one."""

    name: str
    value: int
    difference: int | None


@dataclass
class Status:
    """How things stand at one moment.

    Attributes:
        taken_at: When, UTC.
        sources: Every source in use, by name.
        troubles: What is not in order, the worst first.
        runs: The last run of each purpose, the newest first.
        published: What readers see; None before the first time.
        previous_count: How many earlier versions are kept to go back to.
        changes: The headline figures.
        site_changes: How many sites were merged, split, minted ... since the version before, by event.
        new_refusals: Files delivered since the version before that were refused whole or in part, the newest first.
        next_runs: What the server has planned; empty when nothing is served.
        served_by: Who serves, or None: then nothing starts by itself.
        server_silence: Why the server did not say what is next, or empty.
        running: Who holds the run lock, or None.
        free_bytes: Free on the disk of the data folder.
        notes: What else must not pass for order: a last run that did not end well, news that is not published.
    """

    taken_at: datetime
    sources: list[SourceStatus]
    troubles: list[Trouble]
    runs: list[RunRecord]
    published: Version | None = None
    previous_count: int = 0
    changes: list[Change] = field(default_factory=list)
    site_changes: dict[str, int] = field(default_factory=dict)
    new_refusals: list[str] = field(default_factory=list)
    next_runs: list[NextRun] = field(default_factory=list)
    served_by: Holder | None = None
    server_silence: str = ""
    running: Holder | None = None
    free_bytes: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        """Whether all that was delivered counts and is published, and the last run ended well."""
        return not self.notes and not any(trouble.stops_green for trouble in self.troubles)


def take_stock(settings: Settings, day: date | None = None) -> Status:
    """How things stand now.

    Args:
        settings: Where everything is.
        day: Judge lateness from this day; None for today.
    """
    state = landed_state(settings)
    status = Status(
        taken_at=datetime.now(UTC).replace(microsecond=0),
        sources=_sources(settings, state),
        troubles=find_troubles(settings, state, day or datetime.now(UTC).date()),
        runs=_last_runs(settings),
        running=holder_of(run_lock_file(settings)),
        free_bytes=_free_bytes(settings),
    )
    _add_published(settings, status, state)
    _add_next_runs(settings, status)
    status.notes = list(_notes(settings, status, state))
    return status


def _notes(settings: Settings, status: Status, state: LandedState) -> Iterator[str]:
    last = next((record for record in status.runs if record.purpose != "conjoin ingest"), None)
    if last and last.outcome == "failed":
        yield f"The last run ({last.purpose}, {last.started_at:%Y-%m-%d %H:%M} UTC) failed: {last.message}"
    known = versions(settings)
    if status.published and known and status.published.number < known[-1].number:
        yield f"Version {status.published.number} was published again in the place of version {known[-1].number}"
    elif state.loads and (not known or known[-1].inputs != build_inputs(settings, state)):
        yield "What was delivered or declared since is not published yet; `conjoin run` does that"
    unread = sorted(state.unread_sources - registry.broken_sources().keys())
    if unread:
        yield f"Not all that was delivered has been read yet: {', '.join(unread)}; `conjoin run` does that"


def _sources(settings: Settings, state: LandedState) -> list[SourceStatus]:
    found = []
    for name, source in sources_in_use(settings).items():
        loads = [load for load, _ in state.loads if load.source_name == name]
        current = [load for load in state.current if load.source_name == name]
        last = max(loads, key=lambda load: load.ledger_line, default=None)
        found.append(
            SourceStatus(
                name,
                source.title,
                last.file_name if last else "",
                last.delivered_at if last else None,
                sum(load.rows_read for load in current),
                sum(load.rows_refused for load in current),
                without_secrets(inbox_url(settings, source)),
            )
        )
    return found


def _last_runs(settings: Settings) -> list[RunRecord]:
    """The last run of each purpose; what failed before a later run did all of it is settled."""
    last = {record.purpose: record for record in recorded_runs(settings)}
    done = max(
        (run.started_at for run in last.values() if run.purpose == NIGHTLY and run.outcome != "failed"), default=None
    )
    found = [run for run in last.values() if run.outcome != "failed" or done is None or run.started_at >= done]
    return sorted(found, key=lambda record: record.started_at, reverse=True)


def _free_bytes(settings: Settings) -> int:
    there = next(folder for folder in (settings.data, *settings.data.parents) if folder.exists())
    return shutil.disk_usage(there).free


def _add_published(settings: Settings, status: Status, state: LandedState) -> None:
    """What is published, and how its figures differ from those of the version before."""
    status.published = published_version(settings)
    if status.published is None:
        return
    earlier = [version for version in versions(settings) if version.number < status.published.number]
    status.previous_count = len(earlier)
    before = earlier[-1] if earlier else None
    for name, value in status.published.headlines.items():
        difference = value - before.headlines[name] if before and name in before.headlines else None
        status.changes.append(Change(name, value, difference))
    if before is not None:
        status.site_changes = _site_changes(settings, before.published_at)
        status.new_refusals = _refusals_since(state, before.published_at)


def _refusals_since(state: LandedState, since: datetime) -> list[str]:
    fresh = [load for load, _ in state.loads if load.delivered_at > since and (load.refusal or load.rows_refused)]
    return [
        f"{load.source_name}, {load.file_name}: " + ("the file" if load.refusal else f"{load.rows_refused:,} rows")
        for load in sorted(fresh, key=lambda load: load.ledger_line, reverse=True)
    ]


def _site_changes(settings: Settings, since: datetime) -> dict[str, int]:
    try:
        with reader(settings.warehouse) as con:
            rows = con.execute(
                "select event, count(distinct site_id) from matching.site_history "
                "where recorded_at > $1 and event not in ('joined', 'left') group by event order by event",
                [since.astimezone(UTC).replace(tzinfo=None)],
            ).fetchall()
    except (ConjoinError, duckdb.Error):  # replaced under our eyes, or damaged: ``doctor`` tells
        return {}
    return {event: int(count) for event, count in rows}


def _add_next_runs(settings: Settings, status: Status) -> None:
    status.served_by = holder_of(serve_lock_file(settings))
    if status.served_by is not None:
        try:
            status.next_runs = next_runs(status.served_by.url)
        except ServerUnreachable as error:
            status.server_silence = str(error)
