"""Parties that meet without reading a file: what they have in their lists is given as sites."""

from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.tools.overlap import taking_part
from conjoin.tools.overlap.sites import Site
from support.parties import Meet, meeting


@pytest.fixture
def lists() -> dict[Path, list[Site]]:
    """What reading finds, by the file."""
    return {}


@pytest.fixture
def meet(tmp_path: Path, lists: dict[Path, list[Site]], monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Makes two parties and an agreement between them."""

    def read(settings: Settings, files: list[Path]) -> tuple[list[Site], list[str]]:
        return [site for file in files for site in lists[file.resolve()]], []

    monkeypatch.setattr(taking_part, "read_sites", read)
    return meeting(tmp_path, lists)
