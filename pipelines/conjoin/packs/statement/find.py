"""Which site somebody means: by our id, in use or ended, by an identifier of the place, or by its name."""

import duckdb

from conjoin.errors import UnknownRecord
from conjoin.packs.statement.ask import Row, rows
from conjoin.plain import visible

_SHOWN = 80  # letters of what somebody typed, in a message


def find_site(con: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The id in use of the site that is meant.

    Args:
        con: A connection to the published warehouse.
        asked: An id, in use or ended, an identifier of the place, or a name of it in whatever case.

    Raises:
        UnknownRecord: No site is meant, or several; the message names near ones.
    """
    site_id = asked.strip().upper()
    if con.execute("select 1 from marts.sites where site_id = $1", [site_id]).fetchall():
        return site_id
    ended = con.execute(
        "select site_id, recorded_at::date from matching.site_aliases where alias_site_id = $1", [site_id]
    ).fetchall()
    if ended and ended[-1][0]:
        return str(ended[-1][0])
    if ended:
        raise UnknownRecord(f"{site_id} has no records since {ended[-1][1]}: they were withdrawn")
    found = [str(row["site_id"]) for row in rows(con, "sites_called", asked=asked)]
    if len(found) == 1:
        return found[0]
    near = "; ".join(_told(row) for row in rows(con, "sites_near", asked=asked, found=found))
    said = visible(asked.strip())[:_SHOWN]
    if found:
        raise UnknownRecord(f"{said}: {len(found)} sites go by it. Give the id of one: {near}")
    raise UnknownRecord(f"no site has the id or name {said!r}. Near: {near or 'none'}")


def _told(site: Row) -> str:
    place = ", ".join(str(site[name]) for name in ("city_name", "country_code") if site[name])
    return f"{site['site_id']} {visible(str(site['site_name'] or 'without a name'))}{f' ({place})' if place else ''}"
