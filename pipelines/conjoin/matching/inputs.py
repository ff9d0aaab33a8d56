"""Frames into the schema ``input``, for notebooks, tests and labelled sets; the flows fill it from landed files."""

import duckdb
import pandas as pd

_RECORDS = {
    "record_id": "varchar",
    "source_name": "varchar",
    "site_name": "varchar",
    "site_name_native": "varchar",
    "site_address": "varchar",
    "site_address_native": "varchar",
    "city_name": "varchar",
    "region_name": "varchar",
    "postal_code": "varchar",
    "country_code": "varchar",
    "latitude": "double",
    "longitude": "double",
    "parent_name": "varchar",
    "site_level": "varchar",
    "first_delivered_at": "timestamp",
}
_IDENTIFIERS = dict.fromkeys(("site_record_id", "id_scheme", "id_value"), "varchar")
_JUDGEMENTS = {
    "record_id_left": "varchar",
    "record_id_right": "varchar",
    "judgement": "varchar",
    "reviewer": "varchar",
    "role": "varchar",
    "decided_at": "timestamp",
    "note": "varchar",
    "moved_on": "date",
}
_SITE_HISTORY = {
    "recorded_at": "timestamp",
    "event": "varchar",
    "site_id": "varchar",
    "record_id": "varchar",
    "other_site_id": "varchar",
    "founded_on": "date",
}


def load_input(
    con: duckdb.DuckDBPyConnection,
    site_records: pd.DataFrame,
    site_identifiers: pd.DataFrame | None = None,
    judgements: pd.DataFrame | None = None,
    site_history: pd.DataFrame | None = None,
) -> None:
    """Make the tables of the schema ``input`` from frames; a column that a frame lacks is null throughout."""
    con.execute("create schema if not exists input")
    for name, columns, frame in (
        ("site_records", _RECORDS, site_records),
        ("site_identifiers", _IDENTIFIERS, site_identifiers),
        ("judgements", _JUDGEMENTS, judgements),
        ("site_history", _SITE_HISTORY, site_history),
    ):
        types = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"create or replace table input.{name} ({types})")
        if frame is None or frame.empty:
            continue
        given = [column for column in columns if column in frame.columns]
        con.register("given_frame", frame.take(range(len(frame))))  # DuckDB reads no frame that runs backwards
        casts = ", ".join(f"try_cast({column} as {columns[column]})" for column in given)
        con.execute(f"insert into input.{name} ({', '.join(given)}) select {casts} from given_frame")
        con.unregister("given_frame")
