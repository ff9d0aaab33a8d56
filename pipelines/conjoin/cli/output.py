"""Where commands print."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as a table."""
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if value is None else str(value)) for value in row))
    console.print(table)


def show_frame(title: str, frame: pd.DataFrame, limit: int = 20) -> None:
    """Print the first rows of a frame, and how many there are."""
    shown = frame.head(limit)
    cells = shown.astype(object).where(shown.notna(), None)
    show_rows(title, list(frame.columns), cells.itertuples(index=False, name=None))
    if len(frame) > limit:
        console.print(f"... {len(frame) - limit} more rows")


def command_name() -> str:
    """How this command is called from here: by its name where the shell finds it, else by its path."""
    return "conjoin" if shutil.which("conjoin") else shown_path(Path(sys.argv[0]))


def shown_path(path: Path) -> str:
    """The path as a person at this folder would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
