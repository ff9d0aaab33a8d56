"""What a built warehouse must satisfy: keys, and the checks of the sidecars, counted in SQL."""

import duckdb

from conjoin.errors import ModelError
from conjoin.schemas.expectations import Check, Severity
from conjoin.warehouse.models import Model


def count_offending(con: duckdb.DuckDBPyConnection, model: Model) -> dict[str, float | None]:
    """For every check of a model, how many rows offend; measures are prefixed with the model's name.

    Raises:
        ModelError: A check cannot be run.
    """
    return {f"{model.name}.{name}": _count(con, model, name, sql) for name, sql, _ in _checks(model)}


def bounds(model: Model) -> list[Check]:
    """The same checks as bounds: no offending row."""
    return [
        Check(f"{model.name}.{name}", severity, 0, 0, name.replace("_", " ")) for name, _, severity in _checks(model)
    ]


def _checks(model: Model) -> list[tuple[str, str, Severity]]:
    key = ", ".join(model.sidecar.key)
    empty = " or ".join(f"{column} is null" for column in model.sidecar.key)
    found: list[tuple[str, str, Severity]] = [
        ("key_is_unique", f"select {key} from {model.name} group by all having count(*) > 1", "refuse"),
        ("key_is_never_empty", f"select {key} from {model.name} where {empty}", "refuse"),
    ]
    return found + [
        (check.name, check.sql.replace("{this}", model.name), check.severity) for check in model.sidecar.check
    ]


def _count(con: duckdb.DuckDBPyConnection, model: Model, name: str, sql: str) -> float:
    try:
        return float(con.execute(f"select count(*) from ({sql.strip().rstrip(';')})").fetchall()[0][0])
    except duckdb.Error as error:
        raise ModelError(f"warehouse/{model.schema}/{model.table}.toml, check {name}: {error}") from error
