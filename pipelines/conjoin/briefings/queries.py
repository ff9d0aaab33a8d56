"""Saved questions: warehouse/queries/*.sql with a sidecar each, asked of the published marts."""

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

#: What every question may be narrowed by; null means no limit.
PARAMETERS = ("country", "from_date", "to_date")


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
    """One saved question."""

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


@cache
def questions() -> tuple[Question, ...]:
    """Every saved question, by number, then name.

    Raises:
        ModelError: A sidecar is missing or says something that cannot be meant.
    """
    found = [_read(path) for _, path in content.files("warehouse/queries", "*.sql")]
    return tuple(sorted(found, key=lambda question: (question.numbers or [99], question.name)))


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
        row = con.execute(
            "select (select count(*) from marts.site_records_at_sites), "
            "(select count(*) from marts.sites where record_count > 0), "
            "(select count(*) from marts.sites where source_count > 1), "
            "(select count(*) from marts.audit_events where counts_as_audit), "
            "(select count(distinct site_id) from marts.overlapping_audits), "
            "(select count(*) from marts.repeat_audits), (select count(*) from marts.audit_events where is_avoidable), "
            "(select count(*) from marts.match_review_queue)"
        ).fetchall()[0]
    names = (
        "site records delivered",
        "sites behind them",
        "sites that several sources name",
        "audit events",
        "sites audited for several parties while a result still held",
        "audits that followed another at the same site",
        "audits that could have been one visit less",
        "doubtful matches for a person",
    )
    return {name: int(value) for name, value in zip(names, row, strict=True)}


def _read(path: Path) -> Question:
    sidecar = path.with_suffix(".toml")
    try:
        declared = QuerySidecar.model_validate(tomllib.loads(sidecar.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no sidecar {sidecar.name}; say there what it answers") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{sidecar}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ModelError(f"{sidecar}: {'; '.join(mistakes(error))}") from error
    return Question(path.stem, path.read_text(encoding="utf-8").strip().rstrip(";"), declared)
