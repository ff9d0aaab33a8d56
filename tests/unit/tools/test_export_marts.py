"""The export: every mart, every row that may be told and no other, types kept as far as the form has them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conjoin.errors import ConjoinError
from conjoin.tools.export_marts import export_marts


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            """
            create schema marts;
            create table marts.audits as select * from (values
                ('a', date '2026-01-02', ['x', 'y'], true, 1.5, 'public'),
                ('b', null, null, false, null, 'consortium_site'),
                ('case', date '2026-01-03', [], true, 2, 'restricted_case')
            ) as told (id, day, topics, is_avoidable, days, visibility);
            create table marts.classes as select 'renewal' as pair_class
            """
        )
    yield path


def test_rows_of_cases_stay_and_all_others_go(warehouse: Path, tmp_path: Path) -> None:
    written = export_marts(warehouse, tmp_path / "out", "parquet")
    assert [(one.name, one.rows) for one in written] == [("audits", 2), ("classes", 1)]
    told = duckdb.sql(f"from '{tmp_path / 'out' / 'audits.parquet'}' order by id").fetchall()
    assert [row[0] for row in told] == ["a", "b"]
    assert told[0][2] == ["x", "y"]


def test_sqlite_has_the_same_rows_in_its_own_types(warehouse: Path, tmp_path: Path) -> None:
    export_marts(warehouse, tmp_path / "out.sqlite", "sqlite")
    con = sqlite3.connect(tmp_path / "out.sqlite")
    assert con.execute("select * from audits order by id").fetchall() == [
        ("a", "2026-01-02", '["x", "y"]', 1, 1.5, "public"),
        ("b", None, None, 0, None, "consortium_site"),
    ]
    con.close()


@pytest.mark.parametrize(("form", "told"), [("xml", "choose one of"), ("parquet", "is there already")])
def test_what_cannot_be_written_is_told_and_nothing_left(form: str, told: str, warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(ConjoinError, match=told):
        export_marts(warehouse, tmp_path / "taken", form)
    with pytest.raises(ConjoinError, match="there is no folder"):
        export_marts(warehouse, tmp_path / "no" / "out", "sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken", "w.duckdb"]


def test_a_half_written_export_is_not_left_behind(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create view marts.broken as select error('no')::varchar as id")
    with pytest.raises(duckdb.Error):
        export_marts(warehouse, tmp_path / "out", "sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w.duckdb"]
