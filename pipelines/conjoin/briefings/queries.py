"""Saved questions, asked of the published marts: those of people (warehouse/queries) and of the briefing's figures.

One question is one select with a sidecar of the same name; no other module writes what a figure is counted from.
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from conjoin import content
from conjoin.briefings.emptiness import Narrowed, RestsOn, why_empty
from conjoin.declared import mistakes
from conjoin.errors import ConjoinError, ModelError
from conjoin.warehouse.connection import reader

#: Where questions stand: what people ask, and what the figures of the briefing ask.
PEOPLE, BRIEFING = "warehouse/queries", "warehouse/briefing"


class QuerySidecar(BaseModel):
    """What a saved question's .toml says about its select."""

    model_config = ConfigDict(extra="allow", frozen=True)

    title: str
    description: str
    grain: str
    columns: list[str]
    questions: list[int] = []
    rests_on: RestsOn


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


def answer(
    con: duckdb.DuckDBPyConnection,
    question: Question,
    country: str | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> pd.DataFrame:
    """The answer, in the order that its select gives.

    Args:
        con: A connection to a published warehouse.
        question: What to ask.
        country: ISO code; None for all.
        from_date: First day; None for no limit.
        to_date: Last day; None for no limit.
    """
    narrowed = Narrowed(country, from_date, to_date)
    return con.execute(question.sql, narrowed.parameters_of(question.sql)).df()


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
