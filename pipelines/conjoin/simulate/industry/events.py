"""What happened at the invented sites: audits of every programme, their follow-ups, joint and planned visits, relays.

One row of the result is one true audit event. Streams of visits are drawn per site and programme, all sites at once.
"""

import numpy as np
import pandas as pd

from conjoin.simulate.industry.programmes import (
    BETTER_WORK_COUNTRIES,
    BUYER,
    BUYER_OR_FACILITY,
    FACILITY,
    INVESTIGATORS,
    OF_MEMBERS,
    ORDERED_BY_MEMBERS,
    OWN_PROGRAMME,
    POOLED_SCHEMES,
    PROGRAMMES,
    Programme,
)
from conjoin.simulate.industry.stories import story_sites
from conjoin.simulate.industry.truth import AS_OF, ORDERERS, START, Industry, chosen, days_after, stacked

_PLANNING_DAYS = 270
_LAST_DAY = (AS_OF - START).days
_JOINT_SHARE = 0.06
_SHARED_SHARE = 0.08
_MEMBERS_SHARE = 0.4  # of an initiative's visits that members ordered, where members can
_RELAY_SHARE = 0.1
_OWN_TEAM_SHARE = 0.45
_CANCELLED_SHARE = 0.02
_INVESTIGATED_SHARE = 0.5
_NOTICES = ("announced", "semi_announced", "unannounced")
_JO_IN_START = pd.Timestamp("2006-11-13")


def build_events(
    rng: np.random.Generator,
    industry: Industry,
    cases: pd.DataFrame,
    partners: set[frozenset[str]],
    stories: pd.DataFrame,
) -> pd.DataFrame:
    """All true events, in order of site and day; key ``true_event_id``.

    Args:
        rng: Source of all chance.
        industry: Sites and their buyers.
        cases: Complaints; some lead to an investigation on site.
        partners: Companies that are known to order audits together.
        stories: The visits at sites that have a story, at which nothing else happens.
    """
    parts = [_programme_events(rng, industry, programme) for programme in PROGRAMMES]
    parts.append(_own_events(rng, industry, partners))
    parts.append(_investigations(rng, cases[~story_sites(len(industry.sites))[cases["site_index"]]]))
    events = stacked([*parts, stories])
    events["parent"] = -1
    for name in ("true_case_id", "topics_in_scope"):  # of investigations; a small world may have none
        events[name] = events[name].astype(object) if name in events else None
    events = stacked([events, _followups(rng, events)])
    events = _with_joint_visits(rng, events)
    events = _with_dates(rng, events)
    events = _with_status(rng, events)
    return _numbered(stacked([events, _relays(rng, events)], ignore_index=False))


# --- streams -----------------------------------------------------------------------------------------------------


def _programme_events(rng: np.random.Generator, industry: Industry, programme: Programme) -> pd.DataFrame:
    sites = industry.sites
    eligible = ~story_sites(len(sites))
    if programme.countries:
        eligible &= sites["country_code"].isin(programme.countries).to_numpy()
    if programme.schemes[0] in OF_MEMBERS:
        eligible &= np.isin(
            np.arange(len(sites)), _member_supplies(industry, OF_MEMBERS[programme.schemes[0]])["site_index"]
        )
    members = np.flatnonzero(eligible & (rng.random(len(sites)) < programme.share))
    buyers = _one_buyer_each(rng, industry, members)
    events = _who(rng, programme, _stream(rng, programme, members), buyers, sites)
    return _pooled(rng.spawn(1)[0], industry, programme, events)


def _own_events(rng: np.random.Generator, industry: Industry, partners: set[frozenset[str]]) -> pd.DataFrame:
    """Visits of buyers' own programmes: some by their own people, some ordered together with another buyer."""
    supplies = industry.supplies[~story_sites(len(industry.sites))[industry.supplies["site_index"]]]
    taken = supplies[rng.random(len(supplies)) < OWN_PROGRAMME.share].reset_index(drop=True)
    events = _stream(rng, OWN_PROGRAMME, taken["site_index"].to_numpy())
    events = _who(rng, OWN_PROGRAMME, events, taken["buyer_name"].to_numpy(), industry.sites)
    own_team = rng.random(len(events)) < _OWN_TEAM_SHARE
    events.loc[own_team, "audit_firm"] = events.loc[own_team, "commissioner"]
    events.loc[own_team, "auditor_party"] = "2"
    return _ordered_together(rng.spawn(1)[0], events, supplies, partners)


def _pooled(rng: np.random.Generator, industry: Industry, programme: Programme, events: pd.DataFrame) -> pd.DataFrame:
    """The visits of a programme whose one report serves several buyers, with those that several ordered together."""
    if programme.schemes[0] in ORDERED_BY_MEMBERS:
        supplies = _member_supplies(industry, OF_MEMBERS[programme.schemes[0]])
        return _ordered_together(rng, _ordered_by_a_member(rng, events, supplies), supplies)
    if programme.schemes[0] in POOLED_SCHEMES:
        return _ordered_together(rng, events, industry.supplies)
    return events


def _ordered_by_a_member(rng: np.random.Generator, events: pd.DataFrame, supplies: pd.DataFrame) -> pd.DataFrame:
    """Some visits of an initiative are ordered by a member that buys at the site."""
    names = events["site_index"].map(supplies.drop_duplicates("site_index").set_index("site_index")["buyer_name"])
    ordered = names.notna() & (rng.random(len(events)) < _MEMBERS_SHARE)
    events["commissioner"] = names.where(ordered, events["commissioner"])
    events.loc[ordered, "commissioner_type"] = "brand"
    return events


def _ordered_together(
    rng: np.random.Generator, events: pd.DataFrame, supplies: pd.DataFrame, partners: set[frozenset[str]] | None = None
) -> pd.DataFrame:
    """Some visits that a buyer ordered are ordered together with another buyer of the site, if need be a partner."""
    buyers = supplies.groupby("site_index")["buyer_name"].agg(list).to_dict()
    names, sites = events["commissioner"].to_numpy(dtype=object), events["site_index"].to_numpy()
    told = names.copy()
    for row in np.flatnonzero(events["commissioner_type"].eq("brand") & (rng.random(len(events)) < _SHARED_SHARE)):
        others = [
            name
            for name in buyers.get(sites[row], [])
            if name != names[row] and (partners is None or frozenset((name, names[row])) in partners)
        ]
        if others:
            told[row] = ORDERERS.join((names[row], others[int(rng.integers(len(others)))]))
    events["commissioner_type"] = events["commissioner_type"].mask(told != names, "shared")
    return events.assign(commissioner=told)


def _stream(rng: np.random.Generator, programme: Programme, members: np.ndarray) -> pd.DataFrame:
    """One row per visit: ``stream`` is the place in ``members``, ``visit`` counts the stream's visits from 0."""
    count = len(members)
    interval = rng.integers(*programme.every_days, count) if count else np.zeros(0, int)
    first = rng.integers(0, np.maximum(interval, 1)) + rng.integers(0, 900, count) * (rng.random(count) < 0.5)
    last = _LAST_DAY + (_PLANNING_DAYS if programme.plans else 0)
    visits = np.clip((last - first) // np.maximum(interval, 1) + 1, 0, programme.latest_visits)
    stream = np.repeat(np.arange(count), visits)
    visit = np.arange(len(stream)) - np.repeat(np.cumsum(visits) - visits, visits)
    jitter = rng.integers(-20, 21, len(stream))
    day = np.minimum(np.maximum(first[stream] + visit * interval[stream] + jitter, 0), last)
    start = _JO_IN_START if programme.schemes == ("jo_in",) else START
    day = day % 80 if programme.schemes == ("jo_in",) else day
    scheme = chosen(rng, programme.schemes, count)
    return pd.DataFrame(
        {
            "site_index": members[stream].astype(int),
            "stream": stream,
            "visit": visit,
            "scheme": scheme[stream],
            "visit_start": pd.Series(days_after(start, day)),
            "followup_share": programme.followup_share,
        }
    )


def _who(
    rng: np.random.Generator, programme: Programme, events: pd.DataFrame, buyers: np.ndarray, sites: pd.DataFrame
) -> pd.DataFrame:
    """Kind, notice, duration, who ordered and who came."""
    count = len(events)
    site = events["site_index"].to_numpy()
    events["audit_kind"] = np.where(events["visit"] == 0, programme.kinds[0], programme.kinds[1])
    if programme.schemes == ("sa8000",):
        cycle = np.select(
            [events["visit"] == 0, events["visit"] % 3 == 0], ["certification_stage", "recertification"], "surveillance"
        )
        events["audit_kind"] = cycle
    events["notice"] = np.array(_NOTICES, dtype=object)[rng.choice(3, count, p=programme.notice)]
    events["visit_days"] = rng.integers(programme.visit_days[0], programme.visit_days[1] + 1, count)
    names = sites["parent_name"].to_numpy()[site]
    by_buyer = np.full(count, programme.commissioner == BUYER)
    if programme.commissioner == BUYER_OR_FACILITY:
        by_buyer = rng.random(count) < 0.55
    if programme.commissioner in (BUYER, FACILITY, BUYER_OR_FACILITY):
        events["commissioner"] = np.where(by_buyer, buyers[events["stream"].to_numpy()] if count else "", names)
        events["commissioner_type"] = np.where(by_buyer, "brand", "facility")
    else:
        events["commissioner"], events["commissioner_type"] = programme.commissioner, programme.commissioner_type
    firms = (
        chosen(rng, programme.firms, count)
        if programme.firms
        else sites["country_code"].map(BETTER_WORK_COUNTRIES).to_numpy()[site]
    )
    events["audit_firm"] = firms
    events["auditor_party"] = "3"
    events["initiative"] = programme.initiative
    return events


def _investigations(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    """Visits that complaints led to, one to five months after the case was filed."""
    found = cases[cases["scheme"].notna() & (rng.random(len(cases)) < _INVESTIGATED_SHARE)]
    events = found[["site_index", "scheme", "initiative", "true_case_id"]].reset_index(drop=True)
    days = pd.to_timedelta(rng.integers(31, 150, len(events)), unit="D")
    events["visit_start"] = pd.Series(found["complaint_month"].to_numpy() + days.to_numpy())
    events["audit_kind"], events["commissioner_type"], events["auditor_party"] = "complaint", "initiative", "3"
    events["commissioner"] = events["initiative"].map({code: name for code, (_, name) in INVESTIGATORS.items()})
    events["audit_firm"], events["notice"] = events["commissioner"], "announced"
    events["topics_in_scope"] = found["topic"].to_numpy()
    events["visit_days"] = rng.integers(1, 4, len(events))
    events["followup_share"], events["visit"] = 0.0, 0
    return events[events["visit_start"] <= AS_OF - pd.Timedelta(days=45)]


def _member_supplies(industry: Industry, initiative: str) -> pd.DataFrame:
    current = industry.affiliations[industry.affiliations["affiliated_to"].isna()]
    members = current.loc[current["initiative"] == initiative, "company_name"]
    return industry.supplies[industry.supplies["buyer_name"].isin(members)]


def _one_buyer_each(rng: np.random.Generator, industry: Industry, sites: np.ndarray) -> np.ndarray:
    counts = np.bincount(industry.supplies["site_index"], minlength=len(industry.sites))
    first = np.cumsum(counts) - counts
    rows = first[sites] + (rng.random(len(sites)) * counts[sites]).astype(int)
    names: np.ndarray = np.array(industry.supplies["buyer_name"], dtype=object)[rows]
    return names


# --- what follows ------------------------------------------------------------------------------------------------


def _followups(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """Follow-ups two to five months after some full audits; ``parent`` is the row that they follow."""
    parents = np.flatnonzero(rng.random(len(events)) < events["followup_share"])
    found = events.iloc[parents].copy()
    found["parent"] = parents
    found["audit_kind"] = chosen(rng, ("followup_partial",) * 8 + ("followup_full", "desktop"), len(found))
    found["visit_start"] += pd.to_timedelta(rng.integers(60, 150, len(found)), unit="D")
    found["visit_days"] = 1
    return found[found["visit_start"] <= AS_OF]


def _with_joint_visits(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """Moves some own visits of buyers onto the day of another programme's audit at the site."""
    events["joint_with"], events["relayed"] = -1, -1
    own = events["scheme"].eq("brand_programme") & events["parent"].eq(-1)
    own &= ~events.index.isin(events["parent"])  # what was followed up keeps its day, or the order would turn round
    movable = events[own & (rng.random(len(events)) < _JOINT_SHARE)]
    hosts = events[events["scheme"].isin(["smeta_4pillar", "smeta_2pillar", "bsci", "slcp"]) & events["parent"].eq(-1)]
    hosts = hosts.reset_index(names="host").assign(host_start=hosts["visit_start"].to_numpy())
    nearest = pd.merge_asof(
        movable.reset_index().sort_values(["visit_start", "index"])[["index", "site_index", "visit_start"]],
        hosts.sort_values(["visit_start", "host"])[["host", "site_index", "visit_start", "host_start"]],
        on="visit_start",
        by="site_index",
        direction="nearest",
        tolerance=pd.Timedelta(days=120),
    ).dropna(subset="host")
    events.loc[nearest["index"], "visit_start"] = nearest["host_start"].to_numpy()
    events.loc[nearest["index"], "joint_with"] = nearest["host"].astype(int).to_numpy()
    return events


def _with_dates(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    count, start = len(events), events["visit_start"]
    events["visit_end"] = start + pd.to_timedelta(events["visit_days"] - 1, unit="D")
    for name, low, high in (("issued_date", 7, 40), ("uploaded_date", 4, 30)):
        events[name] = events["visit_end"] + pd.to_timedelta(rng.integers(low, high, count), unit="D")
    before = pd.to_timedelta(rng.integers(10, 58, count), unit="D")
    events["self_assessed_date"] = (start - before).where(events["scheme"] == "slcp")
    return events


def _with_status(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """Later than ``AS_OF`` means planned; what is done has its report by then, or none yet."""
    planned = events["visit_start"] > AS_OF
    cancelled = (rng.random(len(events)) < _CANCELLED_SHARE) & events["scheme"].eq("brand_programme")
    events["audit_status"] = np.select([cancelled, planned], ["cancelled", "planned"], "done")
    done = events["audit_status"].eq("done") & (
        events[["visit_end", "issued_date", "uploaded_date"]].max(axis=1) <= AS_OF
    )
    kept = events[done | ~events["audit_status"].eq("done")].copy()
    kept.loc[kept["audit_status"].ne("done"), ["issued_date", "uploaded_date"]] = pd.NaT
    return kept


def _relays(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """Better Work assessments that surface again under SLCP: there, an assessment that was only ever initiated."""
    source = events[events["scheme"].eq("better_work") & (events["visit_start"] > pd.Timestamp("2021-01-01"))]
    found = source[rng.random(len(source)) < _RELAY_SHARE].copy()
    found["relayed"] = found.index
    found.index = found.index + events.index.max() + 1
    found["self_assessed_date"] = found["visit_end"] + pd.to_timedelta(rng.integers(15, 40, len(found)), unit="D")
    found = found[found["self_assessed_date"] <= AS_OF]
    found[["scheme", "audit_kind", "audit_status", "commissioner_type", "auditor_party"]] = [
        "slcp", "self_assessment", "planned", "facility", "1",
    ]  # fmt: skip
    found[["visit_start", "visit_end", "issued_date", "uploaded_date"]] = pd.NaT
    found[["commissioner", "notice", "initiative"]] = None
    found["parent"] = -1
    return found


def _numbered(events: pd.DataFrame) -> pd.DataFrame:
    """Ids in order of site and day; references to rows become references to ids."""
    events["dated"] = events["visit_start"].fillna(events["self_assessed_date"])
    rows = events.index.to_numpy()
    order = events.sort_values(["site_index", "dated", "scheme", "commissioner", "audit_kind"], kind="stable").index
    ids = pd.Series("E" + pd.Series(np.arange(1, len(order) + 1)).astype(str).str.zfill(7).to_numpy(), index=order)
    events["true_event_id"] = ids.reindex(rows)
    kept = pd.Series(ids, dtype=object)
    for name, column in (
        ("parent_event_id", "parent"),
        ("joint_event_id", "joint_with"),
        ("relayed_event_id", "relayed"),
    ):
        events[name] = kept.reindex(events[column].fillna(-1).astype(int)).to_numpy()
    events["audit_id"] = events["true_event_id"]
    return (
        events.loc[order]
        .reset_index(drop=True)
        .drop(columns=["stream", "followup_share", "parent", "joint_with", "relayed"])
    )
