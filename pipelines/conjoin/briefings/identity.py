"""What became of a site id: read from the published warehouse."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from conjoin.briefings.reviewing.explaining import Explanation, explain_pair
from conjoin.errors import UnknownRecord

__all__ = ["Explanation", "SiteFile", "explain_pair", "site_file"]


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
