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

from conjoin.plain import message

if TYPE_CHECKING:
    import pandas as pd

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


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
