"""Ids in marts and where they are found: by their name in the glossary, or as a mart's sidecar says."""

import re
from dataclasses import dataclass

from conjoin.errors import ModelError
from conjoin.schemas.fields import field
from conjoin.warehouse.models import Model

_IS_ID = re.compile(
    r"(^|_)((record|event|site|load|rule|study)_id|event_number|source_name)(_(a|b|left|right|before|after))?$"
)


@dataclass(frozen=True)
class Pointer:
    """A column of a model whose every value stands in a column of another."""

    model: str
    column: str
    target: str

    @property
    def dangling_sql(self) -> str:
        """Select of the values that are found nowhere."""
        table, _, column = self.target.rpartition(".")
        return (
            f"select distinct {self.column} from {self.model} "
            f"where {self.column} is not null and {self.column} not in (select {column} from {table})"
        )


def pointers(model: Model) -> list[Pointer]:
    """Where the ids of a model are found, in the order of its columns.

    Raises:
        ModelError: Its sidecar speaks of a column that is none of the model's.
    """
    sidecar = model.sidecar
    for column in (*sidecar.points_to, *sidecar.points_nowhere):
        if column not in sidecar.columns:
            raise ModelError(f"warehouse/{model.schema}/{model.table}.toml: {column!r} is not among its columns")
    found = {column: sidecar.points_to.get(column) or field(column).points_to for column in sidecar.columns}
    return [
        Pointer(model.name, column, target)
        for column, target in found.items()
        if target and column not in sidecar.points_nowhere and target != f"{model.name}.{column}"
    ]


def unexplained_ids(model: Model) -> list[str]:
    """Columns that look like ids of something and are neither found anywhere, nor the model's key, nor explained."""
    told = {pointer.column for pointer in pointers(model)} | set(model.sidecar.points_nowhere)
    own = {column for column in model.sidecar.columns if [column] == model.sidecar.key}
    own |= {column for column in model.sidecar.columns if field(column).points_to == f"{model.name}.{column}"}
    return [column for column in model.sidecar.columns if _IS_ID.search(column) and column not in told | own]
