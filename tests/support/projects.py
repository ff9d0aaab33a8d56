"""A project folder to which files are delivered, as an organisation would."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.keeping.archive import Archive
from conjoin.keeping.landing import Landing, Load
from conjoin.schemas import fields, policy, tables, vocabularies
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_literal
from conjoin.steps import ingest
from conjoin.steps.deliveries import loads_of
from conjoin.warehouse import models
from support import quillhaven
from support.reading import dicts


@dataclass(frozen=True)
class Project:
    """A project folder with one source."""

    root: Path
    settings: Settings
    source_name: str = quillhaven.NAME

    @property
    def inbox(self) -> Path:
        """Where the source's deliveries wait."""
        return self.settings.inbox / self.source_name

    def deliver(self, file_name: str, content: bytes) -> Path:
        """Put a file into the source's inbox, as its only file."""
        path = self.inbox / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        for waiting in path.parent.iterdir():
            waiting.unlink()
        path.write_bytes(content)
        return path

    def ingest(self) -> ingest.SourceSummary:
        """One run for the source."""
        return ingest.ingest_source(self.settings, self.source_name)

    def loads(self) -> list[tuple[Load, bool]]:
        """Every load and whether it is current."""
        entries = Archive(self.settings.archive).entries()
        return loads_of(self.source_name, entries, Landing(self.settings.landing))

    def current(self) -> list[Load]:
        """The loads that count today."""
        return [load for load, is_current in self.loads() if is_current]

    def now(self) -> tuple[list[Load], list[dict[str, Any]], list[dict[str, Any]]]:
        """What counts today: current loads, audits and sites."""
        return self.current(), self.rows("audit_records"), self.rows("site_records")

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table over all current loads, by record."""
        files = Landing(self.settings.landing).parquet_files(self.current(), table)
        if not files:
            return []
        listed = ", ".join(quote_literal(path) for path in files)
        with duckdb.connect() as con:
            return dicts(con, f"select * from read_parquet([{listed}]) order by all")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and its content: two equal trees are one state."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@contextmanager
def standing_in(root: Path) -> Iterator[None]:
    """The process works in the project folder ``root``: its declarations are read anew, and forgotten afterwards."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CONJOIN_PROJECT", os.fspath(root))
        environment.delenv("CONJOIN_DATA", raising=False)
        environment.chdir(root)
        forget_declarations()
        yield
    forget_declarations()


def forget_declarations() -> None:
    """Empty every cache that holds what a project folder declares."""
    for module in (registry, fields, tables, vocabularies, models, policy):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()
