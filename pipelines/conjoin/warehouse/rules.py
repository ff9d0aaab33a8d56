"""Rules of warehouse/rules/*.toml: parameters, facts, classes with their rules, and reasons, each with its sentence.

``rule_blocks`` compiles them into the SQL models; no class, reason or threshold is named in Python.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin import content
from conjoin.declared import mistakes
from conjoin.errors import ModelError

#: Rules that hold from here on hold for every day that an audit can have.
ALWAYS = date(1990, 1, 1)


class Entry(BaseModel):
    """What every entry of a rule file says about itself.

    ``changes`` tells what this version changed, and when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    valid_to: date | None = None
    changes: list[str] = []

    @property
    def in_force(self) -> str:
        """SQL that holds on the days of reckoning on which the entry is in force; empty when it always is."""
        bounds = [f"build_date.as_of_date >= date '{self.valid_from}'"] if self.valid_from > ALWAYS else []
        bounds += [f"build_date.as_of_date <= date '{self.valid_to}'"] if self.valid_to else []
        return " and ".join(bounds)


class Parameter(Entry):
    """One window or threshold over one spell."""

    name: str
    value: int | float | list[str] | list[int] | list[float]
    why: str


class Rule(Entry):
    """One version of the rule that gives a class."""

    rule_id: str
    version: str
    pair_class: str
    says: str
    when: str


class PairClass(BaseModel):
    """A class of two audits at one site, and what follows from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"[a-z][a-z0-9_]*")
    title: str
    is_avoidable: bool = False
    has_reason: bool = False
    is_repeat: bool = False
    is_one_visit: bool = False
    rests_on_cases: bool = False


class Fact(Entry):
    """One version of a fact about two audits; a column of ``intermediate.event_pairs``."""

    name: str = Field(pattern=r"[a-z][a-z0-9_]*")
    version: str
    says: str
    when: str


class Reason(Entry):
    """One version of a reason; it holds when one of its conditions does."""

    reason: str
    version: str
    says: str
    when: list[str]


_Kind = TypeVar("_Kind", bound=BaseModel)


def parameters() -> list[Parameter]:
    """All parameters, in order of the file."""
    return _entries(Parameter, "parameters", "parameter")


def parameter_on(name: str, day: date) -> Any:
    """The value of a parameter on a day: of the latest spell that has begun, or of the first."""
    spells = [entry for entry in parameters() if entry.name == name]
    if not spells:
        raise ModelError(f"{_path('parameters')}: there is no parameter {name!r}; add it again")
    begun = [entry for entry in spells[1:] if entry.valid_from <= day]
    return (begun or spells[:1])[-1].value


def pair_rules() -> list[Rule]:
    """All rules, in the order in which they are tried.

    Raises:
        ModelError: A rule gives a class that is not declared, or the file cannot be read.
    """
    known = [declared.name for declared in pair_classes()]
    rules = _entries(Rule, "classes", "rule")
    for rule in rules:
        if rule.pair_class not in known:
            raise ModelError(
                f"{_path('classes')}: rule {rule.rule_id} gives {rule.pair_class!r}, which is no class; declare it as "
                f"a [[class]] above, or write one of {', '.join(known)}"
            )
    return rules


def pair_classes() -> list[PairClass]:
    """All classes of two audits, in order of the file."""
    return _entries(PairClass, "classes", "class")


def facts() -> list[Fact]:
    """All facts about two audits, in order of the file."""
    return _entries(Fact, "facts", "fact")


def codes_of(file: str) -> list[str]:
    """What a rule file names: the ``classes`` or the ``reasons`` that there are."""
    names = [declared.name for declared in pair_classes()] if file == "classes" else [r.reason for r in reasons()]
    return list(dict.fromkeys(names))


def reasons() -> list[Reason]:
    """All reasons, in the order in which they are shown."""
    return _entries(Reason, "reasons", "reason")


def _entries(kind: type[_Kind], file: str, key: str) -> list[_Kind]:
    try:
        return [kind.model_validate(entry) for entry in _told(file, key)]
    except ValidationError as error:
        raise ModelError(f"{_path(file)}: {'; '.join(mistakes(error)[:3])}") from error


def _told(file: str, key: str) -> list[dict[str, Any]]:
    path = _path(file)
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[key]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ModelError(f"{path}: {error}") from error
    return entries


def _path(file: str) -> Path:
    return content.find(f"warehouse/rules/{file}.toml")
