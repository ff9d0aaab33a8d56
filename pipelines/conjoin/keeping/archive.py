"""The archive: originals by content hash, immutable, and the ledger of what was delivered when.

Everything else derives from it. The ledger is one JSON object per line, only ever appended to: its order is the order
of events, whatever the clock said. The day of a first delivery is archive data, so that whatever is rebuilt later
starts from the same facts.
"""

import json
import os
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin.errors import LandingError
from conjoin.keeping.folders import make_private
from conjoin.keeping.originals import Originals


class LedgerEntry(BaseModel):
    """One event: a file was delivered, a source or one of its files withdrawn, a delivered file erased or let in again.

    ``erased`` is a tombstone: of a file name and a content hash, with the day and, in the note, who asked and why.
    ``readmitted`` ends it, so that the same bytes may be delivered once more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Literal["delivered", "withdrawn", "erased", "readmitted"]
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
        self.originals = Originals(root)
        self._ledger = root / "ledger.jsonl"

    def original(self, content_hash: str) -> Path:
        """Where the original of that hash is, plain or sealed, once its bytes have been seen to have that hash.

        Raises:
            DamagedOriginal: It is not there, or is not what was delivered.
            ArchiveLocked: It is sealed, and its key is not at hand.
        """
        return self.originals.verify(content_hash)

    def must_open(self) -> None:
        """Nothing happens if originals can be read and stored: asked once, before a run over many sources begins.

        Raises:
            ArchiveLocked: They are encrypted, and the environment does not hold the key.
        """
        self.originals.key()

    def holds(self, content_hash: str) -> bool:
        """Whether an original of that hash is there, whole or not."""
        return self.originals.place(content_hash).exists()

    def looks_whole(self, entry: LedgerEntry) -> bool:
        """Whether a delivery's original is there in its full length: a look at the folder, not at the bytes."""
        return self.originals.has_length(entry.content_hash, entry.byte_count)

    def remove_leftovers(self) -> None:
        """Remove what a process that was killed while it stored something has left; nobody else may be storing."""
        self.originals.remove_leftovers()

    def store(self, stream: IO[bytes], unwanted: Collection[str] = ()) -> tuple[str, int]:
        """Keep the bytes of ``stream`` unless they are unwanted: as ``Originals.store``."""
        return self.originals.store(stream, unwanted)

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


def now() -> datetime:
    """The time of an event, to the second, UTC."""
    return datetime.now(UTC).replace(microsecond=0)
