"""The glossary: every column name, its type, unit and meaning, read from ``schemas/fields.toml``."""

import tomllib
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from conjoin import content
from conjoin.errors import SchemaError

FieldType = Literal["text", "integer", "number", "boolean", "date", "timestamp", "text_list"]

_SQL_TYPES: dict[FieldType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "text_list": "varchar[]",
}


class Field(BaseModel):
    """One column name of the project, with one meaning everywhere.

    ``points_to`` is the column of a model, written schema.table.column, in which every value of a mart is found.
    ``heading`` is what people read above the column; ``words`` says where the words for its codes are, where no
    vocabulary of its own does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: FieldType
    description: str
    unit: str | None = None
    vocabulary: str | None = None
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    points_to: str | None = None
    heading: str | None = None
    words: str | None = None

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return _SQL_TYPES[self.type]


@cache
def glossary() -> dict[str, Field]:
    """Every field by name."""
    with content.find("schemas/fields.toml").open("rb") as file:
        return {name: Field(name=name, **entry) for name, entry in tomllib.load(file).items()}


def field(name: str) -> Field:
    """The field of that name.

    Raises:
        SchemaError: The glossary does not hold it.
    """
    try:
        return glossary()[name]
    except KeyError:
        raise SchemaError(
            f"schemas/fields.toml: no field {name!r}; add it there, once, before a table uses it"
        ) from None
