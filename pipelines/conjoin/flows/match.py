"""All current site records to sites: what matching reads, what it concludes, where that is kept. No Prefect."""

import json
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import duckdb

from conjoin import content
from conjoin.flows.fingerprint import fingerprint
from conjoin.flows.landed import landed_state
from conjoin.flows.match_input import fill_input
from conjoin.flows.scale import comparing
from conjoin.matching.model import SHIPPED_MODEL
from conjoin.matching.run import MatchOptions, MatchSummary, match_records
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.archive import now
from conjoin.warehouse.connection import workbench
from conjoin.warehouse.model_journal import remember_model
from conjoin.warehouse.publish import publish_folder
from conjoin.warehouse.site_journal import append_to_journal, journal_files

#: What the kept result was made of, and its figures.
_RUN = "run.json"
#: A change is in the journal before the result shows it; the journal holds the history, so it is not kept twice.
_JOURNALLED = ("site_changes", "site_history")


def match_sites(settings: Settings, recorded_at: datetime | None = None) -> MatchSummary:
    """Match every current site record and keep the result below ``settings.matching``, replacing the last one.

    If records, identifiers, judgements, declarations, model and code are those of the last run, its result stands.

    Args:
        settings: Where landing, archive and results are.
        recorded_at: The date that changes of site ids get, UTC; now if None.
    """
    with workbench(settings) as con:
        state = landed_state(settings)
        fill_input(con, settings, state)
        unique = frozenset(name for name, source in registry.sources().items() if source.unique_sites)
        seen = fingerprint(con, [*sorted(unique), "unread:", *sorted(state.unread_sources)])
        if summary := _kept_summary(settings, seen):
            return summary
        concluded = (recorded_at or now()).replace(tzinfo=None)
        options = MatchOptions(unique_sources=unique, recorded_at=concluded, unread_sources=state.unread_sources)
        summary = match_records(con, options, compare=comparing(settings))
        con.execute("create or replace table matching.judgements as from input.judgements")
        append_to_journal(con, settings, "matching.site_changes")
        remember_model(settings, content.find(SHIPPED_MODEL).read_bytes(), concluded)
        _keep(con, settings, {"fingerprint": seen, "journal": len(journal_files(settings)), **asdict(summary)})
    return summary


def _kept_summary(settings: Settings, seen: str) -> MatchSummary | None:
    """The summary of the last run if it saw the same and its result still stands."""
    path = settings.matching / _RUN
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    if (kept.pop("fingerprint"), kept.pop("journal")) != (seen, len(journal_files(settings))):
        return None
    return MatchSummary(**kept)


def _keep(con: duckdb.DuckDBPyConnection, settings: Settings, run: dict[str, str | int]) -> None:
    building = settings.matching.with_name(f".{settings.matching.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    write_results(con, building)
    (building / _RUN).write_text(json.dumps(run, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    publish_folder(building, settings.matching)


def write_results(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the schema ``matching`` as Parquet, one file per table, without what the journal holds."""
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = 'matching' order by table_name"
    ).fetchall()
    for (name,) in (row for row in found if row[0] not in _JOURNALLED):
        path = quote_literal(str(folder / f"{name}.parquet"))
        con.execute(f"copy (from matching.{quote_identifier(name)} order by all) to {path} (format parquet)")


def matching_files(settings: Settings) -> dict[str, list[str]]:
    """What the last matching left, table name to Parquet files; the site history is the journal itself."""
    found = {path.stem: [str(path)] for path in sorted(settings.matching.glob("*.parquet"))}
    return found | {"site_history": journal_files(settings)}
