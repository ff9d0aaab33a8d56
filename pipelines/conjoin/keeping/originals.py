"""Originals by content hash: plain, or sealed with the key that the environment holds.

A plain original is ``objects/ab/<hash>``, a sealed one ``objects/ab/<hash>.sealed``; the hash is that of the plain
bytes in either case, so that the ledger, a backup and a second delivery speak of the same file whatever it is sealed
with. ``encryption.json`` says that what is delivered from now on is to be sealed, and with which key; it is written
before the first original is.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from conjoin.errors import ArchiveLocked, DamagedOriginal
from conjoin.keeping import cipher
from conjoin.keeping.folders import make_private, write_private

#: The variable of the environment that holds the key of the archive.
VARIABLE = "CONJOIN_ARCHIVE_KEY"
_SEALED = ".sealed"
_INCOMING = ".incoming-"
_HASH_LETTERS = 64
_RESTORE = "put it back from a backup, or put the delivered file into its inbox again: the next run mends the archive"
_UNTOUCHED = "Nothing was changed"


@dataclass
class Converted:
    """What ``seal_all`` or ``open_all`` did.

    Attributes:
        changed: How many originals it sealed, or opened.
        before: How many were so already.
        damaged: What it left as it is, since its bytes are not what was delivered: in words.
    """

    changed: int = 0
    before: int = 0
    damaged: list[str] = field(default_factory=list)


class Originals:
    """The originals below the folder of an archive."""

    def __init__(self, root: Path) -> None:
        """``root`` need not exist yet."""
        self._root, self._objects, self._declared = root, root / "objects", root / "encryption.json"

    # --- the key ----------------------------------------------------------------------------------------------

    def key(self) -> cipher.Key | None:
        """The key with which originals are sealed; None where none is set and nothing is encrypted.

        Raises:
            ArchiveLocked: The archive is encrypted and the environment does not hold its key, or holds no key at all.
        """
        text = os.environ.get(VARIABLE, "")
        known = self._declared_check()
        if not text:
            if known:
                raise self._no_key(self._root)
            return None
        try:
            key = cipher.Key(text)
        except ValueError as error:
            raise ArchiveLocked(
                f"{VARIABLE} holds no key: {error}; set it to what `conjoin archive new-key` printed. {_UNTOUCHED}"
            ) from error
        if known and key.check.hex() != known:
            raise self._other_key(self._root)
        return key

    def _declared_check(self) -> str:
        """The check value of the archive's key; empty where nothing is encrypted."""
        try:
            return str(json.loads(self._declared.read_text(encoding="utf-8"))["key_check"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveLocked(
                f"{self._declared}: cannot be read, so nobody can tell whether {VARIABLE} holds the right key; put it "
                f"back from a backup. {_UNTOUCHED}"
            ) from error

    def _declare(self, key: cipher.Key) -> None:
        """Write down that originals are sealed from now on; where that was lost, only with the key of what there is."""
        if not self._declared.exists():
            for path in self._objects.glob(f"??/*{_SEALED}"):
                self._refuse_other_key(path, key)
            told = {"cipher": "AES-256-GCM in chunks, see conjoin.keeping.cipher", "key_check": key.check.hex()}
            write_private(self._declared, json.dumps(told, indent=1) + "\n")

    def _refuse_other_key(self, sealed: Path, key: cipher.Key | None) -> None:
        with sealed.open("rb") as file, suppress(ValueError):  # a damaged one is told when it is read
            if key is None or cipher.key_check_of(file) != key.check:
                raise self._other_key(sealed) if key else self._no_key(sealed)

    def _no_key(self, place: Path) -> ArchiveLocked:
        return ArchiveLocked(
            f"{place}: is encrypted and {VARIABLE} is not set; set it to the key of this archive, then start again. "
            f"{_UNTOUCHED}"
        )

    def _other_key(self, place: Path) -> ArchiveLocked:
        return ArchiveLocked(
            f"{place}: {VARIABLE} holds another key than the one that this archive was encrypted with; set it to that. "
            f"{_UNTOUCHED}"
        )

    # --- looking ----------------------------------------------------------------------------------------------

    def place(self, content_hash: str) -> Path:
        """Where the original of that hash is; where it would be in plain if it is not there."""
        plain = self._objects / content_hash[:2] / content_hash
        sealed = plain.with_name(plain.name + _SEALED)
        return sealed if sealed.is_file() else plain

    def has_length(self, content_hash: str, byte_count: int) -> bool:
        """Whether it is there in its full length: a look at the folder, not at the bytes; needs no key."""
        place = self.place(content_hash)
        try:
            wanted = cipher.sealed_length(byte_count) if place.suffix == _SEALED else byte_count
            return place.stat().st_size == wanted
        except OSError:
            return False

    def counts(self) -> tuple[int, int]:
        """How many originals are sealed, and how many are plain."""
        sealed = len(list(self._objects.glob(f"??/*{_SEALED}")))
        return sealed, len(self._plain())

    def _plain(self) -> list[Path]:
        return [path for path in sorted(self._objects.glob("??/*")) if len(path.name) == _HASH_LETTERS]

    # --- reading ----------------------------------------------------------------------------------------------

    def verify(self, content_hash: str) -> Path:
        """Where the original is, once all its bytes have been seen to have that hash.

        Raises:
            DamagedOriginal: It is not there, or is not what was delivered.
            ArchiveLocked: It is sealed, and its key is not at hand.
        """
        place = self.place(content_hash)
        for _ in self._genuine(place, content_hash):
            pass
        return place

    @contextmanager
    def readable(self, content_hash: str, scratch: Path) -> Iterator[Path]:
        """A file with the plain bytes: the original itself or, of a sealed one, a copy that is gone after the block.

        Args:
            content_hash: Which one.
            scratch: A private folder for the copy: what a killed process leaves there is removed by the next run.

        Raises:
            DamagedOriginal: As ``verify``.
            ArchiveLocked: As ``verify``.
        """
        place = self.place(content_hash)
        if place.suffix != _SEALED:
            yield self.verify(content_hash)
            return
        make_private(scratch)
        with tempfile.NamedTemporaryFile(dir=scratch, prefix="original-") as copy:  # only its owner can read it
            for chunk in self._genuine(place, content_hash):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)

    def _genuine(self, place: Path, content_hash: str) -> Iterator[bytes]:
        """The plain bytes, chunk by chunk; they are what was delivered once the iterator has ended."""
        if not place.is_file():
            raise DamagedOriginal(f"{place}: an archived original is missing; {_RESTORE}")
        digest = hashlib.sha256()
        with place.open("rb") as file:
            try:
                for chunk in self._opened(file, place) if place.suffix == _SEALED else _chunks(file):
                    digest.update(chunk)
                    yield chunk
            except ValueError as error:
                raise DamagedOriginal(f"{place}: an archived original is damaged: {error}; {_RESTORE}") from error
        if digest.hexdigest() != content_hash:
            raise DamagedOriginal(
                f"{place}: an archived original is damaged: {place.stat().st_size:,} bytes that are not what was "
                f"delivered; {_RESTORE}"
            )

    def _opened(self, file: IO[bytes], place: Path) -> Iterator[bytes]:
        key = self.key()
        if key is None:
            raise self._no_key(place)
        if cipher.key_check_of(file) != key.check:
            if self._declared_check():  # the key is the archive's, so it is the file that changed
                raise ValueError("its first bytes name another key")
            raise self._other_key(place)
        return cipher.opened(file, key)

    # --- writing ----------------------------------------------------------------------------------------------

    def store(self, stream: IO[bytes], unwanted: Collection[str] = ()) -> tuple[str, int]:
        """Keep the bytes of ``stream``; return their SHA-256 and number. The same bytes are kept once.

        What is kept and no longer has its hash is mended. Where a key is set, no plain byte touches the disk.

        Args:
            stream: Where they come from.
            unwanted: Hashes of what is not to be kept: it is looked at and forgotten.

        Raises:
            ArchiveLocked: The archive is encrypted and its key is not at hand.
        """
        key = self.key()
        make_private(self._root)
        self._objects.mkdir(exist_ok=True)
        if key is not None:
            self._declare(key)
        elif sealed := next(self._objects.glob(f"??/*{_SEALED}"), None):  # what said so was lost
            raise self._no_key(sealed)
        with self._incoming() as incoming:
            content_hash, count = self._copy(stream, incoming, key)
            if content_hash not in unwanted and not self._is_whole(self.place(content_hash), content_hash):
                self.remove(content_hash)
                self._put(incoming, content_hash, _SEALED if key else "")
        return content_hash, count

    def seal_all(self, tell: Callable[[str], None]) -> Converted:
        """Seal every plain original. One after the other: whoever is killed over it loses nothing and may go on.

        Args:
            tell: Called with a line now and then.

        Raises:
            ArchiveLocked: There is no key, or it is not the one that this archive was encrypted with.
        """
        key = self.key()
        if key is None:
            raise ArchiveLocked(
                f"{VARIABLE} is not set; make a key with `conjoin archive new-key`, keep it apart from the data and "
                f"from the backups, set the variable, then start again. {_UNTOUCHED}"
            )
        done = Converted(before=self.counts()[0])
        plain = self._plain()
        if plain or self._objects.is_dir():
            self._declare(key)
        for number, path in enumerate(plain, start=1):
            try:
                self._seal(path, key)
                done.changed += 1
            except DamagedOriginal as error:
                done.damaged.append(str(error))
            if number % 100 == 0:
                tell(f"{number} of {len(plain)} originals")
        return done

    def _seal(self, path: Path, key: cipher.Key) -> None:
        """Put a sealed copy beside a plain original; that goes once the copy has been read back from the disk."""
        sealed = path.with_name(path.name + _SEALED)
        if not self._is_whole(sealed, path.name):
            with self._incoming() as incoming:
                with path.open("rb") as stream:
                    content_hash, _ = self._copy(stream, incoming, key)
                if content_hash != path.name:
                    raise DamagedOriginal(f"{path}: an archived original is damaged, and stays as it is; {_RESTORE}")
                self._put(incoming, content_hash, _SEALED)
            self.verify(content_hash)
        path.unlink()

    def open_all(self, tell: Callable[[str], None]) -> Converted:
        """Make every sealed original plain again, as safely as ``seal_all``; then the archive has no key any more.

        Args:
            tell: Called with a line now and then.

        Raises:
            ArchiveLocked: The archive is encrypted and its key is not at hand.
        """
        self.key()
        sealed = sorted(self._objects.glob(f"??/*{_SEALED}"))
        done = Converted(before=self.counts()[1])
        for number, path in enumerate(sealed, start=1):
            try:
                self._open(path)
                done.changed += 1
            except DamagedOriginal as error:
                done.damaged.append(str(error))
            if number % 100 == 0:
                tell(f"{number} of {len(sealed)} originals")
        if not done.damaged:
            self._declared.unlink(missing_ok=True)
        return done

    def _open(self, sealed: Path) -> None:
        """Put a plain copy in the place of a sealed original."""
        content_hash = sealed.name.removesuffix(_SEALED)
        with self._incoming() as incoming:
            with incoming.open("wb") as file:
                for chunk in self._genuine(sealed, content_hash):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._put(incoming, content_hash, "")
        sealed.unlink()

    def remove(self, content_hash: str) -> None:
        """Remove an original, plain and sealed, if it is there."""
        plain = self._objects / content_hash[:2] / content_hash
        for path in (plain, plain.with_name(plain.name + _SEALED)):
            path.unlink(missing_ok=True)

    def remove_leftovers(self) -> None:
        """Remove what a process that was killed while it stored something has left; nobody else may be storing."""
        for path in self._objects.glob(f"{_INCOMING}*"):
            path.unlink()

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """An empty file that is gone after the block unless it got a name."""
        handle, name = tempfile.mkstemp(dir=self._objects, prefix=_INCOMING)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _copy(self, stream: IO[bytes], target: Path, key: cipher.Key | None) -> tuple[str, int]:
        """Write a stream, sealed if there is a key, until it is safely on the disk; its hash and number of bytes."""
        digest, count = hashlib.sha256(), 0
        with target.open("wb") as file:
            sealer = cipher.Sealer(file, key) if key else None
            for chunk in _chunks(stream):
                digest.update(chunk)
                count += len(chunk)
                (sealer or file).write(chunk)
            if sealer:
                sealer.finish()
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only here
        return digest.hexdigest(), count

    def _is_whole(self, place: Path, content_hash: str) -> bool:
        try:
            for _ in self._genuine(place, content_hash):
                pass
        except DamagedOriginal:
            return False
        return True

    def _put(self, incoming: Path, content_hash: str, suffix: str) -> None:
        """Give a finished file its name, for good: a plain original goes only after the sealed one has its name."""
        target = self._objects / content_hash[:2] / f"{content_hash}{suffix}"
        target.parent.mkdir(exist_ok=True)
        incoming.chmod(0o444)
        incoming.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(cipher.CHUNK):
        yield chunk
