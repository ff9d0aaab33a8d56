"""Reviews as files: questions out as a spreadsheet, judgements in from one, and decisions.csv."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from conjoin.briefings.answering.whose import whose_file
from conjoin.briefings.reviewing.sheet import write_review_sheet
from conjoin.briefings.reviewing.side_by_side import review_pairs
from conjoin.errors import BadJudgements, ConjoinError
from conjoin.keeping.archive import now
from conjoin.matching.sites.judgements import Judgement, find_contradictions
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.sources.decisions import Decisions, own_file
from conjoin.sources.judgements import COLUMNS, JudgementRow, read_judgements
from conjoin.warehouse.connection import reader


@dataclass
class ImportSummary:
    """What an import did: how many judgements are new, where they stand, what to know, and the new ones."""

    added: int
    decisions: Path
    notices: list[str] = field(default_factory=list)
    fresh: list[JudgementRow] = field(default_factory=list)


def read_decisions() -> list[JudgementRow]:
    """Every judgement on file: one's own project's and the packaged ones.

    Raises:
        BadJudgements: A line cannot be understood.
    """
    decisions = Decisions()
    decisions.refresh()
    return decisions.rows()


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
    decisions = Decisions()
    decisions.refresh()
    on_file = {pair: _told(row) for pair, row in decisions.in_force.items()}
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
    own_file()
    summary = record_judgements(Decisions(), read_judgements(path, skip_undecided=True), path.name)
    summary.notices += _unknown_records(settings, summary.fresh)
    return summary


def record_judgements(decisions: Decisions, given: Sequence[JudgementRow], name: str) -> ImportSummary:
    """Append judgements to one's own decisions.csv, whoever took them down: an imported sheet, or the desk.

    Args:
        decisions: What is on file.
        given: The judgements.
        name: What they stand in, for messages.

    Raises:
        BadJudgements: Two verdicts on one pair are given, or the file on disk cannot be understood.
        ConjoinError: There is no decisions.csv of one's own to write to.
    """
    decisions.refresh()
    held = dict(decisions.in_force)
    fresh, notices = _new_judgements(name, given, held)
    notices += _revisions(fresh, held)
    target = decisions.append(fresh)
    notices += _contradictions(decisions.connected(fresh))
    return ImportSummary(len(fresh), target, notices, fresh)


def _new_judgements(
    name: str, given: Sequence[JudgementRow], held: Mapping[tuple[str, str], JudgementRow]
) -> tuple[list[JudgementRow], list[str]]:
    """The judgements that are news, dated; one that stands twice counts once.

    Raises:
        BadJudgements: The file gives two verdicts on one pair.
    """
    today = now().replace(tzinfo=None)
    seen: dict[tuple[str, str], JudgementRow] = {}
    fresh, notices = [], []
    for row in given:
        earlier = seen.setdefault(row.pair, row)
        if earlier.said != row.said:
            raise BadJudgements(
                f"{name} was not used. Line {row.line}, column judgement: {row.judgement} on the pair that line "
                f"{earlier.line} judges {earlier.judgement}; leave one of the two lines"
            )
        known = held.get(row.pair)
        if earlier is not row:
            notices.append(f"{name}, line {row.line}: repeats line {earlier.line}; counted once")
        elif known and (known.said, known.reviewer) == (row.said, row.reviewer):
            notices.append(f"{name}, line {row.line}: already on file; left out")
        else:
            fresh.append(replace(row, decided_at=row.decided_at or today))
    return fresh, notices


def _revisions(fresh: Sequence[JudgementRow], held: Mapping[tuple[str, str], JudgementRow]) -> list[str]:
    return [
        f"line {row.line}: {row.judgement} by {row.reviewer} follows {held[row.pair].judgement} by "
        f"{held[row.pair].reviewer} on {row.left} and {row.right}; the later date counts, both stay on file"
        for row in fresh
        if row.pair in held and held[row.pair].judgement != row.judgement
    ]


def _contradictions(in_force: Sequence[JudgementRow]) -> list[str]:
    """What contradicts itself through a chain, among judgements in force."""
    told = [
        Judgement(*row.pair, row.judgement, row.reviewer, row.decided_at)
        for row in in_force
        if row.judgement != "UNSURE"
    ]
    return [
        f"contradiction: {found.negative}; against it {found.told_chain()}. Those two records stay apart; "
        "revise one of these"
        for found in find_contradictions(told)
    ]


def _unknown_records(settings: Settings, rows: Sequence[JudgementRow]) -> list[str]:
    if not rows or not settings.warehouse.exists():
        return []
    wanted = sorted({record for row in rows for record in row.pair})
    with reader(settings.warehouse) as con:
        known = con.execute(
            "select record_id from marts.site_records_at_sites where list_contains($1::varchar[], record_id)", [wanted]
        ).fetchall()
    unknown = set(wanted) - {record for (record,) in known}
    return [f"no current record {record}: the judgement is kept and waits for it" for record in sorted(unknown)]


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
