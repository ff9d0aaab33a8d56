"""CSV: decoded and inspected in Python as a stream, parsed by DuckDB.

The inspection is what makes errors speakable: encoding, NUL bytes and line numbers are DuckDB's weak spots, and each
costs one pass over the bytes.
"""

import codecs
import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from conjoin.errors import UnreadableFile
from conjoin.schemas.vocabularies import fold_case
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.cells import OWN_COLUMNS, trimmed
from conjoin.sql import quote_identifier, quote_literal

MAX_LINE_BYTES = 2_000_000
MAX_COLUMNS = 2_000
_LONG_LINE = re.compile(r"[^\r\n]{4000,}")
_CHUNK = 1 << 20
_UTF8 = {"utf-8", "utf-8-sig", "utf8", "ascii"}
_FOREIGN_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = ((b"PK\x03\x04", "an Excel workbook (.xlsx) or a zip archive"), (b"\xd0\xcf\x11\xe0", "an old Excel file"))


class CsvFile:
    """One CSV file, inspected; ``header`` holds its column names in order."""

    def __init__(self, path: Path, name: str, reader: Reader, workspace: Path | None = None) -> None:
        """Inspect the bytes and read the header.

        Args:
            path: Where the file is.
            name: The name under which it was delivered.
            reader: How it is laid out.
            workspace: A private folder for copies of it; that of the system if None.

        Raises:
            UnreadableFile: Other encoding, NUL bytes, not text at all, or a header with doubled or missing names.
        """
        self._name, self._reader = name, reader
        self._workspace = tempfile.TemporaryDirectory(prefix="conjoin-csv-", dir=workspace)
        self._path = self._as_utf8(path)
        self.header = self._read_header()

    def load(self, con: duckdb.DuckDBPyConnection, target: str) -> None:
        """Parse all rows into the temporary table ``target``.

        Raises:
            UnreadableFile: A row has more or fewer cells than the header, an open quote, or an endless line.
        """
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        columns = ", ".join(f"{quote_literal(column)}: 'varchar'" for column in self.header)
        read = (
            f"read_csv({quote_literal(str(self._path))}, auto_detect=false, header=false, "
            f"skip={self._rows_to_skip}, "
            f"delim={quote_literal(self._reader.delimiter)}, quote={quote_literal(self._reader.quote)}, "
            f"escape={quote_literal(self._reader.quote)}, columns={{{columns}}}, nullstr='', strict_mode=true, "
            f"max_line_size={MAX_LINE_BYTES}, store_rejects=true)"
        )
        cells = ", ".join(f"{trimmed(column)} as {quote_identifier(column)}" for column in self.header)
        filled = f"coalesce({', '.join(quote_identifier(column) for column in self.header)}) is not null"
        first = self._reader.skip_rows + self._header_lines
        try:
            con.execute(
                f'create or replace temp table {target} as select "#row", "#row" + {first} as "#line", '
                '* exclude ("#row") from (select row_number() over () as "#row", null::varchar as "#sheet", '
                f"{cells} from {read}) where {filled}"
            )
        except duckdb.Error as error:
            raise UnreadableFile(f"{self._name}: {self._plain(str(error))}") from error
        self._refuse_rejects(con)
        self._correct_lines(con, target, first)

    # --- inspection -----------------------------------------------------------------------------------------

    def _as_utf8(self, path: Path) -> Path:
        """A UTF-8 copy of the file, or the file itself when it is one already."""
        with path.open("rb") as file:
            start = file.read(8)
        encoding = self._reader.encoding.lower()
        self._refuse_other_formats(start, encoding)
        target = Path(self._workspace.name) / "utf8.csv"
        newlines, last = 0, ""
        in_place = encoding in _UTF8 and not start.startswith(codecs.BOM_UTF8)
        characters = codecs.getincrementaldecoder("utf-8-sig" if encoding in _UTF8 else encoding)(errors="strict")
        decoder = io.IncrementalNewlineDecoder(characters, translate=False)
        with path.open("rb") as source, target.open("wb") if not in_place else io.BytesIO() as copy:
            for chunk in _chunks(source):
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError as error:
                    raise self._undecodable(error, newlines) from error
                if "\0" in text:
                    line = newlines + text[: text.index("\0")].count("\n") + 1
                    raise UnreadableFile(
                        f"{self._name}, line {line}: the file holds NUL bytes, so it is damaged or not "
                        f"{self._reader.encoding}; export it again"
                    )
                self._refuse_endless(text, newlines)
                newlines += text.count("\n")
                last = text or last
                if not in_place:
                    copy.write(text.encode("utf-8"))
        self._line_count = newlines + (not last.endswith("\n"))
        readable = path if in_place else target
        return readable if decoder.newlines in (None, "\n", "\r\n") else self._with_one_line_end(readable)

    def _refuse_endless(self, text: str, newlines: int) -> None:
        """Refuse a line of thousands of cells: DuckDB takes time with the square of them.

        Raises:
            UnreadableFile: There is one.
        """
        for found in _LONG_LINE.finditer(text):
            cells = found[0].count(self._reader.delimiter) + 1
            if cells > MAX_COLUMNS:
                line = newlines + text[: found.start()].count("\n") + 1
                raise UnreadableFile(
                    f"{self._name}, line {line}: {cells:,} cells or more in one line; {MAX_COLUMNS:,} are read; "
                    "is the line end missing, or the delimiter wrong?"
                )

    def _with_one_line_end(self, path: Path) -> Path:
        """A copy in which every line ends alike: DuckDB does not read a mixture."""
        target = Path(self._workspace.name) / "one_line_end.csv"
        with (
            path.open("r", encoding="utf-8", newline=None) as old,
            target.open("w", encoding="utf-8", newline="") as new,
        ):
            self._line_count = 0
            for line in old:
                self._line_count += 1
                new.write(line)
        return target

    def _refuse_other_formats(self, start: bytes, encoding: str) -> None:
        for mark, found in _NOT_TEXT:
            if start.startswith(mark):
                raise UnreadableFile(f"{self._name}: this is {found}, not CSV; export it as CSV")
        if (
            encoding in ("utf-16", "utf16")
            and start
            and not start.startswith(tuple(mark for mark, _ in _FOREIGN_MARKS))
        ):
            raise UnreadableFile(
                f"{self._name}, line 1: the file does not begin like {encoding}; export it as {encoding}, or set "
                "reader.encoding to what it is written in"
            )
        if encoding.startswith(("utf-16", "utf16")):
            return
        for mark, found in _FOREIGN_MARKS:
            if start.startswith(mark):
                raise UnreadableFile(
                    f"{self._name}: the file is written in {found}, the declaration says {self._reader.encoding}; "
                    f"export it as {self._reader.encoding}, or set reader.encoding = '{found}'"
                )

    def _undecodable(self, error: UnicodeDecodeError, newlines: int) -> UnreadableFile:
        line = newlines + bytes(error.object[: error.start]).count(b"\n") + 1
        found = bytes(error.object[error.start : error.end])[:4].hex(" ")
        return UnreadableFile(
            f"{self._name}, line {line}: the bytes {found} are not {self._reader.encoding}; export the file as "
            f"{self._reader.encoding}, or set reader.encoding to what it is written in (often cp1252 or cp1254)"
        )

    # --- header ---------------------------------------------------------------------------------------------

    def _read_header(self) -> list[str]:
        with self._path.open("r", encoding="utf-8", newline="") as file:
            above = [file.readline() for _ in range(self._reader.skip_rows)]
            rows = csv.reader(file, delimiter=self._reader.delimiter, quotechar=self._reader.quote, strict=True)
            try:
                # We count lines; DuckDB skips rows, of which a quoted cell with line ends makes one.
                self._rows_to_skip = len(list(csv.reader(above, quotechar=self._reader.quote))) + 1
                cells = next(rows, [])
            except csv.Error as error:
                raise UnreadableFile(f"{self._name}: the header cannot be read ({error})") from error
            self._header_lines = rows.line_num
        return named_columns(self._name, cells)

    # --- line numbers and errors ----------------------------------------------------------------------------

    def _correct_lines(self, con: duckdb.DuckDBPyConnection, target: str, first: int) -> None:
        """Say where rows begin when cells hold line ends or lines are blank: counting rows is not enough then."""
        last_row = con.execute(f'select max("#row") from {target}').fetchall()[0][0]
        if last_row is None or first + last_row == self._line_count:
            return  # as many rows as lines: each row is one line
        starts = self._row_starts()
        lines = pa.table({"row": pa.array(range(1, len(starts) + 1), pa.int64()), "line": pa.array(starts, pa.int64())})
        con.register("row_starts", lines)
        con.execute(f'update {target} set "#line" = row_starts.line from row_starts where "#row" = row_starts.row')
        con.unregister("row_starts")

    def _row_starts(self) -> list[int]:
        """The line in which each row begins, as Python's reader sees it; blank lines are no rows."""
        csv.field_size_limit(MAX_LINE_BYTES)
        with self._path.open("r", encoding="utf-8", newline="") as file:
            for _ in range(self._reader.skip_rows):
                file.readline()
            rows = csv.reader(file, delimiter=self._reader.delimiter, quotechar=self._reader.quote)
            next(rows)
            return list(_first_lines(rows, self._reader.skip_rows, blank_rows=len(self.header) == 1))

    def _refuse_rejects(self, con: duckdb.DuckDBPyConnection) -> None:
        rejects = con.execute(
            "select distinct on (line_byte_position) error_type::varchar, line_byte_position, error_message "
            "from reject_errors order by line_byte_position, column_idx limit 3"
        ).fetchall()
        if not rejects:
            return
        told = [f"line {self._line_at(position)}: {_meaning(kind, message)}" for kind, position, message in rejects]
        raise UnreadableFile(f"{self._name}, {'; '.join(told)}. Correct the file and deliver it again")

    def _line_at(self, position: int | None) -> int:
        if position is None:
            return 0
        with self._path.open("rb") as file:
            return file.read(position).count(b"\n") + 1

    def _plain(self, message: str) -> str:
        if "maximum line size" in message.lower():
            return f"a line is longer than {MAX_LINE_BYTES:,} bytes: a quote is probably never closed"
        return message.splitlines()[0]


def named_columns(name: str, cells: list[str]) -> list[str]:
    """Header cells as column names; a blank one is called after its place, so that it can be ignored by name.

    Raises:
        UnreadableFile: Two columns have one name, or one has a name that reading keeps for itself.
    """
    columns = [cell.strip().replace("\r\n", " ").replace("\n", " ") for cell in cells]
    columns = [column or f"(column {number})" for number, column in enumerate(columns, start=1)]
    if any("\0" in column for column in columns):
        raise UnreadableFile(f"{name}: a column's name holds a NUL byte, so the file is damaged; export it again")
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFile(f"{name}: {len(columns):,} columns, of which {MAX_COLUMNS:,} are read; is it one table?")
    folded = [fold_case(column) for column in columns]
    if kept := sorted(set(folded) & set(OWN_COLUMNS)):
        raise UnreadableFile(f"{name}: the header has {kept[0]!r}, a name that Conjoin keeps for itself; rename it")
    doubled = [column for column, count in Counter(folded).items() if count > 1]
    if doubled:
        places = [number for number, column in enumerate(folded) if column == doubled[0]]
        raise UnreadableFile(
            f"{name}: the header has {columns[places[0]]!r} twice (columns "
            f"{', '.join(str(place + 1) for place in places[:5])}); rename one of them"
        )
    return columns


def _chunks(file: io.BufferedReader) -> Iterator[bytes]:
    """The file in pieces, and at last an empty one."""
    while chunk := file.read(_CHUNK):
        yield chunk
    yield b""


def _first_lines(rows: Any, above: int, *, blank_rows: bool) -> Iterator[int]:
    """The first line of every row of a ``csv.reader`` that has read its header, ``above`` lines below the top."""
    end = rows.line_num
    for row in rows:
        if row or blank_rows:
            yield above + end + 1
        end = rows.line_num


def _meaning(kind: str, message: str) -> str:
    """What is wrong with a line, without its text: personal data may stand in it."""
    if counts := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message):
        return f"{counts[2]} cells, but the header has {counts[1]} columns"
    known = {
        "UNQUOTED VALUE": "a quote is opened and never closed, or closed in the middle of a cell",
        "LINE SIZE OVER MAXIMUM": f"longer than {MAX_LINE_BYTES:,} bytes",
        "INVALID ENCODING": "bytes that are no text",
    }
    return known.get(kind.upper(), message.splitlines()[0])
