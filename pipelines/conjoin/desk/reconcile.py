"""A reconciliation service (API 0.2) over the sites: OpenRefine matches the rows of any spreadsheet with them.

OpenRefine sends no cookie, so the address holds a key of this desk. Answers are candidates for a person: one is called
a match only where an id is given, or where its name is the query's word for word, its country is told, and no other
site is called so there.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse

from conjoin import __version__
from conjoin.briefings.subjects.site import site_row
from conjoin.desk.ask import rows
from conjoin.desk.entry import Session, fields_of, session_of
from conjoin.desk.opened import Reading, WarehouseFile
from conjoin.desk.render import page, said
from conjoin.desk.search import SiteIndex, build_index, words_of
from conjoin.schemas.vocabularies import fold_case, spellings_of

router = APIRouter()
Known = Annotated[Session, Depends(session_of)]
_TYPE = {"id": "site", "name": "Site"}
_MOST_QUERIES, _MOST_RESULTS = 100, 25
_OPEN_TO_TOOLS = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


class _Property(BaseModel):
    pid: str
    v: Any


class _Query(BaseModel):
    """One row of the spreadsheet: its text, and columns that say where it is."""

    query: str
    limit: int = 5
    properties: list[_Property] = []


@router.get("/questions/openrefine")
def address(request: Request, session: Known) -> HTMLResponse:
    """Where the service is, for this desk."""
    key = request.app.state.entrance.service_key
    return page(request, "openrefine.html", session, address=f"{request.base_url}reconcile/{key}")


@router.api_route("/reconcile/{key}", methods=["GET", "POST"])
async def reconcile(request: Request, key: str) -> JSONResponse:
    """The manifest, or the candidates for a batch of queries."""
    if not request.app.state.entrance.is_service(key):
        raise HTTPException(404, "There is no such page.")
    given = await fields_of(request) if request.method == "POST" else dict(request.query_params)
    told = given.get("queries")
    if told is None:
        return JSONResponse(_manifest(request), headers=_OPEN_TO_TOOLS)
    try:
        asked = {str(name): _Query.model_validate(query) for name, query in json.loads(told).items()}
    except (ValueError, AttributeError, ValidationError):
        return _wrong('queries is no JSON object such as {"q0": {"query": "Elm Garments"}}')
    if len(asked) > _MOST_QUERIES:
        return _wrong(f"{len(asked)} queries at once; send {_MOST_QUERIES} or fewer")
    found = await run_in_threadpool(_answered, request.app.state.desk.file, asked)
    return JSONResponse(found, headers=_OPEN_TO_TOOLS)


def _answered(file: WarehouseFile, asked: dict[str, _Query]) -> dict[str, Any]:
    with file.reading() as reading:
        index = reading.kept("search", build_index)
        return {name: {"result": _candidates(reading, index, query)} for name, query in asked.items()}


def _wrong(told: str) -> JSONResponse:
    return JSONResponse({"error": told}, 400, headers=_OPEN_TO_TOOLS)


def _manifest(request: Request) -> dict[str, Any]:
    base = str(request.base_url)
    return {
        "versions": ["0.2"],
        "name": "Sites of this Conjoin warehouse",
        "identifierSpace": f"{base}sites/",
        "schemaSpace": f"{base}reference",
        "serviceVersion": __version__,
        "defaultTypes": [_TYPE],
        "view": {"url": f"{base}sites/{{{{id}}}}"},
    }


def _candidates(reading: Reading, index: SiteIndex, asked: _Query) -> list[dict[str, Any]]:
    wanted = {prop.pid.casefold(): str(prop.v) for prop in asked.properties if isinstance(prop.v, str)}
    country = _country(wanted.get("country", ""))
    place = " ".join(value for name, value in wanted.items() if name in ("city", "address", "region"))
    scored = index.scores(f"{asked.query} {place}".strip())
    sites = {row["site_id"]: row for row in rows(reading.con, "sites_named", sites=[site for site, _ in scored])}
    found = [
        (sites[site], score)
        for site, score in scored
        if site in sites and (country is None or sites[site]["country_code"] in (country, None))
    ][: max(1, min(asked.limit, _MOST_RESULTS))]
    same = [site for site, _ in found if words_of(site["site_name"] or "") == words_of(asked.query)]
    is_id = len(found) == 1 and site_row(reading.con, asked.query.strip().upper()) is not None
    return [
        {
            "id": site["site_id"],
            "name": said(site["site_name"]),
            "description": ", ".join(said(part) for part in (site["site_address"], site["city_name"]) if part),
            "score": round(100 * score, 1),
            "match": is_id or (country is not None and len(same) == 1 and same[0] is site),
            "type": [_TYPE],
        }
        for site, score in found
    ]


def _country(told: str) -> str | None:
    return spellings_of("country").get(fold_case(told.strip())) if told.strip() else None
