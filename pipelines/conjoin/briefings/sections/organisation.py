"""The page of one organisation: its audits, whose they repeat, with whom it meets, and what it could do next."""

from typing import Any

import pandas as pd

from conjoin import __version__
from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections import first, next_steps
from conjoin.briefings.texts import Html, beside, safe, table, to_do, why_empty
from conjoin.briefings.words import MISSING, counted, each, is_missing, listed, number, share, titled

_SITES_LISTED = 40
_PARTNERS_LISTED = 20
_MOST_STEPS = 5
_NAMED = 3
_PACK = (
    "<b>This is from a pack:</b> whether an audit of another member repeats one, what others plan and what they accept "
    "is withheld, so single counts may be lower or higher than those of the whole pooling."
)
_WHOLE = (
    "<b>This is from the coordinator's own warehouse:</b> it tells of other members. What may be handed to this "
    "organisation is the page made from its own pack."
)
_UNNAMED = {
    "facility": "Facilities themselves",
    "withheld": "Other members, whose names are withheld",
    "unknown": "Nobody told who",
}


def first_screen(scope: Scope) -> Html:
    """The name, the answer in a sentence, four figures, the trend and the next steps."""
    headline = scope.ask("headline").iloc[0]
    made = f"As of {scope.day}, made with conjoin {__version__}."
    parts = [
        f"<h1>{safe(scope.subject)}: its audits, and what could have been one visit</h1>",
        f'<p class="scope">{safe(scope.title)}. {made}</p>',
        f'<div class="box warning"><p>{_PACK if scope.is_pack else _WHOLE}</p></div>',
        f'<p class="answer">{safe(_answer(scope.subject, headline))}</p>',
    ]
    if headline["audit_count"]:
        parts.append(first.headline_tiles(headline, scope.ask("money_of_avoidable").iloc[0]))
    parts.append(beside(first.trend(scope), to_do(steps_of(scope))))
    return Html(f'<section class="first">{"".join(parts)}</section>')


def _answer(name: str, headline: "pd.Series[Any]") -> str:
    audits, avoidable = headline["audit_count"], headline["avoidable_count"]
    if not audits:
        return f"No audit that {name} ordered is known in this scope"
    at = f"{counted(audits, 'audit')} at {counted(headline['site_count'], 'site')}"
    if not avoidable:
        return f"None of the {at} that {name} ordered is known to repeat somebody else's that would have done"
    return (
        f"{number(avoidable)} of the {at} that {name} ordered ({share(avoidable, audits)}) repeat somebody else's "
        "audit that would have done"
    )


def steps_of(scope: Scope) -> list[str]:
    """At most five steps, most urgent first; one that says so where there is nothing to do."""
    planned, partners = scope.ask("planned_by_month"), scope.ask("organisation_partners")
    steps = [
        *next_steps.covered(planned, scope.is_pack),
        *next_steps.joint(scope.plan),
        *_ask_first(partners),
        *_offer(partners),
        *_accepted(scope.ask("organisation_policies")),
        *next_steps.one_reason(scope.ask("reasons_of_repeats"), scope.ask("headline").iloc[0]["audit_count"]),
        *next_steps.blocked(planned),
    ][:_MOST_STEPS]
    return steps or ["Nothing in this scope asks for a step: no visit is planned, and no audit could be spared"]


def _ask_first(partners: pd.DataFrame) -> list[str]:
    """Whose earlier reports would have done."""
    found = _named(partners, "own_avoidable_count")
    count = int(partners["own_avoidable_count"].sum())
    if not count:
        return []
    who = f"; first of all {listed(found)}" if found else ""
    return [f"Ask others for their report before ordering: for {counted(count, 'audit')} theirs would have done{who}"]


def _offer(partners: pd.DataFrame) -> list[str]:
    """Who ordered again what this organisation had."""
    found = _named(partners, "their_avoidable_count")
    count = int(partners["their_avoidable_count"].sum())
    if not count:
        return []
    who = f"; first of all to {listed(found)}" if found else ""
    return [
        f"Offer its own reports: {counted(count, 'later audit of another', 'later audits of others')} "
        f"{'repeats' if count == 1 else 'repeat'} one of its own{who}"
    ]


def _named(partners: pd.DataFrame, column: str) -> list[str]:
    told = partners[partners["commissioner"].notna() & (partners[column] > 0)]
    told = told.sort_values(column, ascending=False, kind="stable").head(_NAMED)
    return [f"{name} ({number(count)})" for name, count in zip(told["commissioner"], told[column], strict=True)]


def _accepted(policies: pd.DataFrame) -> list[str]:
    found = policies[policies["young_enough_count"] > 0]
    if found.empty:
        return []
    who = [f"{row.buyer_name} ({number(row.young_enough_count)})" for row in each(found.head(_NAMED))]
    rest = len(found) - len(who)
    more = f" and {counted(rest, 'other buyer')}" if rest else ""
    return [f"Tell buyers whose policies name what it has: {', '.join(who) if rest else listed(who)}{more}"]


def partners(scope: Scope) -> Html:
    """With whom it meets at the same sites, and who repeated whose audits."""
    told = scope.ask("organisation_partners")
    rows = [
        [
            _name(row),
            titled(row.commissioner_type, "commissioner_type") if isinstance(row.commissioner, str) else "",
            row.shared_site_count,
            row.their_audit_count,
            row.own_avoidable_count,
            row.their_avoidable_count,
        ]
        for row in each(told.head(_PARTNERS_LISTED))
    ]
    more = len(told) - len(rows)
    rest = (
        f" {counted(more, 'other')} with fewer common sites {'is' if more == 1 else 'are'} not listed." if more else ""
    )
    heads = {
        "Other orderer": False,
        "Kind": False,
        "Sites in common": True,
        "Audits they ordered there": True,
        "Own that repeat theirs": True,
        "Theirs that repeat own": True,
    }
    return table(
        "With whom it meets, and who repeated whose audits",
        heads,
        rows,
        "organisation_partners",
        f"Others met at fewer than {scope.rule('smallest_cell')} sites stand together by kind. An avoidable audit "
        "counts once, through the most probable earlier audit; that one may lie before the period of this page, and "
        f"is then under no name here.{rest}",
        why_empty(told),
    )


def _name(row: Any) -> str:
    if isinstance(row.commissioner, str):
        return row.commissioner
    kind = str(row.commissioner_type)
    return _UNNAMED.get(kind, f"Others: {titled(kind, 'commissioner_type').lower()}")


def policies(scope: Scope) -> Html:
    """Which buyers' policies name what it has."""
    told = scope.ask("organisation_policies")
    rows = [
        [row.buyer_name, row.holding_audit_count, row.scheme_named_count, row.young_enough_count] for row in each(told)
    ]
    withheld = "What other members accept is withheld in a pack."
    return table(
        "Buyers whose policies name the schemes of its audits that hold today",
        {"Buyer": False, "Audits that hold": True, "Scheme is named": True, "Young enough too": True},
        rows,
        "organisation_policies",
        "Whatever the period of this page. Grade, notice, body and topics are judged audit by audit.",
        withheld if scope.is_pack and told.empty else why_empty(told),
    )


def sites(scope: Scope) -> Html:
    """The sites that it had audited, the first by name, the rest counted."""
    told = scope.ask("organisation_sites")
    rows = [
        [
            (MISSING if is_missing(row.site_name) else row.site_name)
            + (" (identity open)" if row.is_identity_open else ""),
            row.site_id,
            titled(row.country_code, "country"),
            row.audit_count,
            row.avoidable_count,
            row.other_audit_count,
            MISSING if is_missing(row.last_visit_start) else f"{row.last_visit_start:%Y-%m-%d}",
        ]
        for row in each(told.head(_SITES_LISTED))
    ]
    rest = told.iloc[_SITES_LISTED:]
    if len(rest):
        sums = [int(rest[name].sum()) for name in ("audit_count", "avoidable_count", "other_audit_count")]
        rows.append([counted(len(rest), "other site"), "", "", *sums, ""])
    everywhere = int(scope.ask("headline").iloc[0]["site_count"])
    hidden = everywhere - len(told)
    more = f" At {counted(hidden, 'more site')} its audits may be told in totals alone." if hidden > 0 else ""
    heads = {
        "Site": False,
        "Site id": False,
        "Country": False,
        "Its audits": True,
        "Avoidable": True,
        "Audits of others": True,
        "Last visit": False,
    }
    return table(
        "Sites that it had audited",
        heads,
        rows,
        "organisation_sites",
        "Those with most avoidable audits first. Where the identity is open, a question on which records are the site "
        f"waits for a person.{more}",
        why_empty(told),
    )
