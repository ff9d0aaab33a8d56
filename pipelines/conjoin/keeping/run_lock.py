"""One run at a time, one server at a time. A lock belongs to its process: when that ends, it is free."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from conjoin.errors import RunInProgress
from conjoin.keeping.leftovers import remove_leftovers, scratch_folder
from conjoin.settings import Settings


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Attributes:
        purpose: What for, in words.
        process: The number of the process.
        started_at: Since when, UTC, in ISO form.
        url: Of a server, its address; empty of a run.
    """

    purpose: str
    process: int
    started_at: str
    url: str = ""

    def __str__(self) -> str:
        """In words."""
        return f"{self.purpose}, process {self.process}, since {self.started_at}"


def run_lock_file(settings: Settings) -> Path:
    """The lock that every run holds which writes to the data folder."""
    return settings.data / "run.lock"


def serve_lock_file(settings: Settings) -> Path:
    """The lock that ``conjoin serve`` holds."""
    return settings.data / "serve.lock"


@contextmanager
def run_lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the lock of the data folder while the block runs; what a dead run left is gone before it begins.

    Raises:
        RunInProgress: Another process holds it.
    """
    with _held(run_lock_file(settings), Holder(purpose, os.getpid(), _now()), "another run is at work"):
        remove_leftovers(settings)
        try:
            yield
        finally:
            shutil.rmtree(scratch_folder(settings), ignore_errors=True)


@contextmanager
def serve_lock(settings: Settings, url: str) -> Iterator[None]:
    """Hold the lock of ``conjoin serve``, which tells others on which server it serves.

    Raises:
        RunInProgress: This data folder is served already.
    """
    holder = Holder("conjoin serve", os.getpid(), _now(), url)
    with _held(serve_lock_file(settings), holder, "this data folder is served already"):
        yield


def holder_of(path: Path) -> Holder | None:
    """Who holds a lock; None if nobody does."""
    try:
        with path.open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _told(file.read())
    except FileNotFoundError:
        pass
    return None


@contextmanager
def _held(path: Path, holder: Holder, complaint: str) -> Iterator[None]:
    """Hold an advisory lock, which the kernel drops with its process: a crash leaves nothing to clean up.

    The text in the file only tells others who holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # it tells what is at work
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            told = _told(file.read())
            raise RunInProgress(f"{path}: {complaint} ({told}); wait until it ends, then start again") from error
        file.truncate(0)
        json.dump(asdict(holder), file)
        file.flush()
        yield


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _told(text: str) -> Holder:
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return Holder("it has not said who it is yet", 0, "just now")
