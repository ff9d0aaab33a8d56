"""Taint: a warehouse built again without some landed rows shows which rows of its marts rest on them.

What a reader may see of a mart must be what he would see if nothing had been delivered that he may not see. So the
warehouse is built of everything and again of the landed rows below one rank of visibility: a row of the full one below
that rank that the other one does not have rests on something that its readers may not see.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from conjoin.schemas.tables import tables
from conjoin.schemas.vocabularies import visibility_rank, vocabulary
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse import build
from conjoin.warehouse.models import COORDINATOR, ROWS, Model, models

MARTS = [model for model in models() if model.schema == "marts"]
CODES = list(vocabulary("visibility").values)
DELIVERED = [*(name for name, table in tables().items() if "visibility" in table.columns), "rejected_rows"]
#: Laid down before the first build and left alone: the spelling by which an organisation goes is no row's secret.
FIXED = "staging.party_names"
#: A visit after a complaint is as restricted as its case until its quarter has ended.
_IS_SECRET_VISIT = """audit_kind = 'complaint' and visibility <> 'public'
    and date_trunc('quarter', coalesce(visit_start, issued_date, uploaded_date)) + interval 3 month
    > (select as_of_date from intermediate.build_date)"""


@dataclass(frozen=True)
class Leak:
    """Rows of a mart that rest on what their readers may not see.

    Attributes:
        mart: Its name.
        rank: The lowest rank of what was taken away.
        columns: Those in which the rows differ from what the readers would have seen; none, if the key itself does.
        rows: A few of them.
    """

    mart: str
    rank: int
    columns: tuple[str, ...]
    rows: tuple[str, ...]


def remember(con: duckdb.DuckDBPyConnection) -> None:
    """Keep the landed rows of a warehouse aside, with their ranks, and build it of them all."""
    for schema in ("everything", "complete"):
        con.execute(f"drop schema if exists {schema} cascade")
        con.execute(f"create schema {schema}")
    wanted = {FIXED, *(model.name for model in models() if model.table in ("loads", "build_date", "rule_parameters"))}
    build.run_models(con, [model for model in models() if model.name in wanted])
    for name in DELIVERED:
        secret = f"if({_IS_SECRET_VISIT}, 5, known.rank)" if name == "audit_records" else "known.rank"
        con.execute(
            f"create table everything.{name} as select landed.*, {secret} as taint from landing.{name} as landed "
            "left join vocabulary.visibility as known on landed.visibility = known.code"
        )
    rebuild(con, "true")
    for mart in MARTS:
        con.execute(f"create table complete.{mart.table} as from {mart.name}")


def rebuild(con: duckdb.DuckDBPyConnection, kept: str) -> None:
    """Build every model of the remembered rows of which a condition holds."""
    for name in DELIVERED:
        con.execute(
            f"create or replace table landing.{name} as select * exclude (taint) from everything.{name} where {kept}"
        )
    build.run_models(con, [model for model in models() if model.name != FIXED])


def leaks(con: duckdb.DuckDBPyConnection, rank: int) -> list[Leak]:
    """Rows of the complete warehouse below a rank that are not in the one that was built of the rows kept."""
    return [leak for mart in MARTS for leak in _leaks_of(con, mart, rank)]


def _leaks_of(con: duckdb.DuckDBPyConnection, mart: Model, rank: int) -> list[Leak]:
    seen = _seen_below(mart, rank)
    if seen is None:
        return []
    columns = [name for name in mart.sidecar.columns if name not in mart.sidecar.rests_on_more]
    said = ", ".join(_said(con, mart, column) for column in columns)
    found = con.execute(
        f"select {said} from complete.{mart.table} where {seen} except all select {said} from {mart.name}"
    ).fetchall()
    if not found:
        return []
    key = [columns.index(name) for name in mart.sidecar.key]
    kept = {
        tuple(row[place] for place in key): row for row in con.execute(f"select {said} from {mart.name}").fetchall()
    }
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for row in found:
        other = kept.get(tuple(row[place] for place in key))
        differing = () if other is None else tuple(
            f"{name}" for name, one, two in zip(columns, row, other, strict=True) if one != two
        )
        by_columns.setdefault(differing, []).append(str({n: (v, None if other is None else o) for n, v, o in zip(columns, row, other or row, strict=True) if n in differing or n in mart.sidecar.key or n=="visibility"}))
    return [Leak(mart.name, rank, names, tuple(rows[:2]) + (str(len(rows)),)) for names, rows in by_columns.items()]


def silences(con: duckdb.DuckDBPyConnection, rank: int) -> list[Leak]:
    """Rows below a rank that the warehouse has only without the rows left out: of them, nothing is there to be seen."""
    found = []
    for mart in MARTS:
        if "visibility" not in mart.sidecar.columns:
            continue
        key = ", ".join(mart.sidecar.key)
        n = con.execute(f"select {key} from {mart.name} where {_seen_below(mart, rank)} except select {key} from complete.{mart.table}").fetchall()
        if n:
            found.append(Leak(mart.name, rank, (), (str(n[0]), str(len(n)))))
    return found


def _seen_below(mart: Model, rank: int) -> str | None:
    """Which rows of a mart readers below a rank see; None, if the mart is not for them at all."""
    if "visibility" in mart.sidecar.columns:
        open_codes = ", ".join(quote_literal(code) for code in CODES if visibility_rank(code) < rank)
        return f"coalesce(visibility in ({open_codes}), true)"
    audience = mart.sidecar.audience
    return "true" if audience in CODES and visibility_rank(audience) < rank else None


def _said(con: duckdb.DuckDBPyConnection, mart: Model, column: str) -> str:
    """A column as it is compared: sums of the same days in another order differ in their last digits."""
    quoted = quote_identifier(column)
    kind = con.execute(
        "select data_type from duckdb_columns() where schema_name = 'complete' and table_name = $1 and column_name = $2",
        [mart.table, column],
    ).fetchall()[0][0]
    return f"round({quoted}, 6) as {quoted}" if kind == "DOUBLE" else quoted
