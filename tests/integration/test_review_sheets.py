"""A review sheet goes out to people in plain words, comes back, and is not asked again."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from conjoin.cli import app
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.sources.decisions import DECISIONS
from conjoin.steps.reviews import export_queue, import_judgements
from support.projects import Project

pytestmark = pytest.mark.slow
#: As sheets of earlier versions began.
OLD_HEADER = [
    "record_id_left", "record_id_right", "judgement", "reviewer", "role", "decided_at", "note", "moved_on", "question",
    "reason", "site_name_left", "site_name_right",
]  # fmt: skip


@pytest.fixture
def queue(warehouse_of_samples: Path, project: Project) -> Settings:
    """The warehouse over all samples, with judgements in a project of one's own."""
    return Settings(data=warehouse_of_samples.parents[1])


def rows_of(path: Path) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_both_records_stand_beside_the_judgement(queue: Settings, tmp_path: Path) -> None:
    made = export_queue(queue, tmp_path / "queue.xlsx")
    book = openpyxl.load_workbook(tmp_path / "queue.xlsx")
    assert book.sheetnames == ["judgements", "Help"]
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert header[:5] == ["name, left", "name, right", "address, left", "address, right", "judgement"]
    assert made.written == sheet.max_row - 1 > 3
    choices = sheet.data_validations.dataValidation[0].formula1.strip('"').split(",")
    spellings = vocabulary("judgement").spellings()
    assert {spellings[word] for word in choices} == set(vocabulary("judgement").codes)
    help_told = dict(book["Help"].iter_rows(values_only=True))
    assert set(choices) <= set(help_told)
    rows = rows_of(tmp_path / "queue.xlsx")
    assert all(row["name, left"] and row["name, right"] and row["differences"] for row in rows)
    assert not {row["question"] for row in rows} & set(vocabulary("review_question").codes)
    assert any("; " in (row["other names, left"] or "") for row in rows)
    assert sum(row["visible to"] == "Restricted case" for row in rows) == made.of_cases > 0

    export_queue(queue, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "queue.xlsx").read_bytes()


def test_plain_words_come_back_as_judgements_and_are_not_asked_again(
    project: Project, queue: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "queue.xlsx"
    first = export_queue(queue, out)
    words = ["same site", "different sites", "moved", "moved from right to left", "unsure"]
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    for row, word in enumerate(words, start=2):
        sheet.cell(row, column["judgement"], word)
        sheet.cell(row, column["reviewer"], "RK")
    book.save(out)
    asked = rows_of(out)[: len(words)]
    assert import_judgements(queue, out).added == len(words)

    with (project.root / DECISIONS).open(encoding="utf-8", newline="") as file:
        filed = list(csv.DictReader(file))
    assert [row["judgement"] for row in filed] == ["POSITIVE", "NEGATIVE", "MOVED", "MOVED", "UNSURE"]
    sides = [(row["record_id_left"], row["record_id_right"]) for row in asked]
    assert [(row["record_id_left"], row["record_id_right"]) for row in filed] == [*sides[:3], sides[3][::-1], sides[4]]

    second = export_queue(queue, out)
    assert (second.written, second.left_out) == (first.written - len(words), len(words))
    assert not {(row["record_id_left"], row["record_id_right"]) for row in rows_of(out)} & set(sides)
    monkeypatch.setenv("CONJOIN_DATA", str(queue.data))
    done = CliRunner().invoke(app, ["reviews", "export", str(out)])
    assert f"{len(words)} more are on file already; --all includes them." in done.stdout
    whole = export_queue(queue, out, everything=True)
    assert (whole.written, whole.left_out) == (first.written, 0)
    told = {(row["record_id_left"], row["record_id_right"]): row["on file"] for row in rows_of(out)}
    assert told[sides[0]].startswith("same site by RK on ")
    assert f"({sides[3][1]} is the old place)" in told[sides[3]]
    assert list(told.values()).count(None) == first.written - len(words)


def test_a_sheet_of_an_earlier_version_is_still_taken(project: Project, queue: Settings, tmp_path: Path) -> None:
    rows = [
        ["bramble:0000000000000001", "wrap:0000000000000001", "NEGATIVE", "RK", "brand", "2026-03-01", "two gates", "",
         "merge", "r", "Alder", "Alder Loom"],
        ["bramble:0000000000000002", "wrap:0000000000000001", "", "", "", "", "", "", "merge", "r", "Birch", "Birch"],
    ]  # fmt: skip
    book = openpyxl.Workbook()
    for row in (OLD_HEADER, *rows):
        book.worksheets[0].append(row)
    book.save(tmp_path / "old.xlsx")
    assert import_judgements(queue, tmp_path / "old.xlsx").added == 1
    filed = (project.root / DECISIONS).read_text(encoding="utf-8").splitlines()[1]
    assert filed.startswith("bramble:0000000000000001,wrap:0000000000000001,NEGATIVE,RK,brand,2026-03-01")
