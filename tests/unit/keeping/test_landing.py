"""Loads appear complete or not at all, and which of them count follows from the ledger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.keeping.archive import LedgerEntry
from conjoin.keeping.landing import Delivered, Landing, Load, in_force, make_load_id

Con = duckdb.DuckDBPyConnection
MORNING = datetime(2026, 5, 1, 8, tzinfo=UTC)


def event(kind: str = "delivered", name: str = "a.csv", source: str = "quillhaven", hours: int = 0) -> LedgerEntry:
    """One event of the ledger."""
    return LedgerEntry.model_validate(
        {
            "event": kind,
            "source_name": source,
            "file_name": name,
            "content_hash": name,
            "recorded_at": MORNING + timedelta(hours=hours),
        }
    )


def load(load_id: str = "quillhaven-1", **changes: Any) -> Load:
    """A load as a run makes it."""
    plain = {
        "load_id": load_id,
        "source_name": "quillhaven",
        "feed": "log",
        "file_name": "a.csv",
        "content_hash": "00",
        "byte_count": 1,
        "delivered_at": MORNING,
        "load_status": "landed",
    }
    return Load.model_validate({**plain, **changes})


def stage(con: Con, landing: Landing, load_id: str, rows: int = 3) -> None:
    """Stage two tables of a load."""
    tables = {"site_records": f"(from range({rows}) as t(n))", "rejected_rows": "(select 1 as n)"}
    landing.stage(con, "quillhaven", load_id, tables)


def test_a_staged_load_is_not_there_until_it_is_finished(con: Con, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    stage(con, landing, "quillhaven-1")
    assert landing.get("quillhaven", "quillhaven-1") is None
    assert landing.every_file("quillhaven", "site_records") == []
    landing.finish(load())
    assert landing.get("quillhaven", "quillhaven-1") == load()
    (path,) = landing.parquet_files([load()], "site_records")
    assert con.execute(f"select count(*) from '{path}'").fetchall() == [(3,)]
    assert landing.every_file("quillhaven", "site_records") == [path]


def test_what_a_crash_left_behind_is_overwritten(con: Con, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    stage(con, landing, "quillhaven-1", rows=9)
    stage(con, landing, "quillhaven-1", rows=2)
    landing.finish(load())
    (path,) = landing.parquet_files([load()], "site_records")
    assert con.execute(f"select count(*) from '{path}'").fetchall() == [(2,)]


def test_of_a_refused_load_only_the_refused_rows_are_kept(con: Con, tmp_path: Path) -> None:
    landing, refused = Landing(tmp_path), load(load_status="refused", refusal="too few rows")
    stage(con, landing, "quillhaven-1")
    landing.finish(refused)
    assert landing.get("quillhaven", "quillhaven-1") == refused
    assert landing.parquet_files([refused], "site_records") == []
    assert len(landing.parquet_files([refused], "rejected_rows")) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b'{"load_id": "x"}'])
def test_a_damaged_manifest_means_that_the_file_is_read_again(con: Con, tmp_path: Path, damage: bytes) -> None:
    landing = Landing(tmp_path)
    landing.finish(load())
    (landing.folder("quillhaven", "quillhaven-1") / "load.json").write_bytes(damage)
    assert landing.get("quillhaven", "quillhaven-1") is None
    stage(con, landing, "quillhaven-1")
    landing.finish(load())
    assert landing.get("quillhaven", "quillhaven-1") == load()


def test_what_nothing_refers_to_is_removed(con: Con, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    for load_id in ("quillhaven-1", "quillhaven-2"):
        landing.finish(load(load_id))
    stage(con, landing, "quillhaven-3")
    (tmp_path / "quillhaven" / "notes.txt").write_text("dropped here by hand")
    landing.keep_only("quillhaven", {"quillhaven-2"})
    assert [path.name for path in (tmp_path / "quillhaven").iterdir()] == ["quillhaven-2"]
    landing.keep_only("nobody", set())


def test_a_withdrawal_takes_back_what_came_before_it() -> None:
    both = [event(name="a.csv"), event(name="b.csv"), event(name="a.csv", source="other")]
    assert in_force(both, "quillhaven") == both[:2]
    assert in_force([*both, event("withdrawn", name="a.csv")], "quillhaven") == [both[1]]
    assert in_force([*both, event("withdrawn", name="")], "quillhaven") == []
    assert in_force([*both, event("withdrawn", name="")], "other") == [both[2]]
    again = event(name="a.csv", hours=1)
    assert in_force([*both, event("withdrawn", name=""), again], "quillhaven") == [again]


def test_deliveries_of_one_moment_keep_the_order_of_the_ledger() -> None:
    later_name_first = [Delivered(event(name=name), "log", "") for name in ("b.csv", "a.csv")]
    assert sorted(later_name_first, key=lambda delivered: delivered.order) == later_name_first


def test_a_load_id_says_what_was_read_and_how() -> None:
    delivered = Delivered(event(), "log", "2026-04")
    same = Delivered(event(hours=3), "log", "2026-04")
    assert make_load_id(delivered, "v1") == make_load_id(same, "v1")
    others = [
        make_load_id(delivered, "v2"),
        make_load_id(Delivered(event(name="b.csv"), "log", "2026-04"), "v1"),
        make_load_id(Delivered(event(hours=30), "log", "2026-04"), "v1"),
        make_load_id(Delivered(event(), "book", "2026-04"), "v1"),
        make_load_id(Delivered(event(), "log", "2026-05"), "v1"),
    ]
    assert len({make_load_id(delivered, "v1"), *others}) == 6
