"""Reference tables, edited row by row with the checks of a build: nothing wrong is ever saved."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conjoin.desk.entry import Session, form_of, session_of
from conjoin.desk.render import page
from conjoin.errors import BadReference
from conjoin.schemas.vocabularies import vocabularies
from conjoin.warehouse.edit_reference import Row, Sheet, change_sheet, read_sheet
from conjoin.warehouse.reference import reference_tables

router = APIRouter(prefix="/reference")
Known = Annotated[Session, Depends(session_of)]
Form = Annotated[dict[str, list[str]], Depends(form_of)]
_MOST_SHOWN = 1_000


@router.get("")
def listed(request: Request, session: Known) -> HTMLResponse:
    """The reference tables, and what one row of each is."""
    _may_edit(request)
    return page(request, "reference.html", session, tables=reference_tables())


@router.get("/{name}")
def table(request: Request, session: Known, name: str, row: int = 0) -> HTMLResponse:
    """A table; ``row`` is edited, counted from 1."""
    _may_edit(request)
    return _shown(request, session, read_sheet(name), row)


@router.post("/{name}")
def save(request: Request, session: Known, name: str, form: Form) -> Response:
    """Change, add or remove one row."""
    _may_edit(request)
    number, what = _number(form), form.get("what", [""])[0]
    cells = {column: form.get(f"cell-{column}", [""])[0].strip() for column in read_sheet(name).columns}

    def change(rows: list[Row]) -> list[Row]:
        if what == "add":
            return [*rows, cells]
        if not 1 <= number <= len(rows):
            raise BadReference(f"{name} has no row {number}; nothing was saved")
        changed = [] if what == "remove" else [cells]
        return [*rows[: number - 1], *changed, *rows[number:]]

    try:
        change_sheet(name, None if what == "add" else form.get("stamp", [""])[0], change)
    except BadReference as error:
        return _shown(request, session, read_sheet(name), number, str(error), cells)
    return RedirectResponse(f"/reference/{name}", 303)


def _number(form: dict[str, list[str]]) -> int:
    told = form.get("row", ["0"])[0]
    return int(told) if told.isdigit() else 0


def _shown(
    request: Request, session: Session, sheet: Sheet, row: int, told: str = "", cells: Row | None = None
) -> HTMLResponse:
    declared = reference_tables()[sheet.name]
    choices = {}
    for name, column in declared.columns.items():
        titles = vocabularies()[column.vocabulary].titles if column.vocabulary else {}
        if column.codes or column.type == "boolean":
            codes = column.codes or ["true", "false"]
            choices[name] = [(code, titles.get(code, code)) for code in codes]
    edited = cells or (sheet.rows[row - 1] if 1 <= row <= len(sheet.rows) else None)
    return page(
        request,
        "reference_table.html",
        session,
        status=400 if told else 200,
        sheet=sheet,
        declared=declared,
        shown=sheet.rows[:_MOST_SHOWN],
        choices=choices,
        row=row,
        edited=edited,
        told=told,
    )


def _may_edit(request: Request) -> None:
    desk = request.app.state.desk
    if not desk.may_write:
        raise HTTPException(403, desk.why_read_only)
