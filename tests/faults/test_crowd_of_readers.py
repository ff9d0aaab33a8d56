"""Many readers, and a warehouse that is published again and again under their eyes: nobody sees half of it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.settings import Settings
from conjoin.steps import build as warehouse
from conjoin.steps import ingest, match
from conjoin.warehouse.build import built_path
from conjoin.warehouse.publish import publish_file
from support.faults import data_of, perform, project_of, told
from support.projects import standing_in
from support.published import published_warehouse
from support.story import SOURCES, Story

TESTS = Path(__file__).parents[1]
_MARK = "create or replace table landing.generation as select {number} as generation"


def _while_reading(
    settings: Settings, processes: int, threads: int, publish: Callable[[int], None], times: int
) -> list[dict[str, Any]]:
    """Publish several times while readers look; what each of them saw."""
    command = [sys.executable, "-m", "support.crowd_of_readers", str(settings.warehouse)]
    command += [str(settings.checks / "index.html"), str(threads)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(processes)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        for number in range(1, times + 1):
            publish(number)
        return [seen for reader in readers for seen in json.loads(reader.communicate(timeout=60)[0])]
    finally:
        for reader in readers:
            reader.kill()


def _faults(seen: list[dict[str, Any]], last: int) -> list[str]:
    found = sorted({fault for reader in seen for fault in reader["faults"]})
    found += [f"went back: {r['generations']}" for r in seen if r["generations"] != sorted(r["generations"])]
    return found + [f"never saw the last: {r['generations']}" for r in seen if r["generations"][-1] != last]


@pytest.mark.slow
def test_six_readers_see_five_publications_whole(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(data=tmp_path / "data", threads=2)
    (settings.checks).mkdir(parents=True)
    (settings.checks / "index.html").touch()
    shutil.copy(published_warehouse(tmp_path_factory).warehouse, settings.warehouse)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(_MARK.format(number=0))

    def publish(number: int) -> None:
        built = built_path(settings.warehouse)
        shutil.copy(settings.warehouse, built)
        with duckdb.connect(str(built)) as con:
            con.execute(_MARK.format(number=number))
            con.execute("checkpoint")
        publish_file(built, settings.warehouse)
        time.sleep(0.6)  # longer than a reader waits

    seen = _while_reading(settings, 3, 2, publish, 5)
    assert all(len(reader["generations"]) > 1 for reader in seen)
    assert not _faults(seen, 5)


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("processes", "threads"), [(30, 1), (6, 5)])
def test_thirty_readers_see_twenty_publications_whole(
    tmp_path: Path, processes: int, threads: int, capsys: pytest.CaptureFixture[str]
) -> None:
    place, story = project_of(tmp_path / "read"), Story(7)
    settings = data_of(place)

    def publish(number: int) -> None:
        for act in list(story.group(1)):
            perform(place, act)
        for name in SOURCES:
            ingest.ingest_source(settings, name)
        match.match_sites(settings)
        built = warehouse.build_warehouse(settings)
        with duckdb.connect(str(built.file)) as con:
            con.execute(_MARK.format(number=number))
        warehouse.publish_warehouse(settings)

    with standing_in(place.root):
        publish(0)
        times = int(os.environ.get("CONJOIN_FAULTS_PUBLISHES", "20"))
        seen = _while_reading(settings, processes, threads, publish, times)
    opened = [reader["opened"] for reader in seen]
    with capsys.disabled():
        print(f"{len(seen)} readers opened the warehouse {sum(opened)} times, each at least {min(opened)}")  # noqa: T201
    assert not _faults(seen, times), told(_faults(seen, times))
