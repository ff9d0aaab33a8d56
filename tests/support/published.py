"""A published warehouse over the samples of a few sources: made once, read by many tests."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from conjoin.flows import ingest, match, warehouse
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.warehouse.publish import publish_file

#: Enough to overlap: three brands with sites in common, one file each.
SOURCES = ("northwind", "harbour_pine", "mavi_deniz")


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder of that name that all processes of one test session see."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


def published_warehouse(folder: Path) -> Settings:
    """Ingest, match, build and publish below ``folder``, unless another process did so already."""
    settings = Settings(data=folder / "data", settle_seconds=0, threads=2)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not settings.warehouse.exists():
            _publish(settings)
    return settings


def _publish(settings: Settings) -> None:
    for name in SOURCES:
        shutil.copytree(registry.folders()[name] / "sample", settings.inbox / name)
        ingest.ingest_source(settings, name)
    match.match_sites(settings)
    built = warehouse.build_warehouse(settings)
    publish_file(built.file, settings.warehouse)  # without the pages on its checks, which nobody reads here
