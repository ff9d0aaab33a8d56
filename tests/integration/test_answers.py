"""Every saved question, asked as people ask it: on 80 columns, as a workbook, of the coordinator's file."""

import re
import shutil
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from conjoin.briefings.answering.about import about_sheet
from conjoin.briefings.answering.layout import shown_width
from conjoin.briefings.answering.telling import SIGN, AnswerScope, ToldColumn, scope_of
from conjoin.briefings.answers import FORMATS, answer_file
from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import IDENTITY_MARK, Question, ask, find_question, questions
from conjoin.cli import app, output
from conjoin.errors import ConjoinError, NotForThisFile
from conjoin.packs.pack import write_reader
from conjoin.packs.reader import reader_of

pytestmark = pytest.mark.slow
OF_CASES = [question for question in questions() if question.sidecar.visibility]
OTHERS = [question for question in questions() if not question.sidecar.visibility]


@pytest.fixture
def con(warehouse_of_samples: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """It, to be asked."""
    with duckdb.connect(str(warehouse_of_samples), read_only=True) as connection:
        yield connection


def asked(question: Question, con: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, AnswerScope]:
    found = ask(con, question, Narrowed())
    return found.frame, scope_of(con, Narrowed(), "version 3", found.withheld_count)


def printed(monkeypatch: pytest.MonkeyPatch, warehouse: Path, *words: str, width: int = 80) -> str:
    monkeypatch.setattr(output, "console", Console(highlight=False, width=width))
    done = CliRunner().invoke(app, ["ask", *words, "--warehouse", str(warehouse)])
    if done.exception:
        raise done.exception
    return done.stdout


@pytest.mark.parametrize("question", OTHERS, ids=lambda question: question.name)
def test_an_answer_fits_80_columns_and_says_what_it_leaves_out(
    question: Question, warehouse_of_samples: Path, monkeypatch: pytest.MonkeyPatch, con: duckdb.DuckDBPyConnection
) -> None:
    told = printed(monkeypatch, warehouse_of_samples, question.name, "--rows", "0")
    frame, _ = asked(question, con)
    if frame.empty:
        return  # one sentence that says why, as wide as it is
    assert max(map(shown_width, told.splitlines())) <= 80
    assert "…" not in told
    headings = {name: ToldColumn(name, question.field(name)).heading for name in frame.columns if name != IDENTITY_MARK}
    _, _, left_out = told.partition("No room for: ")
    left_out = " ".join(left_out.split()).split(". A wider window")[0]
    above = " ".join(told.split("────")[0].split())
    for heading in headings.values():
        # In the heading, whose words may stand below each other, or among those left out: one of the two.
        shown = all(word in above for word in heading.split())
        assert shown or heading in left_out.split("; "), heading
    if question.sidecar.narrow:
        assert not {headings[name] for name in question.sidecar.narrow[:3]} & set(left_out.split("; "))


@pytest.mark.parametrize("question", OTHERS, ids=lambda question: question.name)
def test_sites_whose_identity_is_open_are_marked_in_every_form(
    question: Question, warehouse_of_samples: Path, monkeypatch: pytest.MonkeyPatch, con: duckdb.DuckDBPyConnection
) -> None:
    frame, scope = asked(question, con)
    if "site_id" not in frame:
        return
    doubtful = {site for (site,) in con.execute(_IN_QUESTION).fetchall()}
    is_marked = frame["site_id"].isin(doubtful)
    assert frame[IDENTITY_MARK].tolist() == is_marked.tolist()
    told = printed(monkeypatch, warehouse_of_samples, question.name, "--rows", "0")
    table, _, below = told.partition("One row per")
    assert table.count(SIGN) == is_marked.sum()
    assert (SIGN in below) == bool(is_marked.any())
    content = answer_file(question, frame, "xlsx", scope)
    book = openpyxl.load_workbook(BytesIO(content))
    heads = [cell.value for cell in book["Answer"][1]]
    column = heads.index("Identity open") + 1
    rows = book["Answer"].iter_rows(min_row=2, max_row=1 + len(frame), min_col=column, max_col=column)
    assert [cell.value == "yes" for (cell,) in rows] == is_marked.tolist()
    assert content == answer_file(question, frame, "xlsx", scope)


_IN_QUESTION = """
select unnest([site_id_left, site_id_right]) from marts.match_review_queue where not is_random
"""


def test_the_samples_hold_doubtful_sites_and_cases(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(f"select count(*) > 0 from ({_IN_QUESTION})").fetchall() == [(True,)]
    assert con.execute("select count(*) > 0 from marts.complaints_at_sites").fetchall() == [(True,)]


@pytest.mark.parametrize("question", OF_CASES, ids=lambda question: question.name)
def test_the_coordinators_file_does_not_answer_on_cases(question: Question, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotForThisFile, match=rf"`conjoin pack --for case_desk .*`conjoin ask {question.name}"):
        ask(con, question, Narrowed())


def test_rows_on_cases_are_left_out_of_other_answers_and_counted(
    con: duckdb.DuckDBPyConnection, warehouse_of_samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = find_question("research_and_cases")
    whole = con.execute(question.sql, {"country": None}).df()
    found = ask(con, question, Narrowed())
    hidden = int((whole["visibility"] == "restricted_case").sum())
    assert (len(found.frame), found.withheld_count) == (len(whole) - hidden, hidden)
    assert hidden > 0
    assert "rests on complaint cases" in " ".join(printed(monkeypatch, warehouse_of_samples, question.name).split())
    csv = printed(monkeypatch, warehouse_of_samples, question.name, "--format", "csv")
    assert "restricted_case" not in csv
    assert csv.count("\n") == len(found.frame) + 1


def test_what_a_pack_says_of_cases_hangs_on_whose_it_is(warehouse_of_samples: Path, tmp_path: Path) -> None:
    for name in ("case_desk", "northwind"):
        file = Path(shutil.copy(warehouse_of_samples, tmp_path / f"{name}.duckdb"))
        reader = reader_of(name, date(2026, 12, 1))
        with duckdb.connect(str(file)) as con:
            con.execute("create schema released")
        write_reader(file, reader)
        with duckdb.connect(str(file), read_only=True) as con:
            scope = scope_of(con, Narrowed())
            assert (scope.whose.title, scope.whose.day) == (reader.party.title, reader.day)
            if name == "case_desk":
                assert all(len(ask(con, question, Narrowed()).frame) for question in OF_CASES)
                assert ask(con, find_question("research_and_cases"), Narrowed()).withheld_count == 0
            else:
                for question in OF_CASES:
                    with pytest.raises(NotForThisFile, match=f"made for {reader.party.title}; a case worker's pack"):
                        ask(con, question, Narrowed())
            question = find_question("busiest_sites")
            told = about_sheet(question, ask(con, question, Narrowed()).frame, scope)
            about = dict(told.rows)
            assert about["Made for"] == f"A pack made for {reader.party.title}, from what it may see and nothing else."
            assert (about["Reckoned on"], about["Warehouse"]) == ("2026-12-01", "a file beside the published versions")


@pytest.mark.parametrize("question", OTHERS, ids=lambda question: question.name)
def test_a_workbook_is_for_people(question: Question, con: duckdb.DuckDBPyConnection) -> None:
    frame, scope = asked(question, con)
    book = openpyxl.load_workbook(BytesIO(answer_file(question, frame, "xlsx", scope)))
    assert book.sheetnames == ["Answer", "About"]
    sheet, about = book["Answer"], dict(book["About"].iter_rows(values_only=True))
    heads = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1 + len(frame), len(frame.columns)).coordinate}"
    has_total = sheet.max_row > 1 + len(frame)
    for number, name in enumerate(frame.columns, start=1):
        cells = [row[0] for row in sheet.iter_rows(min_row=2, min_col=number, max_col=number)]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        entry = question.field(name)
        if entry.type == "date":
            assert all(cell.value is None or cell.is_date for cell in cells[: len(frame)]), name
        if entry.vocabulary:
            assert not {str(cell.value) for cell in cells} & set(re.findall(r"\b[a-z]+_[a-z_]+\b", str(frame[name])))
        if has_total and name in question.sidecar.totals:
            assert cells[-1].value == pytest.approx(frame[name].sum())
        assert f"Column {heads[number - 1]}" in about
    assert about["Question"] == question.title
    assert about["One row is"] == question.grain
    assert about["Warehouse"] == "version 3"
    assert about["Made for"].startswith("The coordinator's own warehouse")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["Reckoned on"])


def test_an_unknown_format_is_told_with_those_there_are(con: duckdb.DuckDBPyConnection) -> None:
    question = find_question("busiest_sites")
    frame, scope = asked(question, con)
    with pytest.raises(ConjoinError, match=f"choose one of {', '.join(FORMATS)}"):
        answer_file(question, frame, "pdf", scope)
