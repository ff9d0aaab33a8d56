"""A project in which deliveries have landed, for tests of what comes after."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.tools.project import make_project
from support import quillhaven
from support.files import as_feed
from support.projects import Project, standing_in
from support.published import all_samples, published_warehouse, warehouse_of
from support.shared_server import shared_server


@pytest.fixture(scope="session")
def landed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a project after its first run, to be copied."""
    folder = tmp_path_factory.mktemp("landed")
    root = make_project(folder / "project")
    quillhaven.write_declaration(root)
    with standing_in(root):
        made = Project(root, Settings(data=folder / "data", settle_seconds=0))
        made.inbox.mkdir(parents=True)
        for feed, name in quillhaven.FILES.items():
            (made.inbox / name).write_bytes(as_feed(feed)(quillhaven.rows(10)))
        assert made.ingest().notices == []
    return made.settings.data


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The published warehouse of the samples, made once for all processes."""
    return published_warehouse(tmp_path_factory)


@pytest.fixture(scope="session")
def warehouse_of_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the published warehouse over the samples of every source, made once for all processes."""
    return warehouse_of(all_samples, tmp_path_factory)


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a Prefect server that all tests share which do not try the server itself."""
    return shared_server(tmp_path_factory)


@pytest.fixture
def landed(project: Project, landed_data: Path) -> Iterator[Project]:
    """A project in which ten rows of every format have landed."""
    shutil.copytree(landed_data, project.settings.data)
    assert [load.rows_accepted for load in project.current()] == [10, 10, 10, 10]
    yield project
