"""Taint: a warehouse built again without some landed rows shows which rows of its marts rest on them.

What a reader may see of a mart must be what he would see if nothing had been delivered that he may not see. So the
warehouse is built of everything and again of a part: a row of the complete one that the other one does not have rests
on what was left out, and must be for no more eyes.

Left alone are the sites to which matching put the records, and the spelling by which an organisation goes: both are
found from everything that was delivered, before any mart is built.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from conjoin.schemas.tables import tables
from conjoin.schemas.vocabularies import visibility_rank, vocabulary
from conjoin.sql import quote_identifier
from conjoin.warehouse import build
from conjoin.warehouse.models import COORDINATOR, Model, models, models_for

CODES = list(vocabulary("visibility").values)
#: Ranks of which something can be left out and something remains.
RANKS = sorted(map(visibility_rank, CODES))[1:]
DELIVERED = [*(name for name, table in tables().items() if "visibility" in table.columns), "rejected_rows"]
#: Marts that others than the coordinator may see something of.
SEEN = [
    model
    for model in models()
    if model.schema == "marts" and ("visibility" in model.sidecar.columns or model.sidecar.audience != COORDINATOR)
]
_SPELLING = "staging.party_names"
_NEEDED = models_for(model.name for model in SEEN)
#: A visit after a complaint is as restricted as its case until its quarter has ended.
_IS_CASE_VISIT = """audit_kind = 'complaint' and visibility <> 'public'
    and date_trunc('quarter', coalesce(visit_start, issued_date, uploaded_date)) + interval 3 month
    > (select as_of_date from intermediate.build_date)"""


@dataclass(frozen=True)
class Leak:
    """A row of a mart that rests on what its readers may not see.

    Attributes:
        mart: Its name.
        row: What it says.
        other: What the row of that key says without what was left out; nothing, if there is none.
    """

    mart: str
    row: dict[str, Any]
    other: dict[str, Any]

    def __str__(self) -> str:
        """The row's key, and in what it differs."""
        key = next(model.sidecar.key for model in SEEN if model.name == self.mart)
        told = {name: self.row[name] for name in (*key, "visibility") if name in self.row}
        differing = {
            name: (value, self.other.get(name)) for name, value in self.row.items() if value != self.other.get(name)
        }
        return f"{self.mart} {told}: {differing if self.other else 'there is no such row'}"


def remember(con: duckdb.DuckDBPyConnection) -> None:
    """Keep the landed rows of a warehouse aside, each with its rank, build it of them all and keep its marts."""
    for schema in ("everything", "complete"):
        con.execute(f"drop schema if exists {schema} cascade")
        con.execute(f"create schema {schema}")
    build.run_models(con, models_for([_SPELLING, "intermediate.build_date"]))
    for name in DELIVERED:
        rank = f"if({_IS_CASE_VISIT}, 5, known.rank)" if name == "audit_records" else "known.rank"
        row_id = "null::varchar" if name == "rejected_rows" else "landed.record_id"
        con.execute(
            f"create table everything.{name} as select landed.*, {rank} as taint, {row_id} as row_id, "
            f"'{name} ' || row_number() over () as row_name from landing.{name} as landed "
            "left join vocabulary.visibility as known on landed.visibility = known.code"
        )
    rebuild(con, "true")
    for mart in SEEN:
        con.execute(f"create table complete.{mart.table} as from {mart.name}")


def rebuild(con: duckdb.DuckDBPyConnection, kept: str) -> None:
    """Build the marts of the remembered rows of which a condition holds."""
    for name in DELIVERED:
        con.execute(
            f"create or replace table landing.{name} as "
            f"select * exclude (taint, row_id, row_name) from everything.{name} where {kept}"
        )
    build.run_models(con, [model for model in _NEEDED if model.name != _SPELLING])


def leaks_below(con: duckdb.DuckDBPyConnection, rank: int) -> list[Leak]:
    """Rows below a rank that rest on landed rows of that rank or a higher one."""
    return _leaks(con, rank, _parts(rank))


def leaks_of_row(con: duckdb.DuckDBPyConnection, row_name: str, rank: int) -> list[Leak]:
    """Rows below a landed row's rank that rest on it."""
    return _leaks(con, rank, [f"row_name <> '{row_name}'", *_parts(rank)])


def landed_rows(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Name and rank of every remembered row that something may rest on and not all may see."""
    every = " union all ".join(f"select row_name, taint from everything.{name}" for name in DELIVERED)
    return con.execute(f"select row_name, taint from ({every}) where taint > 1 order by all").fetchall()


def _parts(rank: int) -> Iterator[str]:
    """Conditions of landed rows, each stricter than the one before: of one part each row must be buildable.

    The first keeps all below the rank. A hidden row makes whatever it is part of, an audit, a study or a site, as
    restricted as itself, and so takes the other rows of it away from where they would stand without it: the second part
    leaves out those that a mart shows to fewer eyes than they were delivered for, the third those at such sites.
    """
    closed = f"visibility in (select code from vocabulary.visibility where rank >= {rank})"
    raised = " union all ".join(
        f"select record_id from complete.{mart.table} where {closed}"
        for mart in SEEN
        if "record_id" in mart.sidecar.key
    )
    at_sites = " union all ".join(
        f"select record_id from complete.{mart} semi join (from complete.sites where {closed}) using (site_id)"
        for mart in ("audit_event_records", "complaints_at_sites")
    )
    yield f"taint < {rank}"
    yield f"taint < {rank} and coalesce(row_id not in ({raised}), true)"
    yield f"taint < {rank} and coalesce(row_id not in ({raised} union all {at_sites}), true)"


def _leaks(con: duckdb.DuckDBPyConnection, rank: int, parts: Iterable[str]) -> list[Leak]:
    """Rows below a rank that are in no warehouse that was built of one of the parts."""
    left: dict[str, Leak] | None = None
    for kept in parts:
        rebuild(con, kept)
        found = {f"{leak.mart} {leak.row}": leak for mart in SEEN for leak in _leaks_of(con, mart, rank)}
        left = found if left is None else {row: leak for row, leak in left.items() if row in found}
        if not left:
            break
    return list((left or {}).values())


def _leaks_of(con: duckdb.DuckDBPyConnection, mart: Model, rank: int) -> list[Leak]:
    columns = [name for name in mart.sidecar.columns if name not in mart.sidecar.rests_on_more]
    said = ", ".join(_compared(con, mart, columns))
    seen = f"select {said} from complete.{mart.table} where {_is_seen_below(mart, rank)}"
    found = con.execute(f"{seen} except all select {said} from {mart.name}").fetchall()
    if not found:
        return []
    rows = [dict(zip(columns, row, strict=True)) for row in con.execute(f"select {said} from {mart.name}").fetchall()]
    by_key = {tuple(row[name] for name in mart.sidecar.key): row for row in rows}
    told = [dict(zip(columns, row, strict=True)) for row in found]
    return [Leak(mart.name, row, by_key.get(tuple(row[name] for name in mart.sidecar.key), {})) for row in told]


def _is_seen_below(mart: Model, rank: int) -> str:
    """Which rows of a mart readers below a rank see; a row that says nobody is seen by all."""
    if "visibility" not in mart.sidecar.columns:
        return str(visibility_rank(mart.sidecar.audience) < rank).lower()
    open_codes = ", ".join(f"'{code}'" for code in CODES if visibility_rank(code) < rank)
    return f"coalesce(visibility in ({open_codes}), true)"


def _compared(con: duckdb.DuckDBPyConnection, mart: Model, columns: list[str]) -> list[str]:
    """The columns as they are compared: sums of the same days in another order differ in their last digits."""
    kinds = dict(con.execute(f"select column_name, column_type from (describe complete.{mart.table})").fetchall())
    return [f"round({name}, 6)" if kinds[name] == "DOUBLE" else quote_identifier(name) for name in columns]
