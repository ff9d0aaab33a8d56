"""Landing: what each delivered file was read as. One folder per load, complete or not there at all.

A load is one reading of one original with one version of its declaration, so it can be deleted and made again. Which
loads are *current* follows from the ledger: per feed and period the latest delivery that could be read.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin.keeping.archive import LedgerEntry
from conjoin.keeping.folders import make_private
from conjoin.sql import quote_literal

REJECTED_ROWS = "rejected_rows"
_PARQUET = "(format parquet)"


class Load(BaseModel):
    """One reading of one delivered file: the manifest of its folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    load_id: str
    source_name: str
    feed: str
    file_name: str
    period: str = ""
    content_hash: str
    byte_count: int
    delivered_at: datetime
    ledger_line: int = Field(0, exclude=True)  # of its delivery, when it was looked up: which of two is the later one
    load_status: Literal["landed", "refused"]
    refusal: str = ""  # why the whole file was refused
    notices: list[str] = []  # what the file hides, or what of it was left out
    warnings: list[str] = []
    rows_read: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0
    rows_repeated: int = 0
    rows_skipped: int = 0
    tables: dict[str, int] = {}  # table -> rows
    checks: list[dict[str, Any]] = []  # results of Great Expectations


@dataclass(frozen=True)
class Delivered:
    """One delivery as its declaration understands it."""

    entry: LedgerEntry
    feed: str
    period: str

    @property
    def order(self) -> int:
        """Later deliveries replace earlier ones: later in the ledger, since a clock may be set back."""
        return self.entry.place


def make_load_id(delivered: Delivered, reading_version: str) -> str:
    """The id of reading that delivery with that version of declaration and schemas."""
    entry = delivered.entry
    parts = [entry.source_name, delivered.feed, delivered.period, entry.content_hash, entry.file_name]
    parts += [entry.recorded_at.date().isoformat(), reading_version]
    return f"{entry.source_name}-{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:12]}"


def in_force(entries: list[LedgerEntry], source_name: str) -> list[LedgerEntry]:
    """The deliveries of a source that no later withdrawal or erasure has taken back."""
    kept: list[LedgerEntry] = []
    for entry in (entry for entry in entries if entry.source_name == source_name):
        if entry.event == "delivered":
            kept.append(entry)
        elif entry.event == "withdrawn":
            kept = [earlier for earlier in kept if entry.file_name and earlier.file_name != entry.file_name]
        elif entry.event == "erased":
            gone = (entry.file_name, entry.content_hash)
            kept = [earlier for earlier in kept if (earlier.file_name, earlier.content_hash) != gone]
    return kept


def hashes_in_force(entries: list[LedgerEntry]) -> list[str]:
    """Content hashes of all deliveries that no withdrawal has taken back, each once, in the order of the ledger."""
    names = dict.fromkeys(entry.source_name for entry in entries)
    return list(dict.fromkeys(entry.content_hash for name in names for entry in in_force(entries, name)))


class Landing:
    """The loads below one folder."""

    def __init__(self, root: Path) -> None:
        """``root`` need not exist yet."""
        self._root = root

    def get(self, source_name: str, load_id: str) -> Load | None:
        """The load, if it has been made; one whose manifest is damaged or of another version is made again."""
        manifest = self.folder(source_name, load_id) / "load.json"
        try:
            return Load.model_validate_json(manifest.read_bytes()) if manifest.is_file() else None
        except ValidationError:
            return None

    def loads(self, source_name: str) -> list[Load]:
        """Every finished load of a source, ordered by id."""
        manifests = sorted((self._root / source_name).glob("[!.]*/load.json"))
        loads = (self.get(source_name, manifest.parent.name) for manifest in manifests)
        return [load for load in loads if load]

    def folder(self, source_name: str, load_id: str) -> Path:
        """Where the load's files are."""
        return self._root / source_name / load_id

    def stage(self, con: duckdb.DuckDBPyConnection, source_name: str, load_id: str, tables: dict[str, str]) -> None:
        """Write the rows of ``tables`` (file name to relation of ``con``) where ``finish`` will find them."""
        make_private(self._root)
        building = self._building(source_name, load_id)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        for name, relation in tables.items():
            path = quote_literal(str(building / f"{name}.parquet"))
            con.execute(f"copy (select * from {relation}) to {path} {_PARQUET}")

    def finish(self, load: Load) -> None:
        """Let a staged load appear, complete, by a rename. Of a refused load only the refused rows are kept."""
        make_private(self._root)
        building = self._building(load.source_name, load.load_id)
        building.mkdir(parents=True, exist_ok=True)
        for path in building.glob("*.parquet"):
            if load.load_status == "refused" and path.stem != REJECTED_ROWS:
                path.unlink()
        manifest = json.dumps(load.model_dump(mode="json"), indent=1, ensure_ascii=False, sort_keys=True)
        (building / "load.json").write_text(manifest + "\n", encoding="utf-8")
        target = self.folder(load.source_name, load.load_id)
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)

    def _building(self, source_name: str, load_id: str) -> Path:
        return self._root / source_name / f".{load_id}.building"

    def keep_only(self, source_name: str, load_ids: set[str]) -> None:
        """Remove loads of the source that nothing refers to any more: they can be made again from the archive."""
        for path in sorted((self._root / source_name).glob("*")):
            if path.name not in load_ids:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def parquet_files(self, loads: list[Load], table: str) -> list[str]:
        """The Parquet files of one table over several loads, sorted."""
        found = (self.folder(load.source_name, load.load_id) / f"{table}.parquet" for load in loads)
        return sorted(str(path) for path in found if path.is_file())

    def every_file(self, source_name: str, table: str) -> list[str]:
        """The Parquet files of one table over all finished loads of a source, sorted."""
        return sorted(str(path) for path in (self._root / source_name).glob(f"[!.]*/{table}.parquet"))
