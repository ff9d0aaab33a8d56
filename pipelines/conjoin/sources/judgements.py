"""Files of judgements: decisions.csv itself, and what a reviewer hands in as a spreadsheet or CSV file.

One row is one person's word on one pair of site records. A row that cannot be understood is told with file, line and
column; a file with such a row is not used at all, since a judgement left out in silence would merge what a person
parted.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from conjoin.errors import BadJudgements, UnreadableFile
from conjoin.plain import is_harmful, listed
from conjoin.schemas.fields import field
from conjoin.schemas.vocabularies import fold_case, vocabulary
from conjoin.sheets import as_written
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.cells import BLANKS, OWN_COLUMNS
from conjoin.sources.readers.workbook_worker import read_workbook_apart

COLUMNS = ("record_id_left", "record_id_right", "judgement", "reviewer", "role", "decided_at", "note", "moved_on")
_NEEDED = COLUMNS[:4]
_TOLD = 20
_MOVED = "MOVED"
#: The word for a move against the order in which a sheet shows the two rows.
MOVED_BACK = "moved from right to left"
_LONGEST, _SHOWN = 2000, 80
_EARLIEST = datetime(1990, 1, 1)
#: A move may be announced.
_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class JudgementRow:
    """One judgement as delivered, its records in order; of a MOVED the old place is left, the new one right.

    Attributes:
        line: Line of the file, or row of the sheet.
        left: The record whose id comes first; of a MOVED the one at the old place.
        right: The other one.
        judgement: POSITIVE, NEGATIVE, MOVED or UNSURE.
        reviewer: Who judged.
        role: For whom, if told.
        decided_at: When, UTC; None if the file does not tell.
        note: The evidence, if told.
        moved_on: Of a MOVED, the day from which the factory is at its new place, if told.
    """

    line: int
    left: str
    right: str
    judgement: str
    reviewer: str
    role: str
    decided_at: datetime | None
    note: str
    moved_on: date | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """The two records in order."""
        return min(self.left, self.right), max(self.left, self.right)

    @property
    def said(self) -> tuple[str, str, date | None]:
        """What it says of the pair: two rows that say the same are one judgement."""
        return self.judgement, self.left, self.moved_on

    def cells(self) -> list[str]:
        """The row as it stands in decisions.csv."""
        when = self.decided_at.isoformat(sep=" ") if self.decided_at else ""
        return [
            self.left,
            self.right,
            self.judgement,
            self.reviewer,
            self.role,
            when.removesuffix(" 00:00:00"),
            self.note,
            self.moved_on.isoformat() if self.moved_on else "",
        ]


def read_judgements(path: Path, skip_undecided: bool = False) -> list[JudgementRow]:
    """The judgements in a file, in its order.

    Args:
        path: A .csv file (comma or semicolon) or a .xlsx workbook, of which the first sheet counts. Columns besides
            ``COLUMNS`` are context for the reviewer and left alone.
        skip_undecided: Leave out rows without a verdict, as an unfinished review sheet has them.

    Raises:
        BadJudgements: The file or any row cannot be used; the message names every line and column (the first twenty).
    """
    header, rows = _read_cells(path)
    missing = [column for column in _NEEDED if column not in header]
    if missing:
        raise BadJudgements(
            f"{path.name}, line 1: the header lacks {', '.join(missing)}; it has {listed(header) or 'nothing'}. "
            "Start from a sheet that `conjoin reviews export` wrote"
        )
    problems: list[str] = []
    found = []
    for line, cells in rows:
        row = dict.fromkeys(COLUMNS, "") | {n: cell for n, cell in zip(header, cells, strict=False) if n in COLUMNS}
        if not any(row.values()) or (skip_undecided and not row["judgement"]):
            continue
        told = list(_problems(row))
        problems += [f"line {line}, column {column}: {what}" for column, what in told]
        if not told:
            found.append(_parsed(line, row))
    if problems:
        more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise BadJudgements(f"{path.name} was not used. {'; '.join(problems[:_TOLD])}{more}")
    return found


def judgement_given(cells: Mapping[str, str]) -> JudgementRow:
    """A judgement that a person gave at the desk, held to the same rules as a line of a file.

    Args:
        cells: Columns of ``COLUMNS`` with what was given; others are empty.

    Raises:
        BadJudgements: A cell cannot be used; every one is told.
    """
    row = {name: _one_line(cells.get(name, "").strip(BLANKS)) for name in COLUMNS}
    told = [f"{column}: {what}" for column, what in _problems(row)]
    if told:
        raise BadJudgements(f"Nothing was saved. {'; '.join(told)}")
    return _parsed(0, row)


def _read_cells(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Header and numbered rows of trimmed cells; rows of another length than the header are refused.

    Raises:
        BadJudgements: The file is no table.
    """
    try:
        if path.suffix.lower() == ".xlsx":
            table, _ = read_workbook_apart(path, path.name, Reader(), first_sheet_only=True)
            header = [column for column in table.column_names if column not in OWN_COLUMNS]
            places = table.column("#line").to_pylist()
            columns = [table.column(column).to_pylist() for column in header]
            rows = [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
        elif path.suffix.lower() == ".csv":
            header, places, rows = _read_csv(path)
        else:
            raise BadJudgements(f"{path.name}: judgements are read from .csv and .xlsx files; save it as one of these")
    except (OSError, ValueError, csv.Error, UnreadableFile) as error:
        raise BadJudgements(f"{path.name} cannot be read as {path.suffix or 'a file'}: {error}") from error
    doubled = sorted({column for column in header if header.count(column) > 1 and column in COLUMNS})
    if doubled:
        raise BadJudgements(f"{path.name}, line 1: the header has {', '.join(doubled)} twice; leave one of them")
    trimmed = [[as_written(_one_line(cell.strip(BLANKS))) for cell in row] for row in rows]
    return header, zip(places, trimmed, strict=True)


def _read_csv(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Header, line numbers and rows of a text file: only ends of lines end a row, whatever else a note holds."""
    text = path.read_text(encoding="utf-8-sig")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = [cell.strip(BLANKS) for cell in next(reader, [])]
    places, rows = [], []
    line = reader.line_num
    for row in reader:
        if len(row) > len(header) and any(row[len(header) :]):
            raise ValueError(f"line {line + 1}: {len(row)} cells, but the header has {len(header)} columns")
        places.append(line + 1)
        rows.append([*row, *[""] * (len(header) - len(row))])
        line = reader.line_num
    return header, places, rows


def _one_line(cell: str) -> str:
    """A cell on one line: people break lines in notes."""
    return re.sub(r"[\t\r\n]+", " ", cell)


def _problems(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Column and complaint for each cell of a row that cannot be used."""
    pattern = field("record_id").pattern or ""
    for column in ("record_id_left", "record_id_right"):
        if not re.fullmatch(pattern, row[column]):
            yield (
                column,
                f"{row[column][:_SHOWN]!r} is no record id; copy it from the exported sheet, such as "
                "northwind:7f3a9c2112345678",
            )
    if row["record_id_left"] == row["record_id_right"]:
        yield "record_id_right", "the same record stands on both sides; a judgement speaks of two"
    if _verdict(row) is None:
        yield "judgement", f"{row['judgement'][:_SHOWN]!r} is no verdict; write {_verdicts()}"
    for column, cell in row.items():
        if is_harmful(cell):
            yield column, f"{cell[:_LONGEST]!r} holds a control character or a direction mark; type it anew"
        elif len(cell) > _LONGEST:
            yield column, f"{len(cell):,} characters, of which {_LONGEST} are allowed; shorten it"
    if not row["reviewer"] or "@" in row["reviewer"]:
        yield "reviewer", "write initials or a function, no e-mail address" if row["reviewer"] else "say who judged"
    yield from _date_problems(row)


def _date_problems(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column in ("decided_at", "moved_on"):
        latest = datetime.now(UTC).replace(tzinfo=None) + (_AHEAD if column == "moved_on" else timedelta(days=1))
        try:
            found = _instant(row[column])
        except (ValueError, OverflowError):
            yield column, f"{row[column][:_SHOWN]!r} is no date; write it as 2026-11-23"
            continue
        if found and not _EARLIEST <= found <= latest:
            yield column, f"{row[column][:_SHOWN]!r} cannot be meant: it lies before {_EARLIEST.year} or in the future"
    if row["moved_on"] and _verdict(row) != _MOVED:
        yield "moved_on", f"only a factory judged {_MOVED} has moved; choose that verdict, or leave the day out"


def _verdicts() -> str:
    words = [entry.synonyms[0] for entry in vocabulary("judgement").values.values()]
    return f"{', '.join(words[:-1])} or {words[-1]} (or {', '.join(vocabulary('judgement').codes)})"


def _verdict(row: dict[str, str]) -> str | None:
    return vocabulary("judgement").spellings().get(fold_case(row["judgement"]))


def _parsed(line: int, row: dict[str, str]) -> JudgementRow:
    pair, verdict = (row["record_id_left"], row["record_id_right"]), _verdict(row) or ""
    if fold_case(row["judgement"]) == MOVED_BACK:
        pair = pair[::-1]
    left, right = pair if verdict == _MOVED else sorted(pair)
    moved = _instant(row["moved_on"])
    return JudgementRow(
        line,
        left,
        right,
        verdict,
        row["reviewer"],
        row["role"],
        _instant(row["decided_at"]),
        row["note"],
        moved.date() if moved else None,
    )


def _instant(text: str) -> datetime | None:
    """A date or an instant in ISO form, as UTC without a zone; None without text."""
    if not text:
        return None
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):  # Python also reads 20260302 and 2026-W10-1
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
