"""Poolings that one test session reads once, however many tests change a copy of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from conjoin.keeping.landing import Load
from conjoin.schemas.tables import tables
from conjoin.settings import Settings
from conjoin.sources import mapping
from support.consortia import Consortium, make_consortium, sample_consortium, write_small_world
from support.once import made_once


def small_consortium(factory: pytest.TempPathFactory, settings: Settings, seed: int = 0) -> Consortium:
    """A simulated world of a few sites, the visibility of every row drawn at random."""

    def make() -> Consortium:
        return make_consortium(write_small_world(factory.mktemp("world"), seed=100 + seed), settings, seed=seed)

    return _kept(factory, f"small-consortium-{seed}", settings, make)


def samples_consortium(factory: pytest.TempPathFactory, settings: Settings) -> Consortium:
    """The samples of all sources, as their declarations have them."""
    return _kept(factory, "samples-consortium", settings, lambda: sample_consortium(settings))


def _kept(factory: pytest.TempPathFactory, name: str, settings: Settings, make: Callable[[], Consortium]) -> Consortium:
    """A copy in memory of the pooling that the session read, with the settings of whoever asks."""
    folder = made_once(factory, name, lambda folder: _keep(make(), folder))
    con = duckdb.connect()
    con.execute(f"attach '{folder}/rows.duckdb' as kept (read_only); create schema held")
    for table in tables():
        con.execute(f"create table held.{table} as from kept.held.{table}")
    con.execute("detach kept")
    mapping.prepare(con)
    loads = json.loads((folder / "loads.json").read_text(encoding="utf-8"))
    return Consortium(con, settings, [Load.model_validate(load) for load in loads])


def _keep(pooled: Consortium, folder: Path) -> None:
    pooled.con.execute(f"attach '{folder}/rows.duckdb' as kept; create schema kept.held")
    for table in tables():
        pooled.con.execute(f"create table kept.held.{table} as from held.{table}")
    pooled.con.close()
    loads = [{**load.model_dump(mode="json"), "ledger_line": load.ledger_line} for load in pooled.loads]
    (folder / "loads.json").write_text(json.dumps(loads), encoding="utf-8")
