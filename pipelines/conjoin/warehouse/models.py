"""SQL models: one select per file, its meaning in a sidecar of the same name, the order found in the SQL itself."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin import content
from conjoin.declared import mistakes
from conjoin.errors import CyclicModels, MissingReference, ModelError
from conjoin.schemas.vocabularies import vocabulary
from conjoin.warehouse.rule_blocks import compiled

LAYERS = ("staging", "intermediate", "marts")
#: Schemas that are filled before any model runs.
INPUTS = ("landing", "matching", "reference", "vocabulary")
#: Audiences of a mart beside the codes of visibility: each row says who may see it, or nobody but the coordinator may.
ROWS, COORDINATOR = "rows", "coordinator"


class ModelCheck(BaseModel):
    """A select of offending rows; ``{this}`` stands for the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sql: str
    severity: Literal["refuse", "warn"] = "refuse"


class Example(BaseModel):
    """Rows given to a model's inputs and the rows expected of it; columns left out are null, or not compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    given: dict[str, list[dict[str, Any]]]
    expect: list[dict[str, Any]]


class Sidecar(BaseModel):
    """What a model's .toml says about its select.

    ``key_checked_in`` names a table made of all rows of this view, whose key could not hold if this one's did not: the
    view would be worked out once more for it. ``is_stored`` makes a table of a model that would be a view: for a small
    answer, dearly found, that several models ask for. ``points_to`` says where an id is found whose name alone does not
    say it, as schema.table.column; ``points_nowhere`` says why an id need not be found.

    ``audience``, of marts alone, says who may read them: ``rows``, each row whoever its column visibility says; a code
    of visibility, the whole table; ``coordinator``, nobody but whoever runs the pooling, since it counts over
    everything. A mart of the coordinator may have the column too: it says who may see the row without the columns that
    ``rests_on_more`` names, each with what else it rests on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    grain: str
    description: str
    key: list[str] = Field(min_length=1)
    key_checked_in: str = ""
    columns: list[str]
    audience: str = ""
    rests_on_more: dict[str, str] = {}
    warnings: list[str] = []
    is_stored: bool = False
    points_to: dict[str, str] = {}
    points_nowhere: dict[str, str] = {}
    check: list[ModelCheck] = []
    example: list[Example] = []

    @property
    def audience_told(self) -> str:
        """A sentence or two on who may read the table; none, if it is no mart."""
        if not self.audience:
            return ""
        if self.audience == ROWS:
            return "Audience: whoever each row says in visibility."
        if self.audience != COORDINATOR:
            return f"Audience: {self.audience}, the whole table."
        if not self.rests_on_more:
            return "Audience: the coordinator alone, for it counts over everything."
        more = "; ".join(f"{', '.join(names)}: {why}" for why, names in self._columns_by_reason().items())
        return (
            "Audience: the coordinator alone. Without these columns each row is for whomever it says in visibility; "
            f"they rest on more. {more}."
        )

    def _columns_by_reason(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for column, why in self.rests_on_more.items():
            found.setdefault(why, []).append(column)
        return found


@dataclass(frozen=True)
class Model:
    """One table or view: ``marts.repeat_audits`` is warehouse/marts/repeat_audits.sql."""

    schema: str
    table: str
    sql: str
    sidecar: Sidecar
    references: frozenset[str]

    @property
    def name(self) -> str:
        """Schema and table."""
        return f"{self.schema}.{self.table}"

    @property
    def kind(self) -> str:
        """Marts are tables; what leads to them are views, unless the sidecar has them stored."""
        return "table" if self.schema == "marts" or self.sidecar.is_stored else "view"


@cache
def models() -> tuple[Model, ...]:
    """Every model, each after those that it refers to.

    Raises:
        ModelError: A file is no single select, has no sidecar, or a sidecar cannot be read.
        MissingReference: A model refers to a table that is neither a model nor an input.
        CyclicModels: Models refer to each other in a circle.
    """
    with duckdb.connect() as parser:
        found = {model.name: model for layer in LAYERS for model in _layer(layer, parser)}
    for model in found.values():
        for reference in sorted(model.references):
            if reference not in found and reference.split(".")[0] not in INPUTS:
                raise MissingReference(f"warehouse/{model.schema}/{model.table}.sql: there is no table {reference}")
    graph = {name: sorted(model.references & set(found)) for name, model in sorted(found.items())}
    try:
        return tuple(found[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise CyclicModels(f"warehouse: models refer to each other in a circle: {' > '.join(error.args[1])}") from error


def models_for(names: Iterable[str]) -> list[Model]:
    """The named models and all that they need, in order."""
    wanted = set(names)
    for model in reversed(models()):
        if model.name in wanted:
            wanted |= model.references
    return [model for model in models() if model.name in wanted]


def table_references(sql: str, where: str, parser: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The schema-qualified tables that a select reads; names without a schema are its own CTEs.

    Args:
        sql: The select.
        where: Its file, for errors.
        parser: Any connection; only its parser is used.

    Raises:
        ModelError: It is not one valid select.
    """
    told = parser.execute("select json_serialize_sql($1::varchar)", [sql]).fetchall()[0][0]
    found: set[str] = set()

    def note_table(node: dict[str, Any]) -> dict[str, Any]:
        """Called for each node while the tree is read, which is quicker than a walk through it afterwards."""
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            found.add(f"{node['schema_name']}.{node['table_name']}")
        return node

    serialized = json.loads(told, object_hook=note_table)
    if serialized.get("error") or len(serialized["statements"]) != 1:
        raise ModelError(f"{where}: not one select: {serialized.get('error_message', 'several statements')}")
    return frozenset(found)


def read_sidecar(path: Path) -> Sidecar:
    """The sidecar beside a model's SQL.

    Raises:
        ModelError: There is none, or it says something that cannot be meant.
    """
    sidecar = path.with_suffix(".toml")
    try:
        return Sidecar.model_validate(tomllib.loads(sidecar.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no sidecar {sidecar.name}; say there what one row is") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{sidecar}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ModelError(f"{sidecar}: {'; '.join(mistakes(error))}") from error


def _layer(layer: str, parser: duckdb.DuckDBPyConnection) -> list[Model]:
    found = []
    for relative, path in content.files(f"warehouse/{layer}", "*.sql"):
        # Compiled again from the rule files in force: those of a project folder count, and are no dead letter.
        sql = compiled(path.read_text(encoding="utf-8")).strip().rstrip(";")
        sidecar = read_sidecar(path)
        if wrong := audience_mistakes(layer, sidecar):
            raise ModelError(f"{path.with_suffix('.toml')}: {'; '.join(wrong)}")
        found.append(Model(layer, path.stem, sql, sidecar, table_references(sql, relative, parser)))
    return found


def audience_mistakes(layer: str, sidecar: Sidecar) -> list[str]:
    """What is wrong with what a sidecar says of who may read its table."""
    if layer != "marts":
        said = sidecar.audience or sidecar.rests_on_more
        return ["audience: only marts are read by others; leave audience and rests_on_more out"] if said else []
    known = [ROWS, COORDINATOR, *vocabulary("visibility").values]
    if sidecar.audience not in known:
        return [f"audience: {sidecar.audience!r} says nobody who may read it; say one of {', '.join(known)}"]
    return [*_mistakes_of_column(sidecar), *_mistakes_of_more(sidecar)]


def _mistakes_of_column(sidecar: Sidecar) -> list[str]:
    """The audience against the column visibility: they say the same, or the sidecar explains why not."""
    has_column = "visibility" in sidecar.columns
    if sidecar.audience == ROWS and not has_column:
        return ["audience: rows needs a column visibility, in which each row says who may see it"]
    if has_column and sidecar.audience != ROWS and not sidecar.rests_on_more:
        return [f"audience: {sidecar.audience}, though each row says who may see it; say in rests_on_more why"]
    if sidecar.rests_on_more and not (has_column and sidecar.audience == COORDINATOR):
        return [f"rests_on_more: only a mart of the {COORDINATOR} with a column visibility has columns to leave out"]
    return []


def _mistakes_of_more(sidecar: Sidecar) -> list[str]:
    """The columns of ``rests_on_more`` can be left out of a row, and each says why."""
    fixed = {*sidecar.key, "visibility"}
    wrong = [name for name in sidecar.rests_on_more if name not in sidecar.columns or name in fixed]
    silent = [name for name, why in sidecar.rests_on_more.items() if not why.strip()]
    return [f"rests_on_more: {name} is no column that a row could be without" for name in wrong] + [
        f"rests_on_more: {name} does not say what else it rests on" for name in silent
    ]
