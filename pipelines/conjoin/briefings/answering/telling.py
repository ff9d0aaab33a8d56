"""An answer in words: which columns a person sees, how a cell reads, what adds up, and what must be said below."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from conjoin.briefings.answering.whose import Whose, whose_file
from conjoin.briefings.answering.words import Words
from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import IDENTITY_MARK, Question
from conjoin.plain import visible
from conjoin.schemas.fields import Field

_NUMBERS = ("integer", "number")
#: On a screen, after a site whose identity is open.
SIGN = "(?)"


@dataclass(frozen=True)
class AnswerScope:
    """What an answer was asked of, and within which limits.

    Attributes:
        narrowed: Country and days.
        words: The words for codes in this file.
        whose: For whom the file was made.
        version: Which version of the warehouse it is, in words; empty if it is none that was published.
        withheld_count: Rows that are left out since they tell of complaint cases.
    """

    narrowed: Narrowed
    words: Words
    whose: Whose
    version: str = ""
    withheld_count: int = 0


def scope_of(
    con: duckdb.DuckDBPyConnection, narrowed: Narrowed, version: str = "", withheld_count: int = 0
) -> AnswerScope:
    """The scope of an answer from the file of this connection."""
    return AnswerScope(narrowed, Words.of(con), whose_file(con), version, withheld_count)


@dataclass(frozen=True)
class ToldColumn:
    """One column as a person sees it."""

    name: str
    field: Field

    @property
    def heading(self) -> str:
        """What stands above it: the glossary's heading, or the name without what only programs need."""
        if self.field.heading:
            return self.field.heading
        words = self.name.removesuffix("_count").removesuffix("_code").replace("_", " ").strip()
        return visible(words[:1].upper() + words[1:]) or visible(self.name)

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.field.type in _NUMBERS

    @property
    def is_month(self) -> bool:
        """Whether its days stand for their months."""
        return self.name.endswith("_month") or self.name.startswith("month_")

    @property
    def decimals(self) -> int:
        """How many digits after the point tell something."""
        if self.field.type == "integer" or self.field.unit == "US dollars":
            return 0
        return 2 if self.field.max == 1 or "_per_" in self.name or self.name.endswith("threshold") else 1

    @property
    def has_thousands(self) -> bool:
        """Whether its numbers are counted: a year is not."""
        return not self.name.endswith("_year")

    def text(self, value: Any, words: Words) -> str:
        """A cell as a person reads it on a screen."""
        told = words.told(self.field, value)
        if told is None:
            return ""
        if isinstance(told, datetime | date):
            return f"{told:%Y-%m}" if self.is_month else _day(told)
        if isinstance(told, int | float | np.integer | np.floating):
            return f"{told:{',' if self.has_thousands else ''}.{self.decimals}f}"
        return visible(str(told))


def told_columns(question: Question, frame: pd.DataFrame) -> list[ToldColumn]:
    """The columns of an answer as a person sees them, in order."""
    columns = []
    for name in frame.columns:
        known = question.field(str(name))
        if not known.description and pd.api.types.is_numeric_dtype(frame[name].dtype):
            known = known.model_copy(update={"type": "number" if frame[name].dtype.kind == "f" else "integer"})
        columns.append(ToldColumn(str(name), known))
    return columns


def cells_of(question: Question, frame: pd.DataFrame, words: Words) -> dict[ToldColumn, list[str]]:
    """The cells of each column as a screen shows them, in order; a sign after a site takes the place of its mark."""
    columns = [column for column in told_columns(question, frame) if column.name != IDENTITY_MARK]
    cells = {column: [column.text(value, words) for value in frame[column.name]] for column in columns}
    if IDENTITY_MARK in frame:
        signs = [SIGN if is_open else "" for is_open in frame[IDENTITY_MARK].fillna(False)]
        signed = next(column for name in ("site_name", "site_id") for column in columns if column.name == name)
        cells[signed] = [f"{cell} {sign}".strip() for cell, sign in zip(cells[signed], signs, strict=True)]
    return cells


def totals_of(question: Question, frame: pd.DataFrame) -> dict[str, float]:
    """The sums that the question declares, over all rows; none for a single row, or where nothing is known."""
    if len(frame) < 2:
        return {}
    known = {name: frame[name].dropna() for name in question.sidecar.totals if name in frame}
    return {name: float(values.sum()) for name, values in known.items() if len(values)}


def said_below(question: Question, frame: pd.DataFrame, scope: AnswerScope) -> list[str]:
    """What must be known to read the answer, one sentence each."""
    notes = []
    unknown = {name: int(frame[name].isna().sum()) for name in totals_of(question, frame)}
    for column in told_columns(question, frame):
        if count := unknown.get(column.name):
            rows = "1 row says nothing and is" if count == 1 else f"{count:,} rows say nothing and are"
            notes.append(f"{column.heading}: {rows} not in the total.")
    if count := int(frame[IDENTITY_MARK].fillna(False).sum()) if IDENTITY_MARK in frame else 0:
        rows = "1 row" if count == 1 else f"{count:,} rows"
        notes.append(
            f"{rows} with {SIGN} after the site, or yes under Identity open: which records are that site is a question "
            "that waits for a person. Two such rows may be one factory, or one row two."
        )
    if scope.withheld_count:
        rows = "1 row rests" if scope.withheld_count == 1 else f"{scope.withheld_count:,} rows rest"
        notes.append(f"Left out here: {rows} on complaint cases, which only a case worker's pack tells.")
    return notes


def _day(value: datetime | date) -> str:
    if isinstance(value, datetime) and (value.hour or value.minute or value.second):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}"
