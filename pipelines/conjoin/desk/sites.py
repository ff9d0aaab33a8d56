"""Sites: found by any name, narrowed by facets, and everything that is known of one on its page."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from conjoin.briefings.reviewing.explaining import explain_pair
from conjoin.briefings.subjects.site import find_site, parts_of, source_titles_of
from conjoin.briefings.subjects.timeline import recent, timeline_picture
from conjoin.briefings.words import titled
from conjoin.desk.ask import rows
from conjoin.desk.entry import Session, session_of
from conjoin.desk.opened import Reading
from conjoin.desk.pictures import waterfall_picture
from conjoin.desk.render import page
from conjoin.desk.search import build_index

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
    return reading.kept("sources", source_titles_of)


@router.get("/sites/{site_id}")
def site(request: Request, session: Known, site_id: str) -> HTMLResponse:
    """Everything that the file knows of a site; an id that ended leads to the site that took it over."""
    with request.app.state.desk.file.reading() as reading:
        found = find_site(reading.con, site_id, reading.has)
        if found.row is None:
            told = f"No site has the id {site_id}. The search finds sites by name."
            raise HTTPException(404, found.history.verdict if found.history else told)
        closed = reading.about.whose.closed
        parts = parts_of(reading.con, found.row["site_id"], closed, reading.has)
        titles = source_titles(reading)
    audits = parts["audits"] or []
    return page(
        request,
        "site.html",
        session,
        site=found.row,
        asked=site_id,
        history=found.history,
        timeline=Markup(timeline_picture(audits)),  # noqa: S704 - every text in it went through escape
        older_count=len(audits) - len(recent(audits)),
        sources=titles,
        closed=closed,
        parts=parts,
    )


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
