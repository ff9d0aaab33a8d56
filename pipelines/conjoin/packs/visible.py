"""The rows that one reader may see, as they were delivered: what a pack is built from instead of what has landed.

Ids of others' records are replaced, since an id names its source and can be guessed from a known key. They are hashes
under a secret of the coordinator's, another for each reader, and stay the same from pack to pack.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from conjoin.keeping.folders import write_private
from conjoin.keeping.handed_out import packs_folder
from conjoin.packs.reader import Reader, among
from conjoin.schemas.tables import Table, tables
from conjoin.settings import Settings
from conjoin.sql import quote_identifier, quote_literal
from conjoin.steps.landed import LandedState
from conjoin.warehouse.build import load_parquet

#: What an id of another's record begins with in a pack.
OPAQUE = "record:"


@dataclass(frozen=True, kw_only=True)
class VisibleState(LandedState):
    """What a reader may see of what has landed.

    Attributes:
        folder: Holds one Parquet file per delivered table, ids and loads replaced.
        reader: Who sees it.
        visible_loads: Load id as the files have it and its source, in the order in which later ones replace earlier.
    """

    folder: Path
    reader: Reader
    visible_loads: list[tuple[str, str]]

    def current_files(self, table: str) -> list[str]:
        """The visible rows of current loads."""
        return [str(self.folder / f"{table}.parquet")]

    def all_files(self, table: str) -> list[str]:
        """The same: contents of earlier days are in no pack."""
        return self.current_files(table)

    @property
    def load_rows(self) -> list[dict[str, Any]]:
        """The loads with a visible row. Of when they came nothing is told but their order."""
        return [
            {
                "load_id": load_id,
                "source_name": source_name,
                "delivered_at": self.reader.day,
                "ledger_line": place,
                "load_status": "landed",
                "is_current": True,
            }
            for place, (load_id, source_name) in enumerate(self.visible_loads, start=1)
        ]

    @property
    def own_load_rows(self) -> list[dict[str, Any]]:
        """The reader's own loads as they are, in their own order."""
        own = [row for row in super().load_rows if row["source_name"] in self.reader.own_sources]
        return [{**row, "ledger_line": place} for place, row in enumerate(own, start=1)]


def write_visible(
    con: duckdb.DuckDBPyConnection, settings: Settings, state: LandedState, reader: Reader, folder: Path
) -> VisibleState:
    """Write what the reader may see of every delivered table below ``folder``.

    Args:
        con: A workbench.
        settings: Where the coordinator's secret is.
        state: What has landed.
        reader: Who will see it.
        folder: An empty folder.
    """
    secret = reader_secret(settings, reader)
    con.execute("create schema if not exists delivered")
    con.execute("create schema if not exists visible")
    for table in _in_order():
        load_parquet(con, f"delivered.{table.name}", table, state.current_files(table.name), kind="view")
        con.execute(f"create or replace table visible.{table.name} as {_select_visible(table, reader)}")
    loads = _number_loads(con, state, reader)
    for table in _in_order():
        path = quote_literal(str(folder / f"{table.name}.parquet"))
        con.execute(f"copy ({_select_replaced(table, reader, secret)}) to {path} (format parquet)")
    return VisibleState(state.landing, state.loads, folder=folder, reader=reader, visible_loads=loads)


def replaced_id(column: str, reader: Reader, secret: str) -> str:
    """SQL of a record's id as the reader gets to see it: his own as it is, others' as a hash under the secret."""
    if not reader.is_withheld_from:
        return column
    is_own = among(f"split_part({column}, ':', 1)", reader.own_sources)
    hashed = f"{quote_literal(OPAQUE)} || left(sha256({quote_literal(secret)} || {column}), 16)"
    return f"case when {column} is null then null when {is_own} then {column} else {hashed} end"


def reader_secret(settings: Settings, reader: Reader) -> str:
    """What the ids of a reader's packs are hashed under, as hexadecimal digits; made when it is first needed."""
    path = packs_folder(settings) / "secret"
    if not path.is_file():
        write_private(path, secrets.token_hex(32))
    key = bytes.fromhex(path.read_text(encoding="utf-8").strip())
    return hmac.new(key, reader.name.encode(), hashlib.sha256).hexdigest()


def _in_order() -> list[Table]:
    """Every delivered table after those that it refers to."""
    return sorted(tables().values(), key=lambda table: (len(table.references), table.name))


def _select_visible(table: Table, reader: Reader) -> str:
    conditions = [reader.may_see(table.name)]
    for column, referenced in sorted(table.references.items()):
        conditions.append(f"({column} is null or {column} in (select record_id from visible.{referenced}))")
    return f"select * from delivered.{table.name} where {' and '.join(conditions)}"


def _number_loads(con: duckdb.DuckDBPyConnection, state: LandedState, reader: Reader) -> list[tuple[str, str]]:
    """Make ``shown_loads``: the loads with a visible row; others' by their number among those of their source.

    A load's own id is a hash of the whole file, hidden rows and all.
    """
    con.execute("create or replace temp table ordered (load_id varchar, period varchar, ledger_line bigint)")
    rows = [(load.load_id, load.period or None, load.ledger_line) for load in state.current]
    if rows:
        con.executemany("insert into ordered values (?, ?, ?)", rows)
    listed = " union ".join(f"select load_id, source_name from visible.{table.name}" for table in _in_order())
    con.execute(
        f"""
        create or replace temp table shown_loads as
        select load_id, source_name,
            case
                when {reader.is_own} then load_id
                else source_name || ' ' || row_number() over (partition by source_name order by place)
            end as shown_id,
            row_number() over (order by place) as place
        from (
            select *, row_number() over (order by period nulls first, ledger_line, load_id) as place
            from ({listed}) join ordered using (load_id)
        )
        """
    )
    return con.execute("select shown_id, source_name from shown_loads order by place").fetchall()


def _select_replaced(table: Table, reader: Reader, secret: str) -> str:
    """The visible rows with ids, loads and lines as the reader gets to see them, in an order of their own."""
    ids = ["record_id", *sorted(table.references)]
    shown = {column: replaced_id(column, reader, secret) for column in ids}
    shown["load_id"] = "shown_loads.shown_id"
    among_its_own = "row_number() over (partition by load_id, record_id order by line_number)"
    shown["line_number"] = f"if({reader.is_own}, line_number, {among_its_own})"
    columns = ", ".join(
        f"{shown.get(name, f'rows.{quote_identifier(name)}')} as {quote_identifier(name)}" for name in table.columns
    )
    return (
        f"select {columns} from visible.{table.name} as rows "
        "join (select load_id, shown_id from shown_loads) as shown_loads using (load_id) order by all"
    )
