"""CSV: cells as they stand, line numbers that a person finds again, and refusals that say what to do."""

import codecs
from pathlib import Path

import duckdb
import pytest

from conjoin.errors import UnreadableFile
from support.reading import raw_rows

Con = duckdb.DuckDBPyConnection


def test_cells_are_trimmed_and_empty_ones_are_null(con: Con, tmp_path: Path) -> None:
    read = raw_rows(con, tmp_path, "a,b\n x\u00a0,\n".encode(), "csv")
    assert read == [{"#row": 1, "#line": 2, "a": "x"}]


def test_rows_without_any_cell_are_dropped_but_counted_as_lines(con: Con, tmp_path: Path) -> None:
    read = raw_rows(con, tmp_path, b"a,b\n , \n1,2\n", "csv")
    assert read == [{"#row": 2, "#line": 3, "a": "1", "b": "2"}]


def test_cells_with_line_ends_move_the_lines_below(con: Con, tmp_path: Path) -> None:
    content = b'a,b\n1,"two\nlines"\n2,x\n3,"three\r\n\r\nlines"\n4,y\n'
    assert [row["#line"] for row in raw_rows(con, tmp_path, content, "csv")] == [2, 4, 5, 8]


def test_a_last_line_without_its_end_moves_no_line(con: Con, tmp_path: Path) -> None:
    content = b'a,b\n1,"two\nlines"\n2,x'
    assert [row["#line"] for row in raw_rows(con, tmp_path, content, "csv")] == [2, 4]


@pytest.mark.parametrize("blank", [b"\n", b"\n\n\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_blank_lines_move_the_lines_below(con: Con, tmp_path: Path, blank: bytes, end: bytes) -> None:
    content = (b"a,b\n1,x\n" + blank + b"2,y\n\n").replace(b"\n", end)
    assert [row["#line"] for row in raw_rows(con, tmp_path, content, "csv")] == [2, 3 + len(blank)]


def test_a_very_long_cell_does_not_spoil_the_lines_below(con: Con, tmp_path: Path) -> None:
    content = b'a,b\n1,"' + b"x" * 200_000 + b'\n"\n2,y\n'
    assert [row["#line"] for row in raw_rows(con, tmp_path, content, "csv")] == [2, 4]


def test_lines_above_the_header_are_skipped_and_counted(con: Con, tmp_path: Path) -> None:
    content = b'A title with a " in it\n\na,b\n1,x\n\n2,y\n'
    assert [row["#line"] for row in raw_rows(con, tmp_path, content, "csv", skip_rows=2)] == [4, 6]


@pytest.mark.parametrize("content", [b"a,b\r\n1,x\r\n2,y\n", b"a,b\n1,x\r\n2,y\r\n", b"a,b\r1,x\n2,y\r\n"])
def test_line_ends_may_be_mixed(con: Con, tmp_path: Path, content: bytes) -> None:
    read = raw_rows(con, tmp_path, content, "csv")
    assert [(row["#line"], row["a"], row["b"]) for row in read] == [(2, "1", "x"), (3, "2", "y")]


def test_a_title_may_hold_quoted_line_ends(con: Con, tmp_path: Path) -> None:
    read = raw_rows(con, tmp_path, b'"A title\nof two lines"\na,b\n1,x\n', "csv", skip_rows=2)
    assert read == [{"#row": 1, "#line": 4, "a": "1", "b": "x"}]


def test_a_header_may_hold_quoted_line_ends(con: Con, tmp_path: Path) -> None:
    read = raw_rows(con, tmp_path, b'a,"first\nday"\n1,x\n', "csv")
    assert read == [{"#row": 1, "#line": 3, "a": "1", "first day": "x"}]


def test_a_nameless_column_is_called_after_its_place(con: Con, tmp_path: Path) -> None:
    assert raw_rows(con, tmp_path, b"a,,c\n1,2,3\n", "csv")[0]["(column 2)"] == "2"


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(con: Con, tmp_path: Path, mark: bytes, encoding: str) -> None:
    assert raw_rows(con, tmp_path, mark + b"a,b\n1,2\n", "csv", encoding=encoding)[0]["a"] == "1"


@pytest.mark.parametrize(
    ("encoding", "text"), [("utf-16", "Şişli 郑"), ("cp1254", "Şişli İğde"), ("cp1252", "Café Öst")]
)
def test_declared_encodings_are_read(con: Con, tmp_path: Path, encoding: str, text: str) -> None:
    content = f"a\tb\n{text}\t2\n".encode(encoding)
    assert raw_rows(con, tmp_path, content, "csv", encoding=encoding, delimiter="\t")[0]["a"] == text


REFUSED = {
    "wrong encoding": (
        "a,b\n1,x\n2,Türkiye\n".encode("cp1254"),
        {},
        ["line 3", "the bytes fc are not utf-8-sig", "cp1254"],
    ),
    "UTF-16 instead": ("a,b\n1,x\n".encode("utf-16"), {}, ["written in utf-16", "set reader.encoding = 'utf-16'"]),
    "UTF-8 instead of UTF-16": (
        b"a,b\n1,x\n",
        {"encoding": "utf-16"},
        ["line 1", "not begin like utf-16", "export it as"],
    ),
    "cut off within UTF-16": ("a,b\n1,x\n".encode("utf-16")[:-1], {"encoding": "utf-16"}, ["line 2", "not utf-16"]),
    "NUL bytes": (b"a,b\n1,x\n2,\0\0\n", {}, ["line 3", "NUL bytes", "export it again"]),
    "a workbook": (b"PK\x03\x04 rest", {}, ["this is an Excel workbook", "export it as CSV"]),
    "an old workbook": (b"\xd0\xcf\x11\xe0 rest", {}, ["this is an old Excel file", "export it as CSV"]),
    "a quote never closed": (b'a,b\n1,x\n2,"y\n3,z\n', {}, ["line 3", "a quote is opened and never closed", "Correct"]),
    "a quote within a cell": (b'a,b\n1,x\n2,"y"z\n', {}, ["line 3", "closed in the middle of a cell", "Correct"]),
    "too many cells": (b"a,b\n1,x\n2,y,z,w\n", {}, ["line 3", "but the header has 2 columns", "Correct"]),
    "too few cells": (b"a,b,c\n1,x,y\n2\n", {}, ["line 3", "1 cells, but the header has 3 columns", "Correct"]),
    "a cell of 20 MB": (b"a,b\n1,x\n2," + b"y" * 20_000_000 + b"\n", {}, ["line 3", "longer than 2,000,000 bytes"]),
    "a name twice": (b"Day,City,day\n1,2,3\n", {}, ["'Day' twice (columns 1, 3)", "rename one of them"]),
    "a name of ours": (b"a,#line\n1,2\n", {}, ["'#line'", "rename it"]),
    "nothing": (b"", {}, ["empty (0 bytes)", "deliver it again"]),
    "blank lines only": (b"\n\n\n", {}, ["not even a header", "deliver it again"]),
    "all of it skipped": (b"a,b\n1,2\n", {"skip_rows": 9}, ["correct reader.skip_rows (9 lines are skipped)"]),
    "an open quote in the header": (b'a,"b\n1,2\n', {}, ["the header cannot be read"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_file_line_finding_and_advice(con: Con, tmp_path: Path, case: str) -> None:
    content, reader, parts = REFUSED[case]
    with pytest.raises(UnreadableFile) as refusal:
        raw_rows(con, tmp_path, content, "csv", **reader)
    message = str(refusal.value)
    assert message.startswith("delivery")
    assert [part for part in parts if part not in message] == [], message


def test_a_refusal_never_repeats_the_text_of_a_row(con: Con, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        raw_rows(con, tmp_path, b"a,b\nElif Kaya,elif@example.org,0532 000 00 00\n", "csv")
    assert "Elif" not in str(refusal.value)
    assert "example.org" not in str(refusal.value)
