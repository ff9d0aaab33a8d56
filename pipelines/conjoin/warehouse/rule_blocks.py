"""Rule files compiled into marked blocks of the SQL models.

A block stands between ``-- rules: <name>`` and ``-- rules: end``. What a model runs is what a reader sees.
"""

import re
import textwrap
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from conjoin import content
from conjoin.errors import ModelError
from conjoin.sql import quote_literal
from conjoin.warehouse.rules import codes_of, facts, pair_classes, pair_rules, parameters, reasons

_BLOCK = re.compile(r"^(?P<indent> *)-- rules: (?P<name>[a-z_]+)\n.*?^ *-- rules: end\n", re.M | re.S)
_WIDTH = 100


def compiled(sql: str) -> str:
    """``sql`` with its blocks of rules written anew.

    Raises:
        ModelError: A block has an unknown name, or a rule file cannot be read.
    """

    def block(match: re.Match[str]) -> str:
        name, indent = match["name"], match["indent"]
        if name not in _WRITERS:
            raise ModelError(f"-- rules: {name}: there is no such block; known are {', '.join(_WRITERS)}")
        body = textwrap.indent("\n".join(_WRITERS[name]()), indent)
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


def _class_rows() -> Iterable[str]:
    classes = pair_classes()
    yield "values"
    for number, told in enumerate(classes, 1):
        flags = (told.is_avoidable, told.has_reason, told.is_repeat, told.is_one_visit, told.rests_on_cases)
        cells = [quote_literal(told.name), quote_literal(told.title), *(str(flag).lower() for flag in flags)]
        yield f"({', '.join(cells)}){',' if number < len(classes) else ''}"


def _fact_lines() -> Iterable[str]:
    for name, versions in groupby(facts(), key=lambda fact: fact.name):
        told = list(versions)
        for fact in told:
            yield from _comment(f"{name}, version {fact.version}. {fact.says}")
        if len(told) == 1 and not told[0].in_force:
            yield f"{told[0].when} as {name},"
            continue
        whens = [f"when {fact.in_force or 'true'} then ({fact.when})" for fact in reversed(told)]
        yield f"case {' '.join(whens)} end as {name},"


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
        yield from textwrap.indent("\n".join([*words, _when(condition, number)]), "    ").split("\n")
    yield "end as rule_number,"


def _when(condition: str, then: int) -> str:
    """One branch of a case; a condition of several lines stands below its ``when``, indented."""
    if "\n" not in condition:
        return f"when {condition} then {then}"
    return f"when\n{textwrap.indent(condition, '    ')}\n    then {then}"


def _reason_rows() -> Iterable[str]:
    names = codes_of("reasons")
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
                lines += [_when(condition, 1 << number)]
            yield from textwrap.indent("\n".join(lines), "    ").split("\n")
        yield "    else 0"
        yield "end as reason_mask," if number == len(grouped) - 1 else "end"


_WRITERS: dict[str, Callable[[], Iterable[str]]] = {
    "parameters": _parameter_lines,
    "pair_classes": _class_rows,
    "facts": _fact_lines,
    "pair_rules": _rule_rows,
    "classes": _class_lines,
    "reasons": _reason_rows,
    "reason_mask": _reason_lines,
}
