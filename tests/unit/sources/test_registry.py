"""Which sources there are: one's own before the packaged ones."""

import pytest

from conjoin import content
from conjoin.errors import DeclarationError, SourceError
from conjoin.sources import registry
from support import quillhaven
from support.projects import Project, forget_declarations


def test_name_and_kind_come_from_the_folder(project: Project) -> None:
    found = registry.source("brands/quillhaven/")
    assert (found.name, found.kind) == ("quillhaven", "brand")
    assert registry.source("quillhaven") is found


def test_packaged_sources_are_found_beside_the_own(project: Project) -> None:
    assert {"quillhaven", "northwind"} <= set(registry.sources())


def test_an_own_declaration_replaces_the_packaged_one(project: Project) -> None:
    quillhaven.write_declaration(project.root, name="northwind")
    assert registry.source("northwind").title == "Quillhaven visits"
    assert registry.folders()["northwind"].is_relative_to(project.root)


def test_a_name_cannot_stand_for_two_sources(project: Project) -> None:
    other = project.root / "sources" / "platforms" / "quillhaven" / "source.toml"
    other.parent.mkdir(parents=True)
    other.write_text(quillhaven.DECLARATION, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"a source called 'quillhaven' exists already at .*; rename one"):
        registry.folders()


def test_an_unknown_source_is_told_with_those_there_are(project: Project) -> None:
    with pytest.raises(SourceError, match=r"no source is called 'nobody'; there are .*quillhaven"):
        registry.source("nobody")


def test_the_reading_version_changes_with_the_declaration(project: Project) -> None:
    before = registry.reading_version("quillhaven")
    forget_declarations()
    assert registry.reading_version("quillhaven") == before
    quillhaven.write_declaration(project.root, quillhaven.DECLARATION + "# changed\n")
    forget_declarations()
    assert registry.reading_version("quillhaven") != before


def test_the_reading_version_changes_with_the_schemas_and_the_reading_code(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = registry.reading_version("quillhaven")
    told = content.find("schemas/vocabularies/visibility.toml").read_text(encoding="utf-8")
    own = project.root / "schemas" / "vocabularies" / "visibility.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f"{told}# changed\n", encoding="utf-8")
    forget_declarations()
    changed = registry.reading_version("quillhaven")
    monkeypatch.setattr(registry, "_READING_CODE", ("sources",))  # as if the other modules were gone
    forget_declarations()
    assert len({before, changed, registry.reading_version("quillhaven")}) == 3
