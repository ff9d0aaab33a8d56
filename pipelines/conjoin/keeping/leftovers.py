"""What a run that was killed left half done: removed, or put back, by the next one that holds the lock."""

import os
import shutil
from pathlib import Path

from conjoin.keeping.archive import Archive
from conjoin.keeping.erasure import finish_erasure
from conjoin.settings import Settings

_WORK = "work-"


def scratch_folder(settings: Settings) -> Path:
    """Where this process may spill to: a folder of its own, so that a dead one's can be told."""
    return settings.temporary / f"{_WORK}{os.getpid()}-{_started(os.getpid())}"


def remove_leftovers(settings: Settings) -> None:
    """Remove what no living process will finish; whoever calls it holds the run lock.

    A folder that was being exchanged (see ``publish_folder``) gets its last good state back. A warehouse that is built
    and waits for ``conjoin publish`` stays.
    """
    Archive(settings.archive).remove_leftovers()
    finish_erasure(settings)
    for folder in (settings.landing, settings.matching):  # of a rebuild that did not come to its end
        aside = folder.with_name(f".{folder.name}.aside")
        if aside.exists():
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
    for folder in (settings.matching, settings.checks):
        old = folder.with_name(f".{folder.name}.old")
        if old.exists() and not folder.exists():
            old.rename(folder)
        for half_done in (old, folder.with_name(f".{folder.name}.building")):
            shutil.rmtree(half_done, ignore_errors=True)
    for half_loaded in settings.landing.glob("*/.*.building"):
        shutil.rmtree(half_loaded)
    growing = settings.warehouse.with_name(f".{settings.warehouse.name}.building")
    pages = [path for path in settings.briefings.glob(".*") if path.is_file()]
    for path in (growing, growing.with_name(f"{growing.name}.wal"), *pages):
        path.unlink(missing_ok=True)
    for scratch in settings.temporary.glob("*"):
        if not _is_in_use(scratch):
            shutil.rmtree(scratch, ignore_errors=True) if scratch.is_dir() else scratch.unlink(missing_ok=True)


def _is_in_use(scratch: Path) -> bool:
    """Whether a living process works in the folder; ``conjoin link`` does so beside a run."""
    if not scratch.name.startswith(_WORK):
        return False
    process, _, started = scratch.name.removeprefix(_WORK).partition("-")
    return process.isdigit() and started != "" and _started(int(process)) == started


def _started(process: int) -> str:
    """When a process began, as the kernel counts; empty if there is none. Numbers of processes come again."""
    try:
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except (OSError, IndexError):
        return ""
