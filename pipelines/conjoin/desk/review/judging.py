"""What has been judged, what is asked next, and the one door through which an answer is saved.

A merge that brings records of two initiatives together has two readers: what the first one said waits in
``first_readings.csv`` and changes nothing, until another person has judged the pair; then both words are on file.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from conjoin.desk.ask import rows
from conjoin.desk.opened import Reading
from conjoin.sources.decisions import Decisions
from conjoin.sources.judgements import JudgementRow
from conjoin.steps.reviews import record_judgements

FIRST_READINGS = "sources/reviews/first_readings.csv"
_Pair = tuple[str, str]


@dataclass
class Progress:
    """How far a reviewer is: questions of the file, answered ones, and those that wait for a second reader."""

    asked: int
    answered: int
    waiting: int


@dataclass
class Answer:
    """What became of an answer.

    Attributes:
        saved: What was put on file.
        is_first_reading: Whether it waits for a second reader, and changes nothing yet.
        notices: What a reviewer should know.
        first: First readings that this second one put on file as well: they go with it if it is taken back.
    """

    saved: list[JudgementRow]
    is_first_reading: bool
    notices: list[str] = field(default_factory=list)
    first: list[JudgementRow] = field(default_factory=list)


class Judging:
    """The judgements of one project folder, at the desk."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._decisions = Decisions()
        self._first = Decisions(FIRST_READINGS)

    def next_question(self, reading: Reading, reviewer: str, skipped: set[_Pair]) -> _Pair | None:
        """The first question that is not on file; None when all are answered or skipped."""
        with self._guard:
            self._refresh()
            judged, first = self._decisions.in_force, self._first.in_force
            for pair in queue_of(reading):
                if pair in judged or pair in skipped:
                    continue
                if pair in first and first[pair].reviewer == reviewer:
                    continue
                return pair
        return None

    def progress(self, reading: Reading) -> Progress:
        """How many of the file's questions are answered."""
        with self._guard:
            self._refresh()
            asked = queue_of(reading)
            answered = asked.keys() & self._decisions.in_force.keys()
            waiting = (asked.keys() & self._first.in_force.keys()) - answered
        return Progress(len(asked), len(answered), len(waiting))

    def on_file(self, pair: _Pair) -> JudgementRow | None:
        """The judgement in force on a pair."""
        with self._guard:
            self._refresh()
            return self._decisions.in_force.get(pair)

    def is_second_reading(self, pair: _Pair) -> bool:
        """Whether somebody has read this pair once already, and another is asked."""
        with self._guard:
            self._refresh()
            return pair in self._first.in_force and pair not in self._decisions.in_force

    def save(self, given: Sequence[JudgementRow], crosses: bool) -> Answer:
        """Save answers: all of them or none.

        Args:
            given: One or more judgements of one reviewer.
            crosses: Whether saying POSITIVE joins records of two initiatives, so that two people must have judged.

        Raises:
            BadJudgements: What is on file cannot be understood; nothing is saved.
        """
        with self._guard:
            self._refresh()
            read = self._first.in_force
            earlier = [read[row.pair] for row in given if row.pair in read and read[row.pair].reviewer != row.reviewer]
            if crosses and all(row.judgement == "POSITIVE" for row in given) and not self._is_read(given, earlier):
                summary = record_judgements(self._first, given, "the desk")
                return Answer(summary.fresh, True, _told(summary.notices))
            first = [row for row in earlier if row.pair not in self._decisions.in_force]
            read_before = record_judgements(self._decisions, first, "the first reading").fresh if first else []
            summary = record_judgements(self._decisions, given, "the desk")
        return Answer(summary.fresh, False, _told(summary.notices), read_before)

    def take_back(self, answer: Answer) -> bool:
        """Undo the last answer, if nothing was saved after it; whether it was undone."""
        with self._guard:
            held = self._first if answer.is_first_reading else self._decisions
            lines = [*answer.first, *answer.saved]
            return bool(answer.saved) and all(held.take_back(row) for row in reversed(lines))

    def _refresh(self) -> None:
        self._decisions.refresh()
        self._first.refresh()

    def _is_read(self, rows: Sequence[JudgementRow], earlier: Sequence[JudgementRow]) -> bool:
        """Whether another person judged every one of these pairs before."""
        by_others = {row.pair for row in earlier}
        by_others |= {
            row.pair
            for row in rows
            if row.pair in self._decisions.in_force and self._decisions.in_force[row.pair].reviewer != row.reviewer
        }
        return by_others >= {row.pair for row in rows}


def queue_of(reading: Reading) -> dict[_Pair, int]:
    """The file's open questions in order, each with the pairs of audits that its answer bears upon."""
    return reading.kept(
        "queue",
        lambda con: {
            (row["record_id_left"], row["record_id_right"]): row["audit_pair_count"]
            for row in rows(con, "review_queue")
        },
    )


def _told(notices: Sequence[str]) -> list[str]:
    return [notice.removeprefix("line 0: ").replace("the desk, line 0: ", "") for notice in notices]
