"""Why records are one site or two, and what became of a site id: read from the published warehouse."""

from collections import deque
from dataclasses import dataclass

import duckdb
import pandas as pd

from conjoin.errors import UnknownRecord


@dataclass(frozen=True)
class Explanation:
    """Why two records are, or are not, one site.

    Attributes:
        records: The two records, the left one first: record_id, site_id, source_name, site_name, site_address.
        verdict: The conclusion in one sentence.
        steps: The waterfall of the pair, or of the weakest link of the chain that joins it: comparison, finding,
            evidence_weight in bits, from the prior on; empty if nothing was compared.
        link: Which pair the steps speak of.
        decided_by: What decided that pair (``marts.site_links``); None if it was not compared.
        veto: What kept it apart though it looks alike; None where nothing had to.
    """

    records: pd.DataFrame
    verdict: str
    steps: pd.DataFrame
    link: tuple[str, str]
    decided_by: str | None = None
    veto: str | None = None


def explain_pair(con: duckdb.DuckDBPyConnection, record_a: str, record_b: str) -> Explanation:
    """Why two records are one site or two.

    Raises:
        UnknownRecord: One of them is no current site record, or both are the same.
    """
    left, right = sorted((record_a, record_b))
    records = con.execute(
        "select record_id, site_id, source_name, site_name, site_address from marts.site_records_at_sites "
        "where record_id in ($1, $2) order by record_id",
        [left, right],
    ).df()
    missing = [record_id for record_id in dict.fromkeys((left, right)) if record_id not in set(records["record_id"])]
    if missing or left == right:
        told = f"no current site record {' and no '.join(missing)}" if missing else f"{left} is one record"
        raise UnknownRecord(f"{told}; `conjoin sql 'from marts.site_records_at_sites'` shows the record ids")
    site_left, site_right = records["site_id"]
    link = (left, right)
    if site_left == site_right and not _is_link(con, link):
        chain = _chain(con, site_left, left, right)
        link = chain[-1] if chain else link
        how = f"through {len(chain)} links; the weakest is shown" if chain else "by an identifier or a judgement"
        verdict = f"One site, {site_left}, {how}."
    elif site_left == site_right:
        verdict = f"One site, {site_left}."
    else:
        verdict = f"Two sites, {site_left} and {site_right}{_why_apart(con, site_left, site_right)}."
    decided = con.execute(
        "select pair_decided_by, veto from marts.site_links where record_id_left = $1 and record_id_right = $2",
        list(link),
    ).fetchall()
    decided_by, veto = decided[0] if decided else (None, None)
    return Explanation(records, verdict + _judged(con, left, right), _steps(con, link), link, decided_by, veto)


def _is_link(con: duckdb.DuckDBPyConnection, link: tuple[str, str]) -> bool:
    return bool(
        con.execute(
            "select 1 from marts.site_links where record_id_left = $1 and record_id_right = $2", list(link)
        ).fetchall()
    )


def _chain(con: duckdb.DuckDBPyConnection, site_id: str, start: str, goal: str) -> list[tuple[str, str]]:
    """The shortest chain of links within a site, the weakest link last; empty if there is none."""
    links = con.execute(
        "select record_id_left, record_id_right, match_probability from marts.site_links "
        "where is_accepted and site_id_left = $1 order by match_probability desc, record_id_left, record_id_right",
        [site_id],
    ).fetchall()
    came_from: dict[str, tuple[str, tuple[str, str], float] | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came_from:
        here = waiting.popleft()
        for left, right, probability in links:
            if here in (left, right):
                there = right if here == left else left
                if there not in came_from:
                    came_from[there] = (here, (left, right), probability)
                    waiting.append(there)
    steps = []
    here = goal
    while step := came_from.get(here):
        here, link, probability = step
        steps.append((probability, link))
    return [link for _, link in sorted(steps, reverse=True)]


def _why_apart(con: duckdb.DuckDBPyConnection, site_left: str, site_right: str) -> str:
    """Which constraint keeps two sites apart, in words; "" if only the evidence does."""
    reasons = con.execute(
        """
        select distinct refused.reason
        from matching.refused_merges as refused
        inner join matching.site_memberships as l on l.record_id = refused.record_id_left
        inner join matching.site_memberships as r on r.record_id = refused.record_id_right
        where (l.site_id = $1 and r.site_id = $2) or (l.site_id = $2 and r.site_id = $1)
        order by refused.reason
        """,
        [site_left, site_right],
    ).fetchall()
    return f", kept apart: {'; '.join(reason for (reason,) in reasons)}" if reasons else ""


def _judged(con: duckdb.DuckDBPyConnection, left: str, right: str) -> str:
    rows = con.execute(
        "select judgement, reviewer, decided_at::date from matching.judgements "
        "where least(record_id_left, record_id_right) = $1 and greatest(record_id_left, record_id_right) = $2 "
        "order by decided_at desc, judgement, reviewer limit 1",
        [left, right],
    ).fetchall()
    return "".join(f" Judged {judgement} by {reviewer} on {day}." for judgement, reviewer, day in rows)


def _steps(con: duckdb.DuckDBPyConnection, link: tuple[str, str]) -> pd.DataFrame:
    return con.execute(
        "select comparison, finding, evidence_weight from marts.site_link_evidence "
        "where record_id_left = $1 and record_id_right = $2 order by step_number",
        list(link),
    ).df()


@dataclass(frozen=True)
class SiteFile:
    """What is known of one site id.

    Attributes:
        site_id: The id in use today; None if all records of the site were withdrawn.
        verdict: What became of the id that was asked for, in one sentence.
        records: The records of the site today.
        weakest_link: The link on which the site hangs: two record ids, probability, sentence; at most one row.
        history: What happened to the site, oldest first: recorded_at, event, what.
    """

    site_id: str | None
    verdict: str
    records: pd.DataFrame
    weakest_link: pd.DataFrame
    history: pd.DataFrame


def site_file(con: duckdb.DuckDBPyConnection, asked: str) -> SiteFile:
    """Everything on one site id, which may have ended long ago.

    Raises:
        UnknownRecord: No site ever had this id.
    """
    history = con.execute(_HISTORY, [asked]).df()
    if history.empty:
        raise UnknownRecord(
            f"{asked}: no site ever had this id. A site id is CJ and 11 characters, the last of which checks the "
            "others; `conjoin sql 'from marts.sites'` shows those in use"
        )
    aliases = con.execute(
        "select site_id, recorded_at::date, reason from matching.site_aliases where alias_site_id = $1", [asked]
    ).fetchall()
    site_id, verdict = asked, f"{asked} is in use."
    for target, day, _ in aliases:
        site_id = target
        verdict = f"{asked} leads to {target} since {day}." if target else f"{asked} has no records since {day}."
    verdict += _moves(con, site_id)
    records = con.execute(
        "select record_id, site_name, site_address, country_code, match_method "
        "from marts.site_records_at_sites where site_id = $1 order by record_id",
        [site_id],
    ).df()
    weakest = con.execute(
        "select record_id_left, record_id_right, match_probability, explanation from matching.weakest_links "
        "where site_id = $1",
        [site_id],
    ).df()
    return SiteFile(site_id, verdict, records, weakest, history)


def _moves(con: duckdb.DuckDBPyConnection, site_id: str | None) -> str:
    """Where the factory of a site came from and went to, as people judged."""
    rows = con.execute(
        "select site_id_before, site_id_after, moved_on from marts.site_successions "
        "where $1 in (site_id_before, site_id_after) order by moved_on, site_id_before, site_id_after",
        [site_id],
    ).fetchall()
    return "".join(
        f" The factory moved {f'to {after}' if before == site_id else f'here from {before}'}"
        f"{f' on {day}' if day else ''}."
        for before, after, day in rows
    )


_HISTORY = """
select recorded_at, event,
    case event
        when 'minted' then 'founded by ' || any_value(record_id)
        when 'joined' then count(*) || ' records joined'
            || coalesce(' from ' || string_agg(distinct other_site_id, ', ' order by other_site_id), '')
        when 'left' then count(*) || ' records were withdrawn'
        when 'merged' then 'became part of ' || any_value(other_site_id)
        when 'split' then 'records went to ' || string_agg(distinct other_site_id, ', ' order by other_site_id)
        when 'withdrawn' then 'no records are left'
        when 'revived' then 'in use again'
    end as what
from matching.site_history where site_id = $1
group by recorded_at, event
order by recorded_at,
    list_position(['minted', 'revived', 'joined', 'left', 'split', 'merged', 'withdrawn'], event)
"""
