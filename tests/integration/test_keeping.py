"""Everything derives from what is kept: a backup goes round, and a rebuild gives every table again."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from support import quillhaven
from support.files import as_sheet
from support.once import made_once
from support.processes import Office, office
from support.projects import tree
from support.published_office import GOOD, office_after_a_run


def delivered(folder: Path, prefect: str, factory: pytest.TempPathFactory) -> Office:
    """A project with three deliveries, a correction among them, published: run once, and a copy for each test."""

    def make(folder: Path) -> None:
        place = office_after_a_run(folder, prefect, factory)
        place.deliver(quillhaven.NAME, quillhaven.FILES["log"], GOOD.replace(b"Izmir", b"Bursa"))
        place.deliver(quillhaven.NAME, quillhaven.FILES["book"], as_sheet(quillhaven.rows(3)))
        assert place.run("run")[0] == 0

    made = made_once(factory, "corrected", make)
    place = office(folder, prefect)
    quillhaven.write_declaration(place.root)
    shutil.copytree(made / "project" / ".data", place.root / ".data")
    return place


def tables(place: Office) -> dict[str, list[tuple[Any, ...]]]:
    """Every table and view of the published warehouse but the wall clock's."""
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
        return {name: con.execute(f"from {name} order by all").fetchall() for (name,) in names}


@pytest.mark.slow
def test_a_rebuild_gives_every_table_again_and_a_failing_one_changes_nothing(
    tmp_path: Path, prefect: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = delivered(tmp_path, prefect, tmp_path_factory)
    before = tables(place)
    assert len(before["marts.sites"]) > 0
    code, printed = place.run("rebuild")
    assert code == 0, printed
    assert tables(place) == before

    original = next(path for path in (place.root / ".data/archive/objects").rglob("*") if path.is_file())
    whole = original.read_bytes()
    original.chmod(0o600)
    original.write_bytes(whole[:100])
    kept = {name: tree(place.root / ".data" / name) for name in ("landing", "matching")}
    code, printed = place.run("rebuild")
    assert code == 1
    assert f"{original}: an archived original is damaged" in printed
    assert {name: tree(place.root / ".data" / name) for name in kept} == kept
    code, printed = place.run("doctor")
    assert code == 1
    assert "1 originals are damaged or missing" in " ".join(printed.split())


@pytest.mark.slow
def test_a_backup_goes_round_and_is_never_mixed_in(
    tmp_path: Path, prefect: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first = delivered(tmp_path / "first", prefect, tmp_path_factory)
    copy = tmp_path / "copy.tar"
    code, printed = first.run("backup", str(copy))
    assert code == 0, printed
    assert copy.stat().st_mode & 0o077 == 0

    second = office(tmp_path / "second", prefect)
    code, printed = second.run("restore", str(copy))
    assert code == 0, printed
    assert tree(second.root / ".data/archive") == tree(first.root / ".data/archive")
    assert (second.root / "sources/brands/quillhaven/source.toml").is_file()
    code, printed = second.run("rebuild")
    assert code == 0, printed
    assert tables(second) == tables(first)

    code, printed = second.run("restore", str(copy))
    assert code == 1
    assert "holds deliveries already" in printed
    damaged = bytearray(copy.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    copy.write_bytes(damaged)
    (tmp_path / "third").mkdir()
    third = office(tmp_path / "third")
    code, printed = third.run("restore", str(copy))
    assert code == 1
    assert "damaged" in printed or "cannot be read as a backup" in printed
    assert not (third.root / ".data/archive").exists() or tree(third.root / ".data/archive") == {}
