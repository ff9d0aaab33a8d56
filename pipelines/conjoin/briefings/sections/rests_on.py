"""What the page rests on, complete: sources, what is late, withheld or unseen, how sure sites are, the rules."""

import html
from typing import Any

import pandas as pd

from conjoin import __version__
from conjoin.briefings import figures
from conjoin.briefings.overlap import Scope, audit_months
from conjoin.briefings.sections.released import released_box
from conjoin.briefings.texts import Html, items, safe, show, table, why_empty
from conjoin.briefings.words import counted, each, is_missing, listed, month, number, span, titled

_COUNTRIES_LISTED = 12
_STUDIES_LISTED = 12


def coverage_box(scope: Scope) -> Html:
    """Sources, rows, months, what is missing; in a pack what is withheld."""
    coverage, stale = scope.ask("record_coverage"), scope.ask("stale_feeds")
    kinds = coverage.groupby("record_kind")["record_count"].sum()
    rows = ", ".join(f"{count:,} {str(kind).replace('_', ' ')}" for kind, count in kinds.items())
    months = coverage[["month_from", "month_to"]].dropna()
    reach = f"{month(months['month_from'].min())} to {month(months['month_to'].max())}" if len(months) else "no dates"
    parts = [
        f"<b>Scope:</b> {html.escape(scope.title)}",
        f"<b>Sources:</b> {coverage['source_name'].nunique()}; <b>records:</b> {rows or 'none'}",
        f"<b>Months with records:</b> {reach}",
        "<b>Not in it:</b> audits that nobody delivered, records that only their owner may see, and complaint cases",
    ]
    if scope.is_pack:
        parts[-1] = (
            "<b>Not in it:</b> what this reader may not see, and complaint cases with the visits that investigate them"
        )
        parts.append(
            "<b>Withheld:</b> names and days of other members, and what they accept: of their audits nobody can tell "
            "here whether one repeats another, so single counts of this page may be lower or higher than those of the "
            "whole pooling"
        )
    if len(stale):
        names = ", ".join(sorted({f"{row.source_title} ({row.feed.replace('_', ' ')})" for row in each(stale)}))
        parts.append(f"<b>Stale or refused:</b> {safe(names)}")
    parts += _of_the_headline(scope)
    return Html(f'<div class="box"><h3>What this briefing rests on</h3>{items(parts)}</div>')


def _of_the_headline(scope: Scope) -> list[str]:
    row = scope.ask("headline").iloc[0].fillna(0)
    if not row["audit_count"]:
        return []
    return [
        f"<b>Days:</b> estimated from effort tables for {counted(row['estimated_count'], 'audit')} of "
        f"{number(row['audit_count'])}, told by the source for the rest",
        f"<b>Uncertain identities:</b> about {number(row['doubtful_audits'])} of these audits may belong to another "
        "site",
        *(() if scope.organisations else (_orderers(row),)),
    ]


def _orderers(row: "pd.Series[Any]") -> str:
    return (
        f"<b>Orderers:</b> no brand is known behind {counted(row['facility_count'], 'audit')} that the facility "
        "ordered "
        f"itself, and nobody told who ordered {number(row['unknown_orderer_count'])}; the latter never count as "
        "avoidable"
    )


def coverage_figure(scope: Scope) -> Html:
    """From when to when each source reaches."""
    return show(
        figures.draw_coverage,
        audit_months(scope.ask("record_coverage")),
        "From when to when each source delivered audits",
        "A source that is missing here is missing in every figure of this page.",
        "record_coverage",
    )


def whole(scope: Scope) -> Html:
    """The pooling as a whole, as released: in a pack alone."""
    return Html(f'<section id="whole"><h3>The pooling as a whole</h3>{released_box(scope.released())}</section>')


def audits_per_site(scope: Scope) -> Html:
    """How often sites are audited."""
    return show(
        figures.draw_audits_per_site,
        scope.ask("audits_per_site"),
        "Sites by number of audits in the scope",
        "Orange: more than one audit. Observations, self-assessments and planned visits are not counted.",
        "audits_per_site",
    )


def surveys(scope: Scope) -> Html:
    """Audits a year beside what factories reported in surveys."""
    rows = [
        [
            titled(row.country_code, "country"),
            f"{row.audits_per_site_year:.1f}",
            span(row.surveyed_low, row.surveyed_high),
            f"{row.surveyed_from} to {row.surveyed_to}",
            row.audit_count,
        ]
        for row in each(scope.ask("visits_beside_surveys"))
    ]
    heads = {
        "Country": False,
        "Audits per audited site and year": True,
        "Factories reported": True,
        "In": False,
        "Audits here": True,
    }
    return table(
        "Beside the literature",
        heads,
        rows,
        "visits_beside_surveys",
        "Means that factories reported (ITC 2024, 439 factories). Fewer here means that sources are missing, not "
        "that less is "
        "audited.",
        "No published number of audits a year is on file for the countries of this scope.",
    )


def unseen(scope: Scope) -> Html:
    """Bounds for what nobody delivered."""
    told = scope.ask("unseen_by_country")
    rows = [
        [
            titled(row.country_code, "country"),
            row.seen_audit_count,
            number(row.audits_lower_bound),
            "–" if not row.in_both_count else number(row.audits_if_independent),
        ]
        for row in each(told.head(_COUNTRIES_LISTED))
    ]
    seen, least = told["seen_audit_count"].sum(), told["audits_lower_bound"].sum()
    return table(
        "Audits that nobody delivered",
        {
            "Country": False,
            "Seen": True,
            "There must be at least": True,
            "If logs and programmes were independent": True,
        },
        rows,
        "unseen_by_country",
        f"By capture and recapture over sources, all years, without brands' own programmes: {number(seen)} seen, at "
        "least "
        f"{number(least)} made in all. Both are bounds from below as a rule, since sources share audits; no upper "
        "bound can be had.",
    )


def studies(scope: Scope) -> Html:
    """Background studies on the countries of the scope."""
    told = scope.ask("studies_of_country")
    rows = [
        [
            row.study_title,
            row.publisher if isinstance(row.publisher, str) else "–",
            "–" if pd.isna(row.study_year) else f"{int(row.study_year)}",
            ", ".join(titled(topic, "topic") for topic in ([] if is_missing(row.study_topics) else row.study_topics)),
        ]
        for row in each(told.head(_STUDIES_LISTED))
    ]
    more = f" The newest {_STUDIES_LISTED} of {len(told)}." if len(told) > _STUDIES_LISTED else ""
    return table(
        "Background studies that members pooled",
        {"Study": False, "Publisher": False, "Year": False, "Topics": False},
        rows,
        "studies_of_country",
        f"Each once, however often it is listed.{more}",
        "No study on this country was delivered.",
    )


def certainty(scope: Scope) -> Html:
    """How sure the sites are."""
    return show(
        figures.draw_certainty,
        scope.ask("certainty_of_sites"),
        "How likely the records of a site are one site",
        "The weakest link counts: one false link invents a repeat audit. Doubtful links wait for a person's judgement.",
        "certainty_of_sites",
    )


def sensitivity(scope: Scope) -> Html:
    """How the answer hangs on links."""
    told = scope.ask("sure_of_avoidable")
    rows = [
        [
            f"{100 * row.match_threshold:.0f} %" if row.match_threshold else "any",
            row.avoidable_audit_count,
            row.auditor_days_central,
        ]
        for row in each(told)
    ]
    return table(
        "If only surer pairs of audits counted",
        {"At one site with at least": False, "Avoidable audits": True, "Auditor days": True},
        rows if told["avoidable_audit_count"].any() else [],
        "sure_of_avoidable",
        "An audit counts through its most probable earlier audit.",
        "No audit in this scope was avoidable.",
    )


def rules(scope: Scope, are_sites_named: bool = False) -> Html:
    """The words, the rules and the version that the page was made with."""
    parts = [
        "An <b>audit event</b> is one assessment of one site in one period by one team; several parties may report "
        "it, and it "
        "counts once.",
        "<b>Avoidable</b> is an audit that happened and need not have: ordered by another party inside the validity "
        "of an earlier "
        "audit whose topics cover it, with a passing grade, at an unchanged site. <b>Avoided</b> is one that did not "
        "happen "
        "because another was used. They are never added.",
        f"Pairs are looked at up to {scope.rule('horizon_months')} months apart. A follow-up comes within "
        f"{scope.rule('followup_months')} months, a renewal within {scope.rule('renewal_days')} days of the end of "
        "validity; an "
        f"audit within {scope.rule('case_days')} days after a case is never called avoidable.",
        f"A country, orderer or pair of organisations is told by number from {scope.rule('smallest_cell')} sites on "
        "where a "
        "single one could be known by it.",
        f"Sites are records that are probably one place{'' if are_sites_named else '; no site is named here'}.",
        f"As of {scope.day}; conjoin {html.escape(__version__)}.",
    ]
    return Html(items(parts))


def sources(scope: Scope) -> Html:
    """Every source with what it delivered."""
    told = scope.ask("record_coverage")
    rows = []
    for title, kinds in told.groupby("source_title", sort=False):
        delivered = [f"{row.record_count:,} {row.record_kind.replace('_', ' ')}" for row in each(kinds)]
        months = kinds[["month_from", "month_to"]].dropna()
        reach = f"{month(months['month_from'].min())} to {month(months['month_to'].max())}" if len(months) else "–"
        rows.append([str(title), titled(kinds["source_kind"].iloc[0], "source_kind"), listed(delivered), reach])
    return table(
        "Sources, complete",
        {"Source": False, "Kind": False, "Delivered": False, "Months": False},
        rows,
        "record_coverage",
        "",
        why_empty(told),
    )
