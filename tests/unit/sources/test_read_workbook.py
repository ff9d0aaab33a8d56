"""Workbooks: sheets, headers and cells as a person sees them; damaged and dangerous ones are refused."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import duckdb
import pytest

from conjoin.errors import UnreadableFile
from support.files import as_workbook, entry_of, rewritten
from support.reading import raw_rows

Con = duckdb.DuckDBPyConnection
SHEET = "xl/worksheets/sheet1.xml"
PROTECTED = Path(__file__).parents[2] / "data" / "protected.xlsx"
PLAIN = as_workbook({"List": [["a", "b"], ["x", 1], ["y", 2]]})


def with_cell(place: str, cell: bytes) -> bytes:
    """``PLAIN`` with the XML of one cell replaced."""
    sheet = re.sub(rb'<c r="' + place.encode() + rb'"[^>]*>.*?</c>', lambda _: cell, entry_of(PLAIN, SHEET))
    return rewritten(PLAIN, {SHEET: sheet})


def test_cells_arrive_as_text(con: Con, tmp_path: Path) -> None:
    day, moment = dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 10, 30)
    lines = [["a", "b", "c", "d", "e", "f", "g"], [340, 38.42, True, day, moment, dt.time(9, 5), " x "]]
    read = raw_rows(con, tmp_path, as_workbook({"List": lines}), "workbook")
    assert read == [
        {
            "#row": 1,
            "#line": 2,
            "#sheet": "List",
            "a": "340",
            "b": "38.42",
            "c": "true",
            "d": "2026-03-02",
            "e": "2026-03-02 10:30:00",
            "f": "09:05:00",
            "g": "x",
        }
    ]


@pytest.mark.parametrize("word", ["NA", "n/a", "None", "null", "NaN", "#N/A"])
def test_words_that_pandas_takes_for_empty_are_cells_like_others(con: Con, tmp_path: Path, word: str) -> None:
    assert raw_rows(con, tmp_path, as_workbook({"List": [["a"], [word]]}), "workbook")[0]["a"] == word


def test_two_header_rows_are_joined_and_merged_cells_reach_to_the_right(con: Con, tmp_path: Path) -> None:
    lines = [["Our chart"], ["Site", None, "Visit"], ["Code", "Name", "Day"], ["A1", "Alder", "2026-03-02"]]
    read = raw_rows(con, tmp_path, as_workbook({"List": lines}), "workbook", skip_rows=1, header_rows=2)
    assert read == [
        {
            "#row": 1,
            "#line": 4,
            "#sheet": "List",
            "Site / Code": "A1",
            "Site / Name": "Alder",
            "Visit / Day": "2026-03-02",
        }
    ]


def test_merged_cells_are_filled_down_and_totals_end_the_table(con: Con, tmp_path: Path) -> None:
    lines = [["Site", "n"], ["A", 1], [None, 2], [], ["B", 3], ["Total: 6"], ["C", 9]]
    read = raw_rows(con, tmp_path, as_workbook({"List": lines}), "workbook", fill_down=["Site"], stop_at="Total")
    assert [(row["#line"], row["Site"], row["n"]) for row in read] == [(2, "A", "1"), (3, "A", "2"), (5, "B", "3")]


def test_the_first_total_ends_the_table(con: Con, tmp_path: Path) -> None:
    lines = [["Site", "n"], ["A", 1], ["Total", 1], ["not of the table", 5], ["Total", 6]]
    read = raw_rows(con, tmp_path, as_workbook({"List": lines}), "workbook", stop_at="Total")
    assert [(row["#line"], row["Site"]) for row in read] == [(2, "A")]


def test_rows_of_all_matching_sheets_are_numbered_on_and_keep_the_lines_of_their_sheet(
    con: Con, tmp_path: Path
) -> None:
    sheets = {name: [["a"], [f"{name} 1"], [f"{name} 2"]] for name in ("Q1 2026", "Q2 2026", "Notes")}
    read = raw_rows(con, tmp_path, as_workbook(sheets), "workbook", sheet="Q*", sheet_column="Quarter")
    assert [(row["#row"], row["#sheet"], row["#line"], row["a"], row["Quarter"]) for row in read] == [
        (1, "Q1 2026", 2, "Q1 2026 1", "Q1 2026"),
        (2, "Q1 2026", 3, "Q1 2026 2", "Q1 2026"),
        (3, "Q2 2026", 2, "Q2 2026 1", "Q2 2026"),
        (4, "Q2 2026", 3, "Q2 2026 2", "Q2 2026"),
    ]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (b'<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        (b'<c r="B2" t="str"><f>A2&amp;"!"</f><v>x!</v></c>', "x!"),
        (b'<c r="B2" t="str"><f>IF(A2="q",1,"")</f><v></v></c>', None),
        (b'<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        (b'<c r="B2" s="0" t="e"><v>#N/A</v></c>', "#N/A"),
    ],
)
def test_formulas_give_the_result_that_the_sheet_shows(con: Con, tmp_path: Path, cell: bytes, read: str | None) -> None:
    assert raw_rows(con, tmp_path, with_cell("B2", cell), "workbook")[0].get("b") == read


@pytest.mark.parametrize("stored", [b"<v></v>", b"<v/>", b"<v />", b""])
@pytest.mark.parametrize("formula", [b"<f>1+1</f>", b'<f t="shared" si="0"/>'])
def test_a_formula_that_was_never_computed_is_refused(con: Con, tmp_path: Path, formula: bytes, stored: bytes) -> None:
    content = with_cell("B3", b'<c r="B3">' + formula + stored + b"</c>")
    _refused(con, tmp_path, content, ["cell B3", "never computed", "open the workbook, save it"])


def test_a_workbook_as_openpyxl_writes_formulas_is_refused(con: Con, tmp_path: Path) -> None:
    _refused(con, tmp_path, as_workbook({"List": [["a"], ["=1+1"]]}), ["cell A2", "never computed"])


def test_macros_are_carried_and_never_run(con: Con, tmp_path: Path) -> None:
    types = entry_of(PLAIN, "[Content_Types].xml").replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    content = rewritten(PLAIN, {"[Content_Types].xml": types, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros"})
    assert raw_rows(con, tmp_path, content, "workbook") == raw_rows(con, tmp_path, PLAIN, "workbook")


def _bomb() -> bytes:
    return rewritten(PLAIN, {"xl/media/image1.png": b"\0" * 30_000_000})


def _other_archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("letter.txt", "hello")
    return target.getvalue()


def _damaged() -> bytes:
    """One byte in the middle of the sheet's compressed data is another."""
    content = bytearray(PLAIN)
    start = content.index(b"sheet1.xml") + 40
    content[start] ^= 0xFF
    return bytes(content)


REFUSED = {
    "cut off": (PLAIN[:-300], {}, ["cut off or damaged", "deliver it again"]),
    "a byte damaged": (_damaged(), {}, ["cut off or damaged", "deliver it again"]),
    "protected": (PROTECTED.read_bytes(), {}, ["protected by a password", "save it without one"]),
    "a zip bomb": (_bomb(), {}, ["unpack to 30,0", "zip bomb"]),
    "another archive": (_other_archive(), {}, ["cannot be read", "Save it again"]),
    "CSV": (b"a,b\n1,2\n", {}, ["this is no workbook", "export it as .xlsx"]),
    "an old workbook cut off": (b"\xd0\xcf\x11\xe0" + b"x" * 500, {}, ["cannot be read", "is it complete?"]),
    "no such sheet": (PLAIN, {"sheet": "Audit*"}, ["no sheet is called 'Audit*'", "there are 'List'"]),
    "empty sheets": (as_workbook({"List": []}), {}, ["every sheet is empty"]),
    "too short": (as_workbook({"List": [["title"]]}), {"skip_rows": 3}, ["sheet 'List'", "only 1 rows", "in row 4"]),
    "different headers": (
        as_workbook({"A": [["a"], [1]], "B": [["b"], [1]]}),
        {},
        ["sheet 'B' has another header than sheet 'A' (only in 'B': 'b'; only in 'A': 'a')", "reader.sheet"],
    ),
    "a name twice": (as_workbook({"A": [["Day", "day"], [1, 2]]}), {}, ["sheet 'A'", "'Day' twice (columns 1, 2)"]),
    "a name of ours": (as_workbook({"A": [["#Sheet"], [1]]}), {}, ["'#sheet'", "rename it"]),
    "filled down without column": (PLAIN, {"fill_down": ["c"]}, ["reader.fill_down names 'c'"]),
    "nothing": (b"", {}, ["empty (0 bytes)"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(con: Con, tmp_path: Path, case: str) -> None:
    content, reader, parts = REFUSED[case]
    _refused(con, tmp_path, content, parts, **reader)


def _refused(con: Con, folder: Path, content: bytes, parts: list[str], **reader: object) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        raw_rows(con, folder, content, "workbook", **reader)
    message = str(refusal.value)
    assert message.startswith("delivery")
    assert [part for part in parts if part not in message] == [], message
