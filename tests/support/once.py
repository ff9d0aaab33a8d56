"""Costly things that one test session makes once, however many processes it runs in."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that ``make`` filled; the first process that asks for it does the work, the others wait."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, finished = base / name, base / f"{name}.finished"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            finished.touch()
    return folder


def reckoned_once(factory: pytest.TempPathFactory, name: str, reckon: Callable[[Path], Found]) -> Found:
    """What ``reckon`` gives, of which each process gets a copy; the folder that it is given is there afterwards."""

    def make(folder: Path) -> None:
        found = reckon(folder)
        (folder / "found.pickle").write_bytes(pickle.dumps(found))

    kept = made_once(factory, name, make) / "found.pickle"
    found: Found = pickle.loads(kept.read_bytes())  # noqa: S301 - written above
    return found
