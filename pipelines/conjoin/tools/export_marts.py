"""The marts of a published warehouse as files for other programs: a folder of Parquet, or one SQLite file.

Rows of complaint cases are left out, as everywhere but in a case worker's pack. Lists become JSON in SQLite, which has
none; days and times become text in ISO form there, and truths 0 and 1.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from conjoin.briefings.answering.whose import whose_file
from conjoin.errors import ConjoinError
from conjoin.keeping.folders import make_private
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.connection import reader

_CHUNK = 50_000


@dataclass(frozen=True)
class Exported:
    """One mart as a file or table: its name, and how many rows it has there."""

    name: str
    rows: int


def export_marts(warehouse: Path, out: Path, form: str) -> list[Exported]:
    """Write every mart to ``out``: all of it, or nothing.

    Args:
        warehouse: A published warehouse or a pack's file.
        out: A folder for Parquet, a file for SQLite; it must not be there yet.
        form: ``parquet`` or ``sqlite``.

    Raises:
        ConjoinError: The form is unknown, the place is taken, or there is no warehouse.
    """
    writers: dict[str, Callable[[duckdb.DuckDBPyConnection, dict[str, str], Path], None]]
    writers = {"parquet": _write_parquet, "sqlite": _write_sqlite}
    if form not in writers:
        raise ConjoinError(f"--format {form}: choose one of {', '.join(writers)}")
    if out.exists():
        raise ConjoinError(f"{out} is there already; name a new one")
    if not out.parent.is_dir():
        raise ConjoinError(f"{out}: there is no folder {out.parent}; make it first")
    building = out.with_name(f".{out.name}.building")
    _remove(building)
    try:
        with reader(warehouse) as con:
            selects = dict(_selects(con))
            writers[form](con, selects, building)
            counts = [Exported(name, _count(con, select)) for name, select in selects.items()]
        building.rename(out)
    except BaseException:
        _remove(building)
        raise
    return counts


def _selects(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Every mart with the select of its rows that may be told."""
    closed = ", ".join(map(quote_literal, whose_file(con).closed))
    listed = con.execute(
        "select table_name, count(*) filter (column_name = 'visibility') > 0 from information_schema.columns "
        "where table_schema = 'marts' group by table_name order by table_name"
    )
    for name, has_visibility in listed.fetchall():
        where = f" where visibility not in ({closed})" if has_visibility and closed else ""
        yield name, f"select * from marts.{quote_identifier(name)}{where} order by all"


def _count(con: duckdb.DuckDBPyConnection, select: str) -> int:
    return int(con.execute(f"select count(*) from ({select})").fetchall()[0][0])


def _write_parquet(con: duckdb.DuckDBPyConnection, selects: dict[str, str], folder: Path) -> None:
    make_private(folder)
    for name, select in selects.items():
        target = quote_literal(str(folder / f"{name}.parquet"))
        con.execute(f"copy ({select}) to {target} (format parquet, compression zstd)")


def _write_sqlite(con: duckdb.DuckDBPyConnection, selects: dict[str, str], file: Path) -> None:
    file.touch(mode=0o600)
    with sqlite3.connect(file) as target:
        for name, select in selects.items():
            found = con.execute(select)
            columns = [quote_identifier(column) for column, *_ in found.description or []]
            target.execute(f"create table {quote_identifier(name)} ({', '.join(columns)})")
            insert = f"insert into {quote_identifier(name)} values ({', '.join('?' * len(columns))})"
            while chunk := found.fetchmany(_CHUNK):
                target.executemany(insert, ([_plain(value) for value in row] for row in chunk))
    target.close()


def _plain(value: Any) -> Any:
    """A value that SQLite holds."""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
