"""What released totals are counted from: one row per audit, who knows of it, and which cells it falls into.

A cell is one breakdown (``country_code``), one value of it (``TR``) and one class (``avoidable``); '' stands for all of
them. The cells of all values of a breakdown add up to the cell of ''. Planned visits are counted by country and month
(``planned_month``, ``TR 2027-03``) and add up to nothing that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from conjoin.packs.reader import among
from conjoin.schemas.policy import ReleaseRule, parties, policy
from conjoin.sql import quote_identifier, quote_literal

#: The class of audits that the policy does not name.
OTHER_CLASS = "not_avoidable"
#: A breakdown that breaks nothing down.
ALL = ""
#: The breakdown of planned visits.
PLANNED = "planned_month"
_NOBODY = "select '' as source_name, '' as name where false"


@dataclass(frozen=True, order=True)
class Cell:
    """One cell of the release table; an empty text stands for all."""

    breakdown: str
    value: str
    audit_class: str


def load_audits(con: duckdb.DuckDBPyConnection, warehouse: Path, rule: ReleaseRule) -> None:
    """Make ``audits`` and ``plans``: one row per audit or planned visit of the warehouse of totals; who knows of it.

    Who knows of an audit is whoever ordered it, relies on it or delivered a record of it (``knowers``). Keepers of
    platforms deliver for others, so they count for nobody. Beside them, all readers of an audience know of it if a
    record of it is open to them (``seen_by``): they can take it out of a total.
    """
    con.execute(f"attach {quote_literal(str(warehouse))} as totals (read_only)")
    classes = " ".join(
        f"when {quote_literal(known)} then {quote_literal(shown)}" for known, shown in rule.classes.items()
    )
    con.execute(
        f"""
        create or replace table audits as
        select events.event_id, events.site_id, sites.country_code, year(events.visit_start)::varchar as visit_year,
            events.scheme, case classes.event_class {classes} else '{OTHER_CLASS}' end as audit_class,
            list_sort(list_distinct(list_concat(
                coalesce(any_value(uses.organisations), []), coalesce(any_value(deliverers.names), [])
            ))) as knowers,
            any_value(seen.audiences) as seen_by
        from totals.marts.audit_events as events
        join totals.marts.sites as sites using (site_id)
        join totals.marts.event_classes as classes using (event_id)
        left join (
            select event_id, list(lower(organisation)) as organisations from totals.marts.audit_uses group by event_id
        ) as uses using (event_id)
        left join (
            select records.event_id, list(delivers.name) as names
            from totals.marts.audit_event_records as records
            join ({_deliverers()}) as delivers using (source_name)
            group by records.event_id
        ) as deliverers using (event_id)
        join (
            select event_id, {_seen_by()} as audiences from totals.marts.audit_event_records group by event_id
        ) as seen using (event_id)
        where events.counts_as_audit and sites.country_code is not null and events.visit_start is not null
        group by all
        """
    )
    con.execute(
        f"""
        create or replace table plans as
        select plans.record_id as event_id, plans.site_id,
            concat_ws(' ', sites.country_code, strftime(plans.visit_month, '%Y-%m')) as planned_month,
            list_sort(list_distinct(list_concat(
                list_transform(string_split(lower(coalesce(plans.commissioner, '')), ';'), lambda name: trim(name)),
                [coalesce(delivers.name, '')]
            ))) as knowers,
            []::varchar[] as seen_by
        from totals.marts.planned_overlaps as plans
        join totals.marts.sites as sites using (site_id)
        left join ({_deliverers()}) as delivers using (source_name)
        where sites.country_code is not null
        """
    )
    con.execute("update plans set knowers = list_filter(knowers, lambda name: name <> '')")
    con.execute("detach totals")


def load_cells(con: duckdb.DuckDBPyConnection, audits: str, plans: str, cells: str, breakdowns: Sequence[str]) -> None:
    """Make the table ``cells``: one row per audit or plan and cell that it falls into.

    Args:
        con: Holds ``audits`` and ``plans``.
        audits: Table of audits, as ``load_audits`` makes it.
        plans: Table of planned visits, as ``load_audits`` makes it.
        cells: The table to make.
        breakdowns: Columns of the audits.
    """
    parts = [
        f"select {quote_literal(name)} as breakdown, {quote_identifier(name)} as value, * from {audits}"
        for name in breakdowns
    ]
    parts.append(f"select '{ALL}' as breakdown, '{ALL}' as value, * from {audits}")
    con.execute(
        f"""
        create or replace table {cells} as
        select breakdown, value, unnest([audit_class, '{ALL}']) as audit_class, event_id, site_id, knowers, seen_by
        from ({" union all by name ".join(parts)})
        union all by name
        select '{PLANNED}' as breakdown, planned_month as value, '{ALL}' as audit_class,
            event_id, site_id, knowers, seen_by
        from {plans}
        """
    )


def audiences() -> dict[str, list[str]]:
    """Readers that are open to the same visibilities, by a name for them: what each of them can take out of a total."""
    found: dict[str, list[str]] = {}
    for kind in policy().withheld.from_kinds:
        opened = [name for name, rule in policy().visibility.items() if rule.totals and kind in rule.rows]
        found[" and ".join(opened)] = opened
    return found


def safe_cells(con: duckdb.DuckDBPyConnection, cells: str, rule: ReleaseRule) -> set[Cell]:
    """The cells that rest on enough sites and parties whatever coalition of readers leaves its own records out.

    So does what is left of them when an audience takes out all that is open to it, unless nothing is left.

    Args:
        con: Holds the cells.
        cells: Table as ``load_cells`` makes it, or a part of one.
        rule: How much is enough, and how many readers a coalition has.
    """
    safe = _resting_on_enough(con, f"select * from {cells}", rule)
    for audience in audiences():
        left = f"select * from {cells} where not list_contains(seen_by, {quote_literal(audience)})"
        something = con.execute(f"select distinct breakdown, value, audit_class from ({left})").fetchall()
        safe &= _resting_on_enough(con, left, rule) | (safe - {Cell(*row) for row in something})
    return safe


def _resting_on_enough(con: duckdb.DuckDBPyConnection, cells: str, rule: ReleaseRule) -> set[Cell]:
    partners = "l.party <= r.party" if rule.coalition > 1 else "l.party = r.party"
    found = con.execute(
        f"""
        with groups as (
            select breakdown, value, audit_class, site_id, knowers from ({cells}) group by all
        ),
        known as (select distinct breakdown, value, audit_class, unnest(knowers) as party from groups),
        coalitions as (
            select l.breakdown, l.value, l.audit_class, l.party as party_a, r.party as party_b
            from known as l join known as r
                on l.breakdown = r.breakdown and l.value = r.value and l.audit_class = r.audit_class and {partners}
        ),
        left_over as (
            select coalitions.breakdown, coalitions.value, coalitions.audit_class, party_a, party_b,
                count(distinct groups.site_id) as site_count, flatten(list(groups.knowers)) as knowers
            from coalitions left join groups
                on coalitions.breakdown = groups.breakdown and coalitions.value = groups.value
                and coalitions.audit_class = groups.audit_class
                and not list_contains(groups.knowers, party_a) and not list_contains(groups.knowers, party_b)
            group by all
        )
        select breakdown, value, audit_class
        from left_over
        group by all
        having min(site_count) >= {rule.least_sites} and min(len(list_distinct(knowers))) >= {rule.least_parties}
        """
    ).fetchall()
    return {Cell(*row) for row in found}


def _seen_by() -> str:
    """SQL, over the records of an audit: the audiences to which one of them is open."""
    parts = [
        f"if(bool_or({among('visibility', opened)}), [{quote_literal(name)}], [])"
        for name, opened in audiences().items()
    ]
    return f"flatten([{', '.join(parts)}])" if parts else "[]::varchar[]"


def _deliverers() -> str:
    """SQL: source to the party that delivers it for itself, by name."""
    told = [
        f"({quote_literal(source)}, {quote_literal(party.title.lower())})"
        for party in parties().values()
        if party.kind in ("member", "initiative")
        for source in party.delivers
    ]
    listed = ", ".join(told)
    return f"select * from (values {listed}) as told (source_name, name)" if told else _NOBODY
