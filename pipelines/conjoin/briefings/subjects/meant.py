"""Which site somebody means: by our id, in use or ended, by an identifier of the place, or by its name."""

from collections.abc import Sequence
from typing import Any

import duckdb

from conjoin.briefings.subjects.lookups import rows
from conjoin.errors import UnknownSubject
from conjoin.plain import visible

_SHOWN = 80  # letters of what somebody typed, in a message
_SEARCH = "The search of `conjoin desk` finds sites by any of their names, mistyped too"


def meant_site(con: duckdb.DuckDBPyConnection, asked: str, closed: Sequence[str] = ()) -> str:
    """The id in use of the site that is meant.

    Args:
        con: A connection to a published warehouse, or to a pack, which has no ended ids.
        asked: An id, in use or ended, an identifier of the place, or a name of it in whatever case.
        closed: Visibilities whose rows are for somebody else's eyes.

    Raises:
        UnknownSubject: No site is meant, or several; the message names near ones.
    """
    site_id = asked.strip().upper()
    if con.execute("select 1 from marts.sites where site_id = $1", [site_id]).fetchall():
        return site_id
    if ended := _ended(con, site_id):
        if ended[-1][0]:
            return str(ended[-1][0])
        raise UnknownSubject(f"{site_id} has no records since {ended[-1][1]}: they were withdrawn")
    found = [str(row["site_id"]) for row in rows(con, "sites_called", asked=asked, closed=list(closed))]
    if len(found) == 1:
        return found[0]
    near = "; ".join(_told(row) for row in rows(con, "sites_near", found=found, asked=asked, closed=list(closed)))
    said = visible(asked.strip())[:_SHOWN]
    if found:
        raise UnknownSubject(f"{said}: {len(found)} sites go by it. Give the id of one: {near}")
    raise UnknownSubject(f"no site has the id or name {said!r}. Near: {near or 'none'}. {_SEARCH}")


def _ended(con: duckdb.DuckDBPyConnection, site_id: str) -> list[tuple[Any, ...]]:
    """Where an ended id leads and since when; the last word counts."""
    there = "select 1 from information_schema.tables where table_schema = 'matching' and table_name = 'site_aliases'"
    if not con.execute(there).fetchall():
        return []
    return con.execute(
        "select site_id, recorded_at::date from matching.site_aliases where alias_site_id = $1", [site_id]
    ).fetchall()


def _told(site: dict[str, Any]) -> str:
    place = ", ".join(str(site[name]) for name in ("city_name", "country_code") if site[name])
    return f"{site['site_id']} {visible(str(site['site_name'] or 'without a name'))}{f' ({place})' if place else ''}"
