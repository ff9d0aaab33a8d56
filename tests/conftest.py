"""Fixtures shared by all tests: a connection, settings, and a project folder with one invented source."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conjoin.flows.project import make_project
from conjoin.schemas import fields, tables, vocabularies
from conjoin.settings import Settings
from conjoin.sources import registry
from support import projects, quillhaven


def _forget_declarations() -> None:
    for module in (registry, fields, tables, vocabularies):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own, in which files count as complete at once."""
    return Settings(data=tmp_path / "data", settle_seconds=0, threads=2)


@pytest.fixture
def project(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[projects.Project]:
    """A project folder that declares ``quillhaven``; declarations are read anew before and after the test."""
    root = make_project(tmp_path / "project")
    quillhaven.write_declaration(root)
    projects.stand_in(root, monkeypatch)
    _forget_declarations()
    yield projects.Project(root, settings)
    _forget_declarations()
