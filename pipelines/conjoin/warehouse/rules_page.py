"""docs/RULES.md: every rule, class, reason, fact and parameter under an address that stays, with its cases."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from conjoin.warehouse.rules import Entry, facts, pair_classes, pair_rules, parameters, reasons

_CASES = "tests/cases"
_CASES_SHOWN = 12
_FLAGS = ("is_avoidable", "has_reason", "is_repeat", "is_one_visit", "rests_on_cases")
_PARTS = ("Rules, in the order in which they are tried", "Reasons", "Facts", "Parameters")
_HEAD = """# The rules

Written by `make docs` from `warehouse/rules/`; do not edit. Which audit repeats which, and why a repeat was justified,
by rules that anyone may cite: an entry is named by its kind, its name and its version, as `reason outdated, version 1`,
and stands here under an address that stays. `valid_from` and `valid_to` say on which days of reckoning it is in force.

The first rule that holds for two audits of one site decides their class; of reasons, all that hold are kept.
`marts.audit_pairs` names the rule and its version for every pair. To change a rule in a project of one's own, see
`docs/FIRST_HOUR.md`; to ask what another number would have meant, `conjoin what-if`."""


def rules_page(root: Path) -> str:
    """The page, from the rule files in force and the cases below ``root``."""
    by_class, by_reason = _cases(root)
    contents = [f"- [{part}](#{part.lower().replace(',', '').replace(' ', '-')})" for part in _PARTS]
    lines = [_HEAD, "", *contents, ""]
    for title, body in zip(_PARTS, (_rules(by_class), _reasons(by_reason), _facts(), _parameters()), strict=True):
        lines += [f"## {title}", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def _rules(by_class: dict[str, list[str]]) -> Iterator[str]:
    classes = {told.name: told for told in pair_classes()}
    for number, rule in enumerate(pair_rules(), 1):
        told = classes[rule.pair_class]
        holds = ", ".join(flag for flag in _FLAGS if getattr(told, flag)) or "nothing further"
        yield from (*_entry("rule", rule.rule_id, rule.version, rule), rule.says, "")
        yield from (
            f"Tried as number {number}. Gives the class `{told.name}` ({told.title}); of it holds: {holds}.",
            "",
        )
        yield from (*_sql(rule.when), *_told_cases(by_class[rule.pair_class], "class"))


def _reasons(by_reason: dict[str, list[str]]) -> Iterator[str]:
    for reason in reasons():
        yield from (*_entry("reason", reason.reason, reason.version, reason), reason.says, "")
        yield from (*_sql("\nor ".join(reason.when)), *_told_cases(by_reason[reason.reason], "reason"))


def _facts() -> Iterator[str]:
    for fact in facts():
        yield from (*_entry("fact", fact.name, fact.version, fact), fact.says, "", *_sql(fact.when))


def _parameters() -> Iterator[str]:
    for name, spells in groupby(parameters(), key=lambda entry: entry.name):
        for version, spell in enumerate(spells, 1):
            value = ", ".join(map(str, spell.value)) if isinstance(spell.value, list) else str(spell.value)
            yield from (*_entry("parameter", name, str(version), spell), f"`{value}`. {spell.why}", "")


def _entry(kind: str, name: str, version: str, entry: Entry) -> list[str]:
    """Heading, address and days of an entry, and what changed with it."""
    spell = f"in force from {entry.valid_from}" + (f" to {entry.valid_to}" if entry.valid_to else "")
    lines = [f'<a id="{kind}-{name}-{version}"></a>', f"### {kind} {name}, version {version}", "", f"_{spell}_", ""]
    return lines + [f"- Changed: {change}" for change in entry.changes] + [""] * bool(entry.changes)


def _sql(condition: str) -> list[str]:
    return ["```sql", *condition.split("\n"), "```", ""]


def _told_cases(names: list[str], kind: str) -> list[str]:
    if not names:
        return []
    shown = "; ".join(names[:_CASES_SHOWN])
    more = f"; and {len(names) - _CASES_SHOWN} more" if len(names) > _CASES_SHOWN else ""
    return [f"Cases of this {kind} ({len(names)}, in `{_CASES}`): {shown}{more}.", ""]


def _cases(root: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Names of the cases that assert each class, and each reason."""
    by_class: dict[str, list[str]] = defaultdict(list)
    by_reason: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / _CASES).glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            verdicts = [line.split()[2:] for line in case.get("pairs", [])]
            for name in _unique(words[0] for words in verdicts):
                by_class[name].append(case["name"])
            for name in _unique(reason for words in verdicts for reason in words[1:]):
                by_reason[name].append(case["name"])
    return by_class, by_reason


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
