"""What each run did: one line of JSON per run, the last few hundred kept.

Nothing derives from it but what people are told.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from conjoin.keeping.archive import now
from conjoin.keeping.folders import write_private
from conjoin.keeping.run_lock import Holder, run_lock
from conjoin.settings import Settings

#: The purpose of a run over everything.
NIGHTLY = "nightly run"
_KEPT = 400


@dataclass
class RunRecord:
    """One run.

    Attributes:
        purpose: Which run: "nightly run", "ingest northwind".
        started_at: When it began, UTC.
        ended_at: When it ended, UTC; None while it is at work.
        outcome: ``completed``, ``nothing new``, ``refused`` (done, but something delivered does not count),
            ``unfinished`` (done, but a page could not be made) or ``failed``.
        message: What a person should know of it.
    """

    purpose: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "failed"
    message: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return ((self.ended_at or datetime.now(UTC)) - self.started_at).total_seconds()


@contextmanager
def recorded_run(settings: Settings, purpose: str) -> Iterator[RunRecord]:
    """Hold the run lock while the block runs, and write down how it ended; the block says which outcome it was.

    Raises:
        RunInProgress: Another process holds the lock; that is no run of ours, and is not written down.
    """
    with run_lock(settings, purpose):
        record = RunRecord(purpose, now())
        try:
            yield record
        except BaseException as error:
            record.outcome, record.message = "failed", str(error) or type(error).__name__
            raise
        finally:
            record.ended_at = now()
            _append(settings.run_journal, record)


def record_stopped(settings: Settings, holder: Holder) -> None:
    """Write down that a run was stopped from outside, since it cannot do so itself."""
    told = "stopped before its end; what was published stays, and the next run makes up for it"
    _append(
        settings.run_journal,
        RunRecord(holder.purpose, datetime.fromisoformat(holder.started_at), now(), "failed", told),
    )


def recorded_runs(settings: Settings) -> list[RunRecord]:
    """The runs kept, oldest first; a line that cannot be read is left out."""
    return [record for line in _lines(settings.run_journal) if (record := _parsed(line))]


def _append(path: Path, record: RunRecord) -> None:
    lines = [*_lines(path), json.dumps(asdict(record), default=datetime.isoformat, ensure_ascii=False)]
    write_private(path, "\n".join(lines[-_KEPT:]) + "\n")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


def _parsed(line: str) -> RunRecord | None:
    try:
        told = json.loads(line)
        ended = told["ended_at"] and datetime.fromisoformat(told["ended_at"])
        return RunRecord(**{**told, "started_at": datetime.fromisoformat(told["started_at"]), "ended_at": ended})
    except (ValueError, TypeError, KeyError):
        return None
