"""One delivery read without landing it, and what became of it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from conjoin.sources import mapping
from conjoin.sources.descriptor import FileFormat, Reader, Source
from conjoin.sources.emits import Delivery
from conjoin.sources.patterns import match_feed
from conjoin.sources.readers.readers import RAW, DeliveredFile

DELIVERED = date(2026, 5, 1)


@dataclass(frozen=True)
class Read:
    """A reading with its rows as plain values.

    Attributes:
        reading: The counts.
        tables: Canonical table to its rows, in order of line.
        refused: Why rows were refused, in order of line.
    """

    reading: mapping.Reading
    tables: dict[str, list[dict[str, Any]]]
    refused: list[dict[str, Any]]

    @property
    def reasons(self) -> list[tuple[int, str, str | None, str]]:
        """Line, column, value and reason of every refusal."""
        return [(r["#line"], r["column_name"], r["value"], r["reason"]) for r in self.refused]


def read(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    source: Source,
    file_name: str,
    content: bytes,
    delivered: date = DELIVERED,
) -> Read:
    """Read ``content`` as if it had been delivered under ``file_name``."""
    path = folder / "original"
    path.write_bytes(content)
    matched = match_feed(source, file_name)
    assert matched is not None, f"{file_name} belongs to no feed"
    mapping.prepare(con)
    reading = mapping.read_delivery(con, path, Delivery(source, matched[0], "load-1", file_name, delivered, matched[1]))
    tables = {
        name: dicts(con, f"select * from {relation} order by line_number, record_id")
        for name, relation in reading.tables.items()
    }
    return Read(reading, tables, dicts(con, f"from {mapping.REJECTED} order by all"))


def raw_rows(
    con: duckdb.DuckDBPyConnection, folder: Path, content: bytes, file_format: FileFormat, **reader: Any
) -> list[dict[str, Any]]:
    """The raw rows of a file called ``delivery``, without those cells that are empty."""
    path = folder / "original"
    path.write_bytes(content)
    DeliveredFile(path, "delivery", file_format, Reader(**reader)).load(con)
    rows = dicts(con, f'from {RAW} order by "#row"')
    return [{column: cell for column, cell in row.items() if cell is not None} for row in rows]


def dicts(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    result = con.execute(sql)
    columns = [entry[0] for entry in result.description]
    return [dict(zip(columns, values, strict=True)) for values in result.fetchall()]
