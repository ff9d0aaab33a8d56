"""The audience policy in plain words: for the command line, and as the page that goes with every pack."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from conjoin.schemas.plain_page import plain_page
from conjoin.schemas.policy import Kind, Policy, VisibilityRule, parties, policy
from conjoin.schemas.vocabularies import vocabulary
from conjoin.sources import registry

_KINDS: dict[Kind, str] = {
    "member": "members",
    "initiative": "initiatives",
    "coordinator": "the coordinator",
    "case_worker": "case workers",
    "factory": "factories on their own statement",
    "public": "the public",
}


@dataclass(frozen=True)
class Section:
    """One table of the policy: a title, column headings, rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def policy_sections() -> list[Section]:
    """The policy in force as tables for people."""
    rules = policy()
    return [_visibilities(rules), _tables(rules), _withheld(rules), _statements(), _release(rules), _who_is_who()]


def policy_page(intro: str) -> str:
    """The policy as a page.

    Args:
        intro: A sentence above it.
    """
    parts = [f"<p>{html.escape(intro)}</p>"]
    for section in policy_sections():
        head = "".join(f"<th scope='col'>{html.escape(column)}</th>" for column in section.columns)
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in section.rows)
        parts.append(
            f"<h2>{html.escape(section.title)}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )
    return plain_page("Who sees what", "\n".join(parts))


def _visibilities(rules: Policy) -> Section:
    titles = vocabulary("visibility").titles
    rows = [(titles[name], _who_sees(rule), rule.purpose, rule.withdrawal) for name, rule in rules.visibility.items()]
    closed = sorted(set(titles) - set(rules.visibility))
    rows += [(titles[name], "nobody: the policy does not name it", "", "") for name in closed]
    return Section("By visibility", ("Rows that are", "Who sees them", "What for", "When withdrawn"), rows)


def _who_sees(rule: VisibilityRule) -> str:
    others = f"{_people(rule.rows)} see them" if rule.rows else "nobody else sees them"
    own = "so does who delivered them" if rule.own else "not even who delivered them, unless a case worker"
    if rule.own and not rule.rows:
        own = "only who delivered them"
    totals = "they stand behind released totals" if rule.totals else "no total rests on them"
    return f"{others}; {own}; {totals}"


def _tables(rules: Policy) -> Section:
    rows = []
    for name, rule in rules.table.items():
        told = []
        if rule.rows is not None:
            told.append(f"{_people(rule.rows)} alone" + ("" if rule.own else ", not even who delivered them"))
        told += [f"{_values(values)}: treated like restricted cases" for values in rule.cases.values()]
        told += [
            f"{_values(values)}: for who delivered them alone, for others a released number"
            for values in rule.own_only.values()
        ]
        if rule.named_by:
            told.append("rows about a company that is withheld from the reader are left out")
        if rule.expires_months:
            told.append(f"others' rows of more than {rule.expires_months} months ago are left out")
        rows.append((name, "; ".join(told) or "as their visibility says"))
    return Section("By table", ("Table", "Who sees its rows"), rows)


def _withheld(rules: Policy) -> Section:
    held = rules.withheld
    rows = [
        ("Names of other companies", "'another member' and a number that holds at one site alone"),
        ("Days", "the first day of the quarter; spans of days in whole quarters"),
        ("Ids of the deliverer's own system", "left out"),
        ("Grade and validity where one prints the other", "left out, of published rows too"),
        ("Ids of records", "replaced by codes of this pack"),
    ]
    title = f"Withheld from {_people(held.from_kinds)}, of rows that are neither their own nor published"
    return Section(title, ("What", "What they see instead"), rows)


def _statements() -> Section:
    told = {
        "records": "sites, audits, certificates",
        "findings": "findings by topic and state",
        "planned_visits": "announced visits to come, by month",
    }
    rows = [("Published rows", "of every source, without complaint visits")]
    rows += [
        (source.title, "; ".join(told[what] for what in source.on_statement))
        for source in registry.sources().values()
        if source.on_statement
    ]
    rows += [
        (party.title, "named as who ordered an audit; its acceptance policies")
        for party in parties().values()
        if party.on_statements
    ]
    return Section("What the statement of a factory may tell, whoever it hands it to", ("Of", "What"), rows)


def _release(rules: Policy) -> Section:
    rule = rules.release
    rows = [
        ("Released on", f"{', '.join(rule.days)} (month-day)"),
        ("Every cell rests on", f"at least {rule.least_sites} sites and {rule.least_parties} parties"),
        ("even where", f"{rule.coalition} readers lay their own records together"),
        ("A withheld cell stays open by", f"{rule.least_width} audits and {rule.least_share:.0%} of itself"),
        ("over", "all releases so far"),
    ]
    return Section("Released totals, the same for every reader", ("What", "How"), rows)


def _who_is_who() -> Section:
    rows = [
        (party.title, party.kind.replace("_", " "), ", ".join(party.delivers), str(party.until or ""))
        for party in parties().values()
    ]
    return Section("Who takes part", ("Party", "Kind", "Answers for what these sources deliver", "Until"), rows)


def _people(kinds: list[Kind]) -> str:
    return ", ".join(_KINDS[kind] for kind in kinds)


def _values(values: list[str]) -> str:
    return ", ".join(values)
