"""Every SQL model and saved question is whole: it runs, its columns are known, its examples hold."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.briefings.emptiness import Narrowed, why_empty
from conjoin.briefings.joint_visits import RESTS_ON
from conjoin.briefings.queries import Question, questions, why_no_answer
from conjoin.errors import ModelError
from conjoin.schemas.fields import field, glossary
from conjoin.schemas.tables import system_tables, tables
from conjoin.sql import quote_identifier
from conjoin.tools.project import make_project
from conjoin.warehouse import build, checks
from conjoin.warehouse.models import ROWS, Model, Sidecar, audience_mistakes, models, models_for
from conjoin.warehouse.rule_blocks import stale_models
from support import projects

MODELS = {model.name: model for model in models()}
QUESTIONS = {question.name: question for question in questions()}

#: Models without an example, and why. Each reads nothing, so that an example could only write its rows down once more.
WITHOUT_EXAMPLE = {
    "intermediate.grade_ranks": "a list of grades; what a rank does is shown where grades are compared",
    "intermediate.reason_sets": "compiled from warehouse/rules/reasons.toml; its checks say what must hold of each set",
    "marts.pair_classes": "compiled from warehouse/rules/classes.toml; its check says what must hold of each class",
}


@pytest.fixture(scope="module")
def built() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse without deliveries, built once."""
    with duckdb.connect() as con:
        build.create_schemas(con)
        build.load_landing(con, lambda _: [])
        for name, table in system_tables().items():
            build.load_parquet(con, f"{build.system_schema(name)}.{name}", table, [])
        build.load_content(con)
        build.run_models(con, models())
        yield con


@pytest.fixture
def empty_warehouse(built: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """That warehouse, to be changed at will: whatever a test does to it is taken back."""
    built.begin()
    yield built
    built.rollback()


def test_a_warehouse_without_deliveries_builds_and_passes_its_checks(built: duckdb.DuckDBPyConnection) -> None:
    offending = {}
    for model in models():
        offending.update({name: n for name, n in checks.count_offending(built, model).items() if n})
    assert offending == {}


def test_every_column_has_a_comment_inside_the_database(built: duckdb.DuckDBPyConnection) -> None:
    build.comment_everything(built)
    silent = built.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where schema_name in "
        "('landing', 'staging', 'intermediate', 'marts', 'matching') and comment is null and not internal"
    ).fetchall()
    assert silent == []


def test_the_dictionary_inside_the_database_explains_every_column(built: duckdb.DuckDBPyConnection) -> None:
    build.comment_everything(built)
    rows = built.execute(
        "select column_name, meaning, table_meaning from dictionary where table_name = 'marts.audit_pairs'"
    ).fetchall()
    assert [name for name, *_ in rows] == MODELS["marts.audit_pairs"].sidecar.columns
    for name, meaning, table_meaning in rows:
        assert meaning == field(name).description
        assert MODELS["marts.audit_pairs"].sidecar.grain in table_meaning


def test_the_audience_of_a_mart_is_told_inside_the_database(built: duckdb.DuckDBPyConnection) -> None:
    build.comment_everything(built)
    told = dict(built.execute("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall())
    assert {name for name, comment in told.items() if "Audience: " not in comment} == set()
    assert told["audit_pairs"].endswith("Audience: whoever each row says in visibility.")
    assert "buyer_count: all lists of buyers, whoever may see them" in told["sites"]


#: A mart's sidecar with nothing amiss, and what may be wrong with its audience.
PLANTED = {
    "nobody": ({"audience": ""}, "says nobody who may read it"),
    "an unknown code": ({"audience": "members"}, "'members' says nobody who may read it"),
    "rows without their word": ({"columns": ["a", "b"]}, "rows needs a column visibility"),
    "a code against the rows": ({"audience": "public"}, "though each row says who may see it"),
    "the coordinator against the rows": ({"audience": "coordinator"}, "say in rests_on_more why"),
    "more in rows that say all": ({"rests_on_more": {"b": "why"}}, "only a mart of the coordinator"),
    "more of an open table": ({"audience": "public", "rests_on_more": {"b": "why"}}, "only a mart of the coordinator"),
    "a key to leave out": ({"audience": "coordinator", "rests_on_more": {"a": "why"}}, "a is no column"),
    "no column to leave out": ({"audience": "coordinator", "rests_on_more": {"c": "why"}}, "c is no column"),
    "no word of why": ({"audience": "coordinator", "rests_on_more": {"b": " "}}, "b does not say what else"),
}


@pytest.mark.parametrize(("planted", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_mart_that_is_not_clear_about_its_audience_is_refused(planted: dict[str, Any], expected: str) -> None:
    fine = Sidecar(grain="g", description="d", key=["a"], columns=["a", "b", "visibility"], audience=ROWS)

    assert audience_mistakes("marts", fine) == []
    assert expected in "; ".join(audience_mistakes("marts", fine.model_copy(update=planted)))


def test_only_marts_have_an_audience() -> None:
    said = Sidecar(grain="g", description="d", key=["a"], columns=["a", "visibility"], audience=ROWS)

    assert "only marts" in audience_mistakes("intermediate", said)[0]
    assert audience_mistakes("intermediate", said.model_copy(update={"audience": ""})) == []


def test_a_mart_without_an_audience_is_not_read(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    folder = root / "warehouse" / "marts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_to_whom.sql").write_text("select 1 as record_count\n")
    (folder / "open_to_whom.toml").write_text(
        'grain = "one row"\ndescription = "d"\nkey = ["record_count"]\ncolumns = ["record_count"]\n'
    )

    with projects.standing_in(root), pytest.raises(ModelError, match=r"open_to_whom\.toml: audience: '' says nobody"):
        models()


@pytest.mark.parametrize("name", MODELS)
def test_columns_of_a_model_are_in_the_glossary(name: str) -> None:
    assert [column for column in MODELS[name].sidecar.columns if column not in glossary()] == []


def _typed(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Make table ``name`` of rows, with the types that it has in a real warehouse; columns left out are null."""
    columns = {row[0]: row[1] for row in con.execute(f"describe {name}").fetchall()}
    unknown = {column for row in rows for column in row} - set(columns)
    assert not unknown, f"{name} has no columns {unknown}"
    kind = con.execute(
        "select table_type from information_schema.tables where table_schema || '.' || table_name = $1", [name]
    ).fetchall()[0][0]
    con.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {name}")
    declared = ", ".join(f"{quote_identifier(column)} {sql_type}" for column, sql_type in columns.items())
    con.execute(f"create table {name} ({declared})")
    for row in rows:
        con.execute(
            f"insert into {name} ({', '.join(map(quote_identifier, row))}) values ({', '.join('?' * len(row))})",
            list(row.values()),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value == value:  # NaT is a datetime too
        return value.date() if value.time() == dt.time() else value
    return value


def _is_content(name: str) -> bool:
    """Whether a table holds what the declarations say, whatever was delivered."""
    return name.split(".")[0] in ("reference", "vocabulary") or name == "marts.pair_classes"


def _example_cases() -> list[Any]:
    return [
        pytest.param(model, number, id=f"{model.name}: {example.name}")
        for model in models()
        for number, example in enumerate(model.sidecar.example)
    ]


def test_every_model_has_an_example_or_reads_nothing() -> None:
    assert {name for name, model in MODELS.items() if not model.sidecar.example} == set(WITHOUT_EXAMPLE)
    assert {name for name, model in MODELS.items() if not model.references} == set(WITHOUT_EXAMPLE)


@pytest.mark.parametrize(("model", "number"), _example_cases())
def test_example_of_a_model_holds(empty_warehouse: duckdb.DuckDBPyConnection, model: Model, number: int) -> None:
    example = model.sidecar.example[number]
    for name in model.references:
        if name in example.given or not _is_content(name):
            _typed(empty_warehouse, name, example.given.get(name, []))
    found = empty_warehouse.execute(f"select * from ({model.sql})").df()
    _compare(found, example.expect, in_order=False)


def _question_cases() -> list[Any]:
    return [
        pytest.param(question, example, id=f"{question.name}: {example['name']}")
        for question in questions()
        for example in (question.sidecar.model_extra or {}).get("example", [])
    ]


@pytest.mark.parametrize(("question", "example"), _question_cases())
def test_example_of_a_question_holds(
    empty_warehouse: duckdb.DuckDBPyConnection, question: Question, example: dict[str, Any]
) -> None:
    for name, rows in example["given"].items():
        _typed(empty_warehouse, name, rows)
    narrowed = Narrowed(**example.get("parameters", {}))
    found = empty_warehouse.execute(question.sql, narrowed.parameters_of(question.sql)).df()
    _compare(found, example["expect"], in_order=True)


def _compare(found: Any, expected: list[dict[str, Any]], *, in_order: bool) -> None:
    """Every expected row, by the columns that it names, is one found row, and there are no others; nan is null."""
    rows = [
        {name: _blank(_plain(value)) for name, value in row.items()} for row in found.astype(object).to_dict("records")
    ]
    assert len(rows) == len(expected), f"{len(rows)} rows, expected {len(expected)}: {rows}"
    for number, wanted in enumerate(expected):
        want = {name: _blank(_plain(value)) for name, value in wanted.items()}
        left = rows[:1] if in_order else rows
        fitting = [row for row in left if {name: row[name] for name in want} == want]
        assert fitting, f"row {number} expected {want}, left are {[{name: row[name] for name in want} for row in left]}"
        rows.remove(fitting[0])


def _blank(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_blank(item) for item in value]
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return value
    return float(value) if isinstance(value, int | float) else value if isinstance(value, dt.date) else str(value)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_runs_and_gives_its_columns(empty_warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    question = QUESTIONS[name]
    found = empty_warehouse.execute(question.sql, Narrowed().parameters_of(question.sql)).df()
    assert list(found.columns) == question.sidecar.columns


@pytest.mark.parametrize("narrowed", [Narrowed(), Narrowed("TR", dt.date(2025, 1, 1), dt.date(2025, 12, 31))])
def test_a_warehouse_without_deliveries_says_so_to_every_question(
    empty_warehouse: duckdb.DuckDBPyConnection, narrowed: Narrowed
) -> None:
    for question in questions():
        rests_on = question.sidecar.rests_on
        told = why_no_answer(empty_warehouse, question, narrowed)
        assert told.startswith(f"There are no {rests_on.what} in the warehouse"), question.name
        assert bool(rests_on.day) <= ("$from_date" in question.sql), question.name
    assert why_empty(empty_warehouse, RESTS_ON, narrowed).endswith("none has been delivered.")


def test_each_of_the_twenty_questions_has_an_answer_with_an_example() -> None:
    exemplified = {
        number for question in questions() if (question.sidecar.model_extra or {}).get("example")
        for number in question.numbers
    }  # fmt: skip
    assert exemplified == set(range(1, 21))


def test_a_key_that_is_checked_elsewhere_is_checked_there() -> None:
    """The table is made of the view's rows, so that a row that came twice would come twice there."""
    for model in MODELS.values():
        if model.sidecar.key_checked_in:
            needed = {other.name for other in models_for([model.sidecar.key_checked_in])}
            assert model.name in needed
            assert MODELS[model.sidecar.key_checked_in].sidecar.key_checked_in == ""


def test_every_field_of_the_glossary_is_used() -> None:
    used = {column for table in (*tables().values(), *system_tables().values()) for column in table.columns}
    used |= {column for model in models() for column in model.sidecar.columns}
    used |= {column for question in questions() for column in question.sidecar.columns}
    assert sorted(set(glossary()) - used) == []


def test_every_field_says_what_it_means() -> None:
    assert [name for name in glossary() if len(field(name).description) < 10] == []


def test_the_rules_inside_the_models_are_those_of_the_rule_files() -> None:
    assert sorted(path.name for path in stale_models()) == []
