"""Stories of repeats: who repeated whom and why, decided when the world is invented and not by any rule.

A story is told at a site of its own, at which nothing else happens: two visits, and what the second was to the first.
The verdict is the author's, from the description of the field; it is what the rules have to find out from deliveries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from conjoin.simulate.industry.programmes import CERTIFICATION_BODIES, FIRMS
from conjoin.simulate.industry.truth import AS_OF, START, chosen, days_after

#: Of the sites, so many have a story; the others live as sites do.
STORY_SHARE = 0.2
#: Companies that accept any audit that holds: no acceptance policy of theirs is known.
_EASY = ("Tidewater Kids", "Granite Trail")
#: Companies that order the first visit.
_FIRST = ("Mavi Deniz Mağazacılık", "Bramble Retail Group", "Kestrel Sport", "Harbour & Pine")
_CASE_LEAD_DAYS = (20, 120)


@dataclass(frozen=True)
class Visit:
    """One visit of a story, as far as the story needs it."""

    scheme: str
    audit_kind: str
    by: str
    grade: str | None = None
    workers: int = 420
    initiative: str | None = None
    firms: tuple[str, ...] = FIRMS
    by_type: str = "brand"


@dataclass(frozen=True)
class Story:
    """Two visits, the days between them, and what the second was to the first.

    Attributes:
        name: What happened, in words.
        pair_class: What the second visit was to the first.
        gap: Bounds of the days between the two first days.
        visits: Given who ordered the first and the second, the two visits.
        has_case: A complaint was filed shortly before the second.
    """

    name: str
    pair_class: str
    gap: tuple[int, int]
    visits: Callable[[str, str], tuple[Visit, Visit]]
    has_case: bool = False


def _smeta_then_bsci(first: str, second: str) -> tuple[Visit, Visit]:
    return Visit("smeta_4pillar", "initial_full", first), Visit("bsci", "initial_full", second, "B")


STORIES = (
    Story("the first audit would have done for the second buyer", "repeat_avoidable", (40, 340), _smeta_then_bsci),
    Story("the first result had ended when the second buyer came", "repeat_justified", (380, 900), _smeta_then_bsci),
    Story(
        "the first audit had failed", "repeat_justified", (40, 300),
        lambda a, b: (Visit("bsci", "initial_full", a, "E"), Visit("smeta_4pillar", "initial_full", b)),
    ),
    Story(
        "one buyer had the site audited twice", "own_repeat", (40, 300),
        lambda _, b: (Visit("smeta_4pillar", "initial_full", b), Visit("bsci", "initial_full", b, "C")),
    ),
    Story(
        "the same scheme again when the first result was about to end", "renewal", (310, 360),
        lambda a, b: (Visit("smeta_4pillar", "initial_full", a), Visit("smeta_4pillar", "periodic_full", b)),
    ),
    Story(
        "a partial visit looked after corrections", "followup", (50, 160),
        lambda a, _: (Visit("smeta_4pillar", "initial_full", a), Visit("smeta_4pillar", "followup_partial", a)),
    ),
    Story(
        "the site had doubled in between", "repeat_justified", (40, 300),
        lambda a, b: (
            Visit("smeta_4pillar", "initial_full", a), Visit("bsci", "initial_full", b, "B", workers=1000)
        ),
    ),
    Story("workers had complained before the second visit", "complaint_triggered", (150, 300), _smeta_then_bsci, True),
    Story(
        "surveillance of a certificate", "certification_cycle", (340, 380),
        lambda _, __: (
            Visit("sa8000", "certification_stage", "", None, 420, "sai", CERTIFICATION_BODIES[:1], "facility"),
            Visit("sa8000", "surveillance", "", None, 420, "sai", CERTIFICATION_BODIES, "facility"),
        ),
    ),
    Story("two schemes on the same days", "joint_visit", (0, 1), _smeta_then_bsci),
)  # fmt: skip


def story_sites(site_count: int) -> np.ndarray:
    """Whether each site has a story: every fifth or so, so that growing a world changes no site's life."""
    told: np.ndarray = np.arange(site_count) % round(1 / STORY_SHARE) == 0
    return told


def tell_stories(rng: np.random.Generator, sites: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The visits of all stories, and the cases in them.

    Args:
        rng: Source of all chance.
        sites: Every site, by index.

    Returns:
        Visits: one row each, with ``story`` (its number), ``role`` (0, 1), ``story_class``, ``story_grade`` and
        ``story_workers`` beside what every event has. Cases: one row each, ``site_index`` and ``complaint_month``.
    """
    visits, cases = [], []
    for number, site in enumerate(np.flatnonzero(story_sites(len(sites)))):
        story = STORIES[number % len(STORIES)]
        first_by, second_by = chosen(rng, _FIRST, 1)[0], chosen(rng, _EASY, 1)[0]
        gap = int(rng.integers(*story.gap))
        start = int(rng.integers(0, (AS_OF - START).days - gap - 120))
        facility = sites["parent_name"].iloc[site]
        for role, visit in enumerate(story.visits(str(first_by), str(second_by))):
            told = {
                "site_index": int(site), "story": number, "role": role, "story_class": story.pair_class,
                "story_grade": visit.grade, "story_workers": visit.workers, "scheme": visit.scheme,
                "audit_kind": visit.audit_kind, "commissioner": visit.by or facility,
                "commissioner_type": visit.by_type, "initiative": visit.initiative,
                "audit_firm": chosen(rng, visit.firms, 1)[0], "day": start + role * gap,
            }  # fmt: skip
            visits.append(told)
        if story.has_case:
            filed = days_after(START, start + gap - int(rng.integers(*_CASE_LEAD_DAYS)))
            cases.append({"site_index": int(site), "complaint_month": filed})
    events = pd.DataFrame(visits)
    events["visit_start"] = pd.Series(days_after(START, events.pop("day").to_numpy()))
    events["auditor_party"], events["notice"], events["visit_days"] = "3", "announced", 2
    events["followup_share"], events["visit"] = 0.0, 0
    found = pd.DataFrame(cases, columns=["site_index", "complaint_month"])
    found["complaint_month"] = pd.to_datetime(found["complaint_month"]).dt.to_period("M").dt.to_timestamp("s")
    return events, found


def verdicts(events: pd.DataFrame) -> pd.DataFrame:
    """One row per story whose two visits took place: the true events, what happened, and what the second was."""
    told = events[events["story"].notna() & events["audit_status"].eq("done")]
    first, second = (told[told["role"].eq(role)].set_index("story") for role in (0, 1))
    both = first.join(second, rsuffix="_b", how="inner")
    names = {number: STORIES[int(number) % len(STORIES)].name for number in both.index}
    return pd.DataFrame(
        {
            "true_event_id_a": both["true_event_id"],
            "true_event_id_b": both["true_event_id_b"],
            "true_site_id": both["true_site_id"],
            "true_class": both["story_class"],
            "story": pd.Series(names),
        }
    ).reset_index(drop=True)
