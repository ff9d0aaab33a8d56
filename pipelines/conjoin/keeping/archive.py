"""The archive: originals by content hash, immutable, and the ledger of what was delivered when.

Everything else derives from it. The ledger is one JSON object per line, only ever appended to: its order is the order
of events, whatever the clock said. The day of a first delivery is archive data, so that whatever is rebuilt later
starts from the same facts.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin.errors import DamagedOriginal, LandingError
from conjoin.keeping.folders import make_private

_CHUNK = 1 << 20
_INCOMING = ".incoming-"
_RESTORE = "put it back from a backup, or put the delivered file into its inbox again: the next run mends the archive"


class LedgerEntry(BaseModel):
    """One event: a file was delivered, or a source (or one of its files) withdrawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["delivered", "withdrawn"]
    source_name: str
    file_name: str = ""  # empty in a withdrawal: the whole source
    content_hash: str = ""
    byte_count: int = 0
    recorded_at: datetime
    note: str = ""
    place: int = Field(0, exclude=True)  # line of the ledger; the order of events


class Archive:
    """Originals and ledger below one folder."""

    def __init__(self, root: Path) -> None:
        """``root`` need not exist yet."""
        self._objects = root / "objects"
        self._ledger = root / "ledger.jsonl"

    def original(self, content_hash: str) -> Path:
        """Where the original of that hash is, once its bytes have been seen to have that hash.

        Raises:
            DamagedOriginal: It is not there, or is not what was delivered.
        """
        path = self._place(content_hash)
        if not path.is_file():
            raise DamagedOriginal(f"{path}: an archived original is missing; {_RESTORE}")
        if _sha256(path) != content_hash:
            raise DamagedOriginal(
                f"{path}: an archived original is damaged: {path.stat().st_size:,} bytes that are not what was "
                f"delivered; {_RESTORE}"
            )
        return path

    def looks_whole(self, entry: LedgerEntry) -> bool:
        """Whether a delivery's original is there in its full length: a look at the folder, not at the bytes."""
        try:
            return self._place(entry.content_hash).stat().st_size == entry.byte_count
        except OSError:
            return False

    def _place(self, content_hash: str) -> Path:
        return self._objects / content_hash[:2] / content_hash

    def remove_leftovers(self) -> None:
        """Remove what a process that was killed while it stored something has left; nobody else may be storing."""
        for path in self._objects.glob(f"{_INCOMING}*"):
            path.unlink()

    def store(self, stream: IO[bytes]) -> tuple[str, int]:
        """Keep the bytes of ``stream``; return their SHA-256 and number. The same bytes are kept once.

        What is kept and no longer has its hash is mended.
        """
        make_private(self._objects.parent)
        self._objects.mkdir(exist_ok=True)
        digest, count = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self._objects, prefix=_INCOMING, delete=False) as copy:
            incoming = Path(copy.name)
            try:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    count += len(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())  # a full disk may show only here
            except BaseException:
                incoming.unlink()
                raise
        target = self._place(digest.hexdigest())
        if target.exists() and _sha256(target) == digest.hexdigest():
            incoming.unlink()
        else:
            target.parent.mkdir(exist_ok=True)
            incoming.chmod(0o444)
            incoming.replace(target)
        return digest.hexdigest(), count

    def entries(self) -> list[LedgerEntry]:
        """Every event in the order in which it was recorded, which is that of its ``place``.

        A last line without its line end was cut off by a crash before it counted, and is left out.

        Raises:
            LandingError: Another line cannot be understood.
        """
        if not self._ledger.exists():
            return []
        lines = self._ledger.read_bytes().split(b"\n")[:-1]
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                found.append(LedgerEntry.model_validate_json(line).model_copy(update={"place": number}))
            except ValidationError as error:
                told = "; ".join(f"{'.'.join(map(str, item['loc']))} {item['msg']}".strip() for item in error.errors())
                raise LandingError(
                    f"{self._ledger}, line {number}: not a ledger entry ({told}); restore the ledger from its backup"
                ) from error
        return found

    def record(self, entries: Iterable[LedgerEntry]) -> None:
        """Append events; they count once this returns."""
        lines = "".join(
            json.dumps(entry.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) + "\n" for entry in entries
        )
        if not lines:
            return
        make_private(self._ledger.parent)
        self._cut_torn_line()
        with self._ledger.open("a", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _cut_torn_line(self) -> None:
        if not self._ledger.exists():
            return
        data = self._ledger.read_bytes()
        if data and not data.endswith(b"\n"):
            with self._ledger.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def now() -> datetime:
    """The time of an event, to the second, UTC."""
    return datetime.now(UTC).replace(microsecond=0)
