"""The law of packs: what a reader may not see changes nothing in what he gets.

Tried against the version before (one warehouse for everybody): each of these changes could be seen in it, since every
mart was counted over all rows.
"""

import os
import random
from pathlib import Path

import pytest

from conjoin.packs.build_pack import build_pack
from conjoin.packs.pack import hashes_of_tables
from conjoin.settings import Settings
from support.consortia import Consortium, readers
from support.kept_consortia import small_consortium

CONSORTIA = int(os.environ.get("CONJOIN_CONSORTIA", "1"))
CHANGES = int(os.environ.get("CONJOIN_CHANGES", "3"))


@pytest.fixture(params=range(CONSORTIA))
def consortium(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Consortium:
    """A pooling with visibilities drawn at random."""
    return small_consortium(tmp_path_factory, Settings(data=tmp_path / "data", threads=2), seed=request.param)


@pytest.mark.slow
def test_what_a_pack_is_built_from_does_not_move_with_hidden_rows(consortium: Consortium, tmp_path: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - which rows are tried
    for reader in readers():
        before = consortium.seen_by(reader, tmp_path / f"{reader.name} before")
        hidden = consortium.hidden_from(reader, tmp_path / f"{reader.name} hidden")
        assert hidden, f"nothing is hidden from {reader.name}: the draw tries nothing"
        for number in range(CHANGES):
            done = consortium.change(*rng.choice(hidden), rng)
            after = consortium.seen_by(reader, tmp_path / f"{reader.name} {number}")
            assert after == before, f"{reader.name} sees: {done}"


@pytest.mark.slow
def test_a_whole_pack_does_not_move_with_hidden_rows(consortium: Consortium, tmp_path: Path) -> None:
    reader, rng = readers()[0], random.Random(8)  # noqa: S311 - which rows are tried
    hidden = consortium.hidden_from(reader, tmp_path / "hidden")
    tables = []
    for number in range(2):
        file = tmp_path / f"{number}.duckdb"
        build_pack(consortium.settings, consortium.state(tmp_path / f"state {number}"), reader, file)
        tables.append(hashes_of_tables(file))
        for _ in range(20):
            consortium.change(*rng.choice(hidden), rng)
    assert tables[0] == tables[1]


@pytest.mark.slow
def test_a_visible_change_is_seen(consortium: Consortium, tmp_path: Path) -> None:
    """The comparison above would notice: a change of a row of his own moves what a reader gets."""
    reader = readers()[0]
    before = consortium.seen_by(reader, tmp_path / "before")
    consortium.con.execute(f"update held.site_records set site_name = 'Quince Works' where {reader.is_own}")
    assert consortium.seen_by(reader, tmp_path / "after") != before
