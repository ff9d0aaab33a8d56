"""What matching reads, as of today or of an earlier day: current site records, identifiers, judgements and history."""

from datetime import date

import duckdb

from conjoin.schemas.tables import system_tables
from conjoin.sql import quote_literal
from conjoin.steps.landed import LandedState
from conjoin.steps.reviews import load_judgements
from conjoin.warehouse.build import create_schemas, load_landing, load_parquet, load_rows, run_models
from conjoin.warehouse.models import models_for

_STAGED = ("staging.site_records", "staging.site_identifiers")


def fill_input(con: duckdb.DuckDBPyConnection, journal: list[str], state: LandedState, day: date | None = None) -> None:
    """Make the schema ``input``.

    Args:
        con: A workbench.
        journal: Parquet files of the journal of site ids.
        state: What has landed.
        day: Only judgements and changes of site ids up to the end of this day; None for all.
    """
    create_schemas(con)
    load_landing(con, state.current_files, kind="view")
    load_rows(con, "landing.loads", system_tables()["loads"], state.load_rows)
    run_models(con, models_for(_STAGED))
    con.execute("create schema if not exists input")
    _date_first_deliveries(con, state.all_files("site_records"))
    con.execute(
        "create or replace view input.site_records as select records.*, first_delivered.first_delivered_at "
        "from staging.site_records as records left join first_delivered using (record_id)"
    )
    con.execute("create or replace view input.site_identifiers as from staging.site_identifiers")
    load_parquet(con, "input.judgements", system_tables()["judgements"], [])
    load_judgements(con)
    kind = "view" if day is None else "table"  # most of the journal is not read where a state of the last run is kept
    load_parquet(con, "input.site_history", system_tables()["site_history"], journal, kind)
    if day is not None:
        con.execute("delete from input.judgements where decided_at::date > $1", [day])
        con.execute("delete from input.site_history where recorded_at::date > $1", [day])


def _date_first_deliveries(con: duckdb.DuckDBPyConnection, every_delivery: list[str]) -> None:
    """When each record was first delivered: a fact of the archive."""
    con.execute("create or replace table first_delivered (record_id varchar, first_delivered_at timestamp)")
    if every_delivery:
        listed = ", ".join(quote_literal(path) for path in every_delivery)
        con.execute(
            "insert into first_delivered select records.record_id, min(loads.delivered_at) "
            f"from read_parquet([{listed}]) as records join landing.loads as loads using (load_id) group by all"
        )
