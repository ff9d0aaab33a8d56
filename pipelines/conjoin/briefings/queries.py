"""Saved questions, asked of the published marts: those of people (warehouse/queries) and of the briefing's figures.

One question is one select with a sidecar of the same name; no other module writes what a figure is counted from.
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from conjoin import content
from conjoin.briefings.answering.whose import how_to_ask, whose_file
from conjoin.briefings.emptiness import Narrowed, RestsOn, why_empty
from conjoin.declared import mistakes
from conjoin.errors import ConjoinError, ModelError, NotForThisFile
from conjoin.schemas.fields import Field, glossary
from conjoin.warehouse.connection import reader

#: Where questions stand: what people ask, and what the figures of the briefing ask.
PEOPLE, BRIEFING = "warehouse/queries", "warehouse/briefing"
#: The column of a list of sites that says whether a question on which records are the site waits for a person.
IDENTITY_MARK = "is_identity_open"


class QuerySidecar(BaseModel):
    """What a saved question's .toml says about its select.

    Attributes:
        title: The question in words.
        description: What the answer says, and what it leaves out.
        grain: What one row is.
        columns: The columns, in order.
        questions: Its numbers among the twenty questions of the field.
        rests_on: The rows that it is drawn from.
        totals: Columns whose sum over all rows means something: counts of what stands in one row alone, days, money.
        narrow: Columns that a narrow screen shows first, the most telling first.
        visibility: The code of visibility that the whole answer has, if it is told to a few alone.
        own_columns: Columns that the glossary lacks, by name: what schemas/fields.toml would say of them.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    title: str
    description: str
    grain: str
    columns: list[str]
    questions: list[int] = []
    rests_on: RestsOn
    totals: list[str] = []
    narrow: list[str] = []
    visibility: str = ""
    own_columns: dict[str, dict[str, Any]] = {}

    @model_validator(mode="after")
    def _names_are_columns(self) -> "QuerySidecar":
        for key in ("totals", "narrow", "own_columns"):
            for name in getattr(self, key):
                if name not in self.columns:
                    raise ValueError(f"{key}: {name!r} is not among the columns")
        for name, entry in self.own_columns.items():
            if name in glossary():
                raise ValueError(f"own_columns: {name!r} stands in schemas/fields.toml; say it there")
            Field(name=name, **entry)
        return self


@dataclass(frozen=True)
class Question:
    """One saved question; ``asked_by`` is the folder that it stands in."""

    asked_by: str
    name: str
    sql: str
    sidecar: QuerySidecar

    @property
    def title(self) -> str:
        """The question in words."""
        return self.sidecar.title

    @property
    def grain(self) -> str:
        """What one row of the answer is."""
        return self.sidecar.grain

    @property
    def numbers(self) -> list[int]:
        """Its numbers among the twenty questions of the field."""
        return self.sidecar.questions

    def field(self, column: str) -> Field:
        """What a column is: as the glossary says, or the question itself, or what its name alone tells."""
        if entry := self.sidecar.own_columns.get(column):
            return Field(name=column, **entry)
        return glossary().get(column) or Field(name=column, type="text", description="")

    @property
    def place(self) -> str:
        """Where it stands among the questions: its numbers, or the briefing whose figure it is."""
        return "briefing" if self.asked_by == BRIEFING else ", ".join(map(str, self.numbers))


@cache
def questions() -> tuple[Question, ...]:
    """Every saved question: those of people by number, then name; then those of the briefing.

    Raises:
        ModelError: A sidecar is missing or says something that cannot be meant.
    """
    found = [_read(folder, path) for folder in (PEOPLE, BRIEFING) for _, path in content.files(folder, "*.sql")]
    return tuple(sorted(found, key=lambda one: (one.asked_by == BRIEFING, one.numbers or [99], one.name)))


def find_question(name: str) -> Question:
    """The question of that name, or of that number.

    Raises:
        ConjoinError: There is no such question.
    """
    for question in questions():
        if name == question.name or (name.isdigit() and int(name) in question.numbers):
            return question
    raise ConjoinError(f"no question is called {name!r}; `conjoin ask` lists them")


@dataclass(frozen=True)
class Answered:
    """An answer, in the order that its select gives, and how many rows of it are for somebody else's eyes."""

    frame: pd.DataFrame
    withheld_count: int = 0


def ask(con: duckdb.DuckDBPyConnection, question: Question, narrowed: Narrowed) -> Answered:
    """The answer, without rows that whoever has this file may not see; sites whose identity is open carry a mark.

    Raises:
        NotForThisFile: The question is on complaint cases, and the file is not a case worker's.
        ModelError: The file lacks a table or column that the question reads.
    """
    has_visibilities = bool(question.sidecar.visibility) or "visibility" in question.sidecar.columns
    whose = whose_file(con) if has_visibilities else None
    if whose and question.sidecar.visibility in whose.closed:
        raise NotForThisFile(
            f"{question.name} tells of complaint cases, which the policy keeps for case workers "
            f"(schemas/policy.toml). {how_to_ask(whose, question.name)}"
        )
    try:
        frame = marked(con, con.execute(question.sql, narrowed.parameters_of(question.sql)).df())
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise ModelError(
            f"{question.name} cannot be asked of this file: {error}. If another version of Conjoin built it, build it "
            "again, or ask for a new pack"
        ) from error
    if whose is None or "visibility" not in frame:
        return Answered(frame)
    is_open = ~frame["visibility"].isin(whose.closed)
    return Answered(frame[is_open].reset_index(drop=True), int((~is_open).sum()))


def marked(con: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> pd.DataFrame:
    """A list of sites with a column that says of which the identity is open; any other table as it is."""
    if "site_id" not in frame or IDENTITY_MARK in frame:
        return frame
    open_sites = con.execute(f"select site_id from marts.sites where {IDENTITY_MARK}").fetchall()
    place = list(frame.columns).index("site_name" if "site_name" in frame else "site_id") + 1
    frame.insert(place, IDENTITY_MARK, frame["site_id"].isin([site for (site,) in open_sites]))
    return frame


def answer(
    con: duckdb.DuckDBPyConnection,
    question: Question,
    country: str | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> pd.DataFrame:
    """The answer as ``ask`` gives it, its rows alone.

    Args:
        con: A connection to a published warehouse.
        question: What to ask.
        country: ISO code; None for all.
        from_date: First day; None for no limit.
        to_date: Last day; None for no limit.

    Raises:
        NotForThisFile: The question is on complaint cases, and the file is not a case worker's.
    """
    return ask(con, question, Narrowed(country, from_date, to_date)).frame


def why_no_answer(con: duckdb.DuckDBPyConnection, question: Question, narrowed: Narrowed) -> str:
    """One sentence that says why the answer is empty; what the question does not look at is no reason."""
    country = narrowed.country if "$country" in question.sql else None
    return why_empty(con, question.sidecar.rests_on, replace(narrowed, country=country))


def headlines(warehouse: Path) -> dict[str, int]:
    """The first figures of a built warehouse by name, for the end of a run and for what changed since the last one."""
    with reader(warehouse) as con:
        frame = answer(con, find_question("figures_of_a_run"))
    return {str(name): int(value) for name, value in zip(frame["figure_name"], frame["figure_value"], strict=True)}


def _read(folder: str, path: Path) -> Question:
    sidecar = path.with_suffix(".toml")
    try:
        declared = QuerySidecar.model_validate(tomllib.loads(sidecar.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no sidecar {sidecar.name}; say there what it answers") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{sidecar}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ModelError(f"{sidecar}: {'; '.join(mistakes(error))}") from error
    return Question(folder, path.stem, path.read_text(encoding="utf-8").strip().rstrip(";"), declared)
