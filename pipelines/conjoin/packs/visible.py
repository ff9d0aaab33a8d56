"""The rows that one reader may see, as they were delivered: what a pack is built from instead of what has landed.

Ids of others' records are replaced, since an id names its source and can be guessed from a known key. They are hashes
under a secret of the coordinator's, another for each reader, and stay the same from pack to pack.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

import duckdb

from conjoin.keeping.folders import make_private, write_private
from conjoin.packs.reader import Reader, among
from conjoin.schemas.tables import Table, tables
from conjoin.settings import Settings
from conjoin.sql import quote_identifier, quote_literal
from conjoin.steps.landed import LandedState
from conjoin.warehouse.build import load_parquet

#: What an id of another's record begins with in a pack.
OPAQUE = "record:"
_FIRST = "first_deliveries"


@dataclass(frozen=True, kw_only=True)
class VisibleState(LandedState):
    """What a reader may see of what has landed: the same loads, other files.

    Attributes:
        folder: Holds one Parquet file per delivered table, its ids replaced.
        reader: Who sees it.
    """

    folder: Path
    reader: Reader

    def current_files(self, table: str) -> list[str]:
        """The visible rows of current loads."""
        return [str(self.folder / f"{table}.parquet")]

    def all_files(self, table: str) -> list[str]:
        """When each visible record was delivered; its contents of earlier days are in no pack."""
        return [str(self.folder / f"{_FIRST}.parquet")] if table == "site_records" else self.current_files(table)


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
        replaced = _replaced_ids(table, reader, secret)
        _write(con, f"select * replace ({replaced}) from visible.{table.name} order by all", folder / table.name)
    _write_first_deliveries(con, state, reader, secret, folder)
    return VisibleState(state.landing, state.loads, folder=folder, reader=reader)


def replaced_id(column: str, reader: Reader, secret: str) -> str:
    """SQL of a record's id as the reader gets to see it: his own as it is, others' as a hash under the secret."""
    is_own = among(f"split_part({column}, ':', 1)", reader.own_sources)
    hashed = f"{quote_literal(OPAQUE)} || left(sha256({quote_literal(secret)} || {column}), 16)"
    return f"case when {column} is null then null when {is_own} then {column} else {hashed} end"


def reader_secret(settings: Settings, reader: Reader) -> str:
    """What the ids of a reader's packs are hashed under, as hexadecimal digits; made when it is first needed."""
    path = settings.data / "packs" / "secret"
    if not path.is_file():
        make_private(path.parent)
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


def _replaced_ids(table: Table, reader: Reader, secret: str) -> str:
    ids = ["record_id", *sorted(table.references)]
    return ", ".join(f"{replaced_id(column, reader, secret)} as {quote_identifier(column)}" for column in ids)


def _write_first_deliveries(
    con: duckdb.DuckDBPyConnection, state: LandedState, reader: Reader, secret: str, folder: Path
) -> None:
    """Which loads delivered a visible site record, earlier ones too: the first day founds a site's id."""
    files = state.all_files("site_records")
    read = f"read_parquet([{', '.join(map(quote_literal, files))}])" if files else "visible.site_records"
    con.execute(
        f"create or replace temp view {_FIRST} as select distinct record_id, load_id from {read} "
        "where record_id in (select record_id from visible.site_records)"
    )
    shown = replaced_id("record_id", reader, secret)
    _write(con, f"select * replace ({shown} as record_id) from {_FIRST} order by all", folder / _FIRST)


def _write(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    con.execute(f"copy ({select}) to {quote_literal(f'{path}.parquet')} (format parquet)")
