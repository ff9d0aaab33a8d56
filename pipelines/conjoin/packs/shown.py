"""The file that a reader gets: marts alone, with the days of others' audits told by quarter.

Whether one audit repeats another hangs on days, so the warehouse of a pack is built from them. What rests on records
that are neither the reader's own nor published then shows quarters, and spans of days in whole quarters: a day that a
reader sees elsewhere must not name the row that it belongs to.
"""

from functools import cache
from pathlib import Path

import duckdb

from conjoin.briefings.queries import questions
from conjoin.packs.reader import Reader
from conjoin.schemas.policy import policy
from conjoin.schemas.tables import tables
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.build import comment_model, create_dictionary
from conjoin.warehouse.models import Model, models, table_references

#: Tables of the reader's own deliveries, of memberships, and of the months of cases (empty but for case workers): their
#: days are no days of audits.
_EXACT = ("marts.affiliations", "marts.source_freshness", "marts.refused_files", "marts.complaints_at_sites")
_DAYS_IN_QUARTER = 91
#: The smallest that DuckDB has: a pack has many small tables, and a column takes a block.
_BLOCK = 16384
_WHOLE_EVENTS = """
create or replace temp table whole_events as
select event_id from marts.audit_event_records
group by event_id having bool_and(record_id in (select record_id from whole_records))
"""


def write_shown(con: duckdb.DuckDBPyConnection, reader: Reader, file: Path) -> dict[str, int]:
    """Write the reader's file; return the rows of each mart.

    Args:
        con: The warehouse of the pack, built.
        reader: Who will see it.
        file: The file to write; it must not exist.
    """
    records = [f"select record_id from staging.{name} where {reader.is_whole}" for name in tables()]
    con.execute(f"create or replace temp table whole_records as {' union '.join(records)}")
    con.execute(_WHOLE_EVENTS)
    built = str(con.execute("select current_database()").fetchall()[0][0])
    con.execute(f"attach {quote_literal(str(file))} as shown (block_size {_BLOCK})")
    told = [model for model in models() if model.schema == "marts" or model.name in _asked_for()]
    for schema in ("landing", "matching", "staging", "intermediate", "marts", "reference", "vocabulary"):
        con.execute(f"create schema shown.{schema}")
    for model in told:
        con.execute(f"create table shown.{model.name} as {_select(con, model, reader)}")
    for schema in ("reference", "vocabulary"):
        for name in _tables_of(con, schema):
            con.execute(f"create table shown.{schema}.{name} as from {schema}.{name} order by all")
    con.execute("use shown")
    con.begin()
    for model in told:
        comment_model(con, model, "table")
    create_dictionary(con)
    con.commit()
    counts = {
        model.table: int(con.execute(f"select count(*) from {model.name}").fetchall()[0][0])
        for model in told
        if model.schema == "marts"
    }
    con.execute(f"use {quote_identifier(built)}")
    con.execute("detach shown")
    return counts


@cache
def _asked_for() -> frozenset[str]:
    """What questions read beside marts."""
    with duckdb.connect() as parser:
        read = [table_references(question.sql, question.name, parser) for question in questions()]
    return frozenset().union(*read)


def _select(con: duckdb.DuckDBPyConnection, model: Model, reader: Reader) -> str:
    """One model as the reader gets to see it."""
    if not reader.is_withheld_from or reader.sees_only_published or model.name in _EXACT:
        return f"select * from {model.name}"
    types = con.execute(f"describe {model.name}").fetchall()
    known = {str(row[0]) for row in types}
    is_whole = _is_whole(known)
    # A row about one record tells that record's days; a span beside it may count from another record of its event.
    is_about_one = "record_id" in known and {name for name in known if "event_id" in name} <= {"event_id"}
    is_own_day = _is_whole({"record_id"}) if is_about_one else is_whole
    columns = []
    for name, kind in ((str(row[0]), str(row[1])) for row in types):
        column = quote_identifier(name)
        if name in policy().withheld.span_columns:
            quarters = f"(round({column} / {_DAYS_IN_QUARTER}) * {_DAYS_IN_QUARTER})::bigint"
            columns.append(f"if({is_whole}, {column}, {quarters}) as {column}")
        elif kind in ("DATE", "TIMESTAMP"):
            columns.append(f"if({is_own_day}, {column}, date_trunc('quarter', {column})::{kind}) as {column}")
        else:
            columns.append(column)
    return f"select {', '.join(columns)} from {model.name}"


def _is_whole(columns: set[str]) -> str:
    """SQL: everything that the row names is the reader's own or published; what names nothing may rest on anything."""
    known = {"event_id": "whole_events", "record_id": "whole_records"}
    named = [
        f"coalesce({column} in (select {kind} from {table}), {column} is null)"
        for kind, table in known.items()
        for column in sorted(columns)
        if kind in column
    ]
    return f"({' and '.join(named)})" if named else "false"


def _tables_of(con: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = con.execute(
        "select table_name from duckdb_tables() where schema_name = $1 and database_name = current_database() "
        "order by table_name",
        [schema],
    ).fetchall()
    return [str(name) for (name,) in found]
