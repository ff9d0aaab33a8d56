"""The warehouse, built from landing, matching and content: every table, every view, every comment."""

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from conjoin.errors import ModelError
from conjoin.progress import counted
from conjoin.schemas.fields import field
from conjoin.schemas.tables import Table, system_tables, tables
from conjoin.schemas.vocabularies import Vocabulary, vocabularies
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.models import INPUTS, LAYERS, Model, models
from conjoin.warehouse.reference import load_reference

#: Models that tell what the checks found, so they are built after the checks.
CHECK_RESULTS = "landing.check_results"


_LANDING_TABLES = ("loads", "sources", "feeds", "rejected_rows", "check_results", "reckoning")


def system_schema(name: str) -> str:
    """The schema that holds a system table: ``landing`` for what loading writes, ``matching`` for the rest."""
    return "landing" if name in _LANDING_TABLES else "matching"


def create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Make every schema of the warehouse."""
    for schema in (*INPUTS, *LAYERS):
        con.execute(f"create schema if not exists {schema}")


def load_landing(con: duckdb.DuckDBPyConnection, files: Callable[[str], list[str]], kind: str = "table") -> None:
    """Fill ``landing`` with every delivered table; a table that nobody delivered is there, and empty.

    Args:
        con: The warehouse in the making.
        files: Gives the Parquet files of a table.
        kind: ``table`` copies the rows, ``view`` only points at the files.
    """
    for name, table in tables().items():
        load_parquet(con, f"landing.{name}", table, files(name), kind)


def load_parquet(
    con: duckdb.DuckDBPyConnection, name: str, table: Table, files: list[str], kind: str = "table"
) -> None:
    """Make one table (or view) of Parquet files, with the columns and types of ``table``.

    A column that the first file lacks, since an earlier version of Conjoin wrote it, is null throughout.
    """
    read = f"from read_parquet([{', '.join(quote_literal(path) for path in files)}])" if files else "where false"
    there = {row[0] for row in con.execute(f"describe {read}").fetchall()} if files else set()
    columns = ", ".join(
        quote_identifier(entry.name)
        if entry.name in there
        else f"null::{entry.sql_type} as {quote_identifier(entry.name)}"
        for entry in table.fields
    )
    con.execute(f"create or replace {kind} {name} as select {columns} {read}")


def load_rows(con: duckdb.DuckDBPyConnection, name: str, table: Table, rows: Iterable[dict[str, object]]) -> None:
    """Make one table of rows; columns left out of a row are null."""
    load_parquet(con, name, table, [])
    values = [tuple(row.get(column) for column in table.columns) for row in rows]
    if values:
        con.executemany(f"insert into {name} values ({', '.join('?' * len(table.columns))})", values)


def load_content(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``reference`` from schemas/reference/*.csv and ``vocabulary`` from schemas/vocabularies/*.toml.

    Raises:
        BadReference: A reference table has a column or cell that cannot be used.
    """
    load_reference(con)
    for name, vocabulary in vocabularies().items():
        _load_vocabulary(con, name, vocabulary)


def _load_vocabulary(con: duckdb.DuckDBPyConnection, name: str, vocabulary: Vocabulary) -> None:
    attributes = sorted({key for entry in vocabulary.values.values() for key in entry.attributes})
    samples = {
        key: next(e.attributes[key] for e in vocabulary.values.values() if key in e.attributes) for key in attributes
    }
    types = {key: _sql_type(value) for key, value in samples.items()}
    typed = "".join(f", {quote_identifier(key)} {types[key]}" for key in attributes)
    columns = f"code varchar, title varchar, synonyms varchar[]{typed}"
    con.execute(f"create or replace table vocabulary.{quote_identifier(name)} ({columns})")
    rows = [
        (code, entry.title, entry.synonyms, *(entry.attributes.get(key) for key in attributes))
        for code, entry in vocabulary.values.items()
    ]
    marks = ", ".join("?" * (3 + len(attributes)))
    con.executemany(f"insert into vocabulary.{quote_identifier(name)} values ({marks})", rows)
    con.execute(f"comment on table vocabulary.{quote_identifier(name)} is {quote_literal(vocabulary.description)}")


def _sql_type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "bigint" if isinstance(value, int) else "double" if isinstance(value, float) else "varchar"


def run_models(con: duckdb.DuckDBPyConnection, wanted: Iterable[Model]) -> None:
    """Run models in the given order.

    Raises:
        ModelError: A select fails, or gives other columns than its sidecar says.
    """
    for model in counted("Tables of the warehouse", list(wanted)):
        try:
            con.execute(f"create or replace {model.kind} {model.name} as {model.sql}")
        except duckdb.Error as error:
            raise ModelError(f"warehouse/{model.schema}/{model.table}.sql: {error}") from error
        columns = [row[0] for row in con.execute(f"describe {model.name}").fetchall()]
        if columns != model.sidecar.columns:
            raise ModelError(
                f"warehouse/{model.schema}/{model.table}.toml: columns differ from the select: {columns} against "
                f"{model.sidecar.columns}"
            )


def models_before_checks() -> list[Model]:
    """Models that do not need the results of the checks."""
    return [model for model in models() if model.name not in _after_checks()]


def models_after_checks() -> list[Model]:
    """Models that show the results of the checks."""
    return [model for model in models() if model.name in _after_checks()]


def _after_checks() -> set[str]:
    late: set[str] = {CHECK_RESULTS}
    for model in models():
        if model.references & late:
            late.add(model.name)
    return late


_DICTIONARY = """
create or replace view dictionary as
select columns.schema_name || '.' || columns.table_name as table_name, columns.column_name, columns.data_type,
    columns.comment as meaning, coalesce(tables.comment, views.comment) as table_meaning
from duckdb_columns() as columns
left join duckdb_tables() as tables using (database_name, schema_name, table_name)
left join duckdb_views() as views
    on views.schema_name = columns.schema_name and views.view_name = columns.table_name
        and views.database_name = columns.database_name
where not columns.internal and columns.comment is not null
order by table_name, columns.column_index
"""


def comment_everything(con: duckdb.DuckDBPyConnection) -> None:
    """Write grain, description, audience and column meanings into the database; DuckDB forgets them when replaced.

    The view ``dictionary`` shows them: one row per column of a table, with what both mean.
    """
    con.begin()  # one write to the disk instead of one for each of a thousand comments
    for name, table in tables().items():
        _comment(con, f"landing.{name}", "table", _told(table.description, table.grain), table.columns)
    for name, table in system_tables().items():
        told = _told(table.description, table.grain)
        _comment(con, f"{system_schema(name)}.{name}", "table", told, table.columns)
    for model in models():
        comment_model(con, model, model.kind)
    create_dictionary(con)
    con.commit()


def comment_model(con: duckdb.DuckDBPyConnection, model: Model, kind: str) -> None:
    """Write what a model says of itself into the database, where it stands as a ``table`` or a ``view``."""
    sidecar = model.sidecar
    told = _told(sidecar.description, sidecar.grain, sidecar.audience_told)
    _comment(con, model.name, kind, told, sidecar.columns)


def create_dictionary(con: duckdb.DuckDBPyConnection) -> None:
    """Make the view ``dictionary`` of the comments that the database holds."""
    con.execute(_DICTIONARY)


def _told(description: str, grain: str, audience: str = "") -> str:
    return f"{description} Grain: {grain}. {audience}".rstrip()


def _comment(con: duckdb.DuckDBPyConnection, name: str, kind: str, told: str, columns: list[str]) -> None:
    con.execute(f"comment on {kind} {name} is {quote_literal(told)}")
    for column in columns:
        meaning = quote_literal(field(column).description)
        con.execute(f"comment on column {name}.{quote_identifier(column)} is {meaning}")


def building_path(published: Path) -> Path:
    """Where a warehouse grows until it is built and checked."""
    return published.with_name(f".{published.name}.building")


def built_path(published: Path) -> Path:
    """Where a built and checked warehouse waits to be published: beside its place, so that a rename is enough."""
    return published.with_name(f".{published.name}.built")
