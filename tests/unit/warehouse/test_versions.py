"""Versions to go back to, what a dead process leaves, and the journal of runs: as many as are kept, the newest ones."""

import os

import pytest

from conjoin.errors import CheckFailed
from conjoin.keeping.leftovers import remove_leftovers, scratch_folder
from conjoin.keeping.run_journal import recorded_run, recorded_runs
from conjoin.schemas.expectations import CheckResult
from conjoin.settings import Settings
from conjoin.warehouse.publish import refuse_if_failed
from conjoin.warehouse.versions import publish_version, versions


def test_as_many_versions_are_kept_as_declared_the_newest(settings: Settings) -> None:
    few = settings.model_copy(update={"kept_versions": 2})
    built = few.data / "warehouse" / "built.duckdb"
    built.parent.mkdir(parents=True)
    for number in range(1, 5):
        built.write_text(f"warehouse {number}", encoding="utf-8")
        publish_version(few, built, f"inputs {number}", {})
    assert [version.number for version in versions(few)] == [3, 4]
    folder = few.data / "warehouse" / "versions"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{number:06d}.{ending}" for number in (3, 4) for ending in ("duckdb", "json")
    ]
    assert few.warehouse.read_text(encoding="utf-8") == "warehouse 4"


def test_only_a_check_that_refuses_forbids_publishing() -> None:
    warned = CheckResult("marts.sites", "rare", False, "warn", "3", "0", "seldom", min_value=0, max_value=0)
    refuse_if_failed([warned])
    with pytest.raises(CheckFailed, match=r"1 checks forbid publishing \(unique: 3 offending rows\)"):
        refuse_if_failed([warned, CheckResult("marts.sites", "unique", False, "refuse", "3", "0", "one", 0, 0)])


def test_scratch_of_a_dead_process_goes_even_if_its_number_lives_again(settings: Settings) -> None:
    mine, dead = scratch_folder(settings), settings.temporary / f"work-{os.getpid()}-1"
    for folder in (mine, dead):
        folder.mkdir(parents=True)
    remove_leftovers(settings)
    assert [path.name for path in settings.temporary.iterdir()] == [mine.name]


def test_what_took_the_place_of_an_old_result_stays_and_an_old_one_without_a_successor_comes_back(
    settings: Settings,
) -> None:
    for folder in (settings.matching, settings.checks):
        old = folder.with_name(f".{folder.name}.old")
        old.mkdir(parents=True)
        (old / "result").write_text("old", encoding="utf-8")
    settings.matching.mkdir()
    (settings.matching / "result").write_text("new", encoding="utf-8")
    remove_leftovers(settings)
    assert (settings.matching / "result").read_text(encoding="utf-8") == "new"
    assert (settings.checks / "result").read_text(encoding="utf-8") == "old"
    assert list(settings.data.rglob("*.old")) == []


def test_the_journal_keeps_the_newest_runs(settings: Settings) -> None:
    for number in range(402):
        with recorded_run(settings, f"run {number}") as record:
            record.outcome = "completed"
    kept = [record.purpose for record in recorded_runs(settings)]
    assert (len(kept), kept[0], kept[-1]) == (400, "run 2", "run 401")
