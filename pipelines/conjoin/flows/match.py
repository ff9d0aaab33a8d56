"""All current site records to sites: what matching reads, what it concludes, where that is kept. No Prefect."""

import json
import shutil
from dataclasses import asdict
from datetime import datetime

import duckdb

from conjoin.flows.fingerprint import fingerprint
from conjoin.flows.landed import LandedState, landed_state
from conjoin.flows.reviews import load_judgements
from conjoin.flows.scale import comparing
from conjoin.matching.run import MatchOptions, MatchSummary, match_records
from conjoin.schemas.tables import system_tables
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.archive import now
from conjoin.warehouse.build import create_schemas, load_landing, load_parquet, load_rows, run_models
from conjoin.warehouse.connection import workbench
from conjoin.warehouse.models import models_for
from conjoin.warehouse.publish import publish_folder
from conjoin.warehouse.site_journal import append_to_journal, journal_files

_STAGED = ("staging.site_records", "staging.site_identifiers")


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
        load_landed(con, state)
        load_parquet(con, "input.site_history", system_tables()["site_history"], journal_files(settings))
        unique = frozenset(name for name, source in registry.sources().items() if source.unique_sites)
        seen = fingerprint(con, [*sorted(unique), "unread:", *sorted(state.unread_sources)])
        if summary := _kept_summary(settings, seen):
            return summary
        concluded = (recorded_at or now()).replace(tzinfo=None)
        options = MatchOptions(unique_sources=unique, recorded_at=concluded, unread_sources=state.unread_sources)
        summary = match_records(con, options, compare=comparing(settings))
        con.execute("create or replace table matching.judgements as from input.judgements")
        append_to_journal(con, settings, "matching.site_changes")
        _keep(con, settings, {"fingerprint": seen, "journal": len(journal_files(settings)), **asdict(summary)})
    return summary


def load_landed(con: duckdb.DuckDBPyConnection, state: LandedState) -> None:
    """Fill the schema ``input`` with every current site record, its identifiers and all judgements."""
    create_schemas(con)
    load_landing(con, state.current_files, kind="view")
    load_rows(con, "landing.loads", system_tables()["loads"], state.load_rows)
    run_models(con, models_for(_STAGED))
    _make_input(con, state.all_files("site_records"))


def _kept_summary(settings: Settings, seen: str) -> MatchSummary | None:
    """The summary of the last run if it saw the same and its result still stands."""
    path = settings.matching / _RUN
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    if (kept.pop("fingerprint"), kept.pop("journal")) != (seen, len(journal_files(settings))):
        return None
    return MatchSummary(**kept)


def _make_input(con: duckdb.DuckDBPyConnection, every_delivery: list[str]) -> None:
    """The schema ``input`` that matching reads; when a record was first delivered is a fact of the archive."""
    con.execute("create schema if not exists input")
    con.execute("create or replace table first_delivered (record_id varchar, first_delivered_at timestamp)")
    if every_delivery:
        listed = ", ".join(quote_literal(path) for path in every_delivery)
        con.execute(
            "insert into first_delivered select records.record_id, min(loads.delivered_at) "
            f"from read_parquet([{listed}]) as records join landing.loads as loads using (load_id) group by all"
        )
    con.execute(
        "create or replace table input.site_records as select records.*, first_delivered.first_delivered_at "
        "from staging.site_records as records left join first_delivered using (record_id) order by record_id"
    )
    con.execute("create or replace table input.site_identifiers as from staging.site_identifiers order by record_id")
    load_parquet(con, "input.judgements", system_tables()["judgements"], [])
    load_judgements(con)


def _keep(con: duckdb.DuckDBPyConnection, settings: Settings, run: dict[str, str | int]) -> None:
    building = settings.matching.with_name(f".{settings.matching.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = 'matching' order by table_name"
    ).fetchall()
    for (name,) in (row for row in found if row[0] not in _JOURNALLED):
        path = quote_literal(str(building / f"{name}.parquet"))
        con.execute(f"copy (from matching.{quote_identifier(name)} order by all) to {path} (format parquet)")
    (building / _RUN).write_text(json.dumps(run, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    publish_folder(building, settings.matching)


def matching_files(settings: Settings) -> dict[str, list[str]]:
    """What the last matching left, table name to Parquet files; the site history is the journal itself."""
    found = {path.stem: [str(path)] for path in sorted(settings.matching.glob("*.parquet"))}
    return found | {"site_history": journal_files(settings)}
