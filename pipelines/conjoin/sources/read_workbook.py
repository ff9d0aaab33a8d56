"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) through pandas' calamine engine. Macros are never run."""

import datetime as dt
import io
import re
import zipfile
import zlib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from conjoin.errors import UnreadableFile
from conjoin.sources.descriptor import Reader
from conjoin.sources.read_csv import named_columns

MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 200
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
# A formula without a stored result; of one whose result is an empty text the cell says t="str".
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]* t="str")[^>]*><f(?:/>|[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
# A cell that shows #N/A or #DIV/0!: calamine would deliver it as empty.
_FAILED = re.compile(rb'(<c [^>]*)\bt="e"')


def read_workbook(path: Path, name: str, reader: Reader) -> pa.Table:
    """All rows of the matching sheets as text, with ``#row``, ``#line`` (the sheet's row) and ``#sheet``.

    Raises:
        UnreadableFile: Damaged, protected, suspiciously large, no matching sheet, sheets with different headers, or
            a formula that was never computed.
    """
    readable = _inspected(path, name)
    try:
        # Without na_filter=False, pandas takes cells such as "NA" (Namibia) and "n/a" for empty.
        book = pd.read_excel(readable, engine="calamine", sheet_name=None, header=None, dtype=object, na_filter=False)
    except Exception as error:  # calamine raises its own types, pandas wraps some of them
        if "password" in str(error).lower():
            raise _protected(name) from error
        raise UnreadableFile(f"{name}: the workbook cannot be read ({error}); is it complete? Save it again") from error
    sheets = {sheet: cells for sheet, cells in book.items() if fnmatchcase(str(sheet), reader.sheet)}
    if not sheets:
        raise UnreadableFile(f"{name}: no sheet is called {reader.sheet!r}; there are {', '.join(map(str, book))}")
    read = [_sheet_rows(f"{name}, sheet {sheet!r}", str(sheet), cells, reader) for sheet, cells in sheets.items()]
    parts = [part for part in read if part is not None]
    if not parts:
        raise UnreadableFile(f"{name}: every sheet is empty")
    for part in parts[1:]:
        if part.column_names != parts[0].column_names:
            different = sorted(set(part.column_names) ^ set(parts[0].column_names)) or ["their order"]
            raise UnreadableFile(f"{name}: the sheets have different headers ({', '.join(different)})")
    rows = pa.concat_tables(parts)
    return rows.add_column(0, "#row", pa.array(range(1, rows.num_rows + 1), pa.int64()))


def _inspected(path: Path, name: str) -> Path | io.BytesIO:
    """The workbook, once nothing in it is dangerous or would read as empty without being so."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"\xd0\xcf\x11\xe0":
        if _PROTECTED in path.read_bytes():
            raise _protected(name)
        return path
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
            return _rewritten(archive, failed) if failed else path
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"{name}: the workbook is cut off or damaged ({error}); deliver it again") from error


def _rewritten(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> io.BytesIO:
    """A copy of the workbook with some parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.namelist():
            copy.writestr(entry, changed.get(entry) or archive.read(entry))
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


def _sheet_rows(where: str, sheet: str, cells: pd.DataFrame, reader: Reader) -> pa.Table | None:
    """The sheet's table as text; None for an empty sheet."""
    rows = [[_text(value) for value in row] for row in cells.itertuples(index=False, name=None)]
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
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
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
