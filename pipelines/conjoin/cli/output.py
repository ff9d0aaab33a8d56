"""Where commands print."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from conjoin.plain import message

if TYPE_CHECKING:
    import pandas as pd

    from conjoin.briefings.answering.telling import AnswerScope
    from conjoin.briefings.queries import Question

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
_TOTAL = "Total"


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table; where the screen is too narrow for one, row below row, a line per column."""
    cells = [[escape(_text(value)) for value in row] for row in rows]
    console.print(f"[bold]{escape(title)}[/]")
    endless = console.options.update(width=10_000)  # how narrow it can be without breaking a word
    for headers in (columns, [column.replace("_", "_\n") for column in columns]):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for number, header in enumerate(headers):
            is_of_words = any(" " in text or "\n" in text for text in (header, *(row[number] for row in cells)))
            table.add_column(header, overflow="fold", no_wrap=not is_of_words)
        for row in cells:
            table.add_row(*row)
        if Measurement.get(console, endless, table).minimum <= console.width:
            console.print(table)
            return
    for row in cells:
        grid = Table.grid(padding=(0, 2))
        for column, cell in zip(columns, row, strict=True):
            grid.add_row(f"[bold]{column}[/]", cell)
        console.print(grid, "")


def show_frame(title: str, frame: "pd.DataFrame", limit: int = 20) -> None:
    """Print the first rows of a frame, and how many there are."""
    shown = frame.head(limit)
    cells = shown.astype(object).where(shown.notna(), None)
    show_rows(title, list(frame.columns), cells.itertuples(index=False, name=None))
    if len(frame) > limit:
        console.print(f"... {len(frame) - limit} more rows")


def show_answer(question: "Question", frame: "pd.DataFrame", scope: "AnswerScope", limit: int) -> None:
    """Print an answer in words, as many columns as the screen has room for, and say what is left out.

    Args:
        question: What was asked.
        frame: The answer, not empty.
        scope: Of which file, within which limits.
        limit: How many rows to show; 0 for all. Totals are over all rows.
    """
    from conjoin.briefings.answering.layout import GAP, Wanted, fitting
    from conjoin.briefings.answering.telling import cells_of, totals_of

    shown = frame.head(limit) if limit else frame
    totals = totals_of(question, frame)
    wanted = []
    for column, cells in cells_of(question, shown, scope.words).items():
        foot = column.text(totals[column.name], scope.words) if column.name in totals else _TOTAL if totals else ""
        wanted.append(Wanted(column.name, column.heading, [*cells, foot], column.is_number))
    widths = fitting(wanted, question.sidecar.narrow, console.width)
    console.print(Text(question.title, style="bold"))
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
    console.print(table)
    _say_below(question, frame, scope, [column.heading for column in wanted if column.name not in widths], len(shown))


def _say_below(
    question: "Question", frame: "pd.DataFrame", scope: "AnswerScope", left_out: list[str], shown_count: int
) -> None:
    """What one row is, what is not shown and how to get it, and what must be known to read the answer."""
    from conjoin.briefings.answering.telling import said_below

    console.print()
    lines = [f"{question.grain[:1].upper()}{question.grain[1:]}."]
    if shown_count < len(frame):
        counted = ", in the totals too" if question.sidecar.totals else ""
        lines.append(f"{len(frame) - shown_count:,} more rows{counted}: --rows 0 shows all.")
    if left_out:
        lines.append(f"No room for: {'; '.join(left_out)}. A wider window or --format csv has them.")
    for line in [*lines, *said_below(question, frame, scope)]:
        console.print(Text(line))


def _text(value: object) -> str:
    """A value as people write it: days without an hour, lists without brackets, yes and no."""
    if type(value).__name__ in ("bool", "bool_"):  # numpy's too, which takes long to import
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, list) or type(value).__name__ == "ndarray":
        return message(", ".join(map(str, cast("Iterable[object]", value))))
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    return "" if value is None else message(str(value))  # a cell may have lines


def command_name() -> str:
    """How this command is called from here: by its name where the shell finds it, else by its path."""
    return "conjoin" if shutil.which("conjoin") else shown_path(Path(sys.argv[0]))


def shown_path(path: Path) -> str:
    """The path as a person at this folder would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
