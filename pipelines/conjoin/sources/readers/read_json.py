"""JSON, GeoJSON and JSON lines: nested objects become dotted column names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from conjoin.errors import UnreadableFile
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.read_csv import named_columns

_Row = dict[str, str | None]


class _Number(str):
    """A number as it is written: reading converts nothing."""

    __slots__ = ()


def read_json(path: Path, name: str, reader: Reader, *, by_line: bool) -> pa.Table:
    """All rows of the file as text, one per record, with ``#row``, ``#line`` and ``#sheet``.

    ``#line`` is the line for JSON lines and the number of the record, from 1, for JSON. Keys of a record's parents
    carry the path of their list ("suppliers.name"); keys of the record itself and of objects within it are dotted.

    Raises:
        UnreadableFile: Not JSON, a key given twice, or no list where ``reader.records`` says that there is one.
    """
    text = _decoded(path, name, reader.encoding)
    try:
        rows = list(_line_rows(text, name, reader) if by_line else _tree_rows(text, name, reader))
    except RecursionError as error:
        raise UnreadableFile(f"{name}: nested too deeply to be an export") from error
    keys = list(dict.fromkeys(key for _, row in rows for key in row))
    numbers = pa.array([number for number, _ in rows], pa.int64())
    own: dict[str, Any] = {"#row": numbers, "#line": numbers, "#sheet": pa.nulls(len(rows), pa.string())}
    columns = named_columns(name, keys)
    try:
        cells = {
            column: pa.array([row.get(key) for _, row in rows], pa.string())
            for key, column in zip(keys, columns, strict=True)
        }
        return pa.table({**own, **cells})
    except UnicodeEncodeError as error:
        raise UnreadableFile(
            f"{name}: a text holds half of a character (\\u{ord(error.object[error.start]):x} alone); export it again"
        ) from error


def _decoded(path: Path, name: str, encoding: str) -> str:
    try:
        return path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"{name}, line {line}: the file is not {encoding}; export it as {encoding}, or set reader.encoding"
        ) from error


def _line_rows(text: str, name: str, reader: Reader) -> Iterator[tuple[int, _Row]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found = _parsed(line, name, number)
            if not isinstance(found, dict):
                raise UnreadableFile(f"{name}, line {number}: a line must be one object in braces")
            yield number, _flat(found, "", reader.list_separator)


def _tree_rows(text: str, name: str, reader: Reader) -> Iterator[tuple[int, _Row]]:
    records = _descend(_parsed(text, name, None), reader.records, "", {}, name, reader.list_separator)
    yield from enumerate(records, start=1)


def _parsed(text: str, name: str, line: int | None) -> Any:
    place = f", line {line}" if line else ""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            doubled = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
            raise UnreadableFile(f"{name}{place}: an object gives the key {doubled!r} twice; keep one of them")
        return found

    def no_number(word: str) -> None:
        raise UnreadableFile(f"{name}{place}: {word} stands for a number, which is not JSON; export it as null")

    try:
        return json.loads(
            text, object_pairs_hook=unique, parse_int=_Number, parse_float=_Number, parse_constant=no_number
        )
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"{name}, line {line or error.lineno}, column {error.colno}: not JSON ({error.msg}); "
            "was the file cut off? Deliver it again"
        ) from error


def _descend(node: Any, path: list[str], prefix: str, inherited: _Row, name: str, separator: str) -> Iterator[_Row]:
    """Rows below ``node``: every record at the end of the path, with the plain values of its parents."""
    if isinstance(node, list):
        for item in node:
            yield from _descend(item, path, prefix, inherited, name, separator)
        return
    if not isinstance(node, dict):
        raise UnreadableFile(f"{name}: {prefix or 'the top'} holds a plain value, not objects")
    if not path:
        yield {**inherited, **_flat(node, "", separator)}
        return
    step, rest = path[0], path[1:]
    if step not in node:
        raise UnreadableFile(f"{name}: no {step!r} in {prefix or 'the top'}; reader.records says there is a list")
    own = {key: value for key, value in node.items() if key != step}
    passed_on = {**inherited, **(_flat(own, f"{prefix}.", separator) if prefix else {})}
    yield from _descend(node[step], rest, f"{prefix}.{step}" if prefix else step, passed_on, name, separator)


def _flat(node: dict[str, Any], prefix: str, separator: str) -> _Row:
    row: _Row = {}
    for key, value in node.items():
        column = f"{prefix}{key}"
        if isinstance(value, dict):
            row.update(_flat(value, f"{column}.", separator))
        elif isinstance(value, list):
            plain = [_cell(item) for item in value if not isinstance(item, dict | list)]
            nested = [_as_json(item) for item in value if isinstance(item, dict | list)]
            row[column] = separator.join([item for item in plain if item is not None] + nested) or None
        else:
            row[column] = _cell(value)
    return row


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or None


def _as_json(value: Any) -> str:
    """A value as JSON, keys sorted."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_as_json(key)}: {_as_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_json, value))}]"
    return json.dumps(value, ensure_ascii=False)
