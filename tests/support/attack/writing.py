"""Grids as the bytes of a file, cell by cell and without a library that would mend what is broken."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from support.attack.inputs import Grid

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "xl/worksheets/sheet1.xml"


def encoded(text: str, encoding: str) -> bytes:
    """Bytes of a text; halves of characters as they would stand in a broken file, what is unknown as ``?``."""
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def csv_writer(encoding: str = "utf-8", delimiter: str = ",", end: str = "\n") -> Callable[[Grid], bytes]:
    """Writes delimited text; every cell that needs quotes has them."""

    def write(grid: Grid) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(grid)
        return encoded(text.getvalue(), encoding)

    return write


def write_tree(grid: Grid) -> bytes:
    """JSON with the rows under ``visits``."""
    return json.dumps({"visits": [dict(zip(grid[0], row, strict=False)) for row in grid[1:]]}, indent=1).encode()


def write_lines(grid: Grid) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(dict(zip(grid[0], row, strict=False))) + "\n" for row in grid[1:]).encode()


# --- .xlsx ------------------------------------------------------------------------------------------------------


def letters(place: int) -> str:
    """Name of the column at ``place``, counted from 0."""
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _escaped(text: str) -> str:
    return escape(re.sub(r"[\ud800-\udfff]", "\ufffd", text))


def text_cell(ref: str, text: str) -> str:
    """An inline text; control characters go in as they are."""
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'


def sheet_xml(grid: Grid, special: Mapping[tuple[int, int], str] | None = None) -> str:
    """The sheet; ``special`` gives the XML of cells by row and column, with ``{ref}`` for their place."""
    rows = []
    for number, row in enumerate(grid):
        cells = []
        for place, text in enumerate(row):
            ref, own = f"{letters(place)}{number + 1}", (special or {}).get((number, place))
            cells.append(own.replace("{ref}", ref) if own is not None else text_cell(ref, text) if text else "")
        rows.append(f'<row r="{number + 1}">{"".join(cells)}</row>')
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def xlsx_parts(grid: Grid, special: Mapping[tuple[int, int], str] | None = None) -> dict[str, bytes]:
    """Everything that a workbook needs, by name; style 1 shows numbers as dates."""
    relation = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    relation += f'<Relationship Id="rId1" Type="{_OFFICE}/{{0}}" Target="{{1}}"/>'
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "styles": "styles"}
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for part, kind in kinds.items()
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": relation.format("officeDocument", "xl/workbook.xml") + "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr/><sheets>'
        '<sheet name="Visits" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relation.format("worksheet", "worksheets/sheet1.xml")
        + f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf/><xf numFmtId="14" '
        'applyNumberFormat="1"/></cellXfs></styleSheet>',
        SHEET: sheet_xml(grid, special),
    }
    return {name: text.encode("utf-8", "surrogatepass") for name, text in parts.items()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive, always the same bytes for the same parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The parts of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_xlsx(grid: Grid) -> bytes:
    """A workbook of texts."""
    return zipped(xlsx_parts(grid))


# --- .ods -------------------------------------------------------------------------------------------------------

_ODS = "urn:oasis:names:tc:opendocument:xmlns"


def ods_of(rows: str) -> bytes:
    """An .ods file with the given ``table:table-row`` elements."""
    content = (
        f'{_HEAD}<office:document-content xmlns:office="{_ODS}:office:1.0" xmlns:table="{_ODS}:table:1.0" '
        f'xmlns:text="{_ODS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Visits">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_ODS}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped({name: text.encode("utf-8", "surrogatepass") for name, text in parts.items()})


def ods_rows(grid: Grid, special: Mapping[tuple[int, int], str] | None = None) -> str:
    """The rows of a table, all texts but for ``special``."""
    told = []
    for number, row in enumerate(grid):
        cells = "".join(
            (special or {}).get((number, place))
            or f'<table:table-cell office:value-type="string"><text:p>{_escaped(text)}</text:p></table:table-cell>'
            for place, text in enumerate(row)
        )
        told.append(f"<table:table-row>{cells}</table:table-row>")
    return "".join(told)


def write_ods(grid: Grid) -> bytes:
    """An .ods file of texts."""
    return ods_of(ods_rows(grid))
