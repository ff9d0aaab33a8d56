"""Answers as files: CSV and JSON for programs, a workbook and plain text for people.

CSV and JSON keep names of columns and codes, which programs rely on; what people open has headings and words.
"""

from pathlib import Path

import pandas as pd

from conjoin.briefings.answering.about import about_sheet
from conjoin.briefings.answering.telling import AnswerScope, ToldColumn, cells_of, told_columns, totals_of
from conjoin.briefings.queries import Question
from conjoin.errors import ConjoinError
from conjoin.sheets import MOST_ROWS, SheetColumn, TableSheet, book_of, csv_text, plain_value

FORMATS = ("table", "csv", "json", "xlsx")


def answer_file(question: Question, frame: pd.DataFrame, output_format: str, scope: AnswerScope) -> bytes:
    """An answer as the content of a file; the same answer gives the same bytes.

    Args:
        question: What was asked.
        frame: The answer, as ``queries.ask`` gives it.
        output_format: One of ``FORMATS``.
        scope: Of which file it was asked, within which limits.

    Raises:
        ConjoinError: The format is unknown, or a workbook has no room for the rows.
    """
    if output_format == "xlsx":
        return _workbook(question, frame, scope)
    if output_format == "csv":
        return csv_text(frame, date_format="%Y-%m-%d").encode()
    if output_format == "json":
        return (frame.to_json(orient="records", date_format="iso", indent=1, force_ascii=False) + "\n").encode()
    if output_format == "table":
        cells = cells_of(question, frame, scope.words)
        told = pd.DataFrame(list(zip(*cells.values(), strict=True)), columns=[column.heading for column in cells])
        return (told.to_string(index=False) + "\n").encode()
    raise ConjoinError(f"--format {output_format}: choose one of {', '.join(FORMATS)}")


def write_answer(
    question: Question, frame: pd.DataFrame, output_format: str, out: Path | None, scope: AnswerScope
) -> str:
    """Write an answer to ``out`` and return a word about it, or return it as text when ``out`` is None.

    Raises:
        ConjoinError: As ``answer_file``, or a workbook was asked for without a file to write it to.
    """
    if output_format == "xlsx" and out is None:
        raise ConjoinError("--format xlsx needs a file: add --out answer.xlsx")
    content = answer_file(question, frame, output_format, scope)
    if out is None:
        return content.decode()
    out.write_bytes(content)
    return f"Wrote {len(frame)} rows to {out}\n"


def _workbook(question: Question, frame: pd.DataFrame, scope: AnswerScope) -> bytes:
    """The answer with headings, words, formats and totals, and a sheet that says what it is."""
    if len(frame) > MOST_ROWS - 2:
        raise ConjoinError(
            f"a sheet has no room for {len(frame):,} rows; narrow the question down, or take --format csv"
        )
    columns = told_columns(question, frame)
    cells = [[_cell(column, value, scope) for value in frame[column.name]] for column in columns]
    sums = totals_of(question, frame)
    totals: list[object] = [sums.get(column.name) for column in columns]
    if sums and totals[0] is None:
        totals[0] = "Total"
    answer = TableSheet(
        "Answer",
        [SheetColumn(column.heading, _number_format(column)) for column in columns],
        list(zip(*cells, strict=True)),
        totals if sums else (),
    )
    return book_of([answer, about_sheet(question, frame, scope)])


def _cell(column: ToldColumn, value: object, scope: AnswerScope) -> object:
    """A cell of a workbook: words for codes, days and numbers as such."""
    return plain_value(scope.words.told(column.field, value))


def _number_format(column: ToldColumn) -> str:
    if column.field.type in ("date", "timestamp"):
        return "yyyy-mm" if column.is_month else "yyyy-mm-dd" if column.field.type == "date" else "yyyy-mm-dd hh:mm"
    if not column.is_number:
        return "General"
    whole = "#,##0" if column.has_thousands else "0"
    return f"{whole}.{'0' * column.decimals}" if column.decimals else whole
