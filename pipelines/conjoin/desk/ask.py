"""Looks into the file for the desk's own pages: one select per lookup, in ``sql/``, as in ``briefings.subjects``."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from conjoin.briefings.subjects import lookups

_FOLDER = Path(__file__).parent / "sql"


def rows(con: duckdb.DuckDBPyConnection, name: str, **given: Any) -> list[dict[str, Any]]:
    """What a lookup finds, in the order of its select.

    Args:
        con: A connection to the file.
        name: The lookup.
        given: Its parameters.
    """
    return lookups.rows(con, name, _FOLDER, **given)


def one(con: duckdb.DuckDBPyConnection, name: str, **given: Any) -> dict[str, Any] | None:
    """The only row of a lookup; None if there is none."""
    found = rows(con, name, **given)
    return found[0] if found else None


def told_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an answer, by column."""
    columns = [str(column) for column in frame.columns]
    return [dict(zip(columns, row, strict=True)) for row in frame.astype(object).itertuples(index=False, name=None)]
