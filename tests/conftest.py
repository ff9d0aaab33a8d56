"""Fixtures shared by all tests: a connection, settings, and a project folder with one invented source."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conjoin.settings import Settings
from conjoin.tools.project import make_project
from support import projects, quillhaven


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
def project(tmp_path: Path, settings: Settings) -> Iterator[projects.Project]:
    """A project folder that declares ``quillhaven``."""
    root = make_project(tmp_path / "project")
    quillhaven.write_declaration(root)
    with projects.standing_in(root):
        yield projects.Project(root, settings)
