"""What matching leaves in the archive, only ever added to: every change of a site id, and every model that was used.

An id that was published is a fact like a delivery: others have written it down. So its journal stands in the archive,
one Parquet file per matching run that changed something, and survives whatever is rebuilt. Beside it are the models, so
that an earlier day's sites can be made again with what they were made with.
"""

from datetime import date, datetime
from pathlib import Path

import duckdb

from conjoin.keeping.folders import make_private
from conjoin.settings import Settings
from conjoin.sql import quote_literal

_DAY = "%Y-%m-%dT%H%M%S"


def journal_files(settings: Settings) -> list[str]:
    """The files of the journal, oldest first."""
    return [str(path) for path in sorted(_site_changes(settings).glob("*.parquet"))]


def append_to_journal(con: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> Path | None:
    """Add the rows of ``table`` as one file; it counts once this returns. None if there is nothing to add."""
    if not con.execute(f"select 1 from {table} limit 1").fetchall():
        return None
    folder = _site_changes(settings)
    for private in (settings.archive, folder):
        make_private(private)
    target = folder / f"{len(journal_files(settings)) + 1:06d}.parquet"
    building = target.with_name(f".{target.name}.building")
    con.execute(f"copy (from {table}) to {quote_literal(str(building))} (format parquet, compression zstd)")
    building.chmod(0o444)
    building.replace(target)
    return target


def _site_changes(settings: Settings) -> Path:
    return settings.archive / "sites"


def remember_model(settings: Settings, model: bytes, recorded_at: datetime) -> None:
    """Keep the model file that a run used, unless it is the one used last; it is never changed again."""
    folder = _models(settings)
    kept = sorted(folder.glob("*.toml"))
    if kept and kept[-1].read_bytes() == model:
        return
    for private in (settings.archive, folder):
        make_private(private)
    target = folder / f"{recorded_at.strftime(_DAY)}.toml"
    building = target.with_name(f".{target.name}.building")
    building.write_bytes(model)
    building.chmod(0o444)
    building.replace(target)


def model_in_force(settings: Settings, day: date) -> Path | None:
    """The model file that the last run up to the end of ``day`` used; None if no run is that old."""
    kept = [path for path in sorted(_models(settings).glob("*.toml")) if _used_from(path) <= day]
    return kept[-1] if kept else None


def _used_from(path: Path) -> date:
    return datetime.strptime(path.stem, _DAY).date()  # UTC throughout


def _models(settings: Settings) -> Path:
    return settings.archive / "models"
