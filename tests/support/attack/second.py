"""A second reading of text files, by Python's own parsers: no row or cell that they see may be lost in silence."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from conjoin.sources.descriptor import FileFormat, Reader
from conjoin.sources.readers.cells import BLANKS

_LONGEST_CELL = 1 << 30
_DELIMITERS = (",", ";", "\t", "|")
Cells = dict[str, str]


class NotReadable(Exception):
    """Python's parsers refuse the file, so that Conjoin must have refused it too."""


@dataclass(frozen=True)
class Second:
    """What Python's parsers see of a file.

    Attributes:
        rows: The line of each row that holds anything, and its trimmed cells by column; of JSON only texts and truths.
        header: The columns in order; empty if the format gives none.
    """

    rows: list[tuple[int, Cells]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)


def read_again(content: bytes, file_format: FileFormat, reader: Reader) -> Second | None:
    """The file as Python's parsers read it; None for workbooks and for what is nested too deeply for them.

    Raises:
        NotReadable: It is not what its declaration says.
    """
    if file_format == "workbook":
        return None
    text = decoded(content, reader.encoding)
    if file_format == "csv":
        return _delimited(text, reader)
    try:
        if file_format == "json_lines":
            numbered = [(n, _parsed(line)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
        else:
            numbered = list(enumerate(_records(_parsed(text), reader.records), start=1))
    except RecursionError:
        return None
    return Second([(number, _texts(record)) for number, record in numbered])


def read_list_again(content: bytes) -> Second:
    """A list to be linked: cells are parted by the first delimiter that gives its header several columns.

    Raises:
        NotReadable: It is no such text.
    """
    text = decoded(content, "utf-8-sig")
    for delimiter in _DELIMITERS:
        if len(next(rows_of(text, delimiter), (0, []))[1]) > 1:
            return _delimited(text, Reader(delimiter=delimiter))
    return _delimited(text, Reader())


def read_sheet_again(content: bytes, semicolons: bool = False) -> Second:
    """A table of commas (or, if its first line has more of them, of semicolons), with short rows and unknown columns.

    Raises:
        NotReadable: It is no such text.
    """
    text = decoded(content, "utf-8-sig")
    first = text.split("\n", 1)[0]
    rows = list(rows_of(text, ";" if semicolons and first.count(";") > first.count(",") else ","))
    header = [cell.strip(BLANKS) for cell in rows[0][1]] if rows else []
    return Second([(line, dict(zip(header, map(plain, cells), strict=False))) for line, cells in rows[1:]], header)


def plain(text: str) -> str:
    """A text without blanks, line ends and what nobody sees: readers may clean these, and nothing else."""
    return "".join(c for c in text if unicodedata.category(c)[0] not in "ZC")


def trimmed(text: str) -> str:
    """A cell without blanks at its ends, its lines ending alike."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(BLANKS)


def decoded(content: bytes, encoding: str) -> str:
    """The text of a file.

    Raises:
        NotReadable: It is in another encoding.
    """
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        raise NotReadable(f"no {encoding}: {error}") from error


def rows_of(text: str, delimiter: str, quote: str = '"', above: int = 0) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of every row that has any, by a parser that forgives nothing.

    Raises:
        NotReadable: A quote is never closed, or closed in the middle of a cell.
    """
    lines = islice(io.StringIO(text, newline=""), above, None)
    rows = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    end = above
    while True:
        try:
            with long_cells():
                row = next(rows, None)
        except csv.Error as error:
            raise NotReadable(f"line {end + 1}: {error}") from error
        if row is None:
            return
        if row:
            yield end + 1, row
        end = above + rows.line_num


@contextmanager
def long_cells() -> Iterator[None]:
    """The limit is one for all of Python: what is tested must not profit from ours."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimited(text: str, reader: Reader) -> Second:
    rows = list(rows_of(text, reader.delimiter, reader.quote, reader.skip_rows))
    if not rows:
        raise NotReadable("no header")
    header = [f"{number} {trimmed(cell)}" for number, cell in enumerate(rows[0][1])]
    found = []
    for line, cells in rows[1:]:
        if len(cells) < len(header) or any(map(trimmed, cells[len(header) :])):
            raise NotReadable(f"line {line}: {len(cells)} cells below {len(header)} columns")
        row = dict(zip(header, map(trimmed, cells), strict=False))  # what is blank beyond the header is nothing
        if any(row.values()):
            found.append((line, row))
    return Second(found, header)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_int=float)  # a whole number may have more digits than Python reads as one
    except ValueError as error:
        raise NotReadable(str(error)) from error


def _records(node: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _records(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _records(node[path[0]], path[1:])
    else:
        raise NotReadable(f"no {path[0]!r}")


def _texts(record: Any, prefix: str = "") -> Cells:
    """The plain texts and truths of a record, also of objects in it, under names of which a reader changes nothing."""
    if not isinstance(record, dict):
        raise NotReadable("a record is no object")
    found: Cells = {}
    for key, value in record.items():
        if trimmed(key) != key or not key or "." in key or "\n" in key:
            continue
        if isinstance(value, dict):
            found |= _texts(value, f"{prefix}{key}.")
        elif isinstance(value, bool):
            found[prefix + key] = str(value).lower()
        elif isinstance(value, str):
            found[prefix + key] = trimmed(value)
    return found
