"""Pages and answers of the review desk."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conjoin.briefings.subjects.site import records_of
from conjoin.desk.ask import rows
from conjoin.desk.entry import Session, form_of, session_of
from conjoin.desk.render import page
from conjoin.desk.review.judging import Answer, Judging, queue_of
from conjoin.desk.review.pair import read_pair, sites_cross
from conjoin.desk.sites import source_titles
from conjoin.errors import BadJudgements
from conjoin.sources.judgements import JudgementRow, judgement_given

router = APIRouter(prefix="/review")
Known = Annotated[Session, Depends(session_of)]
Form = Annotated[dict[str, list[str]], Depends(form_of)]
_MOST_LISTED = 200
_MOST_AT_ONCE = 500
#: The button for a factory that left the right record's place for the left one's.
_MOVED_BACK = "MOVED_BACK"


def _judging(request: Request) -> Judging:
    desk = request.app.state.desk
    if desk.judging is None:
        raise HTTPException(403, desk.why_read_only)
    judging: Judging = desk.judging
    return judging


@router.get("")
def review(request: Request, session: Known) -> HTMLResponse:
    """The next question; where nothing may be judged, the questions as a list."""
    desk = request.app.state.desk
    if desk.judging is None:
        with desk.file.reading() as reading:
            listed = list(queue_of(reading).items())[:_MOST_LISTED]
        return page(request, "review_listed.html", session, listed=listed)
    return _next(request, session, "review.html")


@router.get("/{left}/{right}")
def pair(request: Request, session: Known, left: str, right: str) -> HTMLResponse:
    """Two records, whether asked about or not."""
    return _shown(request, session, (left, right), "review.html")


@router.post("/who")
def who(request: Request, session: Known, form: Form) -> Response:
    """Who judges, and whether the probability is hidden."""
    reviewer = _field(form, "reviewer")
    if not reviewer or "@" in reviewer:
        raise HTTPException(400, "Say who judges: initials or a function, no e-mail address.")
    session.reviewer, session.role = reviewer, _field(form, "role")
    session.is_blind = bool(_field(form, "blind"))
    return RedirectResponse(_field(form, "back") or "/review", 303) if _is_ours(_field(form, "back")) else _to_review()


@router.post("/judge")
def judge(request: Request, session: Known, form: Form) -> Response:
    """Save an answer at once, and show the next question."""
    pair = (_field(form, "left"), _field(form, "right"))
    judgement = _field(form, "judgement")
    if judgement == _MOVED_BACK:
        pair, judgement = pair[::-1], "MOVED"
    given = _given(session, *pair, judgement, form)
    with request.app.state.desk.file.reading() as reading:
        sites = rows(reading.con, "review_sides", left=min(pair), right=max(pair))
        if len(sites) < 2:
            raise HTTPException(404, "One of the two is no record of this file any more; nothing was saved.")
        crosses = judgement == "POSITIVE" and sites_cross(reading, [row["site_id"] for row in sites])
    answer = _judging(request).save([given], crosses)
    session.given.append(answer)
    return _next(request, session, _part(request), _said(answer))


@router.post("/skip")
def skip(request: Request, session: Known, form: Form) -> Response:
    """Leave a question for later; it is not asked again before the desk is entered anew."""
    pair = sorted((_field(form, "left"), _field(form, "right")))
    session.skipped.add((pair[0], pair[1]))
    return _next(request, session, _part(request), ["Skipped."])


@router.post("/undo")
def undo(request: Request, session: Known, form: Form) -> Response:
    """Take the last answer of this session back, and show its question again."""
    judging = _judging(request)
    if not session.given:
        return _next(request, session, _part(request), ["There is nothing to undo in this session."])
    answer: Answer = session.given.pop()
    if not answer.saved or not judging.take_back(answer):
        told = "The last answer cannot be taken back: something was saved after it. Judge the pair again instead."
        return _next(request, session, _part(request), [told])
    return _shown(request, session, answer.saved[0].pair, _part(request), ["Taken back."])


@router.post("/merge")
def merge(request: Request, session: Known, form: Form) -> HTMLResponse:
    """What would come together if the chosen sites were one; nothing is saved yet."""
    sites = list(dict.fromkeys(form.get("site", [])))
    if len(sites) < 2:
        raise HTTPException(400, "Choose two sites or more.")
    with request.app.state.desk.file.reading() as reading:
        records = {site: records_of(reading.con, site) for site in sites[:_MOST_AT_ONCE]}
        crosses = sites_cross(reading, sites)
        titles = source_titles(reading)
    if not all(records.values()):
        raise HTTPException(404, "One of these sites has no records any more; search again.")
    first, *others = (listed[0]["record_id"] for listed in records.values())
    return page(
        request,
        "several.html",
        session,
        title=f"{len(sites)} sites are one",
        judgement="POSITIVE",
        pairs=[(first, other) for other in others],
        groups=records,
        crosses=crosses,
        sources=titles,
        back=f"/sites/{sites[0]}",
    )


@router.post("/take-out")
def take_out(request: Request, session: Known, form: Form) -> HTMLResponse:
    """What would part if the chosen records were not of the site; nothing is saved yet."""
    site, chosen = _field(form, "site"), set(form.get("record", []))
    with request.app.state.desk.file.reading() as reading:
        records = records_of(reading.con, site)
        titles = source_titles(reading)
    out = [row for row in records if row["record_id"] in chosen]
    stay = [row for row in records if row["record_id"] not in chosen]
    if not out or not stay:
        raise HTTPException(400, "Choose at least one record, and leave at least one.")
    pairs = [(row["record_id"], other["record_id"]) for row in out for other in stay]
    if len(pairs) > _MOST_AT_ONCE:
        raise HTTPException(400, f"That parts {len(pairs):,} pairs of records; take out fewer at once.")
    return page(
        request,
        "several.html",
        session,
        title=f"{len(out)} of {len(records)} records are not this site",
        judgement="NEGATIVE",
        pairs=pairs,
        groups={"Taken out": out, "Stays": stay},
        crosses=False,
        sources=titles,
        back=f"/sites/{site}",
    )


@router.post("/save")
def save(request: Request, session: Known, form: Form) -> HTMLResponse:
    """Save several answers, all of them or none."""
    judgement = _field(form, "judgement")
    pairs = [tuple(pair.split("|", 1)) for pair in form.get("pair", []) if "|" in pair]
    given = [_given(session, pair[0], pair[1], judgement, form) for pair in pairs]
    if not given:
        raise HTTPException(400, "There is nothing to save.")
    with request.app.state.desk.file.reading() as reading:
        held = "select distinct site_id from marts.site_records_at_sites where list_contains($1::varchar[], record_id)"
        sites = reading.con.execute(held, [[record for row in given for record in row.pair]]).fetchall()
        crosses = sites_cross(reading, [site for (site,) in sites])
    answer = _judging(request).save(given, crosses)
    session.given.append(answer)
    return page(request, "saved.html", session, told=_said(answer), back=_field(form, "back"))


def _given(session: Session, left: str, right: str, judgement: str, form: dict[str, list[str]]) -> JudgementRow:
    """One answer of the session's reviewer.

    Raises:
        BadJudgements: It cannot be meant.
    """
    if not session.reviewer:
        raise BadJudgements("Nothing was saved. Say first who judges: initials or a function.")
    return judgement_given(
        {
            "record_id_left": left,
            "record_id_right": right,
            "judgement": judgement,
            "reviewer": session.reviewer,
            "role": session.role,
            "note": _field(form, "note"),
            "moved_on": _field(form, "moved_on") if judgement == "MOVED" else "",
        }
    )


def _next(request: Request, session: Session, template: str, told: list[str] | None = None) -> HTMLResponse:
    judging = _judging(request)
    with request.app.state.desk.file.reading() as reading:
        asked = judging.next_question(reading, session.reviewer, session.skipped)
    return _shown(request, session, asked, template, told)


def _shown(
    request: Request, session: Session, asked: tuple[str, str] | None, template: str, told: list[str] | None = None
) -> HTMLResponse:
    desk = request.app.state.desk
    values: dict[str, Any] = {"told": told or [], "pair": None, "on_file": None, "is_second": False, "progress": None}
    with desk.file.reading() as reading:
        values["sources"] = source_titles(reading)
        values["closed"] = reading.about.whose.closed
        if asked:
            values["pair"] = shown = read_pair(reading, *asked)
            key = (shown.left["record_id"], shown.right["record_id"])
            values["bears_on"] = queue_of(reading).get(key, 0)
            if desk.judging is not None:
                values["on_file"] = desk.judging.on_file(key)
                values["is_second"] = desk.judging.is_second_reading(key)
        if desk.judging is not None:
            values["progress"] = desk.judging.progress(reading)
    return page(request, template, session, **values)


def _said(answer: Answer) -> list[str]:
    if not answer.saved:
        return answer.notices or ["This is on file already."]
    if answer.is_first_reading:
        return [
            "Kept as a first reading: it joins records of two initiatives, so a second person is asked.",
            *answer.notices,
        ]
    count = len(answer.saved)
    return [f"Saved{f': {count:,} judgements' if count > 1 else ''}. The next run honours it.", *answer.notices]


def _part(request: Request) -> str:
    """The part of the page that htmx exchanges, or the whole page for a browser without script."""
    return "review_part.html" if request.headers.get("hx-request") else "review.html"


def _field(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def _is_ours(address: str) -> bool:
    return address.startswith("/review/") and not address.startswith("//")


def _to_review() -> Response:
    return RedirectResponse("/review", 303)
