"""Looks into a published file: one select per lookup; its first lines say what one row is and what is given.

Nothing is counted here that a briefing tells: figures are saved questions (``conjoin.briefings.queries``).
"""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_FOLDER = Path(__file__).parent / "sql"

Row = dict[str, Any]


@cache
def select_in(folder: Path, name: str) -> str:
    """The text of a lookup that stands in a folder."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def rows(con: duckdb.DuckDBPyConnection, name: str, folder: Path = _FOLDER, **given: Any) -> list[Row]:
    """What a lookup finds, in the order of its select.

    Args:
        con: A connection to the file.
        name: The lookup.
        folder: Where it stands.
        given: Its parameters.
    """
    return told(con.execute(select_in(folder, name), given or None))


def told(found: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rows of a result, by column."""
    columns = [column for column, *_ in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
