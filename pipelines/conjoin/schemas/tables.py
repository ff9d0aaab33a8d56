"""The tables that sources deliver into: grain, columns, key, references and row rules, from ``schemas/tables/``."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from conjoin import content
from conjoin.errors import SchemaError
from conjoin.schemas.fields import Field, field

#: Columns that reading fills in by itself; a declaration never maps them.
PROVENANCE = ("record_id", "source_name", "load_id", "line_number", "visibility")


class RowRule(BaseModel):
    """A condition that no row of a table may meet; ``sql`` is true for offending rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    columns: list[str]
    sql: str
    reason: str
    advice: str
    needs: list[str] = []  # the rule counts only where the source delivers these


class Table(BaseModel):
    """One landed table: what a row is, its columns in order, and what every row must satisfy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    grain: str
    description: str
    key: list[str]
    columns: list[str]
    required: list[str]
    references: dict[str, str] = {}
    derived: dict[str, str] = {}
    defaults: dict[str, str] = {}
    rule: list[RowRule] = []

    @model_validator(mode="after")
    def _names_are_columns(self) -> "Table":
        used = [*self.key, *self.required, *self.references, *self.derived, *self.defaults]
        used += [column for rule in self.rule for column in rule.columns]
        for name in used:
            if name not in self.columns:
                raise ValueError(f"{self.name}: {name!r} is not among its columns")
        return self

    @property
    def fields(self) -> list[Field]:
        """The glossary's entries for the columns, in order."""
        return [field(name) for name in self.columns]


def _read(path: Path) -> Table:
    with path.open("rb") as file:
        declared = tomllib.load(file)
    try:
        return Table(name=path.stem, **declared)
    except ValueError as error:
        raise SchemaError(f"{path}: {error}") from error


@cache
def tables() -> dict[str, Table]:
    """Every landed table by name; a referenced table comes before those that refer to it."""
    found = {path.stem: _read(path) for _, path in content.files("schemas/tables", "*.toml")}
    ordered = sorted(found.values(), key=lambda table: (len(table.references), table.name))
    return {table.name: table for table in ordered}


@cache
def system_tables() -> dict[str, Table]:
    """Tables that Conjoin itself writes beside the landed ones, by name: loads, sources, links, check results."""
    return {path.stem: _read(path) for _, path in content.files("schemas/system", "*.toml")}


def table(name: str) -> Table:
    """The landed table of that name.

    Raises:
        SchemaError: There is no such table.
    """
    try:
        return tables()[name]
    except KeyError:
        raise SchemaError(f"schemas/tables: no table {name!r}; there are {', '.join(tables())}") from None
