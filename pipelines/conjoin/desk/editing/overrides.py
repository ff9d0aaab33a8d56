"""A person's word on the class of two audits, given by a form that knows both."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from conjoin.briefings.pair_words import difference_told, reasons_told
from conjoin.desk.ask import rows
from conjoin.desk.entry import Session, form_of, session_of
from conjoin.desk.render import page
from conjoin.desk.sites import class_titles
from conjoin.warehouse.edit_reference import change_sheet
from conjoin.warehouse.reference import reference_tables

router = APIRouter(prefix="/override")
Known = Annotated[Session, Depends(session_of)]
Form = Annotated[dict[str, list[str]], Depends(form_of)]


@router.get("/{earlier}/{later}")
def form(request: Request, session: Known, earlier: str, later: str) -> HTMLResponse:
    """Both audits, how the rules class them, and the form."""
    return _form(request, session, earlier, later)


@router.post("/{earlier}/{later}")
def save(request: Request, session: Known, earlier: str, later: str, form: Form) -> HTMLResponse:
    """Put the word on file, with the checks of the reference table ``pair_overrides``."""
    _may_write(request)
    with request.app.state.desk.file.reading() as reading:
        audits = {row["event_id"]: row for row in rows(reading.con, "two_audits", events=[earlier, later])}
    if {earlier, later} - set(audits):
        raise HTTPException(404, "One of the two is no audit of this file any more; nothing was saved.")
    given = {name: form.get(name, [""])[0].strip() for name in ("pair_class", "reason", "note")}
    row = {
        "record_id_a": audits[earlier]["record_id"],
        "record_id_b": audits[later]["record_id"],
        **given,
        "reviewer": session.reviewer or form.get("reviewer", [""])[0].strip(),
        "role": session.role,
        "decided_date": datetime.now(UTC).date().isoformat(),
    }
    change_sheet("pair_overrides", None, lambda before: [*before, row])
    told = ["Saved. It counts from the next build on, and the pair says who decided."]
    return page(request, "saved_override.html", session, told=told, back=f"/sites/{audits[later]['site_id']}")


def _form(request: Request, session: Session, earlier: str, later: str) -> HTMLResponse:
    _may_write(request)
    with request.app.state.desk.file.reading() as reading:
        audits = {row["event_id"]: row for row in rows(reading.con, "two_audits", events=[earlier, later])}
        pairs = rows(reading.con, "pair_of_audits", earlier=earlier, later=later)
        titles = class_titles(reading)
    if {earlier, later} - set(audits) or earlier == later:
        raise HTTPException(404, "One of the two is no audit of this file.")
    reasons = reference_tables()["pair_overrides"].columns["reason"].codes
    today = pairs[0] if pairs else None
    return page(
        request,
        "override.html",
        session,
        audits=[audits[earlier], audits[later]],
        today=today,
        why=reasons_told(today) if today else "",
        different=difference_told(today) if today else "",
        classes=titles,
        reasons=reasons,
    )


def _may_write(request: Request) -> None:
    desk = request.app.state.desk
    if not desk.may_write:
        raise HTTPException(403, desk.why_read_only)
