"""Published warehouses over samples, of a few sources or all, or a simulated world: made once, read by many tests."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.simulate.world import write_world
from conjoin.sources import registry
from conjoin.steps import build as warehouse
from conjoin.steps import ingest, match
from conjoin.warehouse.publish import publish_file
from support.once import made_once

#: Enough to overlap: three brands with sites in common, one file each.
SOURCES = ("northwind", "harbour_pine", "mavi_deniz")


def published_warehouse(factory: pytest.TempPathFactory) -> Settings:
    """Settings of a data folder in which the sources were ingested, matched, built and published."""
    return _settings(made_once(factory, "published", lambda folder: _publish(_settings(folder))))


def _settings(folder: Path) -> Settings:
    return Settings(data=folder, settle_seconds=0, threads=2)


def _publish(settings: Settings) -> None:
    for name in SOURCES:
        shutil.copytree(registry.folders()[name] / "sample", settings.inbox / name)
    publish_inbox(settings)


def publish_inbox(settings: Settings) -> None:
    """Ingest what waits in the inbox, match, build and publish."""
    for folder in sorted(settings.inbox.iterdir()):
        ingest.ingest_source(settings, folder.name)
    match.match_sites(settings)
    built = warehouse.build_warehouse(settings)
    publish_file(built.file, settings.warehouse)  # without the pages on its checks, which nobody reads here


def all_samples(inbox: Path) -> None:
    """Fill an inbox with the samples of every source."""
    for name, folder in registry.folders().items():
        shutil.copytree(folder / "sample", inbox / name)


def simulated_world(inbox: Path) -> None:
    """Fill an inbox with what every source delivers of a simulated world."""
    write_world(inbox.parent / "world", sites=60, seed=5)
    shutil.copytree(inbox.parent / "world" / "inbox", inbox)


def warehouse_of(fill: Callable[[Path], None], factory: pytest.TempPathFactory) -> Path:
    """The published warehouse over what a function fills an inbox with."""

    def make(folder: Path) -> None:
        fill(folder / "inbox")
        publish_inbox(_settings(folder))

    return _settings(made_once(factory, fill.__name__, make)).warehouse
