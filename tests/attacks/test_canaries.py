"""Canaries: a mark in every text that a reader may not see, looked for in every byte that he gets.

The version before told 41 of 5,194 such marks in its warehouse, beside inbox and archive.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from conjoin.packs.pack import WAREHOUSE, make_pack
from conjoin.packs.reader import Reader
from conjoin.schemas.tables import tables
from conjoin.settings import Settings
from support.consortia import Consortium, readers
from support.kept_consortia import small_consortium
from support.once import made_once

MARK = "canary"
#: The same in what a reader may see.
SEEN = "robin"
#: What decides who sees a row, or must be a code or a word that reading understands.
CODES = {"record_id", "source_name", "visibility", "load_id", "country_code", "scheme", "id_scheme", "topic"}


def plant(pooled: Consortium, reader: Reader, folder: Path) -> int:
    """Put a mark of its own into every free text of every row that is hidden from the reader; return how many."""
    planted = 0
    hidden: dict[str, list[str]] = {}
    for table, record_id in pooled.hidden_from(reader, folder):
        hidden.setdefault(table, []).append(record_id)
    for name, ids in hidden.items():
        table = tables()[name]
        free = [
            f for f in table.fields if f.sql_type.upper() == "VARCHAR" and f.vocabulary is None and f.name not in CODES
        ]
        for column in (f.name for f in free if f.name not in table.references):
            done = pooled.con.execute(
                f"update held.{name} set {column} = '{MARK} {name} {column} ' || record_id "
                "where record_id in (select unnest($1)) returning 1",
                [ids],
            ).fetchall()
            planted += len(done)
    return planted


def found_in(folder: Path, mark: str) -> list[str]:
    """Files and tables below a folder that hold a mark: raw bytes, workbooks unpacked, tables cell by cell."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        if mark.encode() in content:
            found.append(path.name)
        if path.name == WAREHOUSE:
            found += _tables_with_marks(path, mark)
    return found


def _tables_with_marks(file: Path, mark: str) -> list[str]:
    with duckdb.connect(str(file), read_only=True) as con:
        names = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal"
        ).fetchall()
        return [
            name
            for (name,) in names
            if con.execute(f"select 1 from {name} as told where contains(told::varchar, '{mark}') limit 1").fetchall()
        ]


@dataclass(frozen=True)
class Marked:
    """A pack of a pooling whose hidden texts were marked, and how many were."""

    folder: Path
    planted: int


def marked(reader: Reader, factory: pytest.TempPathFactory) -> Marked:
    """The pack of a reader, made once; rows of his own bear another mark, which he may see."""

    def make(folder: Path) -> None:
        pooled = small_consortium(factory, Settings(data=folder / "data", threads=2))
        planted = plant(pooled, reader, folder / "hidden")
        pooled.con.execute(f"update held.audit_records set audit_firm = '{SEEN} firm' where {reader.is_own}")
        make_pack(pooled.settings, pooled.state(folder / "state"), reader, folder / "pack")
        (folder / "planted").write_text(str(planted), encoding="utf-8")

    folder = made_once(factory, f"marked-{reader.name}", make)
    return Marked(folder / "pack", int((folder / "planted").read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 4], ids=["member", "public"])
def test_no_mark_reaches_a_pack(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = marked(readers()[number], tmp_path_factory)
    assert made.planted > 500
    assert found_in(made.folder, MARK) == []


@pytest.mark.slow
def test_a_mark_in_a_visible_row_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The search above would find one: another mark, in rows of the reader's own, is in the same pack."""
    made = marked(readers()[0], tmp_path_factory)
    assert {"overlap.xlsx", "marts.audit_events"} <= set(found_in(made.folder, SEEN))
