"""Originals at rest: sealed or plain, found by their hash, mended or refused; never rewritten with another key."""

import hashlib
import io
import os
import shutil
from pathlib import Path

import pytest

from conjoin.errors import ArchiveLocked, DamagedOriginal
from conjoin.keeping import cipher, originals
from conjoin.keeping.archive import Archive, LedgerEntry, now
from conjoin.keeping.cipher import CHUNK, new_key
from conjoin.keeping.originals import VARIABLE, Originals
from support.projects import tree

CANARY = b"Zanzibar Quokka Mills"
LONG = CANARY + os.urandom(3 * CHUNK)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    text = new_key()
    monkeypatch.setenv(VARIABLE, text)
    return text


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def stored(root: Path, data: bytes) -> str:
    return Originals(root).store(io.BytesIO(data))[0]


def read(root: Path, content_hash: str) -> bytes:
    with Originals(root).readable(content_hash, root.parent / "scratch") as path:
        return path.read_bytes()


def file_of(root: Path) -> Path:
    (found,) = (path for path in (root / "objects").rglob("*") if path.is_file())
    return found


def holds(root: Path, text: bytes) -> list[str]:
    return [name for name, data in tree(root).items() if text in data]


def test_with_a_key_no_plain_byte_is_kept(no_key: None, key: str, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    content_hash = stored(root, LONG)
    assert content_hash == hashlib.sha256(LONG).hexdigest()
    assert file_of(root).name == f"{content_hash}.sealed"
    assert file_of(root).stat().st_mode & 0o777 == 0o444
    assert holds(tmp_path, CANARY) == []
    assert holds(tmp_path, key.encode()) == []
    with Originals(root).readable(content_hash, tmp_path / "scratch") as path:
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_bytes() == LONG
    assert holds(tmp_path, CANARY) == []
    assert Originals(root).verify(content_hash) == file_of(root)
    entry = LedgerEntry(
        event="delivered",
        source_name="x",
        file_name="a",
        content_hash=content_hash,
        byte_count=len(LONG),
        recorded_at=now(),
    )
    assert Archive(root).looks_whole(entry)
    assert not Archive(root).looks_whole(entry.model_copy(update={"byte_count": len(LONG) + 1}))


def test_the_same_bytes_are_kept_once_and_mended(no_key: None, key: str, tmp_path: Path) -> None:
    content_hash = stored(tmp_path, b"hello")
    whole = file_of(tmp_path).read_bytes()
    stored(tmp_path, b"hello")
    assert file_of(tmp_path).read_bytes() == whole
    file_of(tmp_path).chmod(0o600)
    file_of(tmp_path).write_bytes(whole[:-1])
    with pytest.raises(DamagedOriginal, match="changed, moved or cut off"):
        Originals(tmp_path).verify(content_hash)
    stored(tmp_path, b"hello")
    assert read(tmp_path, content_hash) == b"hello"


def damaged(data: bytes, attack: str) -> bytes:
    header, part = cipher.sealed_length(0) - 16, CHUNK + 16
    parts = [data[start : start + part] for start in range(header, len(data), part)]
    return {
        "a bit": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        "its last chunk missing": data[:header] + b"".join(parts[:-1]),
        "two chunks exchanged": data[:header] + parts[1] + parts[0] + b"".join(parts[2:]),
        "its header changed": data[:20] + bytes([data[20] ^ 1]) + data[21:],
        "no header": data[1:],
        "nothing left": b"",
    }[attack]


@pytest.mark.parametrize(
    "attack",
    ["a bit", "its last chunk missing", "two chunks exchanged", "its header changed", "no header", "nothing left"],
)
def test_what_was_done_to_a_sealed_original_is_noticed(no_key: None, key: str, tmp_path: Path, attack: str) -> None:
    root = tmp_path / "archive"
    content_hash = stored(root, LONG)
    file_of(root).chmod(0o600)
    file_of(root).write_bytes(damaged(file_of(root).read_bytes(), attack))
    for look in (lambda: Originals(root).verify(content_hash), lambda: read(root, content_hash)):
        with pytest.raises(DamagedOriginal, match=rf"{content_hash}\.sealed: an archived original is damaged: .*back"):
            look()
    assert list((tmp_path / "scratch").glob("*")) == []


def test_an_original_under_the_name_of_another_is_noticed(no_key: None, key: str, tmp_path: Path) -> None:
    first, second = stored(tmp_path, b"first"), stored(tmp_path, b"second")
    place = Originals(tmp_path).place
    shutil.copyfile(place(first), tmp_path / "kept")
    place(second).unlink()
    (tmp_path / "kept").rename(place(second).with_name(f"{second}.sealed"))
    with pytest.raises(DamagedOriginal, match="are not what was delivered"):
        Originals(tmp_path).verify(second)


@pytest.mark.parametrize("wrong", ["", "other", "no key at all"])
def test_a_wrong_or_missing_key_is_told_once_and_changes_nothing(
    no_key: None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    content_hash = stored(tmp_path, b"hello")
    before = tree(tmp_path)
    text = new_key() if wrong == "other" else wrong
    monkeypatch.setenv(VARIABLE, text)
    for act in (
        lambda: stored(tmp_path, b"hello"),
        lambda: stored(tmp_path, b"something else"),
        lambda: Originals(tmp_path).verify(content_hash),
        lambda: read(tmp_path, content_hash),
        lambda: Originals(tmp_path).seal_all(print),
        lambda: Originals(tmp_path).open_all(print),
        lambda: Archive(tmp_path).must_open(),
    ):
        with pytest.raises(ArchiveLocked, match=VARIABLE) as refusal:
            act()
        assert not text or text not in str(refusal.value)
        assert key not in str(refusal.value)
    assert tree(tmp_path) == before


def test_an_archive_whose_declaration_is_lost_or_damaged_is_not_opened_with_another_key(
    no_key: None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_hash = stored(tmp_path, b"hello")
    (tmp_path / "encryption.json").write_text("{", encoding="utf-8")
    with pytest.raises(ArchiveLocked, match=r"encryption\.json: cannot be read"):
        Originals(tmp_path).verify(content_hash)
    (tmp_path / "encryption.json").unlink()
    assert read(tmp_path, content_hash) == b"hello"
    for text in ("", new_key()):
        monkeypatch.setenv(VARIABLE, text)
        with pytest.raises(ArchiveLocked, match=VARIABLE):
            Originals(tmp_path).verify(content_hash)
        with pytest.raises(ArchiveLocked, match=VARIABLE):
            stored(tmp_path, b"something else")
        assert not (tmp_path / "encryption.json").exists()
    monkeypatch.setenv(VARIABLE, key)
    stored(tmp_path, b"something else")
    assert (tmp_path / "encryption.json").exists()


def test_a_plain_archive_goes_on_and_is_converted_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {stored(tmp_path, data): data for data in (b"", b"hello", LONG)}
    monkeypatch.setenv(VARIABLE, new_key())
    assert {found: read(tmp_path, found) for found in hashes} == hashes
    fresh = stored(tmp_path, b"after the key")
    assert Originals(tmp_path).counts() == (1, 3)
    done = Originals(tmp_path).seal_all(print)
    assert (done.changed, done.before, done.damaged) == (3, 1, [])
    assert Originals(tmp_path).counts() == (4, 0)
    assert {found: read(tmp_path, found) for found in hashes} == hashes
    assert read(tmp_path, fresh) == b"after the key"
    assert holds(tmp_path, CANARY) == []
    assert Originals(tmp_path).seal_all(print).changed == 0


def test_a_damaged_plain_original_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content_hash, good = stored(tmp_path, b"hello"), stored(tmp_path, b"good")
    path = Originals(tmp_path).place(content_hash)
    path.chmod(0o600)
    path.write_bytes(b"hallo")
    monkeypatch.setenv(VARIABLE, new_key())
    done = Originals(tmp_path).seal_all(print)
    assert done.changed == 1
    assert [told for told in done.damaged if f"{content_hash}: an archived original is damaged, and stays" in told]
    assert path.read_bytes() == b"hallo"
    stored(tmp_path, b"hello")  # delivered again, it is mended, and sealed
    assert (read(tmp_path, content_hash), read(tmp_path, good)) == (b"hello", b"good")
    assert Originals(tmp_path).counts() == (2, 0)


def test_a_sealed_copy_that_cannot_be_read_back_never_costs_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_hash = stored(tmp_path, b"hello")
    plain = Originals(tmp_path).place(content_hash)
    plain.with_name(f"{content_hash}.sealed").write_bytes(b"half of it")
    monkeypatch.setenv(VARIABLE, new_key())
    assert Originals(tmp_path).seal_all(print).changed == 1
    assert not plain.exists()
    assert read(tmp_path, content_hash) == b"hello"


def test_unwanted_bytes_are_looked_at_and_not_kept(tmp_path: Path) -> None:
    content_hash = hashlib.sha256(b"hello").hexdigest()
    assert Originals(tmp_path).store(io.BytesIO(b"hello"), {content_hash}) == (content_hash, 5)
    assert tree(tmp_path) == {}


def test_an_original_that_looks_sealed_by_its_first_bytes_is_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever delivers decides on the bytes, so they do not decide how a file is kept."""
    data = originals.cipher._MAGIC + b"a delivered file"
    content_hash = stored(tmp_path, data)
    assert read(tmp_path, content_hash) == data
    monkeypatch.setenv(VARIABLE, new_key())
    assert read(tmp_path, content_hash) == data


def test_a_key_is_changed_by_opening_all_and_sealing_them_again(
    no_key: None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = {stored(tmp_path, data): data for data in (b"", b"hello", LONG)}
    sealed = Originals(tmp_path).place(next(iter(hashes)))
    done = Originals(tmp_path).open_all(print)
    assert (done.changed, done.before, done.damaged) == (3, 0, [])
    assert Originals(tmp_path).counts() == (0, 3)
    monkeypatch.delenv(VARIABLE)
    assert {found: read(tmp_path, found) for found in hashes} == hashes
    assert not sealed.exists()
    assert Originals(tmp_path).open_all(print).changed == 0
    monkeypatch.setenv(VARIABLE, new_key())
    assert Originals(tmp_path).seal_all(print).changed == 3
    assert {found: read(tmp_path, found) for found in hashes} == hashes


def test_a_damaged_sealed_original_stays_and_the_archive_keeps_its_key(no_key: None, key: str, tmp_path: Path) -> None:
    content_hash, good = stored(tmp_path, b"hello"), stored(tmp_path, b"good")
    path = Originals(tmp_path).place(content_hash)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    before = path.read_bytes()
    done = Originals(tmp_path).open_all(print)
    assert (done.changed, len(done.damaged)) == (1, 1)
    assert path.read_bytes() == before
    assert read(tmp_path, good) == b"good"
    assert (tmp_path / "encryption.json").exists()
