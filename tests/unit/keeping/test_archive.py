"""Originals are kept once and for ever; the ledger is only appended to and says where it is damaged."""

import hashlib
import io
from pathlib import Path

import pytest

from conjoin.errors import DamagedOriginal, LandingError
from conjoin.keeping.archive import Archive, LedgerEntry, now


def entry(name: str = "a.csv", place: int = 1) -> LedgerEntry:
    """A delivery of a file, as it stands in that line of the ledger."""
    return LedgerEntry(
        event="delivered",
        source_name="quillhaven",
        file_name=name,
        content_hash="00",
        recorded_at=now(),
        place=place,
    )


def test_the_same_bytes_are_kept_once_and_cannot_be_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = [archive.store(io.BytesIO(b"hello")) for _ in range(2)]
    assert kept == [(hashlib.sha256(b"hello").hexdigest(), 5)] * 2
    original = archive.original(kept[0][0])
    assert original.read_bytes() == b"hello"
    assert original.stat().st_mode & 0o222 == 0
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == [original]


def test_two_files_can_be_stored_at_the_same_time(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    inner: list[tuple[str, int]] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not inner:
                inner.append(archive.store(io.BytesIO(b"inner")))
            return super().read(size)

    outer, _ = archive.store(Slow(b"outer"))
    assert archive.original(outer).read_bytes() == b"outer"
    assert archive.original(inner[0][0]).read_bytes() == b"inner"


def test_a_stream_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionError("the line went dead")

    with pytest.raises(ConnectionError):
        Archive(tmp_path).store(Broken())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_missing_original_is_told(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="an archived original is missing; put it back from a backup"):
        Archive(tmp_path).original("ab" * 32)


@pytest.mark.parametrize("damage", [b"hel", b"hallo", b"hello again", b""])
def test_an_original_that_is_not_what_was_delivered_is_refused_and_named(tmp_path: Path, damage: bytes) -> None:
    archive = Archive(tmp_path)
    content_hash, byte_count = archive.store(io.BytesIO(b"hello"))
    delivered = entry().model_copy(update={"content_hash": content_hash, "byte_count": byte_count})
    original = archive.original(content_hash)
    assert archive.looks_whole(delivered)
    original.chmod(0o600)
    original.write_bytes(damage)
    assert archive.looks_whole(delivered) == (len(damage) == 5)
    with pytest.raises(DamagedOriginal, match=f"{content_hash}: an archived original is damaged: {len(damage)} bytes"):
        archive.original(content_hash)


def test_the_same_bytes_delivered_again_mend_a_damaged_original(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    content_hash, _ = archive.store(io.BytesIO(b"hello"))
    original = archive.original(content_hash)
    original.chmod(0o600)
    original.write_bytes(b"hallo")
    archive.store(io.BytesIO(b"hello"))
    assert archive.original(content_hash).read_bytes() == b"hello"


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    content_hash, _ = archive.store(io.BytesIO(b"hello"))
    (tmp_path / "objects" / ".incoming-k1ll3d").write_bytes(b"hal")
    archive.remove_leftovers()
    assert [path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()] == [content_hash]


def test_the_archive_is_private(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir(mode=0o755)
    Archive(tmp_path / "archive").store(io.BytesIO(b"hello"))
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700


def test_events_are_kept_in_their_order(tmp_path: Path) -> None:
    events = [entry("ü\u2028.csv", 1), entry("b.csv", 2), entry("a.csv", 3)]
    archive = Archive(tmp_path)
    archive.record(events[:1])
    archive.record([])
    archive.record(iter(events[1:]))
    assert archive.entries() == events


def test_an_archive_without_ledger_has_no_events(tmp_path: Path) -> None:
    assert Archive(tmp_path / "none").entries() == []


@pytest.mark.parametrize("torn", [b'{"event": "deli', b"\xff\xfe", b"{}"])
def test_a_torn_last_line_never_counted_and_is_cut_before_the_next(tmp_path: Path, torn: bytes) -> None:
    archive, ledger = Archive(tmp_path), tmp_path / "ledger.jsonl"
    first, second = entry("a.csv", 1), entry("b.csv", 2)
    archive.record([first])
    with ledger.open("ab") as file:
        file.write(torn)
    assert archive.entries() == [first]
    archive.record([second])
    assert archive.entries() == [first, second]
    assert torn not in ledger.read_bytes().split(b"\n")


DAMAGED = [
    b"{",
    b"",
    b'{"event": "delivered"}',
    b'{"event": "stolen", "source_name": "x", "recorded_at": "2026-01-01T00:00:00Z"}',
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_is_told_by_its_number(tmp_path: Path, line: bytes) -> None:
    archive, ledger = Archive(tmp_path), tmp_path / "ledger.jsonl"
    archive.record([entry()])
    with ledger.open("ab") as file:
        file.write(line + b"\n")
    archive.record([entry("b.csv")])
    with pytest.raises(LandingError, match=r"ledger\.jsonl, line 2: not a ledger entry .*; restore the ledger"):
        archive.entries()
