"""Deliveries over time, damage and crashes: whatever happens, what counted before counts until better is there."""

import os
import shutil
import subprocess
import sys

import duckdb
import fsspec
import pytest

from conjoin.errors import LandingError, SourceError
from conjoin.keeping.archive import Archive
from conjoin.keeping.landing import Landing
from conjoin.keeping.run_lock import run_lock
from conjoin.steps.deliveries import withdraw
from support import quillhaven
from support.files import as_csv
from support.projects import Project, forget_declarations, tree

LOG = quillhaven.FILES["log"]
GOOD = as_csv(quillhaven.rows(10))


# --- deliveries over time --------------------------------------------------------------------------------------


def test_delivering_the_same_file_twice_changes_nothing(landed: Project) -> None:
    landed.deliver(LOG, GOOD)
    before = {folder: tree(landed.settings.data / folder) for folder in ("archive", "landing")}
    summary = landed.ingest()
    assert (summary.new_files, summary.loads, summary.notices) == ([], [], [])
    assert {folder: tree(landed.settings.data / folder) for folder in ("archive", "landing")} == before


def test_a_corrected_file_replaces_the_first_and_the_first_can_come_back(landed: Project) -> None:
    first = landed.now()[1:]
    landed.deliver(LOG, GOOD.replace(b"Izmir", b"Bursa"))
    corrected = landed.ingest()
    assert [load.load_status for load in corrected.loads] == ["landed"]
    mine = {load.load_id for load in corrected.loads}
    assert {row["city_name"] for row in landed.rows("site_records") if row["load_id"] in mine} == {"Bursa"}
    assert len(landed.current()) == 4
    landed.deliver(LOG, GOOD)
    landed.ingest()
    assert landed.now()[1:] == first


def test_another_period_stands_beside_the_first(landed: Project) -> None:
    landed.deliver("visits_2026-05.csv", GOOD.replace(b"Izmir", b"Bursa"))
    landed.ingest()
    assert sorted(load.period for load in landed.current() if load.feed == "log") == ["2026-04", "2026-05"]


def test_a_withdrawn_file_no_longer_counts_until_it_is_delivered_changed(landed: Project) -> None:
    withdraw(landed.settings, landed.source_name, LOG, "delivered by mistake")
    landed.deliver(LOG, GOOD)  # what lies in the inbox still is no new delivery
    again = landed.ingest()
    assert again.new_files == []
    assert [n for n in again.notices if n.startswith(f"{LOG}: was withdrawn on") and "delivered by mistake" in n]
    assert [load.feed for load in landed.current()] == ["book", "stream", "tree"]
    landed.deliver(LOG, GOOD.replace(b"Izmir", b"Bursa"))
    assert landed.ingest().new_files == [LOG]
    assert [load.feed for load in landed.current()] == ["book", "log", "stream", "tree"]


def test_a_withdrawn_source_leaves_no_row_and_its_record_stays(landed: Project) -> None:
    withdraw(landed.settings, landed.source_name, "", "agreement ended")
    landed.deliver(LOG, GOOD)
    assert landed.ingest().loads == []
    assert (landed.now(), list(tree(landed.settings.landing))) == (([], [], []), [])
    last = Archive(landed.settings.archive).entries()[-1]
    assert (last.event, last.note) == ("withdrawn", "agreement ended")
    with pytest.raises(SourceError, match="nothing delivered under the name 'quillhaven' is in force"):
        withdraw(landed.settings, landed.source_name, "", "again")


def test_deliveries_may_wait_at_any_url(project: Project) -> None:
    quillhaven.write_declaration(project.root, 'inbox = "memory://quillhaven/out"\n' + quillhaven.DECLARATION)
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    assert project.ingest().new_files == []
    filesystem.pipe(f"/quillhaven/out/{LOG}", GOOD)
    assert project.ingest().new_files == [LOG]
    assert [load.rows_accepted for load in project.current()] == [10]
    filesystem.store.clear()


# --- what was read before stays ----------------------------------------------------------------------------------


def test_a_declaration_that_is_broken_or_not_yet_run_leaves_the_last_reading(landed: Project) -> None:
    before = landed.now()
    for declaration in (quillhaven.DECLARATION + "[broken", "# a remark\n" + quillhaven.DECLARATION):
        quillhaven.write_declaration(landed.root, declaration)
        forget_declarations()
        assert landed.now() == before
    landed.ingest()
    assert {load.load_id for load in landed.current()}.isdisjoint(load.load_id for load in before[0])
    assert len(landed.current()) == len(before[0])


def test_an_inbox_out_of_reach_leaves_nothing_archived_unread(landed: Project) -> None:
    before = landed.now()
    unreachable = 'inbox = "ftp://agent:secret@127.0.0.1:9/out"\n'
    quillhaven.write_declaration(landed.root, unreachable + quillhaven.DECLARATION)
    forget_declarations()
    shutil.rmtree(landed.settings.landing)
    with pytest.raises(LandingError, match=r"inbox ftp://\.\.\.@127\.0\.0\.1:9/out: cannot be reached"):
        landed.ingest()
    assert [load.rows_accepted for load in landed.current()] == [load.rows_accepted for load in before[0]]


# --- damage and crashes ----------------------------------------------------------------------------------------


def test_a_damaged_ledger_stops_the_run_and_says_where(landed: Project) -> None:
    before = tree(landed.settings.landing)
    ledger = landed.settings.archive / "ledger.jsonl"
    lines = ledger.read_bytes().split(b"\n")
    ledger.write_bytes(b"\n".join([lines[0], lines[1][:-20], *lines[2:]]))
    with pytest.raises(LandingError, match=r"ledger\.jsonl, line 2: not a ledger entry .*; restore the ledger"):
        landed.ingest()
    assert tree(landed.settings.landing) == before


def test_a_torn_last_line_is_a_delivery_that_never_counted(landed: Project) -> None:
    ledger = landed.settings.archive / "ledger.jsonl"
    before = landed.now()
    with ledger.open("ab") as file:
        file.write(b'{"byte_count": 12, "content_ha')
    assert landed.now() == before
    landed.deliver("visits_2026-05.csv", GOOD.replace(b"Izmir", b"Bursa"))
    assert landed.ingest().new_files == ["visits_2026-05.csv"]
    assert len(landed.current()) == 5


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_damaged_original_is_refused_by_name_and_the_rest_is_read(landed: Project, damage: str) -> None:
    load = landed.current()[0]
    original = Archive(landed.settings.archive).original(load.content_hash)
    whole = original.read_bytes()
    original.unlink()
    if damage == "cut short":
        original.write_bytes(whole[: len(whole) // 2])
    shutil.rmtree(landed.settings.landing)
    shutil.rmtree(landed.inbox)  # else the next run archives it anew

    summary = landed.ingest()

    assert len(summary.refused) == 1
    assert summary.refused[0].startswith(f"{load.file_name}: {original}: an archived original is ")
    assert "put it back from a backup" in summary.refused[0]
    assert len(landed.current()) == 3
    original.unlink(missing_ok=True)
    original.write_bytes(whole)  # restored: it is read at once
    assert landed.ingest().refused == []
    assert len(landed.current()) == 4


def _without_loads(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(({**row, "load_id": ""} for row in rows), key=lambda row: str(sorted(row.items())))


def test_a_damaged_original_keeps_the_reading_of_an_earlier_version(landed: Project) -> None:
    before = landed.now()[1:]
    original = Archive(landed.settings.archive).original(landed.current()[0].content_hash)
    original.chmod(0o600)
    original.write_bytes(b"half")
    shutil.rmtree(landed.inbox)
    quillhaven.write_declaration(landed.root, quillhaven.DECLARATION + "\n# a later version\n")
    forget_declarations()
    assert len(landed.ingest().refused) == 1
    assert _without_loads(landed.now()[1]) == _without_loads(before[0])


def test_a_crash_between_staging_and_finishing_is_made_good_by_the_next_run(landed: Project) -> None:
    before = landed.now()
    load = next(load for load in landed.current() if load.feed == "log")
    landing = Landing(landed.settings.landing)
    shutil.rmtree(landing.folder(load.source_name, load.load_id))
    with duckdb.connect() as con:
        landing.stage(con, load.source_name, load.load_id, {"site_records": "(select 1 as half_a_table)"})
    assert load not in landed.current()
    landed.ingest()
    assert landed.now() == before
    assert [path.name for path in (landed.settings.landing / load.source_name).glob(".*")] == []


def test_landing_can_be_made_again_from_the_archive(landed: Project) -> None:
    before = landed.now()
    shutil.rmtree(landed.settings.landing)
    landed.ingest()
    assert landed.now() == before


def test_a_second_run_is_told_that_one_is_at_work(landed: Project) -> None:
    command = [sys.executable, "-m", "conjoin", "ingest", landed.source_name]
    marker = landed.root / "conjoin.toml"
    marker.write_text(f'[run]\ndata = "{landed.settings.data}"\n', encoding="utf-8")
    before = tree(landed.settings.data / "landing")
    landed.deliver(LOG, GOOD.replace(b"Izmir", b"Bursa"))
    with run_lock(landed.settings, "nightly run"):
        second = subprocess.run(command, capture_output=True, text=True, cwd=landed.root)
    assert second.returncode == 1
    assert f"another run is at work (nightly run, process {os.getpid()}" in second.stderr
    assert "wait until it ends, then start again" in second.stderr
    assert tree(landed.settings.data / "landing") == before
