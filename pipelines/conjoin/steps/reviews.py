"""Reviews as files: questions out as a spreadsheet, judgements in from one, and decisions.csv."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from conjoin import content
from conjoin.briefings.answering.whose import whose_file
from conjoin.briefings.reviewing.sheet import write_review_sheet
from conjoin.briefings.reviewing.side_by_side import review_pairs
from conjoin.errors import BadJudgements, ConjoinError
from conjoin.keeping.archive import now
from conjoin.matching.sites.judgements import Judgement, find_contradictions
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.sheets import neutral
from conjoin.sources.judgements import COLUMNS, JudgementRow, read_judgements
from conjoin.warehouse.connection import reader

DECISIONS = "sources/reviews/decisions.csv"


@dataclass
class ImportSummary:
    """What an import did: how many judgements are new, where they stand, and what a person should know."""

    added: int
    decisions: Path
    notices: list[str] = field(default_factory=list)


def read_decisions() -> list[JudgementRow]:
    """Every judgement on file: one's own project's and the packaged ones.

    Raises:
        BadJudgements: A line cannot be understood.
    """
    files = [root / DECISIONS for root in content.roots()]
    return [row for path in files if path.is_file() for row in read_judgements(path)]


@dataclass(frozen=True)
class ExportSummary:
    """What a sheet holds.

    Attributes:
        written: How many questions.
        left_out: How many are left out since somebody has judged them.
        of_cases: How many of those written rest on complaint cases, which are for case workers alone.
    """

    written: int
    left_out: int
    of_cases: int


def export_queue(settings: Settings, out: Path, everything: bool = False) -> ExportSummary:
    """Write the review queue as a spreadsheet to be filled in.

    Args:
        settings: Where everything is.
        out: The .xlsx file to write.
        everything: Also questions on which a judgement is on file already, beside what it says.

    Raises:
        ConjoinError: ``out`` is no .xlsx file in an existing folder, or nothing is published.
        BadJudgements: A line of the judgements on file cannot be understood.
    """
    if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
        raise ConjoinError(f"{out}: choose the name of an .xlsx file in a folder that exists")
    with reader(settings.warehouse) as con:
        pairs, closed = review_pairs(con), whose_file(con).closed
    on_file = {pair: _told(row) for pair, row in _latest(read_decisions()).items()}
    asked = [pair for pair in pairs if everything or pair.pair not in on_file]
    write_review_sheet(asked, on_file, out)
    return ExportSummary(len(asked), len(pairs) - len(asked), sum(pair.visibility in closed for pair in asked))


def _told(row: JudgementRow) -> str:
    """A judgement on file as a review sheet shows it."""
    word = vocabulary("judgement").values[row.judgement].synonyms[0]
    when = f" on {row.decided_at:%Y-%m-%d}" if row.decided_at else ""
    direction = f" ({row.left} is the old place)" if row.judgement == "MOVED" else ""
    return f"{word} by {row.reviewer}{when}{direction}"


def import_judgements(settings: Settings, path: Path) -> ImportSummary:
    """Append the judgements of a filled-in sheet to one's own decisions.csv: all of them, or none.

    Raises:
        BadJudgements: A cell cannot be used, or the file says both of one pair; decisions.csv stays as it is.
        ConjoinError: There is no decisions.csv of one's own to write to.
    """
    target = _own_decisions()
    given = read_judgements(path, skip_undecided=True)
    on_file = read_decisions()
    fresh, notices = _new_judgements(path.name, given, on_file)
    notices += _revisions(fresh, on_file)
    notices += _contradictions([*on_file, *fresh])
    notices += _unknown_records(settings, fresh)
    if fresh:
        _append(target, fresh)
    return ImportSummary(len(fresh), target, notices)


def _own_decisions() -> Path:
    """The decisions.csv that this user may write: the project's, or that of the checkout.

    Raises:
        ConjoinError: Neither is there: an installed package is no place for judgements.
    """
    root = content.roots()[0]
    if root.name == "_content":
        raise ConjoinError("judgements need a project folder: make one with `conjoin init`, then import inside it")
    return root / DECISIONS


def _new_judgements(
    name: str, given: Sequence[JudgementRow], on_file: Sequence[JudgementRow]
) -> tuple[list[JudgementRow], list[str]]:
    """The judgements that are news, dated; one that stands twice counts once.

    Raises:
        BadJudgements: The file gives two verdicts on one pair.
    """
    today = now().replace(tzinfo=None)
    latest = _latest(on_file)
    seen: dict[tuple[str, str], JudgementRow] = {}
    fresh, notices = [], []
    for row in given:
        earlier = seen.setdefault(row.pair, row)
        if earlier.said != row.said:
            raise BadJudgements(
                f"{name} was not used. Line {row.line}, column judgement: {row.judgement} on the pair that line "
                f"{earlier.line} judges {earlier.judgement}; leave one of the two lines"
            )
        known = latest.get(row.pair)
        if earlier is not row:
            notices.append(f"{name}, line {row.line}: repeats line {earlier.line}; counted once")
        elif known and (known.said, known.reviewer) == (row.said, row.reviewer):
            notices.append(f"{name}, line {row.line}: already on file; left out")
        else:
            fresh.append(replace(row, decided_at=row.decided_at or today))
    return fresh, notices


def _latest(rows: Sequence[JudgementRow]) -> dict[tuple[str, str], JudgementRow]:
    """The judgement in force on each pair: the latest, and what keeps apart before POSITIVE at one instant."""
    ordered = sorted(rows, key=lambda row: (row.judgement, row.reviewer))
    ordered.sort(key=lambda row: row.decided_at or datetime.min, reverse=True)
    found: dict[tuple[str, str], JudgementRow] = {}
    for row in ordered:
        found.setdefault(row.pair, row)
    return found


def _revisions(fresh: Sequence[JudgementRow], on_file: Sequence[JudgementRow]) -> list[str]:
    held = _latest(on_file)
    return [
        f"line {row.line}: {row.judgement} by {row.reviewer} follows {held[row.pair].judgement} by "
        f"{held[row.pair].reviewer} on {row.left} and {row.right}; the later date counts, both stay on file"
        for row in fresh
        if row.pair in held and held[row.pair].judgement != row.judgement
    ]


def _contradictions(rows: Sequence[JudgementRow]) -> list[str]:
    """What contradicts itself through a chain once all rows are on file."""
    in_force = [
        Judgement(*row.pair, row.judgement, row.reviewer, row.decided_at)
        for row in _latest(rows).values()
        if row.judgement != "UNSURE"
    ]
    return [
        f"contradiction: {found.negative}; against it {found.told_chain()}. Those two records stay apart; "
        "revise one of these"
        for found in find_contradictions(in_force)
    ]


def _unknown_records(settings: Settings, rows: Sequence[JudgementRow]) -> list[str]:
    if not settings.warehouse.exists():
        return []
    wanted = sorted({record for row in rows for record in row.pair})
    with reader(settings.warehouse) as con:
        known = con.execute(
            "select record_id from marts.site_records_at_sites where list_contains($1::varchar[], record_id)", [wanted]
        ).fetchall()
    unknown = set(wanted) - {record for (record,) in known}
    return [f"no current record {record}: the judgement is kept and waits for it" for record in sorted(unknown)]


def _append(target: Path, rows: Sequence[JudgementRow]) -> None:
    """Add lines to decisions.csv; whoever reads it sees all of them or none."""
    before = target.read_text(encoding="utf-8") if target.is_file() else ""
    header, _, lines = before.partition("\n")
    if not header.strip() or tuple(header.strip().split(",")) == COLUMNS[: header.count(",") + 1]:
        before = ",".join(COLUMNS) + "\n" + lines  # a file from before a column was added gets its name
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([neutral(cell) for cell in row.cells()] for row in rows)
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(f".{target.name}.building")
    building.write_text(before.rstrip("\n") + "\n" + text.getvalue(), encoding="utf-8")
    building.replace(target)


def load_judgements(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``input.judgements``, which is there and empty, from every decisions.csv.

    Raises:
        BadJudgements: A line cannot be understood.
    """
    rows = [
        (row.left, row.right, row.judgement, row.reviewer, row.role, row.decided_at, row.note, row.moved_on)
        for row in read_decisions()
    ]
    if rows:
        con.executemany(
            f"insert into input.judgements ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})", rows
        )
