"""Controlled lists: the codes that a column may hold, and the spellings that stand for them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from conjoin import content
from conjoin.errors import SchemaError


def fold_case(text: str) -> str:
    """Lower case letter by letter, as DuckDB's ``lower`` does: spellings are compared there and listed here."""
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


class Entry(BaseModel):
    """One code of a vocabulary. Further keys (rank, level, is_full ...) are that vocabulary's own attributes.

    ``further`` are spellings that count in a column of this vocabulary, but are too much like other words elsewhere.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    title: str
    synonyms: list[str] = []
    further: list[str] = []
    description: str | None = None

    @property
    def attributes(self) -> dict[str, Any]:
        """The vocabulary's own attributes of the code."""
        return dict(self.model_extra or {})


class Vocabulary(BaseModel):
    """A controlled list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    values: dict[str, Entry]

    @property
    def codes(self) -> list[str]:
        """Every code, in order."""
        return list(self.values)

    @property
    def titles(self) -> dict[str, str]:
        """Every code with its title."""
        return {code: entry.title for code, entry in self.values.items()}

    def grouped_by(self, attribute: str) -> dict[str, list[str]]:
        """The codes of each value of one of the vocabulary's own attributes."""
        found: dict[str, list[str]] = {}
        for code, entry in self.values.items():
            found.setdefault(str(entry.attributes[attribute]), []).append(code)
        return found

    def spellings(self) -> dict[str, str]:
        """Every accepted spelling in lower case, mapped to its code.

        Raises:
            SchemaError: Two codes claim one spelling.
        """
        found: dict[str, str] = {}
        for code, entry in self.values.items():
            for spelling in (code, *entry.synonyms, *entry.further):
                if found.setdefault(fold_case(spelling), code) != code:
                    raise SchemaError(
                        f"schemas/vocabularies/{self.name}.toml: {spelling!r} stands for both "
                        f"{found[fold_case(spelling)]} and {code}; keep it under one of them"
                    )
        return found


def _read(path: Path) -> Vocabulary:
    with path.open("rb") as file:
        declared = tomllib.load(file)
    try:
        return Vocabulary(name=path.stem, **declared)
    except ValueError as error:
        raise SchemaError(f"{path}: {error}") from error


@cache
def spellings_of(name: str) -> dict[str, str]:
    """``spellings`` of the vocabulary of that name, kept: every file asks for them."""
    return vocabulary(name).spellings()


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Every vocabulary by name."""
    return {path.stem: _read(path) for _, path in content.files("schemas/vocabularies", "*.toml")}


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name.

    Raises:
        SchemaError: There is no such vocabulary.
    """
    try:
        return vocabularies()[name]
    except KeyError:
        raise SchemaError(f"schemas/vocabularies: no vocabulary {name!r}") from None


def visibility_rank(code: str) -> int:
    """How restricted a visibility is; 1 is public."""
    return int(vocabulary("visibility").values[code].attributes["rank"])


def may_be_told_per_site(code: str) -> bool:
    """Whether members of the pooling may see values of single rows."""
    return visibility_rank(code) <= visibility_rank("consortium_site")
