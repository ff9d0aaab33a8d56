"""Fields, tables and vocabularies: what they say is consistent, and a contradiction is told with its place."""

from pathlib import Path

import duckdb
import pytest

from conjoin.errors import SchemaError
from conjoin.schemas.fields import field, glossary
from conjoin.schemas.tables import PROVENANCE, Table, table, tables
from conjoin.schemas.vocabularies import Vocabulary, fold_case, spellings_of, vocabularies, vocabulary
from support.projects import Project


def test_unknown_names_are_told_with_advice() -> None:
    with pytest.raises(SchemaError, match=r"schemas/fields\.toml: no field 'colour'; add it there, once"):
        field("colour")
    with pytest.raises(SchemaError, match=r"no table 'audits'; there are .*audit_records"):
        table("audits")
    with pytest.raises(SchemaError, match="no vocabulary 'colours'"):
        vocabulary("colours")


def test_every_column_of_every_table_is_in_the_glossary() -> None:
    unknown = {
        (name, column) for name, found in tables().items() for column in found.columns if column not in glossary()
    }
    assert unknown == set()


def test_every_vocabulary_of_the_glossary_exists() -> None:
    assert {entry.vocabulary for entry in glossary().values() if entry.vocabulary} <= set(vocabularies())


def test_every_table_begins_with_its_provenance_and_needs_it() -> None:
    for found in tables().values():
        assert tuple(found.columns[:5]) == PROVENANCE, found.name
        assert set(PROVENANCE) <= set(found.required), found.name


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    order = list(tables())
    for name, found in tables().items():
        assert [other for other in found.references.values() if order.index(other) >= order.index(name)] == []


def test_a_table_names_only_its_own_columns() -> None:
    with pytest.raises(ValueError, match="x: 'b' is not among its columns"):
        Table(name="x", grain="g", description="d", key=["a"], columns=["a"], required=["b"])


@pytest.mark.parametrize("name", list(vocabularies()))
def test_no_spelling_stands_for_two_codes(name: str) -> None:
    assert set(spellings_of(name).values()) == set(vocabulary(name).codes)


def test_a_spelling_of_two_codes_is_told() -> None:
    values = {"a": {"title": "A", "synonyms": ["X"]}, "b": {"title": "B", "synonyms": ["x"]}}
    colours = Vocabulary.model_validate({"name": "colours", "description": "d", "values": values})
    with pytest.raises(SchemaError, match=r"colours\.toml: 'x' stands for both a and b; keep it under one"):
        colours.spellings()


def test_case_is_folded_as_duckdb_does(con: duckdb.DuckDBPyConnection) -> None:
    spellings = [
        spelling for found in vocabularies().values() for entry in found.values.values() for spelling in entry.synonyms
    ]
    texts = [*spellings, "TÜRKİYE", "Iğdır", "STRASSE", "Straße", "ΑΘΗΝΑΣ", "ÇİĞ"]
    lowered = con.execute("select lower(unnest($1))", [texts]).fetchall()
    assert [fold_case(text) for text in texts] == [row[0] for row in lowered]


def test_an_own_vocabulary_replaces_the_packaged_one(project: Project) -> None:
    own: Path = project.root / "schemas" / "vocabularies" / "visibility.toml"
    own.parent.mkdir(parents=True)
    own.write_text('description = "ours"\n[values]\nonly_us = { title = "Only us" }\n', encoding="utf-8")
    assert vocabulary("visibility").codes == ["only_us"]
