"""Saved questions: asked with their parameters, sorted and filtered, taken along as Excel or CSV, their SQL shown."""

import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import duckdb
import pandas as pd
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from conjoin.briefings.answers import write_answer
from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import BRIEFING, Question, answer, find_question, questions, why_no_answer
from conjoin.desk.ask import told_rows
from conjoin.desk.entry import Session, session_of
from conjoin.desk.opened import Reading
from conjoin.desk.render import page
from conjoin.errors import ConjoinError
from conjoin.schemas.fields import glossary
from conjoin.schemas.vocabularies import vocabulary

router = APIRouter(prefix="/questions")
Known = Annotated[Session, Depends(session_of)]
ROWS_SHOWN = 500
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
    with request.app.state.desk.file.reading() as reading:
        missing = _missing(reading, question)
        frame, why = (pd.DataFrame(), "") if missing else _answered(reading, question, narrowed)
    total = len(frame)
    frame = _sorted(_having(frame, text), sort)
    kept = {name: value for name, value in request.query_params.items() if name not in ("sort", "format") and value}
    return page(
        request,
        "question.html",
        session,
        question=question,
        missing=missing,
        why=why,
        total=total,
        found=len(frame),
        columns=[_column(frame, column, kept, sort) for column in frame.columns],
        shown=told_rows(frame.head(ROWS_SHOWN)),
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
        frame, _ = _answered(reading, question, narrowed)
    frame = _sorted(_having(frame, request.query_params.get("has", "").strip()), request.query_params.get("sort", ""))
    with tempfile.TemporaryDirectory(prefix="conjoin-") as folder:
        out = Path(folder, f"{question.name}.{form}")
        write_answer(frame, form, out)
        content = out.read_bytes()
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


def _answered(reading: Reading, question: Question, narrowed: Narrowed) -> tuple[pd.DataFrame, str]:
    try:
        frame = answer(reading.con, question, narrowed.country, narrowed.from_date, narrowed.to_date)
    except duckdb.CatalogException as error:  # a view that the question reads looks at a table that is not there
        raise ConjoinError(f"this file does not hold what the question asks: {str(error).splitlines()[0]}") from error
    return frame, why_no_answer(reading.con, question, narrowed) if frame.empty else ""


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


def _column(frame: pd.DataFrame, name: str, kept: dict[str, str], sort: str) -> dict[str, Any]:
    """A column's heading: its words, its meaning, the link that sorts by it, whether it holds numbers."""
    known = glossary().get(name)
    is_number = pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
    turned = f"-{name}" if sort == name else name
    return {
        "name": name,
        "title": name.replace("_", " "),
        "meaning": known.description if known else "",
        "vocabulary": known.vocabulary if known else None,
        "link": f"?{urlencode({**kept, 'sort': turned})}",
        "is_number": is_number,
        "sorted": "descending" if sort == f"-{name}" else "ascending" if sort == name else "none",
    }
