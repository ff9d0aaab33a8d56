"""Sites: found by any name, narrowed by facets, and everything that is known of one on its page."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from conjoin.briefings.identity import SiteFile, site_file
from conjoin.briefings.pair_words import difference_told, reasons_told
from conjoin.briefings.reviewing.explaining import explain_pair
from conjoin.briefings.words import titled
from conjoin.desk.ask import one, rows
from conjoin.desk.entry import Session, session_of
from conjoin.desk.opened import Reading
from conjoin.desk.pictures import recent, timeline_picture, waterfall_picture
from conjoin.desk.render import page
from conjoin.desk.search import build_index
from conjoin.errors import UnknownRecord

router = APIRouter()
Known = Annotated[Session, Depends(session_of)]
ON_A_PAGE = 50
#: A facet shows so many of its values; the search finds the others.
_FACETS = {"country": "country", "scheme": "scheme", "orderer": None, "class": None}
_MOST_VALUES = 60


@router.get("/sites")
def sites(request: Request, session: Known, q: str = "", start: int = 0) -> HTMLResponse:
    """The sites that meet a search and the facets, best or busiest first."""
    chosen = {name: request.query_params.get(name) or None for name in _FACETS}
    with request.app.state.desk.file.reading() as reading:
        found = reading.kept("search", build_index).find(q) if q.strip() else None
        listed = rows(reading.con, "sites_listed", found=found, most=ON_A_PAGE, skipped=max(start, 0), **chosen)
        facets = reading.kept("facets", lambda con: rows(con, "facets"))
        classes = class_titles(reading)
    total = listed[0]["total"] if listed else 0
    kept = {name: value for name, value in {"q": q, **chosen}.items() if value}
    return page(
        request,
        "sites.html",
        session,
        q=q,
        listed=listed,
        total=total,
        start=max(start, 0),
        on_a_page=ON_A_PAGE,
        facets=_told_facets(facets, chosen, classes),
        kept=kept,
        link=lambda at: f"/sites?{urlencode({**kept, 'start': at})}",
    )


def _told_facets(
    facets: list[dict[str, Any]], chosen: Mapping[str, str | None], classes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each facet with its values: code, words, how many sites, whether it is chosen."""
    told = []
    for name, vocabulary in _FACETS.items():
        values = [facet for facet in facets if facet["facet"] == name]
        shown = values[:_MOST_VALUES] + [one for one in values[_MOST_VALUES:] if one["value"] == chosen[name]]
        options = [
            {
                "value": facet["value"],
                "title": titled(facet["value"], vocabulary)
                if vocabulary
                else classes.get(facet["value"], facet["value"]),
                "count": facet["site_count"],
            }
            for facet in shown
        ]
        told.append({"name": name, "options": options, "chosen": chosen[name], "more": len(values) - len(shown)})
    return told


def class_titles(reading: Reading) -> dict[str, str]:
    """Every class of two audits with its title."""
    select = "select pair_class, class_title from marts.pair_classes"
    return reading.kept("classes", lambda con: dict(con.execute(select).fetchall()))


def source_titles(reading: Reading) -> dict[str, str]:
    """Every source with its title."""
    return {name: row["source_title"] for name, row in _sources(reading).items()}


def source_kinds(reading: Reading) -> dict[str, str]:
    """Every source with its kind: initiative, platform or brand."""
    return {name: row["source_kind"] for name, row in _sources(reading).items()}


def _sources(reading: Reading) -> dict[str, dict[str, Any]]:
    return reading.kept("sources", lambda con: {row["source_name"]: row for row in rows(con, "sources_titled")})


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
"""Parts of a site's page: the lookup that fills each, and the table that it needs."""


@router.get("/sites/{site_id}")
def site(request: Request, session: Known, site_id: str) -> HTMLResponse:
    """Everything that the file knows of a site; an id that ended leads to the site that took it over."""
    with request.app.state.desk.file.reading() as reading:
        history = _history(reading, site_id)
        current = (history.site_id if history else site_id) or site_id
        found = one(reading.con, "site", site=current)
        if found is None:
            told = history.verdict if history else f"No site has the id {site_id}. The search finds sites by name."
            raise HTTPException(404, told)
        closed = reading.about.whose.closed
        parts = {
            name: rows(reading.con, lookup, site=current, closed=closed) if reading.has(table) else None
            for name, (lookup, table) in _PARTS.items()
        }
        titles = source_titles(reading)
    for pair in parts["pairs"] or []:
        pair["why"], pair["different"] = reasons_told(pair), difference_told(pair)
    return page(
        request,
        "site.html",
        session,
        site=found,
        asked=site_id,
        history=history,
        timeline=timeline_picture(parts["audits"] or []),
        older_count=len(parts["audits"] or []) - len(recent(parts["audits"] or [])),
        sources=titles,
        closed=closed,
        parts=parts,
    )


def _history(reading: Reading, site_id: str) -> SiteFile | None:
    """What became of an id; None in a file without the history of ids, as packs are, and of an id nobody had."""
    if not reading.has("matching.site_history"):
        return None
    try:
        return site_file(reading.con, site_id)
    except UnknownRecord:
        return None


@router.get("/links/{left}/{right}")
def link(request: Request, session: Known, left: str, right: str) -> HTMLResponse:
    """Why two records are one site, or are not: every comparison with its weight."""
    with request.app.state.desk.file.reading() as reading:
        found = explain_pair(reading.con, left, right)
    return page(
        request,
        "link.html",
        session,
        found=found,
        steps=found.steps.to_dict("records"),
        picture=waterfall_picture(found.steps),
        left=left,
        right=right,
    )
