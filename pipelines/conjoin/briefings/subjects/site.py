"""Everything that a file knows of one site: asked once, told by the desk and by the site's dossier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from conjoin.briefings.identity import SiteFile, site_file
from conjoin.briefings.pair_words import difference_told, reasons_told
from conjoin.briefings.subjects.lookups import rows
from conjoin.errors import UnknownRecord

#: Parts of a site's page: the lookup that fills each, and the table that it needs.
_PARTS = {
    "audits": ("site_audits", "marts.audit_events"),
    "pairs": ("site_pairs", "marts.audit_pairs"),
    "findings": ("site_findings", "marts.findings_at_events"),
    "certificates": ("site_certificates", "marts.certificates_at_sites"),
    "planned": ("site_planned", "marts.planned_overlaps"),
    "procedures": ("site_procedures", "marts.complaint_procedures"),
    "buyers": ("site_buyers", "marts.site_buyers"),
    "records": ("site_records", "marts.site_records_at_sites"),
    "links": ("site_links", "marts.site_links"),
    "questions": ("site_questions", "marts.match_review_queue"),
}
#: Says whether a file has a table, as ``schema.name``.
Has = Callable[[str], bool]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class FoundSite:
    """The site that an id means today.

    Attributes:
        asked: The id that was asked for.
        row: Its row of ``marts.sites``; None if no site of the file has the id, nor took it over.
        history: What became of the id; None in a file without the history of ids, as packs are, and of an id that
            nobody had.
    """

    asked: str
    row: dict[str, Any] | None
    history: SiteFile | None

    @property
    def is_successor(self) -> bool:
        """Whether the id ended, and leads to this site."""
        return self.row is not None and self.row["site_id"] != self.asked


def site_row(con: duckdb.DuckDBPyConnection, site_id: str) -> dict[str, Any] | None:
    """The row of a site; None if there is none."""
    found = rows(con, "site", site=site_id)
    return found[0] if found else None


def find_site(con: duckdb.DuckDBPyConnection, asked: str, has: Has) -> FoundSite:
    """The site of an id, or the one that took it over."""
    history = _history(con, asked, has)
    current = (history.site_id if history else asked) or asked
    return FoundSite(asked, site_row(con, current), history)


def parts_of(con: duckdb.DuckDBPyConnection, site_id: str, closed: Sequence[str], has: Has) -> dict[str, Rows | None]:
    """Everything on one site, by part; None where the file lacks the table. Pairs of audits come with their words.

    Args:
        con: A connection to a published warehouse, or to a pack.
        site_id: The site.
        closed: Visibilities whose rows are for somebody else's eyes.
        has: Says which tables the file has.
    """
    parts = {
        name: rows(con, lookup, site=site_id, closed=list(closed)) if has(table) else None
        for name, (lookup, table) in _PARTS.items()
    }
    for pair in parts["pairs"] or []:
        pair["why"], pair["different"] = reasons_told(pair), difference_told(pair)
    return parts


def records_of(con: duckdb.DuckDBPyConnection, site_id: str) -> Rows:
    """Every record of a site, whoever may see it: for a reviewer, who judges all of them."""
    return rows(con, "site_records", site=site_id, closed=[])


def source_titles_of(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Every source with its title and kind, by name."""
    return {row["source_name"]: row for row in rows(con, "sources_titled")}


def tables_of(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Every table and view of a file, as ``schema.name``."""
    known = con.execute("select table_schema || '.' || table_name from information_schema.tables").fetchall()
    return frozenset(str(name) for (name,) in known)


def _history(con: duckdb.DuckDBPyConnection, asked: str, has: Has) -> SiteFile | None:
    if not has("matching.site_history"):
        return None
    try:
        return site_file(con, asked)
    except UnknownRecord:
        return None
