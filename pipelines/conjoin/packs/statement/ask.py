"""Looks into a warehouse: one select per lookup, in ``sql/``; its first lines say what one row is."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_FOLDER = Path(__file__).parent / "sql"

Row = dict[str, Any]


@cache
def select_of(name: str) -> str:
    """The text of a lookup."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def rows(con: duckdb.DuckDBPyConnection, name: str, **given: Any) -> list[Row]:
    """What a lookup finds, in the order of its select.

    Args:
        con: The published warehouse, or that of one site.
        name: The lookup.
        given: Its parameters.
    """
    return told(con.execute(select_of(name), given or None))


def told(found: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rows of a result, by column."""
    columns = [column for column, *_ in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
