"""Runs that are killed: the next one concludes what it would have concluded, and clears away what they left.

A small part runs with every test; ``make faults`` kills ``$CONJOIN_FAULTS_KILLS`` times (200), and at every step.
"""

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from conjoin.keeping.archive import Archive
from support.faults import (
    RUN,
    data_of,
    differences,
    end_what_runs,
    keep_clear_of_midnight,
    leftovers,
    perform,
    project_of,
    published_marts,
    run_here,
    still_running,
    told,
)
from support.killing import killed_after, killed_at_step, steps_worth_dying_at
from support.processes import Office
from support.story import SOURCES, Story

KILLS = int(os.environ.get("CONJOIN_FAULTS_KILLS", "200"))
SEED = int(os.environ.get("CONJOIN_FAULTS_SEED", "20261130"))
STRIDE = int(os.environ.get("CONJOIN_FAULTS_STRIDE", "1"))
PER_CLEAN_RUN = 4


def _is_whole(place: Office) -> list[str]:
    """What must hold at every moment, killed or not: what is published can be read, and so can the ledger."""
    Archive(data_of(place).archive).entries()
    marts = published_marts(place)
    figures = {row[0]: row[1] for row in marts["headline_figures"]}
    return [] if figures["sites"] == len(marts["sites"]) else ["the published marts disagree after a kill"]


def _told_by(place: Office, twin: Office, when: str) -> list[str]:
    """Every fault of a project after a run that came to its end, beside the twin that was never killed."""
    faults = differences(published_marts(place), published_marts(twin))
    faults += [f"left behind: {path}" for path in leftovers(place)]
    faults += [f"still running: {command}" for command in still_running(place)]
    return [f"{when}: {fault}" for fault in faults]


@pytest.mark.slow
def test_two_kills_leave_no_trace(tmp_path: Path) -> None:
    moments = random.Random(SEED)  # noqa: S311 - moments, no secrets
    print(f"CONJOIN_FAULTS_SEED={SEED}")  # noqa: T201 - pytest shows it if this fails
    place, twin = project_of(tmp_path / "killed"), project_of(tmp_path / "twin")
    for act in list(Story(SEED).group(2)):
        perform(place, act)
        perform(twin, act)
    for first, last in ((1, 15), (16, 45)):  # while files are archived and read; while they are matched and built
        run = killed_at_step(place, moments.randint(first, last), *SOURCES)
        assert run.code == -9, run.printed
        print(run.last_words)  # noqa: T201
    run_here(place)
    run_here(twin)
    assert not _told_by(place, twin, "after two kills")


@pytest.mark.faults
@pytest.mark.timeout(24 * 3600)
def test_runs_killed_at_any_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story, moments = Story(SEED), random.Random(SEED)  # noqa: S311 - moments, no secrets
    place, twin = project_of(tmp_path / "killed"), project_of(tmp_path / "twin")
    faults: list[str] = []
    ends: Counter[str] = Counter()
    length, kills = _begin(place, twin, story), 0
    while kills < KILLS:
        keep_clear_of_midnight(600)
        for act in story.group(min(PER_CLEAN_RUN, KILLS - kills)):
            perform(place, act)
            perform(twin, act)
            if act.kind != "new":
                continue
            run = killed_after(place, moments.uniform(0.0, length), *RUN)
            kills += 1
            ends[run.last_words.partition("  ")[2][:28] or run.last_words[:28]] += 1
            faults += [f"kill {kills}, {fault}" for fault in _is_whole(place)]
            if run.code not in (-9, 0):
                faults.append(f"kill {kills}: it failed before it could be killed: {run.printed[-2000:]}")
        clean = killed_after(place, 600, *RUN)
        length = 0.5 * length + 0.5 * clean.seconds
        if clean.code:
            faults.append(f"after kill {kills} a clean run fails: {clean.printed[-3000:]}")
        run_here(twin)
        faults += _told_by(place, twin, f"after kill {kills}")
        with capsys.disabled():
            print(f"seed {SEED}, {kills} kills, run of {length:.0f} s, {len(faults)} faults, {dict(ends)}", flush=True)  # noqa: T201
    assert not faults, told(faults)


def _begin(place: Office, twin: Office, story: Story) -> float:
    """Both get two files and come to an end once; return how long a run takes."""
    for act in list(story.group(2)):
        perform(place, act)
        perform(twin, act)
    killed_after(place, 600, *RUN)  # the first run makes Prefect's database, which later ones find
    run = killed_after(place, 600, *RUN)
    assert run.code == 0, run.printed
    run_here(twin)
    assert not differences(published_marts(place), published_marts(twin))
    return run.seconds


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_what_a_run_started_ends_with_it(tmp_path: Path) -> None:
    """Where memory is short the kernel kills one process, not its group: the server of Prefect must not stay."""
    place = project_of(tmp_path / "killed")
    for act in list(Story(SEED).group(2)):
        perform(place, act)
    process = place.start(*RUN)
    assert process.stdout is not None
    for line in process.stdout:
        if "matched" in line:
            break
    process.kill()
    process.wait()
    time.sleep(30)
    try:
        assert not still_running(place)
    finally:
        end_what_runs(place)


@pytest.mark.faults
@pytest.mark.timeout(24 * 3600)
def test_runs_killed_before_every_step_on_the_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Chance does not hit a moment between two renames."""
    faults: list[str] = []
    place, story = project_of(tmp_path / "base"), Story(SEED)
    for act in list(story.group(2)):
        perform(place, act)
    run_here(place)
    acts = list(story.group(2))
    kept = tmp_path / "kept"
    shutil.copytree(place.root, kept)
    for act in acts:
        perform(place, act)
    whole = killed_at_step(place, 0, *SOURCES)
    assert whole.code == 0, whole.printed
    right, steps = published_marts(place), steps_worth_dying_at(whole.printed)[::STRIDE]
    for step in steps:
        keep_clear_of_midnight(120)
        shutil.rmtree(place.root)
        shutil.copytree(kept, place.root)
        for act in acts:
            perform(place, act)
        run = killed_at_step(place, step, *SOURCES)
        assert run.code == -9, run.printed
        found = _is_whole(place)
        clean = killed_at_step(place, 0, *SOURCES)
        found += [f"the next run fails: {clean.printed[-2000:]}"] if clean.code else []
        found += differences(published_marts(place), right) + [f"left behind: {path}" for path in leftovers(place)]
        faults += [f"{run.last_words}: {fault}" for fault in found]
        with capsys.disabled():
            print(f"{run.last_words}: {found}", flush=True)  # noqa: T201
    assert not faults, told(faults)
