"""Editing a reference table: every change is checked as a build would check it, and saved whole or not at all."""

import csv
import fcntl
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from conjoin import content
from conjoin.errors import BadReference
from conjoin.warehouse.reference import FOLDER, check_table, reference_tables

Row = dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A reference table as text.

    Attributes:
        name: Of the table.
        path: The file that is in force.
        columns: In the order of the declaration.
        rows: Cells by column, as they stand.
        stamp: A hash of the file: whoever changes it says which one was seen.
    """

    name: str
    path: Path
    columns: list[str]
    rows: list[Row]
    stamp: str


def read_sheet(name: str) -> Sheet:
    """A reference table as it is in force.

    Raises:
        BadReference: There is no table of this name, or its file is no UTF-8 text.
    """
    if name not in reference_tables():
        raise BadReference(f"there is no reference table {name!r}; there are {', '.join(reference_tables())}")
    path = content.find(f"{FOLDER}/{name}.csv")
    held = path.read_bytes()
    columns = list(reference_tables()[name].columns)
    try:
        read = csv.DictReader(io.StringIO(held.decode("utf-8-sig"), newline=""))
        rows = [{column: (row.get(column) or "").strip() for column in columns} for row in read]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadReference(f"{path}: cannot be read as CSV in UTF-8 ({error})") from error
    return Sheet(name, path, columns, rows, hashlib.sha256(held).hexdigest())


def change_sheet(name: str, stamp: str | None, change: Callable[[list[Row]], list[Row]]) -> Sheet:
    """Change a table of the project, or refuse: all rows are checked as they will be, before anything is saved.

    Args:
        name: Of the table.
        stamp: Of the sheet that was seen; None where a row is added, whatever the others are.
        change: From the rows as they are to the rows as they shall be.

    Raises:
        BadReference: Somebody else changed the table, or a cell cannot be meant; nothing is saved.
    """
    root = content.roots()[0]
    if root.name == "_content":
        raise BadReference("reference tables are edited in a project folder; make one with `conjoin init`")
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        sheet = read_sheet(name)
        if stamp is not None and sheet.stamp != stamp:
            raise BadReference(f"{name} was changed by somebody else meanwhile; load the page again. Nothing was saved")
        text = _text(sheet.columns, change([dict(row) for row in sheet.rows]))
        target = folder / f"{name}.csv"
        building = target.with_name(f".{name}.building")
        building.mkdir(exist_ok=True)
        try:
            trial = building / target.name  # errors name the file as people know it
            trial.write_text(text, encoding="utf-8")
            with duckdb.connect() as con:
                con.execute("create schema reference")
                _checked(con, trial, name)
            trial.replace(target)
        finally:
            for left in building.iterdir():
                left.unlink()
            building.rmdir()
    return read_sheet(name)


def _checked(con: duckdb.DuckDBPyConnection, trial: Path, name: str) -> None:
    try:
        check_table(con, trial)
    except BadReference as error:
        told = str(error).replace(f"{trial}: ", "").replace("Nothing of this table is used until that is put right", "")
        raise BadReference(f"{name}: {told.strip().rstrip('.')}. Nothing was saved") from error


def _text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
