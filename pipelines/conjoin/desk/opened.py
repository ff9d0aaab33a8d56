"""The one warehouse file that a desk shows: open for reading only, and opened anew when another one is published."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from conjoin.briefings.answering.whose import Whose, whose_file
from conjoin.errors import ConjoinError
from conjoin.warehouse.connection import LOCKED

_Kept = TypeVar("_Kept")
#: Memory that one file may take while it is shown; what a page asks for is small.
_MEMORY = "200MB"


@dataclass(frozen=True)
class About:
    """What the file is.

    Attributes:
        as_of: The day as of which it was built.
        whose: For whom it was made.
        release: What the released totals of a pack rest on, in words; "" where there are none.
        tables: Every table and view, as ``schema.name``.
    """

    as_of: str
    whose: Whose
    release: str
    tables: frozenset[str]

    @property
    def is_pack(self) -> bool:
        """Whether it was built from what one reader may see."""
        return self.whose.is_pack


@dataclass
class _Opened:
    """One connection, and what was worked out from it: both end together."""

    stamp: tuple[int, int]
    con: duckdb.DuckDBPyConnection
    about: About
    kept: dict[str, Any] = field(default_factory=dict)
    guards: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))


class WarehouseFile:
    """A warehouse file whose readers wait for no run: publishing renames, and the next request sees the new file."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self._seconds = seconds
        self._turn = threading.Condition()
        self._readers = 0
        self._opened: _Opened | None = None

    @contextmanager
    def reading(self, in_time: bool = True) -> Iterator["Reading"]:
        """The file as it is now, for one request.

        Args:
            in_time: Whether what takes too long is given up.

        Raises:
            ConjoinError: There is no such file, it cannot be read, or a question took too long.
        """
        opened = self._enter()
        con = opened.con.cursor()
        timer = threading.Timer(self._seconds, con.interrupt)
        if in_time:
            timer.start()
        try:
            yield Reading(con, opened.about, opened)
        except duckdb.InterruptException as error:
            raise ConjoinError(f"this took longer than {self._seconds:g} s and was given up; narrow it down") from error
        finally:
            timer.cancel()
            con.close()
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    def _enter(self) -> _Opened:
        """Count in as a reader; whoever finds another file than the opened one waits for the others and opens it.

        The old one is closed first: DuckDB gives whoever opens a path twice what it opened at first.
        """
        with self._turn:
            stamp = self._stamp()
            if self._opened is None or self._opened.stamp != stamp:
                self._turn.wait_for(lambda: self._readers == 0)
                if self._opened is not None and self._opened.stamp != stamp:
                    self._opened.con.close()
                    self._opened = None
                if self._opened is None:
                    con = _connect(self.path)
                    self._opened = _Opened(stamp, con, _about(con))
            self._readers += 1
            return self._opened

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise ConjoinError(
                f"{self.path}: no warehouse there; `conjoin run` publishes one, `conjoin pack` makes one for a reader"
            ) from error
        return found.st_ino, found.st_mtime_ns


class Reading:
    """One request's view of the file."""

    def __init__(self, con: duckdb.DuckDBPyConnection, about: About, opened: _Opened) -> None:
        self.con = con
        self.about = about
        self._opened = opened

    def has(self, *tables: str) -> bool:
        """Whether the file holds these tables: a pack holds fewer."""
        return self.about.tables.issuperset(tables)

    def kept(self, name: str, make: Callable[[duckdb.DuckDBPyConnection], _Kept]) -> _Kept:
        """What ``make`` finds in this file: worked out once for each file that is published."""
        with self._opened.guards[name]:
            if name not in self._opened.kept:
                self._opened.kept[name] = make(self.con)
            found: _Kept = self._opened.kept[name]
            return found


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        con = duckdb.connect(
            str(path), read_only=True, config={"memory_limit": _MEMORY, "autoinstall_known_extensions": "false"}
        )
    except duckdb.Error as error:
        raise ConjoinError(
            f"{path}: cannot be read ({error}). If another program has it open for writing, close that"
        ) from error
    con.execute(LOCKED)
    return con


def _about(con: duckdb.DuckDBPyConnection) -> About:
    listed = con.execute("select schema_name || '.' || table_name from duckdb_tables() where not internal").fetchall()
    views = con.execute("select schema_name || '.' || view_name from duckdb_views() where not internal").fetchall()
    tables = frozenset(name for (name,) in [*listed, *views])
    if "marts.sites" not in tables:
        con.close()
        raise ConjoinError("this is a DuckDB file, but no warehouse of Conjoin: it has no table marts.sites")
    days = con.execute("select as_of_date::varchar from intermediate.build_date").fetchall()
    release = ""
    if "released.totals" in tables:
        comments = con.execute(
            "select comment from duckdb_tables() where schema_name = 'released' and table_name = 'totals'"
        ).fetchall()
        release = comments[0][0] or ""
    return About(days[0][0] if days else "", whose_file(con), release, tables)
