"""No cell that we write runs as a formula, and ours can be read back as they were."""

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.plain import is_harmful, listed, message, visible
from conjoin.sheets import as_written, csv_text, neutral, write_csv, write_workbook
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
