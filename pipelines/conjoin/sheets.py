"""The one writer of tables for people: CSV and workbooks in which no cell is taken for a formula.

A spreadsheet program runs a text that begins with ``= + - @``, a tab or a line end as a formula. Such a text gets an
apostrophe before it, and so does one that begins with apostrophes before such a sign: so it can be taken off again
without a doubt when we read our own table. Numbers are no formulas.
"""

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from conjoin.plain import visible

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")
#: A column is as wide as the longest of its first cells, within reason.
_SAMPLED, _WIDEST = 200, 48
#: Rows of a sheet, header and total among them.
MOST_ROWS = 1_048_576
_HEADING_FILL, _TO_FILL = PatternFill("solid", fgColor="DCE6F1"), PatternFill("solid", fgColor="FFF2CC")


def neutral(value: object) -> object:
    """The value as a cell may hold it: a text that would run as a formula gets an apostrophe before it."""
    if isinstance(value, str):
        if _FORMULA.match(value) and not _NUMBER.fullmatch(value):
            value = f"'{value}"
        return visible(value)
    return value


def as_written(cell: str) -> str:
    """The text behind a cell that ``neutral`` made."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text and every header neutral."""
    told = frame.copy()
    for column in told.columns:
        if told[column].dtype == object or isinstance(told[column].dtype, pd.StringDtype):
            told[column] = told[column].map(neutral)
    return told.rename(columns=lambda name: str(neutral(name)))


def csv_text(frame: pd.DataFrame, date_format: str | None = None) -> str:
    """The frame as CSV."""
    return neutral_frame(frame).to_csv(index=False, lineterminator="\n", date_format=date_format)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write the frame as CSV; whoever reads the path sees all of it or what was there before."""
    building = path.with_name(f".{path.name}.building")
    try:
        building.write_text(csv_text(frame), encoding="utf-8")
        building.replace(path)
    finally:
        building.unlink(missing_ok=True)


def new_sheet(title: str) -> tuple[Workbook, Worksheet]:
    """A workbook with one empty sheet of that title."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a sheet")
    sheet.title = title
    return book, sheet


def append_row(sheet: Worksheet, values: list[object]) -> None:
    """Add a row of neutral cells, texts as texts."""
    sheet.append([None if value is None else neutral(value) for value in values])
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, str):
            cell.data_type = "s"


def write_workbook(frame: pd.DataFrame, path: Path, title: str = "answer") -> None:
    """Write the frame as the only sheet of a workbook."""
    book, sheet = new_sheet(title)
    append_row(sheet, list(frame.columns))
    cells = frame.astype(object).where(frame.notna(), None)
    for row in cells.itertuples(index=False, name=None):
        append_row(sheet, [plain_value(value) for value in row])
    book.save(path)


def write_sheets(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write frames as sheets of one workbook, headers in bold and fixed; the same frames give the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, frame in frames.items():
        sheet = book.create_sheet(title)
        append_row(sheet, list(frame.columns))
        cells = frame.astype(object).where(frame.notna(), None)
        for row in cells.itertuples(index=False, name=None):
            append_row(sheet, [plain_value(value) for value in row])
        for number, column in enumerate(frame.columns, start=1):
            sheet.cell(1, number).font = Font(bold=True)
            longest = max([len(str(column)), *frame[column].astype(str).str.len().head(_SAMPLED)], default=0)
            sheet.column_dimensions[sheet.cell(1, number).column_letter].width = min(max(longest + 2, 8), _WIDEST)
        sheet.freeze_panes = "A2"
    path.write_bytes(_saved(book))


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet for people: its heading, and how a spreadsheet program shows its numbers and days."""

    heading: str
    number_format: str = "General"


@dataclass(frozen=True)
class TableSheet:
    """A table for people as one sheet.

    Attributes:
        title: What the sheet is called.
        columns: Its columns, in order.
        rows: Its rows, a cell per column; None for nothing.
        totals: The last row, a cell per column; empty for none. The filter leaves it where it is.
        has_filter: Whether the columns can be filtered.
    """

    title: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[object]]
    totals: Sequence[object] = ()
    has_filter: bool = True


def book_of(sheets: Iterable[TableSheet]) -> bytes:
    """A workbook of these sheets: columns as wide as they need, headings fixed; the same sheets give the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in sheets:
        sheet = book.create_sheet(table.title)
        append_row(sheet, [column.heading for column in table.columns])
        for row in table.rows:
            append_row(sheet, list(row))
        if table.totals:
            append_row(sheet, list(table.totals))
        _dress(sheet, table)
    return _saved(book)


def _dress(sheet: Worksheet, table: TableSheet) -> None:
    """Give a filled sheet its widths, formats, fixed headings, filter and total."""
    for number, column in enumerate(table.columns, start=1):
        cells = [row[0] for row in sheet.iter_rows(min_col=number, max_col=number)]
        heading, *below = cells
        heading.font, heading.fill = Font(bold=True), _HEADING_FILL
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        longest = max([len(_shown(cell.value, column.number_format)) for cell in below[:_SAMPLED]], default=0)
        words = max(map(len, column.heading.split()), default=0) + 2  # room for the arrow of the filter
        sheet.column_dimensions[heading.column_letter].width = min(max(longest, words, 6) + 2, _WIDEST)
        for cell in below:
            cell.number_format = column.number_format
            if longest > _WIDEST:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[sheet.max_row] if table.totals else []:
        cell.font, cell.border = Font(bold=True), Border(top=Side(style="thin"))
    sheet.freeze_panes = "A2"
    if table.has_filter:
        last = sheet.cell(1 + len(table.rows), max(len(table.columns), 1)).coordinate
        sheet.auto_filter.ref = f"A1:{last}"


def _shown(value: object, number_format: str) -> str:
    """About what a spreadsheet program shows of a cell."""
    if isinstance(value, float | int):
        return f"{value:,.{len(number_format.partition('.')[2])}f}"
    return "" if value is None else str(value)[:10] if hasattr(value, "isoformat") else str(value)


def _saved(book: Workbook) -> bytes:
    """The bytes of a workbook without the time of writing, which its parts and its properties carry."""
    written, plain = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["docProps/core.xml"] = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", parts["docProps/core.xml"])
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return plain.getvalue()


@dataclass(frozen=True)
class Form:
    """How a table that a person fills in looks.

    Attributes:
        widths: Of columns, in letters; others are 18 wide.
        to_fill: Columns that are left to the person; their headers are coloured.
        choices: What may be chosen in a column, by its header.
        frozen: The first cell that scrolls.
        help: A second sheet, ``Help``: rows of what, and what is to be known of it.
    """

    widths: Mapping[str, int]
    to_fill: Collection[str]
    choices: Mapping[str, Sequence[str]]
    frozen: str
    help: Sequence[tuple[str, str]] = ()


def write_form(columns: Sequence[str], rows: Iterable[Sequence[object]], form: Form, path: Path, title: str) -> None:
    """Write a table to be filled in as the first sheet of a workbook: wrapped cells, lists to choose from, a filter."""
    book, sheet = new_sheet(title)
    append_row(sheet, list(columns))
    for row in rows:
        append_row(sheet, list(row))
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, column in enumerate(columns, start=1):
        heading = sheet.cell(1, number)
        heading.font = Font(bold=True)
        if column in form.to_fill:
            heading.fill = _TO_FILL
        letter = heading.column_letter
        sheet.column_dimensions[letter].width = form.widths.get(column, 18)
        if column in form.choices:
            choice = DataValidation(type="list", formula1=f'"{",".join(form.choices[column])}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{max(sheet.max_row, 2)}")
    sheet.freeze_panes = form.frozen
    sheet.auto_filter.ref = sheet.dimensions
    if form.help:
        _write_help(book.create_sheet("Help"), form.help)
    path.write_bytes(_saved(book))


def _write_help(sheet: Worksheet, rows: Sequence[tuple[str, str]]) -> None:
    for row in rows:
        append_row(sheet, list(row))
    for what, told in sheet.iter_rows():
        what.font = Font(bold=True)
        what.alignment = told.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 100


def plain_value(value: object) -> object:
    """A value that a workbook can hold."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime().replace(tzinfo=None)
    if hasattr(value, "tolist"):
        value = value.tolist()
    return ", ".join(map(str, value)) if isinstance(value, list) else value
