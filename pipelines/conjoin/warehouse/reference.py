"""Reference tables (``schemas/reference/*.csv``), which people edit: read as ``columns.toml`` declares, or refused.

A table of the project folder replaces the packaged one of the same name. Nothing of a table is used that has a column
or cell in it which cannot be meant.
"""

import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import BaseModel, ConfigDict

from conjoin import content
from conjoin.errors import BadReference
from conjoin.plain import HARMFUL_SQL, listed
from conjoin.schemas.vocabularies import vocabularies
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.rules import codes_of

FOLDER = "schemas/reference"
_COLUMNS = f"{FOLDER}/columns.toml"
_SQL_TYPES = {"text": "varchar", "integer": "bigint", "number": "double", "date": "date", "boolean": "boolean"}
_FORMS = {
    "integer": (r"[+-]?\d{1,15}", "is no whole number"),
    "number": (r"[+-]?\d{1,15}([.]\d+)?", "is no number like 1200 or 0.5"),
    "date": (r"\d{4}-\d{2}-\d{2}", "is no day like 2025-12-31"),
    "boolean": (r"true|false", "is neither true nor false"),
}
"""How a cell of a type is written, and what to say of one that is not."""
_MOST_TOLD = 5
"""So many wrong cells of a table are told at once."""
_MOST_LISTED = 12
_LONGEST = 80


class Column(BaseModel):
    """What the cells of one column may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text", "integer", "number", "date", "boolean"] = "text"
    required: bool = False
    vocabulary: str | None = None
    values: list[str] = []
    rules: Literal["classes", "reasons"] | None = None
    min: float | None = None

    @property
    def codes(self) -> list[str]:
        """The codes that a cell may hold; none if it may hold any text."""
        codes = [*(vocabularies()[self.vocabulary].codes if self.vocabulary else []), *self.values]
        return [*codes, *(codes_of(self.rules) if self.rules else [])]


class ReferenceTable(BaseModel):
    """What one row of a reference table is, and its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grain: str
    columns: dict[str, Column]


@cache
def reference_tables() -> dict[str, ReferenceTable]:
    """Every reference table by name."""
    declared = tomllib.loads(content.find(_COLUMNS).read_text(encoding="utf-8"))
    return {name: ReferenceTable(**table) for name, table in declared.items()}


def copy_to_edit(name: str, root: Path) -> tuple[Path, bool]:
    """Where a table can be edited below ``root``, and whether a copy of the packaged one was made there.

    Raises:
        BadReference: There is no table of this name.
    """
    if name not in reference_tables():
        raise BadReference(
            f"{name}: there is no reference table of this name; there are {', '.join(reference_tables())}"
        )
    packaged = content.packaged_root() / FOLDER / f"{name}.csv"
    path = root / FOLDER / packaged.name
    if path.exists():
        return path, False
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packaged, path)
    return path, True


def load_reference(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the schema ``reference``.

    Raises:
        BadReference: A table cannot be read, has too few or too many columns, or cells that cannot be meant.
    """
    for _, path in content.files(FOLDER, "*.csv"):
        check_table(con, path)


def check_table(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read one table as a build would.

    Raises:
        BadReference: It cannot be read, has too few or too many columns, or cells that cannot be meant.
    """
    _load_table(con, path, _declared(path.stem, str(path)).columns)


def _declared(name: str, where: str) -> ReferenceTable:
    tables = reference_tables()
    if name not in tables:
        raise BadReference(f"{where}: there is no reference table of this name; there are {', '.join(tables)}")
    return tables[name]


def _load_table(con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, Column]) -> None:
    try:
        con.execute(
            "create or replace temp table reference_cells as select * from read_csv($1, header = true, "
            "all_varchar = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, comment = '', skip = 0)",
            [str(path)],
        )
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        raise BadReference(
            f"{path}: this is no table with commas in UTF-8, all rows as long as the first ({told}); "
            "in a spreadsheet program, save it as 'CSV UTF-8 (comma delimited)'"
        ) from error
    found = [name for name, *_ in con.execute("describe reference_cells").fetchall()]
    # A copy that was made before a column was added lacks it, and means nothing by that.
    needed = {name for name, column in columns.items() if column.required}
    if not needed <= set(found) <= set(columns):
        raise BadReference(
            f"{path}, first row: the columns should be {','.join(columns)}; found {listed(found)}. "
            "If commas are missing, save the file as 'CSV UTF-8 (comma delimited)'"
        )
    trimmed = ", ".join(
        f"nullif(trim({_name(name)}), '') as {_name(name)}" if name in found else f"null::varchar as {_name(name)}"
        for name in columns
    )
    con.execute(
        "create or replace temp table reference_cells as "
        f"select row_number() over () + 1 as row_number, {trimmed} from reference_cells"
    )
    _refuse_wrong_cells(con, path, columns)
    typed = ", ".join(f"{_name(name)}::{_SQL_TYPES[column.type]} as {_name(name)}" for name, column in columns.items())
    con.execute(
        f"create or replace table reference.{_name(path.stem)} as "
        f"select {typed} from reference_cells order by row_number"
    )
    con.execute("drop table reference_cells")


def _name(name: str) -> str:
    return quote_identifier(name)


def _refuse_wrong_cells(con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, Column]) -> None:
    """Raise if any cell cannot be meant, telling the first ones by row and column."""
    wrong = " union all ".join(
        f"select row_number, {place} as place, {quote_literal(name)} as column_name, {_name(name)} as cell, "
        f"{_wrong_sql(name, column)} as wrong from reference_cells"
        for place, (name, column) in enumerate(columns.items())
    )
    told = con.execute(
        f"select row_number, column_name, cell, wrong from ({wrong}) where wrong is not null "
        f"order by row_number, place limit {_MOST_TOLD + 1}"
    ).fetchall()
    if told:
        cells = [
            f"row {row}, column {name}: {wrong if cell is None else f'{cell[:_LONGEST]!r} {wrong}'}"
            for row, name, cell, wrong in told[:_MOST_TOLD]
        ]
        more = "; and more" if len(told) > _MOST_TOLD else ""
        raise BadReference(f"{path}: {'; '.join(cells)}{more}. Nothing of this table is used until that is put right")


def _wrong_sql(name: str, column: Column) -> str:
    """What is wrong with a cell, as SQL; null if nothing is."""
    cell = _name(name)
    cases = [
        (
            f"regexp_matches({cell}, {quote_literal(f'[{HARMFUL_SQL}]')})",
            "holds a control character or a direction mark; type it anew",
        )
    ]
    if column.required:
        cases.append((f"{cell} is null", "may not be empty"))
    if column.type in _FORMS:
        form, message = _FORMS[column.type]
        sql_type = _SQL_TYPES[column.type]
        cases.append(
            (
                f"not regexp_full_match({cell}, {quote_literal(form)}) or try_cast({cell} as {sql_type}) is null "
                f"and {cell} is not null",
                message,
            )
        )
    if column.min is not None:
        cases.append((f"try_cast({cell} as double) < {column.min}", f"is less than {column.min:g}"))
    if column.codes:
        listed = ", ".join(quote_literal(code) for code in column.codes)
        where = (
            f"is none of {', '.join(column.codes)}"
            if len(column.codes) <= _MOST_LISTED
            else f"is no code of schemas/vocabularies/{column.vocabulary}.toml"
        )
        cases.append((f"{cell} not in ({listed})", where))
    return "case " + " ".join(f"when {when} then {quote_literal(then)}" for when, then in cases) + " end"
