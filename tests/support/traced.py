"""A connection that writes down which module of matching makes, fills and reads which working table."""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb

_MADE = re.compile(r"\bcreate or replace temp (?:table|view) (m_\w+)")
_FILLED = re.compile(r"\binsert into (m_\w+)|\bdelete from (m_\w+)|\bupdate (m_\w+)")
_DROPPED = re.compile(r"\bdrop (?:table|view) (?:temp\.)?\"?(m_\w+)")
_NAMED = re.compile(r"\bm_[a-z]\w*")
_PACKAGE = "conjoin.matching."


class Traced:
    """Stands in the place of a connection, and hands on whatever it is asked."""

    con: duckdb.DuckDBPyConnection

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.keys = keys
        self.keys_seen: Counter[str] = Counter()
        self.repeated: set[str] = set()
        self.made: dict[str, set[str]] = defaultdict(set)
        self.filled: dict[str, set[str]] = defaultdict(set)
        self.read: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)

    def register(self, name: str, value: object) -> Any:
        if name.startswith("m_"):
            self.made[name].add(_caller())
        return self.con.register(name, value)

    def execute(self, sql: str, *parameters: Any) -> Any:
        module = _caller()
        made = set(_MADE.findall(sql))
        filled = {name for names in _FILLED.findall(sql) for name in names if name}
        rest = _DROPPED.sub("", _FILLED.sub("", _MADE.sub("", sql)))
        if module:
            for name in made:
                self.made[name].add(module)
            for name in filled:
                self.filled[name].add(module)
            for name in set(_NAMED.findall(rest)):
                if name in made or self._is_there(name):
                    self.read[name].add(module)
                    self._look_at_key(name)
        return self.con.execute(sql, *parameters)

    def _is_there(self, name: str) -> bool:
        """Whether it is, or was, a table or view; aliases and columns look the same."""
        if name not in self._known and name not in self.made:
            try:
                self.con.execute(f"describe {name}").fetchall()
            except duckdb.Error:
                return False
            self._known.add(name)
        return True

    def _look_at_key(self, name: str) -> None:
        """Count the rows whose key was looked at, and remember tables whose key repeats."""
        key = self.keys.get(name)
        if not key:
            return
        try:
            (rows, keys) = self.con.execute(f"select count(*), count(distinct ({key},)) from {name}").fetchall()[0]
        except duckdb.Error:
            return  # it is made by this very statement, or its view looks at a table that is gone
        self.keys_seen[name] += rows
        if rows != keys:
            self.repeated.add(name)


def _caller() -> str:
    """The module of matching that called, without the package; empty if none did."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_PACKAGE):
            return module.removeprefix(_PACKAGE)
        if module.startswith("conjoin."):
            return ""
        frame = frame.f_back
    return ""
