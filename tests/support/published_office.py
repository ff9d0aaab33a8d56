"""A project after its first nightly run: run once in a session, and a copy for each test that goes on from there."""

import shutil
from pathlib import Path

import pytest

from support import quillhaven
from support.files import as_csv
from support.once import made_once
from support.processes import Office, office

#: What the first run published: ten visits of one source.
GOOD = as_csv(quillhaven.rows(10))


def office_after_a_run(folder: Path, server: str, factory: pytest.TempPathFactory) -> Office:
    """A project below ``folder`` whose one source has delivered one good file, which is published.

    Args:
        folder: An existing folder.
        server: The Prefect server that its runs use.
        factory: Of the session.
    """

    def make(folder: Path) -> None:
        code, printed = office_with_a_delivery(folder, server).run("run")
        assert code == 0, printed

    made = made_once(factory, "after_a_run", make)
    place = office_with_a_delivery(folder, server)
    shutil.rmtree(place.root / ".data")
    shutil.copytree(made / "project" / ".data", place.root / ".data")
    return place


def office_with_a_delivery(folder: Path, server: str) -> Office:
    """A project below ``folder`` in whose inbox one good file waits."""
    place = office(folder, server)
    quillhaven.write_declaration(place.root)
    place.deliver(quillhaven.NAME, quillhaven.FILES["log"], GOOD)
    return place
