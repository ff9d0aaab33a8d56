"""A workbook that kills its reader is refused, and the next one is read."""

from pathlib import Path

import pytest

from conjoin.errors import UnreadableFile
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.workbook_worker import read_workbook_apart
from support.files import as_workbook, entry_of, rewritten

PLAIN = as_workbook({"List": [["a", "b"], [1, 2]]})
SHEET = "xl/worksheets/sheet1.xml"


def with_cell(place: str) -> bytes:
    """The plain workbook with its last cell somewhere far away."""
    return rewritten(PLAIN, {SHEET: entry_of(PLAIN, SHEET).replace(b'r="B2"', f'r="{place}"'.encode())})


@pytest.mark.slow
@pytest.mark.parametrize("place", ["XFD1048576", "ALL500000", "A99999999999", "ZZZZZZZ20"])
def test_a_cell_at_the_end_of_the_world_refuses_its_file_alone(tmp_path: Path, place: str) -> None:
    """Trial: such a workbook aborted the whole process (signal 6)."""
    (tmp_path / "far.xlsx").write_bytes(with_cell(place))
    (tmp_path / "good.xlsx").write_bytes(PLAIN)
    with pytest.raises(UnreadableFile, match=r"^far\.xlsx: "):
        read_workbook_apart(tmp_path / "far.xlsx", "far.xlsx", Reader())
    rows, notices = read_workbook_apart(tmp_path / "good.xlsx", "good.xlsx", Reader())
    assert rows.select(["a", "b"]).to_pylist() == [{"a": "1", "b": "2"}]
    assert notices == []


def test_what_a_workbook_hides_is_told(tmp_path: Path) -> None:
    """Trial F14: a hidden sheet and rows hidden by a filter are read, and a person hears of it."""
    book = as_workbook({"Audits": [["a"], [1], [2]], "Old": [["a"], [3]]})
    sheets = (
        entry_of(book, "xl/workbook.xml")
        .replace(b'name="Old"', b'name="Old" state="hidden"')
        .replace(b'state="visible" ', b"")
    )
    rows = entry_of(book, SHEET).replace(b'<row r="3"', b'<row r="3" hidden="1"')
    (tmp_path / "book.xlsx").write_bytes(rewritten(book, {"xl/workbook.xml": sheets, SHEET: rows}))
    read, notices = read_workbook_apart(tmp_path / "book.xlsx", "book.xlsx", Reader())
    assert read.column("a").to_pylist() == ["1", "2", "3"]
    assert notices == [
        "book.xlsx: sheet 'Old' is hidden; its 1 row was read. Leave it out with reader.sheet",
        "book.xlsx: sheet 'Audits' hides 1 of its rows (a filter, perhaps); they were read all the same",
    ]
    only, _ = read_workbook_apart(tmp_path / "book.xlsx", "book.xlsx", Reader(sheet=["Aud*", "2011"]))
    assert only.column("a").to_pylist() == ["1", "2"]


def test_a_sheet_that_only_a_macro_can_show_is_hidden_too(tmp_path: Path) -> None:
    book = as_workbook({"Audits": [["a"], [1]], "Old": [["a"], [3]]})
    sheets = entry_of(book, "xl/workbook.xml").replace(b'state="visible" ', b"")
    sheets = sheets.replace(b'name="Old"', b'name="Old" state="veryHidden"')
    (tmp_path / "book.xlsx").write_bytes(rewritten(book, {"xl/workbook.xml": sheets}))
    _, notices = read_workbook_apart(tmp_path / "book.xlsx", "book.xlsx", Reader())
    assert notices == ["book.xlsx: sheet 'Old' is hidden; its 1 row was read. Leave it out with reader.sheet"]


def test_of_a_workbook_only_the_first_sheet_may_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(as_workbook({"Answers": [["a"], [1]], "How to answer": [["Text"], ["x"]]}))
    read, _ = read_workbook_apart(tmp_path / "book.xlsx", "book.xlsx", Reader(), first_sheet_only=True)
    assert read.select(["#sheet", "a"]).to_pylist() == [{"#sheet": "Answers", "a": "1"}]
