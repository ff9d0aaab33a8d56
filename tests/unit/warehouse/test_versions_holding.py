"""Versions that hold what was erased are dropped, but never the one that readers see."""

import duckdb

from conjoin.settings import Settings
from conjoin.warehouse.versions import drop_versions_holding, publish_previous, publish_version, version_file, versions


def publish(settings: Settings, *hashes: str) -> int:
    """Publish a warehouse that was built of these contents."""
    built = settings.data / "built.duckdb"
    built.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(built)) as con:
        con.execute("create schema landing; create table landing.loads (content_hash varchar)")
        con.executemany("insert into landing.loads values ($1)", [[found] for found in hashes])
    return publish_version(settings, built, "inputs", {}).number


def numbers(settings: Settings) -> list[int]:
    return [version.number for version in versions(settings)]


def test_what_held_it_is_dropped_once_something_else_is_published(settings: Settings) -> None:
    for hashes in (["a"], ["a", "secret"], ["b"], ["secret"]):
        publish(settings, *hashes)
    assert drop_versions_holding(settings, []) == ([], None)
    dropped, holding = drop_versions_holding(settings, ["secret", "other"])
    assert [version.number for version in dropped] == [2]
    assert holding is not None
    assert holding.number == 4
    assert numbers(settings) == [1, 3, 4]
    assert publish(settings, "a") == 5
    dropped, holding = drop_versions_holding(settings, ["secret"])
    assert ([version.number for version in dropped], holding) == ([4], None)
    assert publish_previous(settings).number == 3


def test_a_version_that_cannot_be_asked_may_hold_it(settings: Settings) -> None:
    publish(settings, "a")
    publish(settings, "a")
    damaged = version_file(settings, versions(settings)[0])
    damaged.write_bytes(b"no database")
    dropped, holding = drop_versions_holding(settings, ["secret"])
    assert ([version.number for version in dropped], holding) == ([1], None)
    assert not damaged.exists()
