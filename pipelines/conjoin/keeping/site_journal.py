"""The journal of site ids: every change of a published id, in the archive, only ever appended to.

An id that was published is a fact like a delivery: others have written it down. So the journal stands in the archive,
one Parquet file per matching run that changed something, and survives whatever is rebuilt.
"""

from pathlib import Path

import duckdb

from conjoin.keeping.folders import make_private
from conjoin.settings import Settings
from conjoin.sql import quote_literal


def journal_files(settings: Settings) -> list[str]:
    """The files of the journal, oldest first."""
    return [str(path) for path in sorted(_folder(settings).glob("*.parquet"))]


def append_to_journal(con: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> Path | None:
    """Add the rows of ``table`` as one file; it counts once this returns. None if there is nothing to add."""
    if not con.execute(f"select 1 from {table} limit 1").fetchall():
        return None
    folder = _folder(settings)
    for private in (settings.archive, folder):
        make_private(private)
    target = folder / f"{len(journal_files(settings)) + 1:06d}.parquet"
    building = target.with_name(f".{target.name}.building")
    con.execute(f"copy (from {table}) to {quote_literal(str(building))} (format parquet, compression zstd)")
    building.chmod(0o444)
    building.replace(target)
    return target


def _folder(settings: Settings) -> Path:
    return settings.archive / "sites"
