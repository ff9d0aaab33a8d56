"""All current site records to sites: what matching reads, what it concludes, where that is kept."""

import json
import logging
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from conjoin import content
from conjoin.keeping.archive import now
from conjoin.keeping.folders import make_private
from conjoin.keeping.match_journals import append_to_journal, journal_files, remember_model
from conjoin.matching.increment.run import match_changes
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.pairs.model import SHIPPED_MODEL
from conjoin.matching.run import Compare, MatchOptions, MatchSummary
from conjoin.progress import stage
from conjoin.schemas.tables import system_tables
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_identifier, quote_literal
from conjoin.steps.fingerprint import fingerprint
from conjoin.steps.landed import landed_state
from conjoin.steps.match_input import fill_input
from conjoin.warehouse.build import system_schema
from conjoin.warehouse.connection import attached, workbench
from conjoin.warehouse.publish import publish_folder

log = logging.getLogger(__name__)
#: The summary of the kept result, and how long the journal was after it.
_RUN = "run.json"
#: What the next run builds on.
_STATE = "state.duckdb"
#: A change is in the journal before the result shows it; the journal holds the history, so it is not kept twice.
_JOURNALLED = ("site_changes", "site_history")


def match_sites(
    settings: Settings, recorded_at: datetime | None = None, compare: Compare = compare_pairs
) -> MatchSummary:
    """Match every current site record and keep the result below ``settings.matching``, replacing the last one.

    Only what differs from the last run is matched again; if nothing does, its result stands. Beside the result lies
    the state that the next run builds on. State and result change places with their successors together, so a run
    that is killed leaves the last ones. A state of other code, another model or another journal, or one that cannot
    be read, is set aside, and everything is matched.

    Args:
        settings: Where landing, archive and results are.
        recorded_at: The date that changes of site ids get, UTC; now if None.
        compare: Compares the pairs of a run over everything; another one may spread the work.
    """
    building = settings.matching.with_name(f".{settings.matching.name}.building")
    if _take_state(settings, building):
        try:
            return _match(settings, building, recorded_at, compare)
        except duckdb.ProgrammingError:  # a mistake of ours, not of the file
            raise
        except duckdb.Error:
            log.warning("%s cannot be used; matching everything", settings.matching / _STATE, exc_info=True)
    _empty(building)
    return _match(settings, building, recorded_at, compare)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    make_private(folder)


def _take_state(settings: Settings, building: Path) -> bool:
    """Copy the state of the last run into ``building``, if there is one that the journal has not outgrown."""
    _empty(building)
    run = _last_run(settings)
    if run is None or run.get("journal") != len(journal_files(settings)) or not (settings.matching / _STATE).is_file():
        return False
    shutil.copyfile(settings.matching / _STATE, building / _STATE)
    return True


def _last_run(settings: Settings) -> dict[str, Any] | None:
    try:
        run: dict[str, Any] = json.loads((settings.matching / _RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return run


def _match(settings: Settings, building: Path, recorded_at: datetime | None, compare: Compare) -> MatchSummary:
    """Match with the state in ``building``, or from the beginning if there is none."""
    with workbench(settings) as con:
        state = landed_state(settings)
        with stage("Gathering site records"):
            fill_input(con, journal_files(settings), state)
        unique = frozenset(name for name, source in registry.sources().items() if source.unique_sites)
        concluded = (recorded_at or now()).replace(tzinfo=None)
        options = MatchOptions(unique_sources=unique, recorded_at=concluded, unread_sources=state.unread_sources)
        with attached(con, building / _STATE, "kept"):
            summary = match_changes(con, options, fingerprint(sorted(unique)), compare=compare)
            if summary is not None:
                con.execute("create or replace table matching.judgements as from input.judgements")
                append_to_journal(con, settings, "matching.site_changes")
                remember_model(settings, content.find(SHIPPED_MODEL).read_bytes(), concluded)
                write_results(con, building)
    if summary is None:
        shutil.rmtree(building)
        run = _last_run(settings) or {}
        return MatchSummary(**{name: run[name] for name in run if name != "journal"})
    run = {"journal": len(journal_files(settings)), **asdict(summary)}
    (building / _RUN).write_text(json.dumps(run, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    publish_folder(building, settings.matching)
    return summary


def write_results(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write what the warehouse declares of the schema ``matching`` as Parquet."""
    for name, table in system_tables().items():
        if system_schema(name) == "matching" and name not in _JOURNALLED:
            columns = ", ".join(quote_identifier(column) for column in table.columns)
            path = quote_literal(str(folder / f"{name}.parquet"))
            con.execute(f"copy (select {columns} from matching.{name} order by all) to {path} (format parquet)")


def matching_files(settings: Settings) -> dict[str, list[str]]:
    """What the last matching left, table name to Parquet files; the site history is the journal itself."""
    found = {path.stem: [str(path)] for path in sorted(settings.matching.glob("*.parquet"))}
    return found | {"site_history": journal_files(settings)}
