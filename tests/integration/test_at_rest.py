"""Originals at rest: no plain byte of them and nothing of the key is on the disk, and a lost key loses no file."""

import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.keeping.archive import Archive
from conjoin.keeping.cipher import new_key
from conjoin.keeping.originals import VARIABLE
from conjoin.steps.erase import kept_deliveries
from support import quillhaven
from support.files import as_feed
from support.killing import AT_A_STEP
from support.processes import Office, office
from support.projects import tree

#: In a column that is ignored: it is in the original alone, whatever else is plain.
CANARY = "quokka.person@example.org"


def rows(count: int = 10) -> list[dict[str, str]]:
    return [quillhaven.row(number, **{"Contact_E-mail": CANARY}) for number in range(1, count + 1)]


def deliver_all(place: Office) -> None:
    for feed, name in quillhaven.FILES.items():
        place.deliver(quillhaven.NAME, name, as_feed(feed)(rows()))


def holding(folder: Path, text: str) -> list[str]:
    return [name for name, data in tree(folder).items() if text.encode() in data]


def figures(place: Office) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        return con.execute("from marts.audit_events order by all").fetchall()


@pytest.mark.slow
def test_an_encrypted_archive_from_the_first_file_to_a_rebuild(
    tmp_path: Path, prefect: str, request: pytest.FixtureRequest
) -> None:
    key = new_key()
    place = office(tmp_path, prefect)
    place.environment[VARIABLE] = key
    system = Path(tempfile.mkdtemp(prefix="c"))  # short: sockets of the notebook's kernel lie there
    request.addfinalizer(lambda: shutil.rmtree(system))
    place.environment["TMPDIR"] = str(system)
    quillhaven.write_declaration(place.root)
    deliver_all(place)
    code, printed = place.run("run")
    assert code == 0, printed
    first = figures(place)
    assert len(first) > 0
    shutil.rmtree(place.root / ".data/inbox")
    assert [path for folder in (tmp_path, system) for path in holding(folder, CANARY)] == []
    assert [path for folder in (tmp_path, system) for path in holding(folder, key)] == []
    assert key not in printed
    names = [path.name for path in (place.root / ".data/archive/objects").rglob("*") if path.is_file()]
    assert len(names) == 4
    assert all(re.fullmatch(r"[0-9a-f]{64}\.sealed", name) for name in names)

    code, printed = place.run("backup", str(tmp_path / "copy.tar"))
    assert code == 0, printed
    assert CANARY.encode() not in (tmp_path / "copy.tar").read_bytes()
    (tmp_path / "second").mkdir()
    second = office(tmp_path / "second", prefect)
    assert second.run("restore", str(tmp_path / "copy.tar"))[0] == 0
    before = tree(second.root / ".data/archive")
    second.deliver(quillhaven.NAME, quillhaven.FILES["log"], as_feed("log")(rows(12)))
    tried: dict[str, list[list[str]]] = {
        "": [["ingest"], ["doctor"], ["backup", "x.tar"]],
        new_key(): [["rebuild"], ["run"], ["archive", "encrypt"]],
        "no key": [["ingest"]],
    }
    for wrong, commands in tried.items():
        second.environment[VARIABLE] = wrong
        for command in commands:
            code, printed = second.run(*command)
            assert code == 1, (command, printed)
            told = printed[printed.index("Not done:") :] if command != ["doctor"] else printed
            assert re.sub(r"\s", "", told).count(VARIABLE) == 1, (command, told)
            assert "Traceback" not in printed
            assert not wrong or wrong == "no key" or wrong not in printed
        assert tree(second.root / ".data/archive") == before
    shutil.rmtree(second.root / ".data/inbox")
    second.environment[VARIABLE] = key
    code, printed = second.run("rebuild")
    assert code == 0, printed
    assert figures(second) == first
    assert holding(second.root, CANARY) == []


@pytest.mark.faults
def test_a_plain_archive_is_converted_by_a_command(tmp_path: Path) -> None:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    deliver_all(place)
    assert place.run("ingest")[0] == 0
    shutil.rmtree(place.root / ".data/inbox")
    landed = tree(place.root / ".data/landing")
    assert len(holding(place.root / ".data", CANARY)) == 3  # a workbook packs its cells
    code, printed = place.run("archive", "encrypt")
    assert code == 1
    assert f"{VARIABLE} is not set; make a key with `conjoin archive new-key`" in printed
    code, key = place.run("archive", "new-key")
    assert code == 0
    place.environment[VARIABLE] = key.strip()
    code, printed = place.run("doctor")
    assert "originals are not encrypted" not in printed
    code, printed = place.run("archive", "encrypt")
    assert code == 0, printed
    assert "Encrypted 4 originals; 0 were already." in printed
    assert "Plain stay: what waits in the inbox, landing" in " ".join(printed.split())
    assert holding(place.root, CANARY) == []
    shutil.rmtree(place.root / ".data/landing")
    assert place.run("ingest")[0] == 0
    assert tree(place.root / ".data/landing") == landed
    code, printed = place.run("doctor")
    assert "all originals are encrypted" in " ".join(printed.split())
    code, printed = place.run("archive", "decrypt")
    assert code == 0, printed
    assert "Decrypted 4 originals; 0 were plain already." in printed
    shutil.copyfile(__file__, place.root / ".data/archive/objects/aa")  # nothing of ours, left alone
    assert place.run("archive", "encrypt")[0] == 0


_CONVERT = """
from conjoin.keeping.archive import Archive
from conjoin.keeping.run_lock import run_lock
from conjoin.settings import load_settings
settings = load_settings()
with run_lock(settings, "conjoin archive encrypt"):
    Archive(settings.archive).originals.seal_all(print)
os._exit(0)
"""
_ERASE = """
from conjoin.keeping.run_lock import run_lock
from conjoin.settings import load_settings
from conjoin.steps.erase import withdraw_and_erase
settings = load_settings()
with run_lock(settings, "conjoin withdraw --erase"):
    withdraw_and_erase(settings, "quillhaven", "visits_2026-04.csv", "asked")
os._exit(0)
"""


def _steps(place: Office, code: str) -> int:
    """How many steps on the disk it takes when nobody kills it."""
    done, printed = _killed(place, code, 0)
    assert done == 0, printed
    return sum(line.startswith("step ") for line in printed.splitlines())


def _killed(place: Office, code: str, step: int) -> tuple[int, str]:
    at = Office(place.root, place.calls, {**place.environment, "KILL_AT": str(step)})
    return at.run(code=AT_A_STEP + code)


def _ingested(folder: Path) -> Office:
    place = office(folder)
    quillhaven.write_declaration(place.root)
    deliver_all(place)
    assert place.run("ingest")[0] == 0
    shutil.rmtree(place.root / ".data/inbox")
    return place


def _anew(place: Office, kept: Path) -> None:
    shutil.rmtree(place.root / ".data")
    shutil.copytree(kept, place.root / ".data")


@pytest.mark.parametrize(
    "stride", [pytest.param(4, marks=pytest.mark.faults), pytest.param(1, marks=pytest.mark.faults)]
)
def test_a_conversion_killed_at_any_step_loses_nothing_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    place, key = _ingested(tmp_path), new_key()
    place.environment[VARIABLE] = key
    monkeypatch.setenv(VARIABLE, key)
    shutil.copytree(place.root / ".data", tmp_path / "kept")
    hashes = {path.name for path in (tmp_path / "kept/archive/objects").rglob("*") if path.is_file()}
    archive = Archive(place.root / ".data/archive")
    steps = _steps(place, _CONVERT)
    assert steps >= 12
    for step in range(1, steps + 1, stride):
        _anew(place, tmp_path / "kept")
        assert _killed(place, _CONVERT, step)[0] == -signal.SIGKILL
        for content_hash in hashes:
            archive.original(content_hash)
        assert _killed(place, _CONVERT, 0)[0] == 0
        for content_hash in hashes:
            archive.original(content_hash)
        assert archive.originals.counts() == (len(hashes), 0)
        assert holding(place.root / ".data", CANARY) == []
        assert {path.name for path in (place.root / ".data/archive/objects").glob("*")} == {h[:2] for h in hashes}


@pytest.mark.parametrize(
    "stride", [pytest.param(4, marks=pytest.mark.faults), pytest.param(1, marks=pytest.mark.faults)]
)
def test_an_erasure_killed_at_any_step_is_not_begun_or_is_finished_by_the_next_run(tmp_path: Path, stride: int) -> None:
    place = _ingested(tmp_path)
    (place.root / ".data/matching").mkdir()
    (place.root / ".data/matching/state.duckdb").write_text(CANARY, encoding="utf-8")
    (place.root / ".data/briefings").mkdir()
    (place.root / ".data/briefings/page.html").write_text(CANARY, encoding="utf-8")
    shutil.copytree(place.root / ".data", tmp_path / "kept")
    archive = Archive(place.root / ".data/archive")
    secret = next(entry for entry in archive.entries() if entry.file_name == "visits_2026-04.csv")
    steps = _steps(place, _ERASE)
    assert steps >= 12
    finished = 0
    for step in range(1, steps + 1, stride):
        _anew(place, tmp_path / "kept")
        assert _killed(place, _ERASE, step)[0] == -signal.SIGKILL
        code, printed = place.run("ingest")
        assert code == 0, printed
        is_recorded = secret.content_hash not in {entry.content_hash for entry in kept_deliveries(archive.entries())}
        finished += is_recorded
        assert archive.holds(secret.content_hash) is not is_recorded
        loads = {load.file_name for load in _landing(place).loads(quillhaven.NAME)}
        assert ("visits_2026-04.csv" in loads) is not is_recorded
        assert not is_recorded or not (place.root / ".data/matching").exists()
        assert not is_recorded or list((place.root / ".data/briefings").glob("*")) == []
        assert not (place.root / ".data/archive/.erasing").exists()
    assert finished >= 2


def _landing(place: Office) -> Any:
    from conjoin.keeping.landing import Landing

    return Landing(place.root / ".data/landing")


@pytest.mark.faults
def test_a_run_killed_while_it_reads_leaves_plain_bytes_in_the_scratch_folder_alone_and_the_next_removes_them(
    tmp_path: Path,
) -> None:
    place = office(tmp_path)
    place.environment[VARIABLE] = new_key()
    system = tmp_path / "system_tmp"
    system.mkdir()
    place.environment["TMPDIR"] = str(system)
    declared = quillhaven.DECLARATION.replace(
        'format    = "csv"\n', 'format    = "csv"\nreader = { encoding = "utf-16" }\n'
    )
    quillhaven.write_declaration(place.root, declared)
    place.deliver(quillhaven.NAME, quillhaven.FILES["log"], as_feed("log")(rows()).decode().encode("utf-16"))
    stop = (
        "import os, signal, conjoin.sources.mapping as m; before = m.account_for_columns\n"
        "def killed(*a): before(*a); os.kill(os.getpid(), signal.SIGKILL)\n"
        "m.account_for_columns = killed\nfrom conjoin.cli import main; main()"
    )
    code, _ = place.run("ingest", code=stop)
    assert code == -signal.SIGKILL
    shutil.rmtree(place.root / ".data/inbox")
    left = holding(tmp_path, CANARY)
    assert left
    assert [path for path in left if not path.startswith("project/.data/tmp/work-")] == []
    assert (place.root / ".data/tmp").stat().st_mode & 0o077 == 0
    code, printed = place.run("ingest")
    assert code == 0, printed
    assert holding(tmp_path, CANARY) == []
    assert list((place.root / ".data/tmp").glob("*")) == []
