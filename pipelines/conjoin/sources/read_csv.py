"""CSV: decoded and inspected in Python as a stream, parsed by DuckDB.

The inspection is what makes errors speakable: encoding, NUL bytes and line numbers are DuckDB's weak spots, and each
costs one pass over the bytes.
"""

import codecs
import csv
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from conjoin.errors import UnreadableFile
from conjoin.sources.cells import trimmed
from conjoin.sources.descriptor import Reader
from conjoin.sql import quote_identifier, quote_literal

MAX_LINE_BYTES = 2_000_000
_CHUNK = 1 << 20
_UTF8 = {"utf-8", "utf-8-sig", "utf8", "ascii"}
_FOREIGN_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = ((b"PK\x03\x04", "an Excel workbook (.xlsx) or a zip archive"), (b"\xd0\xcf\x11\xe0", "an old Excel file"))


class CsvFile:
    """One CSV file, inspected; ``header`` holds its column names in order."""

    def __init__(self, path: Path, name: str, reader: Reader) -> None:
        """Inspect the bytes and read the header.

        Raises:
            UnreadableFile: Other encoding, NUL bytes, not text at all, or a header with doubled or missing names.
        """
        self._name, self._reader = name, reader
        self._workspace = tempfile.TemporaryDirectory(prefix="conjoin-csv-")
        self._has_quotes = False
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
            f"skip={self._reader.skip_rows + self._header_lines}, "
            f"delim={quote_literal(self._reader.delimiter)}, quote={quote_literal(self._reader.quote)}, "
            f"escape={quote_literal(self._reader.quote)}, columns={{{columns}}}, nullstr='', strict_mode=true, "
            f"max_line_size={MAX_LINE_BYTES}, store_rejects=true)"
        )
        cells = ", ".join(f"{trimmed(column)} as {quote_identifier(column)}" for column in self.header)
        filled = f"coalesce({', '.join(quote_identifier(column) for column in self.header)}) is not null"
        try:
            con.execute(
                f'create or replace temp table {target} as select * from (select {self._line_number()} as "#line", '
                f'null::varchar as "#sheet", {cells} from {read}) where {filled}'
            )
        except duckdb.Error as error:
            raise UnreadableFile(f"{self._name}: {self._plain(str(error))}") from error
        self._refuse_rejects(con)

    # --- inspection -----------------------------------------------------------------------------------------

    def _as_utf8(self, path: Path) -> Path:
        """A UTF-8 copy of the file, or the file itself when it is one already."""
        with path.open("rb") as file:
            start = file.read(8)
        encoding = self._reader.encoding.lower()
        self._refuse_other_formats(start, encoding)
        target = Path(self._workspace.name) / "utf8.csv"
        newlines, in_place = 0, encoding in _UTF8 and not start.startswith(codecs.BOM_UTF8)
        with path.open("rb") as source, target.open("wb") if not in_place else io.BytesIO() as copy:
            decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding in _UTF8 else encoding)(errors="strict")
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
                newlines += text.count("\n")
                self._has_quotes = self._has_quotes or self._reader.quote in text
                if not in_place:
                    copy.write(text.encode("utf-8"))
        return path if in_place else target

    def _refuse_other_formats(self, start: bytes, encoding: str) -> None:
        for mark, found in _NOT_TEXT:
            if start.startswith(mark):
                raise UnreadableFile(f"{self._name}: this is {found}, not CSV; export it as CSV")
        if encoding.startswith("utf-16") or encoding.startswith("utf16"):
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
            for _ in range(self._reader.skip_rows):
                file.readline()
            rows = csv.reader(file, delimiter=self._reader.delimiter, quotechar=self._reader.quote, strict=True)
            try:
                cells = next(rows, [])
            except csv.Error as error:
                raise UnreadableFile(f"{self._name}: the header cannot be read ({error})") from error
            self._header_lines = rows.line_num
        return named_columns(self._name, cells)

    # --- line numbers and errors ----------------------------------------------------------------------------

    def _line_number(self) -> str:
        """SQL of a row's first line: counting rows is enough unless cells hold line ends."""
        first = self._reader.skip_rows + self._header_lines
        if not self._has_broken_cells():
            return f"row_number() over () + {first}"
        ends = " + ".join(
            f"coalesce(length({quote_identifier(c)}) - length(replace({quote_identifier(c)}, chr(10), '')), 0)"
            for c in self.header
        )
        return (
            f"row_number() over () + {first} + "
            f"coalesce(sum({ends}) over (rows between unbounded preceding and 1 preceding), 0)"
        )

    def _has_broken_cells(self) -> bool:
        if not self._has_quotes:
            return False
        with self._path.open("r", encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter=self._reader.delimiter, quotechar=self._reader.quote)
            try:
                count = sum(1 for _ in rows)
            except csv.Error:
                return False  # DuckDB finds and tells what is wrong
            return count < rows.line_num

    def _refuse_rejects(self, con: duckdb.DuckDBPyConnection) -> None:
        rejects = con.execute(
            "select error_type::varchar, line_byte_position, error_message, csv_line from reject_errors "
            "order by line_byte_position limit 3"
        ).fetchall()
        if not rejects:
            return
        told = []
        for kind, position, message, line in rejects:
            number = self._line_at(position)
            told.append(f"line {number}: {_meaning(kind, message)}: {_shown(line)}")
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
        UnreadableFile: Two columns have one name.
    """
    columns = [cell.strip().replace("\r\n", " ").replace("\n", " ") for cell in cells]
    columns = [column or f"(column {number})" for number, column in enumerate(columns, start=1)]
    doubled = [column for column, count in Counter(columns).items() if count > 1]
    if doubled:
        places = [str(number) for number, column in enumerate(columns, start=1) if column == doubled[0]]
        raise UnreadableFile(
            f"{name}: the header has {doubled[0]!r} twice (columns {', '.join(places)}); rename one of them"
        )
    return columns


def _chunks(file: io.BufferedReader) -> Iterator[bytes]:
    """The file in pieces, and at last an empty one."""
    while chunk := file.read(_CHUNK):
        yield chunk
    yield b""


def _meaning(kind: str, message: str) -> str:
    known = {
        "TOO MANY COLUMNS": "more cells than the header has columns",
        "MISSING COLUMNS": "fewer cells than the header has columns",
        "UNQUOTED VALUE": "a quote is opened and never closed, or closed in the middle of a cell",
        "LINE SIZE OVER MAXIMUM": f"longer than {MAX_LINE_BYTES:,} bytes",
        "INVALID ENCODING": "bytes that are no text",
    }
    return known.get(kind.upper(), message.splitlines()[0])


def _shown(line: str | None) -> str:
    text = " ".join((line or "").split())
    return repr(text[:40] + "..." if len(text) > 40 else text)
