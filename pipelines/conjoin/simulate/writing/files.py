"""A sheet of cells as a file: CSV, workbook, JSON or JSON lines, laid out as the feed's reader expects it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from conjoin.simulate.writing.workbooks import Line, write_workbook
from conjoin.sources.descriptor import Feed, Reader

_NAMELESS = re.compile(r"\(column (\d+)\)")


def write_file(path: Path, feed: Feed, cells: pd.DataFrame, date_columns: set[str]) -> None:
    """Write the cells as one delivered file.

    Args:
        path: Where; its folder exists.
        feed: How the file is laid out, and which columns it has besides.
        cells: One column per header that is read; text or null.
        date_columns: Headers whose cells are dates; a workbook gets real dates there.
    """
    sheet = _with_filler(feed, cells)
    if feed.format == "csv":
        _write_csv(path, feed.reader, sheet)
    elif feed.format == "workbook":
        _write_workbook(path, feed.reader, sheet, date_columns)
    else:
        _write_json(path, feed, sheet)


def encodable(cells: pd.Series, encoding: str) -> pd.Series:
    """The cells as an export in ``encoding`` leaves them: letters that it lacks become "?"."""
    if encoding.lower().replace("_", "-").startswith("utf"):
        return cells
    known = {text: text.encode(encoding, "replace").decode(encoding) for text in cells.dropna().unique()}
    lost = {text: None if kept.count("?") > len(kept) / 2 else kept for text, kept in known.items()}
    return cells.map(lost, na_action="ignore").astype(object).where(cells.notna(), None)


# --- ignored columns ---------------------------------------------------------------------------------------------


def _with_filler(feed: Feed, cells: pd.DataFrame) -> pd.DataFrame:
    """The sheet with the columns that the feed ignores, nameless ones at their places."""
    own = [column for column in cells if column != feed.reader.sheet_column]
    filler = {column: _filler(column, reason) for column, reason in _ignored(feed).items() if column not in own}
    sheet = cells[own].assign(**{column: text for column, text in filler.items() if not _NAMELESS.fullmatch(column)})
    for column in filler:
        if found := _NAMELESS.fullmatch(column):
            sheet.insert(min(int(found[1]) - 1, sheet.shape[1]), column, None)
    return sheet


def _ignored(feed: Feed) -> dict[str, str]:
    """Ignored headers, globs by one name that they match, unless a header that is read extends or contains it."""
    found = {column.replace("*", "name").replace("?", "1"): reason for column, reason in feed.ignore.items()}
    used = feed.used_columns()
    clash = [name for name in found if any(u.startswith(f"{name}.") or name.startswith(f"{u}.") for u in used)]
    return {name: reason for name, reason in found.items() if not (feed.format.startswith("json") and name in clash)}


def _filler(column: str, reason: str) -> str:
    if re.search(r"mail", column, re.IGNORECASE):
        return "office@example.org"
    if "personal" in reason:
        return "A. Example"
    return "12" if "sensitive" in reason else "n/a"


# --- CSV ---------------------------------------------------------------------------------------------------------


def _write_csv(path: Path, reader: Reader, sheet: pd.DataFrame) -> None:
    with path.open("w", encoding=reader.encoding, newline="") as file:
        for number in range(reader.skip_rows):
            file.write(f"Export, line {number + 1}\n")
        named = sheet.rename(columns=lambda column: "" if _NAMELESS.fullmatch(column) else column)
        named.to_csv(file, index=False, sep=reader.delimiter, quotechar=reader.quote, lineterminator="\n")


# --- workbooks ---------------------------------------------------------------------------------------------------


def _write_workbook(path: Path, reader: Reader, sheet: pd.DataFrame, date_columns: set[str]) -> None:
    grouped = sheet[_in_groups(list(sheet.columns), reader)]
    above: list[Line] = [[f"Export, line {number + 1}"] for number in range(reader.skip_rows)]
    above += _header_rows(list(grouped.columns), reader.header_rows)
    below: list[Line] = [[f"{reader.stop_at}: {len(grouped)}"]] if reader.stop_at else []
    if reader.fill_down:
        grouped = _merged(grouped, reader.fill_down)
    write_workbook(path, sheet_name(reader), above, grouped, date_columns, below)


def sheet_name(reader: Reader) -> str:
    """A name that the reader's glob for sheets matches."""
    pattern = reader.sheet if isinstance(reader.sheet, str) else reader.sheet[0]
    return pattern.replace("*", "").replace("?", "1") or "Sheet1"


def _in_groups(columns: list[str], reader: Reader) -> list[str]:
    """Columns of one upper header side by side, in order of first mention."""
    if reader.header_rows == 1:
        return columns
    groups = list(dict.fromkeys(column.split(" / ")[0] for column in columns))
    return sorted(columns, key=lambda column: groups.index(column.split(" / ")[0]))


def _header_rows(columns: list[str], count: int) -> list[Line]:
    """The header's rows; in the upper ones a repeated name is left empty, as in merged cells."""
    if count == 1:
        return [[None if _NAMELESS.fullmatch(column) else column for column in columns]]
    parts = [column.split(" / ", count - 1) for column in columns]
    parts = [part + [""] * (count - len(part)) for part in parts]
    rows: list[Line] = []
    for level in range(count):
        line: Line = []
        for place, part in enumerate(parts):
            is_merged = level < count - 1 and place > 0 and parts[place - 1][: level + 1] == part[: level + 1]
            line.append(None if is_merged else part[level] or None)
        rows.append(line)
    return rows


def _merged(sheet: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Sorted by the merged columns, whose repeated cells are left empty."""
    known = [column for column in columns if column in sheet]
    filled = sheet.sort_values(known[:1], kind="stable", na_position="first") if known else sheet
    merged = filled.copy()
    for column in known:
        values = filled[column].ffill()
        merged[column] = values.where(values.ne(values.shift()), None)
    return merged


# --- JSON --------------------------------------------------------------------------------------------------------


def _write_json(path: Path, feed: Feed, sheet: pd.DataFrame) -> None:
    named = [str(column) for column in sheet.columns]
    filled = sheet.astype(object).where(sheet.notna(), None)
    rows = [dict(zip(named, row, strict=True)) for row in filled.itertuples(index=False, name=None)]
    with path.open("w", encoding=feed.reader.encoding, newline="\n") as file:
        if feed.format == "json_lines":
            for row in rows:
                file.write(json.dumps(_nested(row, feed.reader.list_separator), ensure_ascii=False) + "\n")
            return
        steps = feed.reader.records
        tree = _tree(rows, steps, 0, feed.reader.list_separator)
        file.write(json.dumps({steps[0]: tree} if steps else tree, ensure_ascii=False))


def _tree(rows: list[dict[str, Any]], steps: list[str], depth: int, separator: str) -> list[Any]:
    """Rows below their parents: neighbours that agree in all that stands above them share it."""
    if depth >= len(steps) - 1:
        return [_nested(row, separator) for row in rows]
    prefix = ".".join(steps[: depth + 1]) + "."
    deeper = f"{prefix}{steps[depth + 1]}."
    above = [
        column for column in (rows[0] if rows else {}) if column.startswith(prefix) and not column.startswith(deeper)
    ]
    found = []
    for parent, group in _grouped(rows, above):
        rest = [{column: cell for column, cell in row.items() if column not in parent} for row in group]
        own = {column.removeprefix(prefix): cell for column, cell in parent.items()}
        found.append({**_nested(own, separator), steps[depth + 1]: _tree(rest, steps, depth + 1, separator)})
    return found


def _grouped(rows: list[dict[str, Any]], columns: list[str]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    for key, group in groups.items():
        yield dict(zip(columns, key, strict=True)), group


def _nested(row: dict[str, Any], separator: str) -> dict[str, Any]:
    """Dotted names as objects, cells with several values as lists."""
    found: dict[str, Any] = {}
    for column, cell in row.items():
        place = found
        *path, name = column.split(".")
        for step in path:
            place = place.setdefault(step, {})
        place[name] = _listed(cell.split(separator)) if isinstance(cell, str) and separator in cell else cell
    return found


def _listed(parts: list[str]) -> list[Any]:
    numeric = all(re.fullmatch(r"-?(0|[1-9]\d*)\.\d*[1-9]", part) for part in parts)
    return [float(part) for part in parts] if numeric else parts
