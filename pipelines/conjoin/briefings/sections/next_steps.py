"""What to do next, most urgent first: each step names a number, and where it can be looked up."""

from typing import Any, Protocol

import pandas as pd

from conjoin.briefings.texts import to_do
from conjoin.briefings.words import counted, each, listed, month, number, reason_in_words

_MOST = 5
_MONTHS_NAMED = 3


class Asked(Protocol):
    """What answers: the scope of a briefing, or the file of a desk."""

    @property
    def is_pack(self) -> bool:
        """Whether the file was built from what one reader may see."""

    def ask(self, question: str) -> pd.DataFrame:
        """The answer to a saved question."""

    @property
    def plan(self) -> pd.DataFrame:
        """Planned visits with the months in which the fewest visits would serve them."""


def next_steps(scope: Asked) -> str:
    """An ordered list of at most five steps, as HTML."""
    return to_do(steps_of(scope))


def steps_of(scope: Asked) -> list[str]:
    """At most five steps, most urgent first; one that says so where there is nothing to do."""
    planned = scope.ask("planned_by_month")
    steps = [
        *covered(planned, scope.is_pack),
        *joint(scope.plan),
        *_share(scope),
        *one_reason(scope.ask("reasons_of_repeats"), scope.ask("headline").iloc[0]["audit_count"]),
        *blocked(planned),
        *_certificates(scope.ask("certificates_ending")),
        *_stale(scope.ask("stale_feeds")),
    ][:_MOST]
    if not steps:
        steps = ["Nothing in this scope asks for a step: no visit is planned, and no audit known here could be spared"]
    return steps


def covered(planned: pd.DataFrame, is_pack: bool) -> list[str]:
    """Planned visits that an audit already there would serve, by the first months."""
    found = planned[planned["covered_count"] > 0]
    own = "own " if is_pack else ""
    return [
        f"Use the report that is there: {number(row.covered_count)} of "
        f"{counted(row.planned_visit_count, f'{own}visit')} "
        f"planned for {month(row.visit_month)} {'falls' if row.covered_count == 1 else 'fall'} into the validity of "
        "an audit "
        "that the orderer would accept"
        for row in each(found.head(_MONTHS_NAMED))
    ]


def joint(plan: pd.DataFrame) -> list[str]:
    """Planned visits that could be made as fewer."""
    if plan.empty:
        return []
    sites = plan.drop_duplicates("site_id")
    saved = int(sites["visits_saved"].sum())
    if not saved:
        return []
    merged = sites[sites["visits_saved"] > 0]
    return [
        f"Visit together: {counted(merged['visits_planned'].sum(), 'planned visit')} at "
        f"{counted(len(merged), 'site')} could "
        f"be {number(merged['visits_needed'].sum())}, each moved by at most a month"
    ]


def _share(scope: Asked) -> list[str]:
    """Who would have to look first, where reports could have been shared at once."""
    orderers = scope.ask("avoidable_by_orderer")
    now = int(orderers["avoidable_now_count"].sum())
    if not now:
        return []
    named = orderers[orderers["commissioner"].notna() & (orderers["avoidable_now_count"] > 0)]
    named = named.sort_values("avoidable_now_count", ascending=False, kind="stable").head(_MONTHS_NAMED)
    who = [f"{row.commissioner} ({number(row.avoidable_now_count)})" for row in each(named)]
    told = f"; first of all with {listed(who)}" if who else ""
    return [
        f"Ask for the earlier report before ordering: for {counted(now, 'avoidable audit')} it could have been "
        "shared at "
        f"once{told}"
    ]


def one_reason(reasons: pd.DataFrame, audits: Any) -> list[str]:
    """The reason that alone stood in the way most often, where people can change it."""
    found = reasons[~reasons["reason"].isin(["orderer_unknown", "site_changed"]) & (reasons["lone_audit_count"] > 0)]
    if found.empty:
        return []
    row = found.sort_values("lone_audit_count", ascending=False, kind="stable").iloc[0]
    return [
        f"Agree on what stands in the way: for {counted(row['lone_audit_count'], 'repeat audit')} of "
        f"{counted(audits, 'audit')} one thing alone did: {_lower(reason_in_words(row['reason']))}"
    ]


def blocked(planned: pd.DataFrame) -> list[str]:
    """Planned visits at sites where an audit holds that would not do, and why."""
    found = planned[(planned["held_count"] > planned["covered_count"]) & planned["first_obstacle"].notna()]
    if found.empty:
        return []
    count = int((found["held_count"] - found["covered_count"]).sum())
    reasons = found["first_obstacle"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    fall = "falls" if count == 1 else "fall"
    return [
        f"Settle before {month(found['visit_month'].min())}: {counted(count, 'planned visit')} {fall} into the "
        "validity of an "
        f"audit that would not do, most often because {_lower(reason_in_words(reasons.index[0]))}"
    ]


def _certificates(ending: pd.DataFrame) -> list[str]:
    if ending.empty:
        return []
    count, last = int(ending["certificate_count"].sum()), ending["valid_to_month"].max()
    planned = int(ending["with_planned_visit_count"].sum())
    and_there = (
        f"; at {counted(planned, 'of their sites a visit', 'of their sites visits')} could serve both"
        if planned
        else ""
    )
    return [
        f"Plan renewals: {counted(count, 'certificate')} {'ends' if count == 1 else 'end'} by {month(last)}{and_there}"
    ]


def _stale(stale: pd.DataFrame) -> list[str]:
    if stale.empty:
        return []
    return [
        f"Ask for what is late: {counted(len(stale), 'delivery', 'deliveries')} of "
        f"{counted(stale['source_title'].nunique(), 'source')} overdue or refused"
    ]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
