"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) through calamine. Macros are never run."""

import datetime as dt
import html
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from conjoin.errors import UnreadableFile
from conjoin.plain import listed
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.read_csv import named_columns

MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 200
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
# A formula without a stored result; of one whose result is an empty text the cell says t="str".
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]* t="str")[^>]*><f(?:/>|[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
# A cell that shows #N/A or #DIV/0!: calamine would deliver it as empty.
_FAILED = re.compile(rb'(<c [^>]*)\bt="e"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"[^>]*(?<!/)>\s*<c\b')


def read_workbook(
    path: Path, name: str, reader: Reader, *, first_sheet_only: bool = False
) -> tuple[pa.Table, list[str]]:
    """All rows of the matching sheets as text, with ``#row``, ``#line`` (the sheet's row) and ``#sheet``; and notices.

    Notices tell what the workbook hides: people who filter rows or hide a sheet do not always mean to deliver them.

    Raises:
        UnreadableFile: Damaged, protected, suspiciously large, no matching sheet, sheets with different headers, or
            a formula that was never computed.
    """
    readable, hidden_rows = _inspected(path, name)
    try:
        # As a stream, it is known by its content: an .xlsx is often delivered under the ending of an .xls.
        book = load_workbook(readable if isinstance(readable, io.BytesIO) else io.BytesIO(readable.read_bytes()))
        sheets = {
            sheet.name: _Sheet(book.get_sheet_by_name(sheet.name), sheet.visible != SheetVisibleEnum.Visible)
            for sheet in book.sheets_metadata[: 1 if first_sheet_only else None]
            if sheet.typ == SheetTypeEnum.WorkSheet and _is_wanted(sheet.name, reader)
        }
        cells = {sheet: found.rows.to_python(skip_empty_area=False) for sheet, found in sheets.items()}
    except PasswordError as error:
        raise _protected(name) from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(f"{name}: the workbook cannot be read ({error}); is it complete? Save it again") from error
    if not sheets:
        raise UnreadableFile(f"{name}: no sheet is called {reader.sheet!r}; there are {listed(book.sheet_names)}")
    read = {sheet: _sheet_rows(f"{name}, sheet {sheet!r}", sheet, rows, reader) for sheet, rows in cells.items()}
    parts = {sheet: part for sheet, part in read.items() if part is not None}
    if not parts:
        raise UnreadableFile(f"{name}: every sheet is empty")
    _refuse_different_headers(name, parts)
    rows = pa.concat_tables(list(parts.values()))
    notices = [
        f"{name}: sheet {sheet!r} is hidden; its {_counted(part.num_rows)} read. Leave it out with reader.sheet"
        for sheet, part in parts.items()
        if sheets[sheet].is_hidden
    ]
    notices += [
        f"{name}: sheet {sheet!r} hides {count} of its rows (a filter, perhaps); they were read all the same"
        for sheet, count in hidden_rows.items()
        if sheet in parts
    ]
    return rows.add_column(0, "#row", pa.array(range(1, rows.num_rows + 1), pa.int64())), notices


@dataclass(frozen=True)
class _Sheet:
    rows: CalamineSheet
    is_hidden: bool


def _is_wanted(sheet: str, reader: Reader) -> bool:
    wanted = [reader.sheet] if isinstance(reader.sheet, str) else reader.sheet
    return any(fnmatchcase(sheet, pattern) for pattern in wanted)


def _counted(count: int) -> str:
    return "1 row was" if count == 1 else f"{count} rows were"


def _refuse_different_headers(name: str, parts: dict[str, pa.Table]) -> None:
    """Refuse sheets that are no one table; they may be notes, or another year's layout.

    Raises:
        UnreadableFile: Two of them have different headers.
    """
    (first, table), *others = parts.items()
    for sheet, part in others:
        if part.column_names != table.column_names:
            own = sorted(set(part.column_names) - set(table.column_names))
            lacking = sorted(set(table.column_names) - set(part.column_names))
            told = [f"only in {sheet!r}: {listed(own)}"] if own else []
            told += [f"only in {first!r}: {listed(lacking)}"] if lacking else []
            raise UnreadableFile(
                f"{name}: sheet {sheet!r} has another header than sheet {first!r} "
                f"({'; '.join(told) or 'the same columns in another order'}). If it belongs to another table, name the "
                "sheets to read: reader.sheet in the declaration (a name, a pattern such as '20*', or a list of them), "
                "--sheet in `conjoin new-source`"
            )


def _inspected(path: Path, name: str) -> tuple[Path | io.BytesIO, dict[str, int]]:
    """The workbook, once nothing in it is dangerous or would read as empty without being so; hidden rows by sheet."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"\xd0\xcf\x11\xe0":
        if _PROTECTED in path.read_bytes():
            raise _protected(name)
        return path, {}
    if start != b"PK\x03\x04":
        raise UnreadableFile(f"{name}: this is no workbook; export it as .xlsx, or correct format in the declaration")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(path.stat().st_size, 100_000):
                raise UnreadableFile(
                    f"{name}: {path.stat().st_size:,} bytes unpack to {unpacked:,}; that is no export but a zip bomb"
                )
            failed = {}
            for entry in archive.namelist():
                if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                    sheet = archive.read(entry)
                    _refuse_uncomputed(sheet, name)
                    if _FAILED.search(sheet):
                        failed[entry] = _FAILED.sub(rb'\1t="str"', sheet)
            return (_rewritten(archive, failed) if failed else path), _hidden_rows(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"{name}: the workbook is cut off or damaged ({error}); deliver it again") from error


def _hidden_rows(archive: zipfile.ZipFile) -> dict[str, int]:
    """How many filled rows each sheet of an .xlsx hides."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    parts = {
        _attribute(relation, b"Id"): _attribute(relation, b"Target").removeprefix("/xl/")
        for relation in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    }
    found = {}
    for sheet in _SHEET.findall(archive.read("xl/workbook.xml")):
        entry = f"xl/{parts.get(_attribute(sheet, b'r:id'), '')}"
        count = len(_HIDDEN_ROW.findall(archive.read(entry))) if entry in names else 0
        if count:
            found[html.unescape(_attribute(sheet, b"name"))] = count
    return found


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return found[1].decode("utf-8", "replace") if found else ""


def _rewritten(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> io.BytesIO:
    """A copy of the workbook with some parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.namelist():
            copy.writestr(entry, changed.get(entry) or archive.read(entry))
    target.seek(0)
    return target


def _refuse_uncomputed(sheet: bytes, name: str) -> None:
    """A formula without a stored result would read as an empty cell."""
    if b"<f" in sheet and (found := _UNCOMPUTED.search(sheet)):
        raise UnreadableFile(
            f"{name}: cell {found[1].decode()} holds a formula that was never computed; "
            "open the workbook, save it, and deliver it again"
        )


def _protected(name: str) -> UnreadableFile:
    return UnreadableFile(f"{name}: the workbook is protected by a password; save it without one")


def _sheet_rows(where: str, sheet: str, cells: list[list[Any]], reader: Reader) -> pa.Table | None:
    """The sheet's table as text; None for an empty sheet."""
    rows = [[_text(value) for value in row] for row in cells]
    if not any(any(row) for row in rows):
        return None
    first = reader.skip_rows + reader.header_rows
    if len(rows) < first:
        raise UnreadableFile(f"{where}: only {len(rows)} rows; the declaration expects a header in row {first}")
    header = named_columns(where, _header(rows[reader.skip_rows : first]))
    body = [(number, row) for number, row in enumerate(rows[first:], start=first + 1) if any(row)]
    if reader.stop_at is not None:
        stop = reader.stop_at
        ends = [place for place, (_, row) in enumerate(body) if (next(filter(None, row), "") or "").startswith(stop)]
        body = body[: ends[0]] if ends else body
    columns: dict[str, Any] = {
        column: pa.array([row[place] for _, row in body], pa.string()) for place, column in enumerate(header)
    }
    for column in reader.fill_down:
        if column not in columns:
            raise UnreadableFile(f"{where}: reader.fill_down names {column!r}, which is not in the header")
        columns[column] = _filled_down(columns[column])
    if reader.sheet_column:
        columns[reader.sheet_column] = pa.array([sheet] * len(body), pa.string())
    numbers = pa.array([number for number, _ in body], pa.int64())
    return pa.table({"#line": numbers, "#sheet": pa.array([sheet] * len(body), pa.string()), **columns})


def _filled_down(column: pa.Array) -> pa.Array:
    return pa.array(pd.Series(column.to_pylist(), dtype=object).ffill().tolist(), pa.string())


def _header(rows: list[list[str | None]]) -> list[str]:
    """One name per column; in all header rows but the last, merged cells reach to the right."""
    filled = []
    for row in rows[:-1]:
        current, line = "", []
        for cell in row:
            current = cell or current
            line.append(current)
        filled.append(line)
    names = zip(*filled, [cell or "" for cell in rows[-1]], strict=True)
    return [" / ".join(part for part in parts if part) for parts in names]


def _text(value: object) -> str | None:
    """A cell as text; dates as ISO, whole numbers without a point."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
