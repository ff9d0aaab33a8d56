"""What waits in an inbox, and what is left for the next run because it is not complete."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from conjoin.errors import LandingError
from conjoin.keeping.inbox import waiting_files
from support.files import growing, overwritten


def test_files_are_sorted_and_folders_passed_over(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "old").mkdir()
    found = waiting_files(str(tmp_path), 0)
    assert [(file.name, file.byte_count, file.unfinished) for file in found] == [("a.csv", 5, ""), ("b.csv", 5, "")]
    with found[1].open() as stream:
        assert stream.read() == b"b.csv"


def test_a_link_to_a_file_is_a_delivery(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "shared.csv").write_bytes(b"a,b\n")
    (tmp_path / "inbox" / "a.csv").symlink_to(tmp_path / "shared.csv")
    (tmp_path / "inbox" / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    found = waiting_files(str(tmp_path / "inbox"), 0)
    assert [(file.name, file.unfinished) for file in found] == [("a.csv", "")]
    with found[0].open() as stream:
        assert stream.read() == b"a,b\n"


def test_an_inbox_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert waiting_files(str(tmp_path / "none"), 0) == []


def test_a_declared_inbox_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="there is no such folder; make it, or correct inbox"):
        waiting_files((tmp_path / "none").as_uri(), 0, is_declared=True)
    assert waiting_files(tmp_path.as_uri(), 0, is_declared=True) == []
    assert waiting_files("memory://nothing-yet", 0, is_declared=True) == []


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.filepart", "a.crdownload", "a.tmp", "~$a.xlsx", ".a.csv.swp"])
def test_names_of_unfinished_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert [file.unfinished for file in waiting_files(str(tmp_path), 0)] == ["its name says that it is not complete"]


def test_a_file_that_grows_while_looked_at_is_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n")
    (tmp_path / "done.csv").write_bytes(b"x")
    with growing(path):
        found = waiting_files(str(tmp_path), 0.4)
    assert [(file.name, file.unfinished) for file in found] == [
        ("a.csv", "it is still being written"),
        ("done.csv", ""),
    ]


def test_a_file_that_appears_while_looked_at_is_unfinished(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")
    appear = threading.Timer(0.8, lambda: (tmp_path / "b.csv").write_bytes(b"x"))
    appear.start()
    found = waiting_files(str(tmp_path), 1.6)
    appear.join()
    assert [(file.name, file.unfinished) for file in found] == [("a.csv", ""), ("b.csv", "it is still being written")]


def test_a_file_that_is_overwritten_while_looked_at_is_unfinished_though_it_grows_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n")
    with overwritten(path):
        found = waiting_files(str(tmp_path), 0.4)
    assert [(file.name, file.byte_count, file.unfinished) for file in found] == [
        ("a.csv", 4, "it is still being written")
    ]


def test_files_that_have_settled_are_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    os.utime(path, (time.time() - 3600,) * 2)
    started = time.monotonic()
    assert [file.unfinished for file in waiting_files(str(tmp_path), 30)] == [""]
    assert time.monotonic() - started < 10


def test_a_name_that_is_no_text_is_told_and_left(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/visits_\xff.csv")).write_bytes(b"x")
    assert [(file.name, file.unfinished) for file in waiting_files(str(tmp_path), 0)] == [
        ("visits_\\udcff.csv", "its name is not written in UTF-8: rename it")
    ]


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """An empty filesystem in memory."""
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    yield filesystem
    filesystem.store.clear()


def test_any_fsspec_url_can_be_an_inbox(memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/deliveries/a.csv", b"a,b\n")
    (found,) = waiting_files("memory://deliveries", 0)
    with found.open() as stream:
        assert (found.name, stream.read()) == ("a.csv", b"a,b\n")
    assert waiting_files("memory://elsewhere", 0) == []


def test_a_file_taken_away_once_it_was_read_counts_and_one_that_was_written_again_does_not(tmp_path: Path) -> None:
    for name in ("kept.csv", "again.csv", "gone.csv"):
        (tmp_path / name).write_bytes(b"a,b\n")
    again, gone, kept = waiting_files(str(tmp_path), 0)
    (tmp_path / "again.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "gone.csv").unlink()
    assert [file.has_changed() for file in (again, gone, kept)] == [True, False, False]
