"""No cell that we write runs as a formula, and ours can be read back as they were."""

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.plain import is_harmful, listed, message, visible
from conjoin.sheets import (
    Form,
    SheetColumn,
    TableSheet,
    as_written,
    book_of,
    csv_text,
    neutral,
    write_csv,
    write_form,
    write_workbook,
)
from support.laws import law

RUNS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("text", RUNS)
def test_a_text_that_would_run_does_not(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame({"name": [text], text: [1]})
    cells = pd.read_csv(io.StringIO(csv_text(frame)), dtype=str)
    assert str(cells["name"][0]).startswith("'")
    assert cells.columns[1].startswith("'")
    write_workbook(frame, tmp_path / "answer.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["A2"].value.startswith("'")


@pytest.mark.parametrize("text", ["-5", "+4.5", "Alder Loom", "", "O'Hara", "'quoted'", "12 - 14 Mill Road"])
def test_what_runs_nowhere_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@law(300)
@given(st.text(st.sampled_from("'=+-@ab1 ")))
def test_what_we_wrote_is_read_back_as_it_was(text: str) -> None:
    assert as_written(str(neutral(text))) == text


def test_numbers_days_and_nothing_keep_their_kind(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [-1.5, None], "day": [pd.Timestamp("2026-03-02"), pd.NaT], "many": [["a", "b"], ["c"]]})
    write_workbook(frame, tmp_path / "answer.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[0].iter_rows(values_only=True))
    assert rows[1][0] == -1.5
    assert rows[1][2] == "a, b"
    assert rows[2] == (None, None, "c")


def test_a_table_for_people_has_formats_a_filter_and_a_total_that_stays() -> None:
    columns = [SheetColumn("Site"), SheetColumn("Auditor days", "#,##0.0"), SheetColumn("Month planned", "yyyy-mm")]
    rows = [["=Alder " + "long " * 30, 1234.5, date(2027, 1, 1)], ["Birch", None, None]]
    content = book_of([TableSheet("Answer", columns, rows, ("Total", 1234.5, None)), TableSheet("About", columns, [])])
    assert content == book_of(
        [TableSheet("Answer", columns, rows, ("Total", 1234.5, None)), TableSheet("About", columns, [])]
    )
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}, "no clock of their own"
        assert parts.read("docProps/core.xml").count(b">1980-01-01T00:00:00Z<") == 2
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Answer"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C3", "the total is no row to be sorted"
    assert [cell.number_format for cell in sheet[2]] == ["General", "#,##0.0", "yyyy-mm"]
    assert sheet["B4"].number_format == "#,##0.0"
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].alignment.wrap_text
    assert (sheet["A4"].value, sheet["A4"].font.bold, sheet["A3"].font.bold) == ("Total", True, False)
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] == 48
    assert widths[1] >= len("1,234.5")


def test_a_form_offers_its_choices_and_explains_itself(tmp_path: Path) -> None:
    form = Form({"name": 30}, ["verdict"], {"verdict": ["same site", "unsure"]}, "B2", [("verdict", "=What you think")])
    for name in ("a.xlsx", "b.xlsx"):
        write_form(["name", "verdict"], [["=1", None]], form, tmp_path / name, "judgements")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book.worksheets[0]
    assert sheet.data_validations.dataValidation[0].formula1 == '"same site,unsure"'
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:B2")
    assert book["Help"]["B1"].value == "'=What you think"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"name": ["=1"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "name\n'=1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@law(300)
@given(st.text(max_size=60))
def test_nothing_harmful_is_shown(text: str) -> None:
    assert not is_harmful(visible(text))
    assert not is_harmful(message(text).replace("\n", " "))


def test_a_message_has_an_end() -> None:
    assert message("x" * 10_000).endswith("... and 6,000 more characters")


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (1, "'a'"), (2, "'a', 'b'"), (3, "'a', 'b' and 1 more"), (4, "'a', 'b' and 2 more")]
)
def test_names_are_listed_up_to_a_number(count: int, told: str) -> None:
    assert listed(list("abcd")[:count], 2) == told
