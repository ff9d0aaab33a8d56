"""decisions.csv: every judgement on file, and which of them are in force.

A file is parsed when it changed, and not again: a reviewer at the desk adds a line to a hundred thousand of them, and
waits for the next pair.
"""

import csv
import fcntl
import io
import os
import shutil
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from conjoin import content
from conjoin.errors import ConjoinError
from conjoin.sheets import neutral
from conjoin.sources.judgements import COLUMNS, JudgementRow, read_judgements

DECISIONS = "sources/reviews/decisions.csv"
_Pair = tuple[str, str]


class Decisions:
    """Every judgement on file: one's own project's and the packaged ones.

    Attributes:
        in_force: The judgement that counts on each pair: the latest, and of two at one instant what keeps apart.
    """

    def __init__(self, name: str = DECISIONS) -> None:
        self._name = name
        self._stamps: dict[Path, tuple[int, int, int]] = {}
        self._rows: dict[Path, list[JudgementRow]] = {}
        self.in_force: dict[_Pair, JudgementRow] = {}
        self._neighbours: dict[str, set[_Pair]] = defaultdict(set)

    def rows(self) -> list[JudgementRow]:
        """Every judgement as it stands on file, file by file."""
        return [row for rows in self._rows.values() for row in rows]

    def refresh(self) -> None:
        """Read again what changed since the last look.

        Raises:
            BadJudgements: A line cannot be understood; what was read before stays.
        """
        stamps = {path: _stamp(path) for path in self._files()}
        if stamps == self._stamps:
            return
        read = {
            path: self._rows[path] if self._stamps.get(path) == stamp else read_judgements(path)
            for path, stamp in stamps.items()
        }
        self._stamps, self._rows = stamps, read
        self.in_force, self._neighbours = {}, defaultdict(set)
        self._take(self.rows())

    def append(self, rows: Sequence[JudgementRow]) -> Path:
        """Add lines to one's own file, which a reader sees before or after, never between; return where it is.

        Raises:
            BadJudgements: The file on disk cannot be understood.
            ConjoinError: There is no project folder, so no file of one's own.
        """
        target = own_file(self._name)
        with _alone(target):
            self.refresh()
            if rows:
                _write(target, rows)
                self._stamps[target] = _stamp(target)
                self._rows.setdefault(target, []).extend(rows)
                self._take(rows)
        return target

    def take_back(self, row: JudgementRow) -> bool:
        """Remove the last line of one's own file if it is still that one; whether it was."""
        target = own_file(self._name)
        with _alone(target):
            self.refresh()
            on_file = self._rows.get(target, [])
            if not on_file or on_file[-1].cells() != row.cells():
                return False
            text = target.read_text(encoding="utf-8").rstrip("\n")
            _replace(target, text[: text.rindex("\n") + 1])
            self.refresh()
        return True

    def connected(self, rows: Iterable[JudgementRow]) -> list[JudgementRow]:
        """The judgements in force that hang together with these through judgements that join records."""
        waiting = deque({record for row in rows for record in row.pair})
        seen, found = set(waiting), set()
        while waiting:
            for pair in self._neighbours[waiting.popleft()]:
                found.add(pair)
                if self.in_force[pair].judgement == "POSITIVE":
                    fresh = set(pair) - seen
                    seen |= fresh
                    waiting.extend(fresh)
        return [self.in_force[pair] for pair in sorted(found)]

    def _files(self) -> list[Path]:
        return [root / self._name for root in content.roots() if (root / self._name).is_file()]

    def _take(self, rows: Iterable[JudgementRow]) -> None:
        for row in rows:
            held = self.in_force.get(row.pair)
            if held is None or _weight(row) > _weight(held) or (_weight(row) == _weight(held) and _before(row, held)):
                self.in_force[row.pair] = row
            for record in row.pair:
                self._neighbours[record].add(row.pair)


def own_file(name: str = DECISIONS) -> Path:
    """The file of judgements that this user may write: the project's, or that of the checkout.

    Raises:
        ConjoinError: Neither is there: an installed package is no place for judgements.
    """
    root = content.roots()[0]
    if root.name == "_content":
        raise ConjoinError("judgements need a project folder: make one with `conjoin init`, then import inside it")
    return root / name


def _weight(row: JudgementRow) -> datetime:
    return row.decided_at or datetime.min


def _before(row: JudgementRow, held: JudgementRow) -> bool:
    """Whether the row counts at the same instant: NEGATIVE before POSITIVE, then by who judged."""
    return (row.judgement, row.reviewer) < (held.judgement, held.reviewer)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Nobody else writes to the folder of judgements while the block runs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(target: Path, rows: Sequence[JudgementRow]) -> None:
    """Add lines; a header from before a column was added gets that column's name."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([neutral(cell) for cell in row.cells()] for row in rows)
    header = _first_line(target)
    if header == ",".join(COLUMNS):
        building = target.with_name(f".{target.name}.building")
        shutil.copyfile(target, building)
        with building.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            end = file.tell()
            file.seek(end - 1)
            lead = b"" if file.read(1) == b"\n" else b"\n"
            file.seek(end)
            file.write(lead + text.getvalue().encode("utf-8"))
        building.replace(target)
        return
    before = target.read_text(encoding="utf-8") if header is not None else ""
    _, _, lines = before.partition("\n")
    if not (header or "").strip() or tuple((header or "").split(",")) == COLUMNS[: (header or "").count(",") + 1]:
        before = ",".join(COLUMNS) + "\n" + lines
    _replace(target, before.rstrip("\n") + "\n" + text.getvalue())


def _first_line(target: Path) -> str | None:
    try:
        with target.open(encoding="utf-8") as file:
            return file.readline().rstrip("\n").strip()
    except FileNotFoundError:
        return None


def _replace(target: Path, text: str) -> None:
    building = target.with_name(f".{target.name}.building")
    building.write_text(text, encoding="utf-8")
    building.replace(target)
