"""A pooling of all declared parties, with every row's visibility drawn at random, to try what its readers get to see.

Rows stand in Parquet files as landing would hold them; they can be changed as a delivery would change them.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from conjoin.keeping.landing import Landing, Load
from conjoin.packs.reader import Reader, reader_of
from conjoin.packs.visible import write_visible
from conjoin.schemas.tables import tables
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.simulate.world import write_world
from conjoin.sources import mapping, registry
from conjoin.steps.landed import LandedState
from conjoin.steps.lateness import feed_rows
from conjoin.warehouse import build
from support.worlds import land

#: The day of every pack that is tried.
DAY = date(2026, 11, 30)
#: How often each visibility is drawn.
SHARES = {
    "public": 0.15,
    "consortium_site": 0.35,
    "consortium_aggregate": 0.2,
    "owner_only": 0.2,
    "restricted_case": 0.1,
}
READERS = ("kestrel_sport", "fair_wear", "coordinator", "case_desk", "public")


@dataclass(frozen=True, kw_only=True)
class HeldState(LandedState):
    """What has landed, its rows held in one Parquet file per table."""

    folder: Path

    def current_files(self, table: str) -> list[str]:
        """The rows of a table."""
        return [str(self.folder / f"{table}.parquet")]

    def all_files(self, table: str) -> list[str]:
        """The same: nothing was replaced."""
        return self.current_files(table)


@dataclass(frozen=True)
class Consortium:
    """Delivered rows with their visibilities.

    Attributes:
        con: Holds the schema ``held``: one table per delivered table.
        settings: Of the coordinator.
        loads: One per delivered file.
    """

    con: duckdb.DuckDBPyConnection
    settings: Settings
    loads: list[Load]

    def state(self, folder: Path) -> LandedState:
        """What has landed, written below ``folder``."""
        folder.mkdir(parents=True)
        for name, table in tables().items():
            columns = ", ".join(table.columns)
            self.con.execute(f"copy (select {columns} from held.{name} order by all) to '{folder}/{name}.parquet'")
        return HeldState(Landing(self.settings.landing), [(load, True) for load in self.loads], folder=folder)

    def seen_by(self, reader: Reader, folder: Path) -> dict[str, str]:
        """Everything that the pack of a reader is built from, each part as a hash."""
        state, visible = self.state(folder / "held"), folder / "visible"
        visible.mkdir(parents=True)
        with duckdb.connect() as con:
            seen = write_visible(con, self.settings, state, reader, visible)
        parts = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(visible.iterdir())}
        own = [row for row in feed_rows(self.settings, state, reader.day) if row["source_name"] in reader.own_sources]
        return parts | {"loads": str(seen.load_rows), "own loads": str(seen.own_load_rows), "own feeds": str(own)}

    def hidden_from(self, reader: Reader, folder: Path) -> list[tuple[str, str]]:
        """Rows that are in nothing that the reader's pack is built from: table and record id."""
        found = []
        state, visible = self.state(folder / "held"), folder / "visible"
        visible.mkdir(parents=True)
        with duckdb.connect() as con:
            write_visible(con, self.settings, state, reader, visible)
            for name in tables():
                seen = {row[0] for row in con.execute(f"select record_id from visible.{name}").fetchall()}
                rows = self.con.execute(f"select distinct record_id from held.{name} order by 1").fetchall()
                found += [(name, row[0]) for row in rows if row[0] not in seen]
        return found

    def change(self, table: str, record_id: str, rng: random.Random) -> str:
        """Remove, alter or double a row; say what was done."""
        kind = rng.choice(["remove", "alter", "add"])
        chosen = f"from held.{table} where record_id = '{record_id}'"
        if kind == "remove":
            self.con.execute(f"delete {chosen}")
        elif kind == "add":
            self.con.execute(
                f"insert into held.{table} "
                f"select * replace (record_id || '{rng.randrange(10**9)}' as record_id) {chosen}"
            )
        else:
            self._alter(table, record_id, rng)
        return f"{kind} {table} {record_id}"

    def _alter(self, table: str, record_id: str, rng: random.Random) -> None:
        """Change a text, or put a day further back: a younger day could end what hides the row, its age."""
        kept = {"record_id", "source_name", "visibility", "load_id", *tables()[table].references}
        kept |= {"audit_kind", "audit_status"}  # they decide who sees the row
        texts = [f for f in tables()[table].fields if f.name not in kept and f.sql_type.upper() == "VARCHAR"]
        days = [f for f in tables()[table].fields if f.sql_type.upper() == "DATE" and not f.name.startswith("valid")]
        if days and rng.random() < 0.5:
            column = rng.choice(days).name
            self.con.execute(
                f"update held.{table} set {column} = {column} - {rng.randrange(1, 200)} where record_id = $1",
                [record_id],
            )
        elif texts:
            column = rng.choice(texts).name
            self.con.execute(
                f"update held.{table} set {column} = coalesce({column}, '') || ' changed' where record_id = $1",
                [record_id],
            )


def make_consortium(world: Path, settings: Settings, seed: int) -> Consortium:
    """Read a simulated world and draw the visibility of every row.

    Args:
        world: As ``write_world`` left it.
        settings: Of the coordinator.
        seed: The same seed draws the same.
    """
    steps, bound = [], 0.0
    for code in vocabulary("visibility").codes:
        bound += SHARES[code]
        steps.append(f"when hash(record_id || '{seed}') % 1000000 < {round(bound * 1_000_000)} then '{code}'")
    files = {name: sorted((world / "inbox" / name).iterdir()) for name in registry.sources()}
    return _held(settings, files, f"case {' '.join(steps)} else 'owner_only' end")


def declared_consortium(settings: Settings, world: Path) -> Consortium:
    """A simulated world as its declarations have it."""
    files = {name: sorted((world / "inbox" / name).iterdir()) for name in registry.sources()}
    return _held(settings, files, "visibility")


def sample_consortium(settings: Settings) -> Consortium:
    """The samples of all sources, as their declarations have them."""
    files = {name: sorted((folder / "sample").iterdir()) for name, folder in registry.folders().items()}
    return _held(settings, files, "visibility")


def _held(settings: Settings, files: dict[str, list[Path]], visibility: str) -> Consortium:
    con = duckdb.connect()
    build.create_schemas(con)
    build.load_landing(con, lambda _: [])
    mapping.prepare(con)
    rows = [land(con, registry.sources()[name], path) for name, paths in files.items() for path in paths]
    con.execute("create schema held")
    for name in tables():
        select = f"select * replace ({visibility} as visibility) from landing.{name}"
        con.execute(f"create table held.{name} as {select}")
    return Consortium(con, settings, [_load(row, place) for place, row in enumerate(rows, start=1)])


def write_small_world(folder: Path, seed: int, sites: int = 16) -> Path:
    """A simulated world of a few sites, delivered by all declared sources."""
    write_world(folder, sites, seed)
    return folder


def readers() -> list[Reader]:
    """Five readers, one of each kind."""
    return [reader_of(name, DAY) for name in READERS]


def _load(row: dict[str, object], place: int) -> Load:
    return Load(
        load_id=str(row["load_id"]),
        source_name=str(row["source_name"]),
        feed="any",
        file_name=str(row["file_name"]),
        period=str(row["period"] or ""),
        content_hash="",
        byte_count=0,
        delivered_at=datetime(2026, 11, 1, tzinfo=UTC),
        ledger_line=place,
        load_status="landed",
    )
