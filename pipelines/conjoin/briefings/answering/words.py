"""Words for codes: what a cell of an answer says to a person. Files for programs keep the codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from conjoin.schemas.fields import Field
from conjoin.schemas.vocabularies import vocabularies

#: ``words`` of a field whose codes are words already, but for the underscores.
PLAIN = "plain"
_CODE = re.compile("[a-z0-9]+(_[a-z0-9]+)+")
#: Lists of words that only the file knows: what a field calls it, and the select of code and words.
_OF_FILE = {
    "sources": "select source_name, any_value(source_title) from marts.data_coverage group by source_name",
    "pair_classes": "select pair_class, class_title from marts.pair_classes",
}


@dataclass(frozen=True)
class Words:
    """Lists of words by name, each from code to what a person reads; those of the vocabularies need not be given."""

    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, con: duckdb.DuckDBPyConnection) -> "Words":
        """The words for the codes in a published file; a file that lacks a list has its codes shown."""
        found = {}
        for name, select in _OF_FILE.items():
            try:
                found[name] = {str(code): str(told) for code, told in con.execute(select).fetchall() if told}
            except duckdb.CatalogException:
                continue
        return cls(found)

    def told(self, column: Field, value: Any) -> Any:
        """A cell as a person reads it: words for codes, yes and no, lists as one text; other values stay."""
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if isinstance(value, list | np.ndarray):
            return ", ".join(str(self.told(column, one)) for one in value)
        if pd.isna(value):
            return None
        return self._word(column, value) if isinstance(value, str) else value

    def _word(self, column: Field, code: str) -> str:
        names = (column.words or column.vocabulary or "").split(", ")
        parts = code.split(", ") if len(names) > 1 else [code]
        if len(parts) != len(names):
            return code
        return ", ".join(self._looked_up(name, part) for name, part in zip(names, parts, strict=True))

    def _looked_up(self, name: str, code: str) -> str:
        if name == PLAIN:
            return code.replace("_", " ") if _CODE.fullmatch(code) else code
        known = self.lists.get(name) or (vocabularies()[name].titles if name in vocabularies() else {})
        return known.get(code, code)
