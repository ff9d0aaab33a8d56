"""What a built warehouse must satisfy: keys, and the checks of the sidecars, counted in SQL."""

import duckdb

from conjoin.errors import ModelError
from conjoin.schemas.expectations import Check, CheckResult, Severity
from conjoin.warehouse.models import Model, models

_KEY_CHECKS: list[tuple[str, Severity]] = [("key_is_unique", "refuse"), ("key_is_never_empty", "refuse")]


def count_offending(con: duckdb.DuckDBPyConnection, model: Model) -> dict[str, float | None]:
    """For every check of a model, how many rows offend; measures are prefixed with the model's name.

    Raises:
        ModelError: A check cannot be run.
    """
    names = [name for name, _ in _key_checks(model)]
    found = dict(zip(names, _counts(con, model, "key", _key_sql(model)), strict=True)) if names else {}
    for check in model.sidecar.check:
        select = check.sql.strip().rstrip(";").replace("{this}", model.name)
        found[check.name] = _counts(con, model, check.name, f"select count(*) from ({select})")[0]
    return {f"{model.name}.{name}": count for name, count in found.items()}


def offending_rows(con: duckdb.DuckDBPyConnection, result: CheckResult, most: int = 2) -> list[str]:
    """The first rows that offend a check of a sidecar, each as its columns and values; none for a check of keys.

    Args:
        con: The warehouse that was checked.
        result: What the check saw.
        most: How many rows.
    """
    for model in models():
        for check in model.sidecar.check:
            if (model.name, check.name) == (result.target, result.check_name.rpartition(".")[2]):
                select = check.sql.strip().rstrip(";").replace("{this}", model.name)
                found = con.execute(f"select * from ({select}) order by all limit {most}")
                columns = [column[0] for column in found.description]
                return [", ".join(f"{c} {v}" for c, v in zip(columns, row, strict=True)) for row in found.fetchall()]
    return []


def bounds(model: Model) -> list[Check]:
    """The same checks as bounds: no offending row."""
    own = [(check.name, check.severity) for check in model.sidecar.check]
    return [
        Check(f"{model.name}.{name}", severity, 0, 0, name.replace("_", " "))
        for name, severity in _key_checks(model) + own
    ]


def _key_checks(model: Model) -> list[tuple[str, Severity]]:
    return [] if model.sidecar.key_checked_in else _KEY_CHECKS


def _key_sql(model: Model) -> str:
    """Keys that come again, and rows with an empty key: one reading, since a view is worked out at every reading."""
    key = ", ".join(model.sidecar.key)
    empty = " or ".join(f"{column} is null" for column in model.sidecar.key)
    return (
        f"select count(*) filter (row_count > 1), coalesce(sum(row_count) filter ({empty}), 0) "
        f"from (select {key}, count(*) as row_count from {model.name} group by all)"
    )


def _counts(con: duckdb.DuckDBPyConnection, model: Model, name: str, sql: str) -> list[float | None]:
    try:
        return [float(count) for count in con.execute(sql).fetchall()[0]]
    except duckdb.Error as error:
        raise ModelError(f"warehouse/{model.schema}/{model.table}.toml, check {name}: {error}") from error
