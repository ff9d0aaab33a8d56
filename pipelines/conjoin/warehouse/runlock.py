"""One run at a time. The lock belongs to the process: when it ends, however it ends, the lock is free."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from conjoin.errors import RunInProgress
from conjoin.settings import Settings


@contextmanager
def run_lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the lock of the data folder while the block runs.

    The kernel drops an advisory lock with its process, so a crash leaves nothing to clean up; the text in the file
    only tells others who holds it.

    Raises:
        RunInProgress: Another process holds it.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / "run.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise RunInProgress(
                f"{path}: another run is at work ({_holder(file.read())}); wait until it ends, then start again"
            ) from error
        file.truncate(0)
        started = datetime.now(UTC).isoformat(timespec="seconds")
        json.dump({"purpose": purpose, "process": os.getpid(), "started_at": started}, file)
        file.flush()
        yield


def _holder(text: str) -> str:
    try:
        held = json.loads(text)
        return f"{held['purpose']}, process {held['process']}, since {held['started_at']}"
    except (ValueError, KeyError, TypeError):
        return "it has not said who it is yet"
