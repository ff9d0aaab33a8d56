"""Figures about a canonical table, measured by DuckDB in one pass: what the checks of ``expectations`` judge."""

import duckdb

from conjoin.schemas.tables import Table
from conjoin.schemas.vocabularies import vocabulary
from conjoin.sql import quote_identifier, quote_literal


def measure(con: duckdb.DuckDBPyConnection, relation: str, table: Table) -> dict[str, float | None]:
    """Measures of ``relation`` by name, each prefixed with the table's name.

    ``rows``; ``duplicate_keys``; per column ``fill_rate.<column>`` (0-1, null without rows), ``missing.<column>`` for
    required ones, ``unknown.<column>`` for values outside the vocabulary, ``out_of_range.<column>`` and
    ``malformed.<column>`` for values outside bounds or pattern.
    """
    measures = {"rows": "count(*)"}
    key = ", ".join(quote_identifier(name) for name in table.key)
    measures["duplicate_keys"] = (
        f"count(*) - count(distinct ({key}))" if len(table.key) > 1 else (f"count(*) - count(distinct {key})")
    )
    for entry in table.fields:
        column = quote_identifier(entry.name)
        measures[f"fill_rate.{entry.name}"] = f"count({column}) / nullif(count(*), 0)"
        if entry.name in table.required:
            measures[f"missing.{entry.name}"] = f"count(*) - count({column})"
        if entry.vocabulary:
            codes = ", ".join(quote_literal(code) for code in vocabulary(entry.vocabulary).values)
            outside = (
                f"not list_has_all([{codes}], {column})" if entry.type == "text_list" else f"{column} not in ({codes})"
            )
            measures[f"unknown.{entry.name}"] = f"count(*) filter (where {outside})"
        if entry.min is not None and entry.max is not None:
            measures[f"out_of_range.{entry.name}"] = (
                f"count(*) filter (where {column} not between {entry.min} and {entry.max})"
            )
        if entry.pattern and entry.name in table.key:  # references are checked against keys later
            fits = f"regexp_full_match({column}, {quote_literal(entry.pattern)})"
            measures[f"malformed.{entry.name}"] = f"count(*) filter (where not {fits})"
    selected = ", ".join(f"{sql} as {quote_identifier(name)}" for name, sql in measures.items())
    row = con.execute(f"select {selected} from {relation}").fetchall()[0]
    return {
        f"{table.name}.{name}": None if value is None else float(value)
        for name, value in zip(measures, row, strict=True)
    }
