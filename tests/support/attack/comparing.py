"""What was read beside the second reading: rows and cells that differ are problems."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from conjoin.sources.descriptor import Feed
from conjoin.sources.readers.readers import RAW
from support.attack.second import (
    Cells,
    NotReadable,
    Second,
    plain,
    read_again,
    read_list_again,
    read_sheet_again,
    trimmed,
)
from support.reading import dicts

Problem = tuple[str, str]
Skip = Mapping[str, Mapping[str, str]]


def feed_differences(con: duckdb.DuckDBPyConnection, feed: Feed, content: bytes) -> list[Problem]:
    """How the table ``raw`` of a feed differs from the file."""
    return _differences(con, lambda: read_again(content, feed.format, feed.reader), feed.skip)


def list_differences(con: duckdb.DuckDBPyConnection, content: bytes) -> list[Problem]:
    """How the table ``raw`` of a list to be linked differs from the file."""
    return _differences(con, lambda: read_list_again(content), {})


def reference_differences(con: duckdb.DuckDBPyConnection, name: str, content: bytes) -> list[Problem]:
    """How a reference table differs from its file, in texts and in the number of rows."""
    try:
        second = read_sheet_again(content)
    except NotReadable as error:
        return [("read though damaged", str(error))]
    rows = dicts(con, f"from reference.{name}")
    if len(rows) != len(second.rows):
        return [("rows lost or made up", f"{len(second.rows)} rows in the file, {len(rows)} read")]
    for row, (line, cells) in zip(rows, second.rows, strict=True):
        for column, value in row.items():
            if (value is None or isinstance(value, str)) and plain(value or "") != cells.get(column, ""):
                return [("cells lost or made up", f"line {line}, {column}: {cells.get(column)!r} became {value!r}")]
    return []


def judgement_differences(rows: list[dict[str, Any]], content: bytes) -> list[Problem]:
    """How the judgements that were read differ from the file, by count and one by one."""
    try:
        second = read_sheet_again(content, semicolons=True)
    except NotReadable as error:
        return [("read though damaged", str(error))]
    judged = [(line, cells) for line, cells in second.rows if cells.get("judgement")]
    if len(rows) != len(judged):
        return [("rows lost or made up", f"{len(judged)} judgements in the file, {len(rows)} read")]
    for row, (line, cells) in zip(rows, judged, strict=True):
        said = [*sorted(cells.get(f"record_id_{side}", "") for side in ("left", "right"))]
        said += [cells.get(column, "") for column in ("reviewer", "role", "note")]
        read = [*sorted((plain(row["left"]), plain(row["right"])))]
        read += [plain(row[column]) for column in ("reviewer", "role", "note")]
        if said != read:
            return [("cells lost or made up", f"line {line}: {said} became {read}"[:600])]
    return []


def _differences(con: duckdb.DuckDBPyConnection, again: Callable[[], Second | None], skip: Skip) -> list[Problem]:
    try:
        second = again()
    except NotReadable as error:
        return [("read though damaged", str(error))]
    if second is None:
        return []
    rows = dicts(con, f'select * exclude ("#row", "#sheet") from {RAW} order by "#row"')
    names = [column for column, *_ in con.execute(f"describe {RAW}").fetchall()[3:]]
    columns = {name: name for name in names}
    if second.header:  # delimited text: its columns come first, whatever they are called
        columns = dict(zip(second.header, names, strict=False))
    kept = [(line, cells) for line, cells in second.rows if not _is_skipped(cells, columns, skip)]
    if len(kept) != len(rows):
        lines = sorted({line for line, _ in kept} ^ {row["#line"] for row in rows})[:5]
        return [("rows lost or made up", f"{len(kept)} rows in the file, {len(rows)} read; lines {lines}")]
    for row, (line, cells) in zip(rows, kept, strict=True):
        if row["#line"] != line:
            return [("wrong line", f"line {line} is told as line {row['#line']}")]
        for name, cell in cells.items():
            read = trimmed(row.get(columns.get(name, ""), None) or "")
            if read != cell:
                return [("cells lost or made up", f"line {line}, {name}: {cell!r:.200} became {read!r:.200}")]
    return []


def _is_skipped(cells: Cells, columns: Mapping[str, str], skip: Skip) -> bool:
    return any(cell in skip.get(columns.get(name, ""), {}) for name, cell in cells.items())
