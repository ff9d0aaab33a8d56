"""A place that is unfit to work in: a run ends right, or leaves what was published and says what to do."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conjoin.keeping.archive import Archive
from support.faults import RUN, data_of, end_what_runs, perform, published_marts, told
from support.killing import Killed, killed_after
from support.processes import Office
from support.story import SOURCES, Act
from support.troubled import (
    after_repair,
    not_told_in_words,
    on_small_disk,
    published_project,
    read_only,
    run_once,
    unlike,
    untroubled_project,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]


@pytest.fixture
def twin(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A project with the same deliveries, the next ones included, and no trouble; nobody changes it."""
    return untroubled_project(tmp_path_factory)


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A published project to which more was delivered since."""
    found, story = published_project(tmp_path, tmp_path_factory)
    for act in list(story.group(2)):
        perform(found, act)
    yield found
    end_what_runs(found)


def _show(capsys: pytest.CaptureFixture[str], what: str, run: Killed, faults: list[str]) -> None:
    with capsys.disabled():
        told_last = run.printed.rpartition("Not done:")[2].strip()[:500]
        print(f"\n{what}: code {run.code}, {told_last!r}\n  faults: {told(faults)}", flush=True)  # noqa: T201


@pytest.mark.parametrize("free", [0, 200, 4_000, 16_000])
def test_a_full_disk(place: Office, twin: Office, free: int, capsys: pytest.CaptureFixture[str]) -> None:
    before = published_marts(place)
    data = place.root / ".data"
    with on_small_disk(data, 200):
        room = os.statvfs(data)
        filler = data / "filler"
        with filler.open("wb") as file:
            for _ in range(max(0, room.f_bavail * room.f_frsize - free * 1024) // 65_536):
                file.write(bytes(65_536))
        run = run_once(place)
        faults = not_told_in_words(run, "disk") if run.code else []
        faults += unlike(place, before) if run.code else []
        filler.unlink()
        faults += after_repair(place, twin)
    _show(capsys, f"full disk, {free} KB free", run, faults)
    assert not faults, told(faults)


def test_an_archive_that_cannot_be_written(place: Office, twin: Office, capsys: pytest.CaptureFixture[str]) -> None:
    before = published_marts(place)
    with read_only(place.root / ".data" / "archive"):
        run = run_once(place)
        faults = not_told_in_words(run, "archive", "read-only")
        faults += unlike(place, before)
    faults += after_repair(place, twin)
    _show(capsys, "read-only archive", run, faults)
    assert not faults, told(faults)


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_original(place: Office, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It has to be read again, as after an upgrade; the other source goes on."""
    assert run_once(place).code == 0
    before = published_marts(place)
    entry = next(e for e in Archive(data_of(place).archive).entries() if e.source_name == SOURCES[0])
    original = Archive(data_of(place).archive).original(entry.content_hash)
    original.chmod(0o644)
    whole = original.read_bytes()
    cut = whole[: whole.rfind(b"\n", 0, len(whole) // 2) + 1]
    original.write_bytes(cut if damage == "cut" else whole.replace(b"Izmir", b"Bursa"))
    shutil.rmtree(data_of(place).landing)
    shutil.rmtree(data_of(place).inbox / SOURCES[0])
    run = run_once(place)
    faults = not_told_in_words(run, SOURCES[0], "original", "backup")
    _show(capsys, f"original {damage}", run, faults + unlike(place, before))
    assert not faults, told(faults)


def test_a_clock_that_was_ahead(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """What was recorded while the clock was a year ahead: a correction that came after it replaces it all the same."""
    assert run_once(place).code == 0
    ledger = place.root / ".data" / "archive" / "ledger.jsonl"
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    ahead = [{**line, "recorded_at": str(int(line["recorded_at"][:4]) + 1) + line["recorded_at"][4:]} for line in lines]
    ledger.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in ahead))
    entry = next(line for line in reversed(lines) if line["event"] == "delivered")
    file = place.root / ".data" / "inbox" / entry["source_name"] / entry["file_name"]
    corrected = file.read_bytes().replace(b"Amber", b"Green").replace(b"Izmir", b"Konya")
    perform(place, Act("corrected", entry["source_name"], entry["file_name"], corrected))
    run = run_once(place)
    sql = "select is_current from landing.loads where file_name = $1 and content_hash = $2"
    with duckdb.connect(str(data_of(place).warehouse), read_only=True) as con:
        current = con.execute(sql, [entry["file_name"], hashlib.sha256(corrected).hexdigest()]).fetchall()
    faults = [] if run.code or current == [(True,)] else [f"the correction came last and does not count: {current}"]
    _show(capsys, "clock set back", run, faults)
    assert not faults, told(faults)


#: An inbox whose first file is taken away between listing and opening.
VANISHING = """
import fsspec, os
from fsspec.implementations.local import LocalFileSystem
class Vanishing(LocalFileSystem):
    protocol = "vanishing"
    @classmethod
    def _strip_protocol(cls, path, **more):
        return super()._strip_protocol(path.replace("vanishing://", "", 1), **more)
    def open(self, path, *rest, **more):
        if path.endswith("visits_1999-01.csv") and os.path.exists(path):
            os.unlink(path)
        return super().open(path, *rest, **more)
fsspec.register_implementation("vanishing", Vanishing)
from conjoin.cli import main
main()
"""


def test_a_file_that_vanishes(place: Office, twin: Office, capsys: pytest.CaptureFixture[str]) -> None:
    declaration = place.root / "sources" / "brands" / SOURCES[0] / "source.toml"
    kept = declaration.read_text()
    inbox = data_of(place).inbox / SOURCES[0]
    declaration.write_text(f'inbox = "vanishing://{inbox}"\n{kept}')
    (inbox / "visits_1999-01.csv").write_bytes(next(iter(inbox.glob("*.csv"))).read_bytes())
    code, printed = place.run(*RUN, code=VANISHING)
    run = Killed(code, 0, printed)
    faults = ["a traceback"] if "Traceback" in printed else []
    if code:
        faults += not_told_in_words(run, "visits_1999-01.csv", "next run")
    declaration.write_text(kept)
    faults += after_repair(place, twin)
    _show(capsys, "vanishing file", run, faults)
    assert not faults, told(faults)


def _server(place: Office, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**place.environment, "PREFECT_HOME": str(place.root.parent / "server")}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)


@pytest.mark.parametrize("moment", ["before", "Beginning flow run", "matched", "built"])
def test_a_prefect_server_that_stops(
    place: Office, twin: Office, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, port = published_marts(place), 42_000 + os.getpid() % 1000
    away = Office(place.root, place.calls, {**place.environment, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"})
    server = None if moment == "before" else _server(place, port)
    if server:
        time.sleep(25)
    began = time.monotonic()
    process = away.start(*RUN)
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if moment in line and server:
            os.killpg(server.pid, 9)
            server.wait()
            server = None
    run = Killed(process.wait(), time.monotonic() - began, printed)
    if server:
        os.killpg(server.pid, 9)
    if moment == "before":  # nothing begins on a server that is not there
        faults = not_told_in_words(run, "PREFECT_API_URL") + unlike(place, before)
    else:  # what has begun comes to its end without it, and says so once
        faults = ["a traceback"] * ("Traceback" in printed) + [f"it ended with {run.code}"] * bool(run.code)
        faults += ["the loss is not told once"] * (printed.count("stopped answering") != 1)
    faults += [f"{run.seconds:.0f} s until its end"] * (run.seconds > 120)
    faults += after_repair(place, twin)
    _show(capsys, f"Prefect stops at {moment!r} ({run.seconds:.0f} s)", run, faults)
    assert not faults, told(faults)


def test_two_runs_at_once(place: Office, twin: Office, capsys: pytest.CaptureFixture[str]) -> None:
    both = [place.start(*RUN) for _ in range(2)]
    printed = [process.communicate(timeout=300)[0] for process in both]
    runs = sorted((Killed(p.returncode, 0, text) for p, text in zip(both, printed, strict=True)), key=lambda r: r.code)
    faults = [] if runs[0].code == 0 else [f"neither came to its end: {runs[0].printed[-1500:]}"]
    faults += not_told_in_words(runs[1], "another run is at work", "wait")
    faults += after_repair(place, twin)
    _show(capsys, "two at once", runs[1], faults)
    assert not faults, told(faults)


@pytest.mark.parametrize("limit", ["50MB", "10MB", "plenty"])
def test_a_memory_limit_that_is_too_low(
    place: Office, twin: Office, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, marker = published_marts(place), place.root / "conjoin.toml"
    kept = marker.read_text()
    marker.write_text(kept + f'memory_limit = "{limit}"\n')
    run = run_once(place)
    faults = not_told_in_words(run, "[run] memory_limit") + unlike(place, before) if run.code else []
    marker.write_text(kept)
    faults += after_repair(place, twin)
    _show(capsys, f"memory_limit {limit}", run, faults)
    assert not faults, told(faults)


@pytest.mark.parametrize("megabytes", [1500, 2000, 3000])
def test_a_machine_without_memory(
    place: Office, twin: Office, megabytes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = published_marts(place)
    little = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({megabytes << 20}, {megabytes << 20}))"
    run = killed_after(place, 300, *RUN, first=little)
    faults = not_told_in_words(run, "memory") + unlike(place, before) if run.code else []
    faults += after_repair(place, twin)
    _show(capsys, f"{megabytes} MB of address space", run, faults)
    assert not faults, told(faults)
