"""How far a long command has come: bars on a terminal, plain lines in a log; on stderr, never in the way of data.

What takes less than two seconds shows nothing in a log, and hardly anything on a terminal.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from conjoin.plain import visible
from conjoin.progress import Listener, listening

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Seconds before the first bar, and before the first line.
_BAR_AFTER, _LINE_AFTER = 0.5, 2.0
#: A line when the work has moved on, at most so often; a line at least so often; both in seconds.
_MOVED_ON, _AT_LEAST = 2.0, 10.0
#: The longer it takes, the fewer the lines: none before this share of the time has passed again.
_PATIENCE = 0.05
_TICK = 0.2
_WIDEST = 46


@dataclass
class _Open:
    """An open stage."""

    name: str
    total: int | None
    done: int = 0
    now: str = ""

    @property
    def title(self) -> str:
        """Its name, and what it is at."""
        return visible(f"{self.name}: {self.now}" if self.now else self.name)

    @property
    def counts(self) -> str:
        """How much of it is done, if that is known."""
        if not self.total:
            return ""
        return f"{self.done:,} of {self.total:,}, {100 * self.done / self.total:.0f} %"


class _Stages:
    """The stages that are open, the outermost first, as a listener keeps them; subclasses show them."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._lock = threading.RLock()
        self._began = time.monotonic()

    def begun(self, stage: str, total: int | None) -> None:
        """A stage has begun."""
        with self._lock:
            if not self._open:
                self._begin()
            self._open.append(_Open(stage, total))
            self._changed()

    def reached(self, done: int, now: str) -> None:
        """The innermost stage has moved."""
        with self._lock:
            self._open[-1].done, self._open[-1].now = done, now
            self._changed()

    def ended(self) -> None:
        """The innermost stage has ended."""
        with self._lock:
            self._open.pop()
            self._changed()
            if not self._open:
                self.stop()

    def stop(self) -> None:
        """Show nothing any more."""

    def _begin(self) -> None:
        """The outermost stage is about to begin."""

    def _changed(self) -> None:
        """The open stages are others, or have moved."""


class Lines(_Stages):
    """A plain line from time to time, for a log."""

    def __init__(self, console: Console) -> None:
        """To this console."""
        super().__init__()
        self._console = console
        self._told, self._told_at = "", 0.0
        self._ending = threading.Event()

    def _begin(self) -> None:
        self._ending = threading.Event()
        threading.Thread(target=self._tick, args=(self._ending,), daemon=True).start()

    def stop(self) -> None:
        """No line any more."""
        self._ending.set()

    def _tick(self, ending: threading.Event) -> None:
        while not ending.wait(_TICK):
            with self._lock:
                if self._open and not ending.is_set():
                    self._tell_if_due(time.monotonic() - self._began)

    def _tell_if_due(self, elapsed: float) -> None:
        where = "; ".join(one.title for one in self._open)
        since = elapsed - self._told_at
        is_due = since >= (_MOVED_ON if where != self._told else _AT_LEAST)
        if elapsed < _LINE_AFTER or not is_due or (self._told and since < _PATIENCE * elapsed):
            return
        self._told, self._told_at = where, elapsed
        parts = [f"{one.title} ({one.counts})" if one.counts else one.title for one in self._open]
        self._console.print(Text(f"{elapsed:4.0f} s  {'; '.join(parts)}"), soft_wrap=True)


class Bars(_Stages):
    """A bar per open stage at the foot of a terminal, gone when the work is done."""

    def __init__(self, console: Console) -> None:
        """To this console."""
        super().__init__()
        self._console = console
        self._bars: Progress | None = None
        self._tasks: list[TaskID] = []
        self._waiting: threading.Timer | None = None

    def _begin(self) -> None:
        self._waiting = threading.Timer(_BAR_AFTER, self._show)
        self._waiting.daemon = True
        self._waiting.start()

    def stop(self) -> None:
        """Take the bars away."""
        with self._lock:
            if self._waiting:
                self._waiting.cancel()
            if self._bars:
                self._bars.stop()
            self._bars, self._waiting, self._tasks = None, None, []

    def _show(self) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if not self._open or self._waiting is None:
                return
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=12),
                TextColumn("{task.fields[counts]}", markup=False),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
                refresh_per_second=4,
            )
            self._bars.start()
            self._changed()

    def _changed(self) -> None:
        if self._bars is None:
            return
        while len(self._tasks) > len(self._open):
            self._bars.remove_task(self._tasks.pop())
        for place, one in enumerate(self._open):
            title = one.title if len(one.title) <= _WIDEST else f"{one.title[: _WIDEST - 3]}..."
            if place == len(self._tasks):
                self._tasks.append(self._bars.add_task(title, total=one.total, counts=one.counts))
            self._bars.update(self._tasks[place], description=title, completed=one.done, counts=one.counts)


@contextmanager
def progress_shown(console: Console) -> Iterator[None]:
    """Show on this console how far the work within the block has come."""
    is_terminal = console.is_terminal and not console.is_dumb_terminal
    shown: Bars | Lines = Bars(console) if is_terminal else Lines(console)
    listener: Listener = shown
    try:
        with listening(listener):
            yield
    finally:
        shown.stop()
