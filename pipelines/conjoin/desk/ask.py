"""Looks into the file: one select per lookup, in ``sql/``; its first lines say what one row is and what is given.

Nothing is counted here that a briefing tells: figures are saved questions (``conjoin.briefings.queries``).
"""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

_FOLDER = Path(__file__).parent / "sql"


@cache
def select_of(name: str) -> str:
    """The text of a lookup."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def rows(con: duckdb.DuckDBPyConnection, name: str, **given: Any) -> list[dict[str, Any]]:
    """What a lookup finds, in the order of its select.

    Args:
        con: A connection to the file.
        name: The lookup.
        given: Its parameters.
    """
    found = con.execute(select_of(name), given or None)
    columns = [column for column, *_ in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def one(con: duckdb.DuckDBPyConnection, name: str, **given: Any) -> dict[str, Any] | None:
    """The only row of a lookup; None if there is none."""
    found = rows(con, name, **given)
    return found[0] if found else None


def told_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an answer, by column."""
    columns = [str(column) for column in frame.columns]
    return [dict(zip(columns, row, strict=True)) for row in frame.astype(object).itertuples(index=False, name=None)]
