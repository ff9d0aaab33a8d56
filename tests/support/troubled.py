"""A project in trouble: how a run in it must end, and how the place around it is made unfit."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.faults import (
    RUN,
    Marts,
    differences,
    leftovers,
    perform,
    project_of,
    published_marts,
    run_here,
    still_running,
)
from support.killing import Killed, killed_after
from support.once import made_once
from support.processes import Office
from support.story import Story

SEED = 11


def published_project(tmp_path: Path, factory: pytest.TempPathFactory) -> tuple[Office, Story]:
    """A project with four files published by ``conjoin run``, and the story that goes on from there."""
    story = Story(SEED)
    acts = list(story.group(4))

    def make(folder: Path) -> None:
        place = project_of(folder / "made")
        for act in acts:
            perform(place, act)
        run = killed_after(place, 300, *RUN)
        assert run.code == 0, run.printed

    kept = made_once(factory, "troubled", make)
    place = project_of(tmp_path / "troubled")
    shutil.copytree(kept / "made" / "project" / ".data", place.root / ".data")
    return place, story


def untroubled_project(factory: pytest.TempPathFactory) -> Office:
    """A project with the same four files and the group of acts after them, run in peace."""
    story = Story(SEED)

    def make(folder: Path) -> None:
        place = project_of(folder / "made")
        for count in (4, 2):
            for act in list(story.group(count)):
                perform(place, act)
            run_here(place)

    root = made_once(factory, "untroubled", make) / "made" / "project"
    return Office(root, root.parent / "calls.txt")


def run_once(place: Office, *arguments: str) -> Killed:
    """``conjoin run`` over the two sources, to its end."""
    return killed_after(place, 300, *RUN, *arguments)


def not_told_in_words(run: Killed, *words: str) -> list[str]:
    """What is wrong about how a run failed: it must fail, without a traceback, in a sentence that says what to do."""
    found = [] if run.code == 1 else [f"exit code {run.code} instead of 1"]
    if "Traceback" in run.printed:
        found.append(f"a traceback: {_last_lines(run.printed)}")
    _, marked, told = run.printed.rpartition("Not done:")
    if not marked:
        return [*found, f"no sentence at its end: {_last_lines(run.printed)}"]
    return found + [f"{word!r} is not in: {told.strip()[:600]}" for word in words if word.lower() not in told.lower()]


def _last_lines(printed: str) -> str:
    """The end of what was printed, without DuckDB's binding's account of what it leaked."""
    lines = printed.partition("nanobind:")[0].strip().splitlines()
    return "\n    ".join(["", *lines[-8:]])[-1600:]


def unlike(place: Office, before: Marts) -> list[str]:
    """Where what is published is not what was published before."""
    return [f"the published warehouse changed: {found}" for found in differences(before, published_marts(place))]


def after_repair(place: Office, twin: Office) -> list[str]:
    """What is wrong after the trouble is over and a run came to its end, beside a project that had none."""
    try:
        run_here(place)
    except Exception as error:  # whatever it is, it is the fault that is looked for
        return [f"a run after the trouble fails: {type(error).__name__}: {error}"[:800]]
    found = differences(published_marts(place), published_marts(twin))
    found += [f"left behind: {path}" for path in leftovers(place)]
    found += [f"still running: {command}" for command in still_running(place)]
    return [f"after the trouble: {fault}" for fault in found]


@contextmanager
def on_small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """What a folder holds is on a disk of that size while the block runs; needs root."""
    aside = folder.with_name(folder.name + ".aside")
    folder.rename(aside)
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
        shutil.rmtree(aside)
        shutil.copytree(folder, aside)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607 - from the PATH of root
        folder.rmdir()
        aside.rename(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody, not even root, can write below a folder while the block runs; needs root."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def _mount(*arguments: str) -> None:
    made = subprocess.run(["mount", *arguments], capture_output=True, text=True)  # noqa: S607
    if made.returncode:
        pytest.skip(f"needs root to mount: {made.stderr.strip()}")
