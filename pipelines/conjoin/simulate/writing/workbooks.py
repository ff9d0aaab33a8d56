"""Workbooks (.xlsx), the same bytes for the same cells: fixed times inside the archive, cells as inline text.

Written straight as the few XML parts that a workbook needs, because a library stamps the time of writing into the file
and takes ten times as long for a world of many sites.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd

_EPOCH = dt.date(1899, 12, 30)
_WRITTEN = (2026, 10, 1, 0, 0, 0)
_ROWS_AT_ONCE = 5_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
#: XML 1.0 has no control characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Line = list[str | None]


def write_workbook(
    path: Path,
    sheet_name: str,
    above: Iterable[Line],
    cells: pd.DataFrame,
    date_columns: set[str],
    below: Iterable[Line],
) -> None:
    """Write one sheet.

    Args:
        path: The file to write.
        sheet_name: Name of its only sheet.
        above: Lines over the cells: titles and the header.
        cells: The rows; text or null.
        date_columns: Columns whose ISO dates become real date cells; other text there stays text.
        below: Lines under the cells.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, text in _parts(sheet_name).items():
            archive.writestr(_entry(name), _HEAD + text)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as page:
            page.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for chunk in _sheet_rows(list(above), cells, date_columns, list(below)):
                page.write(chunk.encode())
            page.write(b"</sheetData></worksheet>")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WRITTEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _parts(sheet_name: str) -> dict[str, str]:
    """Everything but the sheet: what there is, and the one style that shows numbers as dates."""
    workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    workbook += f'<sheet name="{escape(sheet_name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    relation = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    relation += f'<Relationship Id="rId1" Type="{_OFFICE}/{{0}}" Target="{{1}}"/>'
    styles = '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    styles += '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    styles += '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    styles += '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    styles += '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "styles": "styles"}
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for part, kind in kinds.items()
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": relation.format("officeDocument", "xl/workbook.xml") + "</Relationships>",
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": relation.format("worksheet", "worksheets/sheet1.xml")
        + f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
    }


def _sheet_rows(above: list[Line], cells: pd.DataFrame, date_columns: set[str], below: list[Line]) -> Iterator[str]:
    letters = [_letters(place) for place in range(max(cells.shape[1], *(len(line) for line in [*above, *below, []])))]
    yield "".join(_row(number, letters, map(_text_cell, line)) for number, line in enumerate(above, start=1))
    first = len(above) + 1
    for start in range(0, len(cells), _ROWS_AT_ONCE):
        part = cells.iloc[start : start + _ROWS_AT_ONCE]
        columns = [_column(part[name], name in date_columns) for name in part]
        rows = enumerate(zip(*columns, strict=True), start=first + start)
        yield "".join(_row(number, letters, row) for number, row in rows)
    yield "".join(
        _row(number, letters, map(_text_cell, line)) for number, line in enumerate(below, start=first + len(cells))
    )


def _column(cells: pd.Series, is_date: bool) -> list[str]:
    """The cells of one column, each from its attributes on; equal cells are made once."""
    make = _date_cell if is_date else _text_cell
    known = {cell: make(cell) for cell in cells.dropna().unique()}
    return [known[cell] if isinstance(cell, str) else "" for cell in cells]


def _row(number: int, letters: list[str], cells: Iterable[str]) -> str:
    inside = "".join(f'<c r="{letter}{number}"{cell}' for letter, cell in zip(letters, cells, strict=False) if cell)
    return f'<row r="{number}">{inside}</row>'


def _text_cell(text: str | None) -> str:
    if not text:
        return ""
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(_CONTROL.sub("", text))}</t></is></c>'


def _date_cell(text: str) -> str:
    if not _ISO_DATE.fullmatch(text):
        return _text_cell(text)
    return f' s="1"><v>{(dt.date.fromisoformat(text) - _EPOCH).days}</v></c>'


def _letters(place: int) -> str:
    """Name of the column at ``place``, counted from 0: A, ..., Z, AA, ..."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
