"""An answer on a screen: headings, words and totals, as many columns as there is room for."""

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from conjoin.briefings.answering.layout import GAP, Wanted, fitting
from conjoin.briefings.answering.telling import AnswerScope, cells_of, said_below, totals_of
from conjoin.briefings.queries import Question
from conjoin.cli import output

_TOTAL = "Total"


def show_answer(question: Question, frame: pd.DataFrame, scope: AnswerScope, limit: int) -> None:
    """Print an answer in words, as many columns as the screen has room for, and say what is left out.

    Args:
        question: What was asked.
        frame: The answer, not empty.
        scope: Of which file, within which limits.
        limit: How many rows to show; 0 for all. Totals are over all rows.
    """
    shown = frame.head(limit) if limit else frame
    totals = totals_of(question, frame)
    wanted = []
    for column, cells in cells_of(question, shown, scope.words).items():
        foot = column.text(totals[column.name], scope.words) if column.name in totals else _TOTAL if totals else ""
        wanted.append(Wanted(column.name, column.heading, [*cells, foot], column.is_number))
    widths = fitting(wanted, question.sidecar.narrow, output.console.width)
    output.console.print(Text(question.title, style="bold"))
    table = Table(box=box.SIMPLE, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False, show_footer=bool(totals))
    told = [column for column in wanted if column.name in widths]
    for place, shown_column in enumerate(told):
        table.add_column(
            Text(shown_column.heading),
            Text(shown_column.cells[-1] if shown_column.name in totals or not place else ""),
            justify="right" if shown_column.is_number else "left",
            width=widths[shown_column.name],
            overflow="fold",
        )
    for row in zip(*(shown_column.cells[:-1] for shown_column in told), strict=True):
        table.add_row(*map(Text, row))
    output.console.print(table)
    _say_below(question, frame, scope, [column.heading for column in wanted if column.name not in widths], len(shown))


def _say_below(
    question: Question, frame: pd.DataFrame, scope: AnswerScope, left_out: list[str], shown_count: int
) -> None:
    """What one row is, what is not shown and how to get it, and what must be known to read the answer."""
    output.console.print()
    lines = [f"{question.grain[:1].upper()}{question.grain[1:]}."]
    if shown_count < len(frame):
        counted = ", in the totals too" if question.sidecar.totals else ""
        lines.append(f"{len(frame) - shown_count:,} more rows{counted}: --rows 0 shows all.")
    if left_out:
        lines.append(f"No room for: {'; '.join(left_out)}. A wider window or --format csv has them.")
    for line in [*lines, *said_below(question, frame, scope)]:
        output.console.print(Text(line))
