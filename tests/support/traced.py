"""A connection that writes down which module of matching makes, fills and reads which working table."""

import re
import sys
from collections import defaultdict
from typing import Any

import duckdb

_MADE = re.compile(r"\bcreate or replace temp (?:table|view) (m_\w+)")
_FILLED = re.compile(r"\binsert into (m_\w+)|\bdelete from (m_\w+)|\bupdate (m_\w+)")
_DROPPED = re.compile(r"\bdrop (?:table|view) (?:temp\.)?\"?(m_\w+)")
_NAMED = re.compile(r"\bm_[a-z]\w*")
_PACKAGE = "conjoin.matching."


class Traced:
    """Stands in the place of a connection, and hands on whatever it is asked."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.made: dict[str, set[str]] = defaultdict(set)
        self.filled: dict[str, set[str]] = defaultdict(set)
        self.read: dict[str, set[str]] = defaultdict(set)
        self.columns: dict[str, tuple[str, ...]] = {}

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
        return self.con.execute(sql, *parameters)

    def _is_there(self, name: str) -> bool:
        """Whether it is a table or view; aliases and columns look the same. Describes it, too."""
        if name not in self.columns:
            try:
                found = self.con.execute(f"describe {name}").fetchall()
            except duckdb.Error:
                return name in self.made
            self.columns[name] = tuple(row[0] for row in found)
        return True


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
