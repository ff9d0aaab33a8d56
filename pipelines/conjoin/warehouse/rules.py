"""Rules of warehouse/rules/*.toml, compiled into marked blocks of the SQL models.

A block stands between ``-- rules: <name>`` and ``-- rules: end``. What a model runs is what a reader sees.
"""

import re
import textwrap
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from conjoin import content
from conjoin.errors import ModelError
from conjoin.sql import quote_literal

#: Rules that hold from here on hold for every day that an audit can have.
ALWAYS = date(1990, 1, 1)
_BLOCK = re.compile(r"^(?P<indent> *)-- rules: (?P<name>[a-z_]+)\n.*?^ *-- rules: end\n", re.M | re.S)
_WIDTH = 100


class _Entry(BaseModel):
    """What every entry of a rule file says about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    valid_to: date | None = None

    @property
    def in_force(self) -> str:
        """SQL that holds on the days of reckoning on which the entry is in force; empty when it always is."""
        bounds = [f"build_date.as_of_date >= date '{self.valid_from}'"] if self.valid_from > ALWAYS else []
        bounds += [f"build_date.as_of_date <= date '{self.valid_to}'"] if self.valid_to else []
        return " and ".join(bounds)


class Parameter(_Entry):
    """One window or threshold over one spell."""

    name: str
    value: int | float | list[str] | list[int] | list[float]
    why: str


class Rule(_Entry):
    """One version of the rule that gives a class."""

    rule_id: str
    version: str
    pair_class: Literal[
        "pilot", "joint_visit", "complaint_triggered", "certification_cycle", "followup", "renewal", "own_repeat",
        "repeat_avoidable", "repeat_justified",
    ]  # fmt: skip
    says: str
    when: str


class Reason(_Entry):
    """One version of a reason; it holds when one of its conditions does."""

    reason: str
    version: str
    says: str
    when: list[str]


_Kind = TypeVar("_Kind", bound=_Entry)


def parameters() -> list[Parameter]:
    """All parameters, in order of the file."""
    return _entries(Parameter, "parameters", "parameter")


def parameter_on(name: str, day: date) -> Any:
    """The value of a parameter on a day: of the latest spell that has begun, or of the first."""
    spells = [entry for entry in parameters() if entry.name == name]
    if not spells:
        raise ModelError(
            f"{content.find('warehouse/rules/parameters.toml')}: there is no parameter {name!r}; add it again"
        )
    begun = [entry for entry in spells[1:] if entry.valid_from <= day]
    return (begun or spells[:1])[-1].value


def pair_rules() -> list[Rule]:
    """All rules, in the order in which they are tried."""
    return _entries(Rule, "classes", "rule")


def reasons() -> list[Reason]:
    """All reasons, in the order in which they are shown."""
    return _entries(Reason, "reasons", "reason")


def compiled(sql: str) -> str:
    """``sql`` with its blocks of rules written anew.

    Raises:
        ModelError: A block has an unknown name, or a rule file cannot be read.
    """

    def block(match: re.Match[str]) -> str:
        name, indent = match["name"], match["indent"]
        if name not in _WRITERS:
            raise ModelError(f"-- rules: {name}: there is no such block; known are {', '.join(_WRITERS)}")
        try:
            lines = list(_WRITERS[name]())
        except ValidationError as error:
            raise ModelError(f"warehouse/rules: {error}") from error
        body = textwrap.indent("\n".join(lines), indent)
        return f"{indent}-- rules: {name}\n{body}\n{indent}-- rules: end\n"

    return _BLOCK.sub(block, sql)


def stale_models() -> dict[Path, str]:
    """Models whose blocks of rules differ from the rule files, with what they should hold."""
    found = {}
    for layer in ("intermediate", "marts"):
        for _, path in content.files(f"warehouse/{layer}", "*.sql"):
            sql = path.read_text(encoding="utf-8")
            if "-- rules: " in sql and (fresh := compiled(sql)) != sql:
                found[path] = fresh
    return found


def _entries(kind: type[_Kind], file: str, key: str) -> list[_Kind]:
    try:
        return [kind.model_validate(entry) for entry in _told(file, key)]
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:3])
        raise ModelError(f"{content.find(f'warehouse/rules/{file}.toml')}: {told}") from error


def _told(file: str, key: str) -> list[dict[str, Any]]:
    path = content.find(f"warehouse/rules/{file}.toml")
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[key]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ModelError(f"{path}: {error}") from error
    return entries


def _comment(words: str) -> list[str]:
    return [f"-- {line}" for line in textwrap.wrap(words, _WIDTH)]


def _parameter_lines() -> Iterable[str]:
    spells = [(name, list(entries)) for name, entries in groupby(parameters(), key=lambda entry: entry.name)]
    for number, (name, entries) in enumerate(spells):
        yield from _comment(entries[-1].why)
        # The latest spell that has begun decides, and the first stands for all days before.
        whens = [
            f"when build_date.as_of_date >= date '{entry.valid_from}' then {_value(entry.value)}"
            for entry in reversed(entries[1:])
        ]
        value = _value(entries[0].value)
        value = f"case {' '.join(whens)} else {value} end" if whens else value
        yield f"{value} as {name}{',' if number < len(spells) - 1 else ''}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return _list([_value(item) for item in value])
    if isinstance(value, str):
        return quote_literal(value)
    return f"{value}::double" if isinstance(value, float) else str(value)


def _list(items: list[str]) -> str:
    """A list on one line, or indented on as many as it takes; no line ends within an item."""
    if len(", ".join(items)) <= _WIDTH:
        return f"[{', '.join(items)}]"
    lines = textwrap.wrap(", ".join(item.replace(" ", "\0") for item in items), _WIDTH, break_on_hyphens=False)
    return "\n".join(["[", *(f"    {line}" for line in lines), "]"]).replace("\0", " ")


def _rule_rows() -> Iterable[str]:
    rules = pair_rules()
    yield "values"
    for number, rule in enumerate(rules, 1):
        names = ", ".join(quote_literal(word) for word in (rule.pair_class, rule.rule_id, rule.version))
        yield f"({number}, {names}){',' if number < len(rules) else ''}"


def _class_lines() -> Iterable[str]:
    yield "case"
    for number, rule in enumerate(pair_rules(), 1):
        words = _comment(f"{rule.pair_class}, version {rule.version}. {rule.says}")
        condition = f"{rule.in_force} and ({rule.when})" if rule.in_force else rule.when
        yield from textwrap.indent("\n".join([*words, f"when {condition} then {number}"]), "    ").split("\n")
    yield "end as rule_number,"


def _reason_rows() -> Iterable[str]:
    names = list(dict.fromkeys(reason.reason for reason in reasons()))
    yield "values"
    for number, name in enumerate(names):
        yield f"({1 << number}, {quote_literal(name)}){',' if number < len(names) - 1 else ''}"


def _reason_lines() -> Iterable[str]:
    grouped = [(name, list(entries)) for name, entries in groupby(reasons(), key=lambda entry: entry.reason)]
    for number, (name, versions) in enumerate(grouped):
        yield "| case" if number else "case"
        for reason in versions:
            lines = _comment(f"{name}, version {reason.version}. {reason.says}")
            for when in reason.when:
                condition = f"{reason.in_force} and ({when})" if reason.in_force else when
                broken = f"\n{textwrap.indent(condition, '    ')}" if "\n" in condition else f" {condition}"
                lines += [f"when{broken} then {1 << number}"]
            yield from textwrap.indent("\n".join(lines), "    ").split("\n")
        yield "    else 0"
        yield "end as reason_mask," if number == len(grouped) - 1 else "end"


_WRITERS: dict[str, Callable[[], Iterable[str]]] = {
    "parameters": _parameter_lines,
    "pair_rules": _rule_rows,
    "classes": _class_lines,
    "reasons": _reason_rows,
    "reason_mask": _reason_lines,
}
