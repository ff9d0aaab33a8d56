"""Saved questions: asked with their parameters, sorted and filtered, taken along as Excel or CSV, their SQL shown."""

import re
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, HTTPException, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from conjoin.briefings.answering.telling import (
    AnswerScope,
    ToldColumn,
    said_below,
    scope_of,
    told_columns,
    totals_of,
)
from conjoin.briefings.answers import answer_file
from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import BRIEFING, Answered, Question, ask, find_question, questions, why_no_answer
from conjoin.desk.entry import Session, session_of
from conjoin.desk.opened import Reading
from conjoin.desk.pictures import bars_picture
from conjoin.desk.render import page
from conjoin.schemas.vocabularies import vocabulary

router = APIRouter(prefix="/questions")
Known = Annotated[Session, Depends(session_of)]
ROWS_SHOWN = 500
_MOST_BARS = 16
_DOWNLOADS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_TABLE = re.compile(r"\b((?:marts|reference|vocabulary|intermediate|matching|released)\.\w+)")


@router.get("")
def listed(request: Request, session: Known) -> HTMLResponse:
    """Every saved question of people, one's own project's among them."""
    with request.app.state.desk.file.reading() as reading:
        asked = [(question, _missing(reading, question)) for question in questions() if question.asked_by != BRIEFING]
    return page(request, "questions.html", session, asked=asked)


@router.get("/{name}")
def one(request: Request, session: Known, name: str) -> HTMLResponse:
    """A question with its answer."""
    question, narrowed = _asked(request, name)
    sort, text = request.query_params.get("sort", ""), request.query_params.get("has", "").strip()
    kept = {key: value for key, value in request.query_params.items() if key not in ("sort", "format") and value}
    with request.app.state.desk.file.reading() as reading:
        missing = _missing(reading, question)
        answered = Answered(pd.DataFrame()) if missing else ask(reading.con, question, narrowed)
        frame = _sorted(_having(answered.frame, text), sort)
        scope = scope_of(reading.con, narrowed, withheld_count=answered.withheld_count)
        why = "" if missing or len(answered.frame) else why_no_answer(reading.con, question, narrowed)
    columns = [_column(column, kept, sort) for column in told_columns(question, frame)]
    cells = [
        [column.text(value, scope.words) for value in frame[column.name].head(ROWS_SHOWN)] for column, *_ in columns
    ]
    sums = totals_of(question, frame)
    return page(
        request,
        "question.html",
        session,
        question=question,
        missing=missing,
        why=why,
        total=len(answered.frame),
        found=len(frame),
        columns=columns,
        shown=list(zip(*cells, strict=True)),
        totals=[column.text(sums[column.name], scope.words) if column.name in sums else "" for column, *_ in columns]
        if sums
        else [],
        notes=said_below(question, frame, scope) if len(frame) else [],
        picture=_picture(question, frame, scope),
        countries=vocabulary("country").titles,
        narrowed=narrowed,
        has=text,
        sort=sort,
        download=lambda form: f"/questions/{question.name}/file?{urlencode({**kept, 'sort': sort, 'format': form})}",
    )


@router.get("/{name}/file")
def file(request: Request, session: Known, name: str) -> Response:
    """The answer as a file, sorted and filtered as it was shown, all rows of it."""
    question, narrowed = _asked(request, name)
    form = request.query_params.get("format", "xlsx")
    if form not in _DOWNLOADS:
        raise HTTPException(404, "Answers are taken along as xlsx or csv.")
    with request.app.state.desk.file.reading() as reading:
        if missing := _missing(reading, question):
            raise HTTPException(404, f"This file does not hold {', '.join(missing)}.")
        answered = ask(reading.con, question, narrowed)
        scope = scope_of(reading.con, narrowed, withheld_count=answered.withheld_count)
    frame = _having(answered.frame, request.query_params.get("has", "").strip())
    content = answer_file(question, _sorted(frame, request.query_params.get("sort", "")), form, scope)
    headers = {"content-disposition": f'attachment; filename="{question.name}.{form}"'}
    return Response(content, media_type=_DOWNLOADS[form], headers=headers)


def _asked(request: Request, name: str) -> tuple[Question, Narrowed]:
    given = request.query_params
    days: list[date | None] = []
    for bound in ("from", "to"):
        try:
            days.append(date.fromisoformat(given[bound]) if given.get(bound) else None)
        except ValueError:
            raise HTTPException(400, f"{given[bound]!r} is no day; write it as 2026-11-23.") from None
    return find_question(name), Narrowed((given.get("country") or "").upper() or None, days[0], days[1])


def _missing(reading: Reading, question: Question) -> list[str]:
    """Tables that the question reads and the file lacks: a pack holds what its reader may see."""
    return sorted(set(_TABLE.findall(question.sql)) - reading.about.tables)


def _having(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    """The rows of which any cell holds the text."""
    if not text or frame.empty:
        return frame
    told = frame.astype(str).apply(lambda column: column.str.contains(text, case=False, regex=False))
    return pd.DataFrame(frame.loc[told.any(axis="columns").to_numpy()])


def _sorted(frame: pd.DataFrame, sort: str) -> pd.DataFrame:
    """The frame by one of its columns, ``-`` before it for descending; as it came where there is no such column."""
    column = sort.removeprefix("-")
    if column not in frame.columns:
        return frame
    key = frame[column]
    if key.dtype == object:
        key = key.map(str)
    return frame.loc[key.sort_values(ascending=not sort.startswith("-"), kind="stable", na_position="last").index]


def _column(column: ToldColumn, kept: dict[str, str], sort: str) -> tuple[ToldColumn, str, str]:
    """A column, the link that sorts by it, and how it is sorted now."""
    turned = f"-{column.name}" if sort == column.name else column.name
    order = {f"-{column.name}": "descending", column.name: "ascending"}.get(sort, "none")
    return column, f"?{urlencode({**kept, 'sort': turned})}", order


def _picture(question: Question, frame: pd.DataFrame, scope: AnswerScope) -> Markup | None:
    """Bars of the first declared total, where every row is one thing and there are few of them."""
    columns = {column.name: column for column in told_columns(question, frame)}
    key, totals = question.sidecar.model_extra or {}, question.sidecar.totals
    names = key.get("key", [])
    if len(names) != 1 or not totals or not 2 <= len(frame) <= _MOST_BARS:
        return None
    labels = [columns[names[0]].text(value, scope.words) for value in frame[names[0]]]
    values = [0.0 if pd.isna(value) else float(value) for value in frame[totals[0]]]
    return bars_picture(columns[totals[0]].heading, labels, values)
