"""decisions.csv: which judgements are in force, whatever is read anew, appended, taken back, or written at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.errors import BadJudgements
from conjoin.sources.decisions import DECISIONS, Decisions
from conjoin.sources.judgements import COLUMNS, JudgementRow, judgement_given, read_judgements
from conjoin.steps.reviews import record_judgements
from conjoin.tools.project import make_project
from support import projects

RECORDS = [f"alder:{number:016x}" for number in range(6)]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    made = make_project(tmp_path / "project")
    with projects.standing_in(made):
        yield made


def row(left: int, right: int, judgement: str = "NEGATIVE", reviewer: str = "AB", day: int = 1) -> JudgementRow:
    one, other = sorted((RECORDS[left], RECORDS[right]))
    return JudgementRow(0, one, other, judgement, reviewer, "", datetime(2026, 1, 1) + timedelta(days=day), "")


ROWS = st.builds(
    lambda pair, judgement, reviewer, day: row(*pair, judgement, reviewer, day),
    st.tuples(st.integers(0, 2), st.integers(3, 5)),
    st.sampled_from(["POSITIVE", "NEGATIVE", "UNSURE"]),
    st.sampled_from(["AB", "CD"]),
    st.integers(1, 3),
)


def _day(one: JudgementRow) -> float:
    return one.decided_at.timestamp() if one.decided_at else 0.0


def plainly_in_force(rows: list[JudgementRow]) -> dict[tuple[str, str], tuple[str, str]]:
    """The latest of each pair; of two at one instant the first by verdict, then by reviewer."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in sorted(rows, key=lambda one: (-_day(one), one.judgement, one.reviewer)):
        found.setdefault(one.pair, (one.judgement, one.reviewer))
    return found


@given(st.lists(ROWS, max_size=12))
def test_in_force_is_the_latest_of_each_pair_in_any_order_of_lines(rows: list[JudgementRow]) -> None:
    decisions = Decisions()
    decisions._take(rows)
    assert {pair: (one.judgement, one.reviewer) for pair, one in decisions.in_force.items()} == plainly_in_force(rows)


def test_what_is_appended_is_on_file_and_in_force_for_others_too(root: Path) -> None:
    ours, others = Decisions(), Decisions()
    others.refresh()
    record_judgements(ours, [row(0, 3), row(1, 4, "POSITIVE")], "the desk")
    others.refresh()
    assert {pair: one.said for pair, one in others.in_force.items()} == {
        pair: one.said for pair, one in ours.in_force.items()
    }
    assert [one.said for one in read_judgements(root / DECISIONS)][-2:] == [one.said for one in ours.rows()][-2:]
    record_judgements(others, [row(0, 3, "POSITIVE", "CD", day=9)], "a sheet")
    ours.refresh()
    assert ours.in_force[row(0, 3).pair].judgement == "POSITIVE"


def test_the_last_line_is_taken_back_and_no_other(root: Path) -> None:
    decisions = Decisions()
    before = (root / DECISIONS).read_bytes() if (root / DECISIONS).exists() else b""
    first, second = (record_judgements(decisions, [one], "").fresh[0] for one in (row(0, 3), row(1, 4)))
    assert not decisions.take_back(first)
    assert decisions.take_back(second)
    assert decisions.take_back(first)
    assert not decisions.take_back(first)
    assert decisions.in_force.keys().isdisjoint({first.pair, second.pair})
    left = (root / DECISIONS).read_text(encoding="utf-8")
    assert left.split() == (before.decode() or ",".join(COLUMNS)).split()


def test_two_who_judge_at_once_lose_no_line(root: Path) -> None:
    pairs = [(left, right) for left in range(3) for right in range(3, 6)]

    def judge(which: int) -> None:
        record_judgements(Decisions(), [row(*pairs[which % 9], reviewer=f"R{which}", day=which)], "the desk")

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(judge, range(40)))
    on_file = read_judgements(root / DECISIONS)
    assert sorted(one.reviewer for one in on_file if one.reviewer.startswith("R")) == sorted(f"R{n}" for n in range(40))


def test_a_file_that_somebody_broke_is_told_and_nothing_is_lost(root: Path) -> None:
    decisions = Decisions()
    record_judgements(decisions, [row(0, 3)], "the desk")
    path = root / DECISIONS
    path.write_text(path.read_text(encoding="utf-8") + "not a record,x,MAYBE,,,,,\n", encoding="utf-8")
    with pytest.raises(BadJudgements, match=r"decisions\.csv was not used\. line 3"):
        record_judgements(decisions, [row(1, 4)], "the desk")
    assert path.read_text(encoding="utf-8").endswith("not a record,x,MAYBE,,,,,\n")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"judgement": "MAYBE"}, "no verdict"),
        ({"reviewer": "a@b.example"}, "no e-mail"),
        ({"reviewer": ""}, "say who judged"),
        ({"record_id_right": RECORDS[0]}, "the same record"),
        ({"moved_on": "2026-02-30", "judgement": "MOVED"}, "no date"),
        ({"note": "\u202eevil"}, "direction mark"),
    ],
)
def test_an_answer_at_the_desk_is_held_to_the_rules_of_a_file(cells: dict[str, str], told: str) -> None:
    given = {"record_id_left": RECORDS[0], "record_id_right": RECORDS[1], "judgement": "NEGATIVE", "reviewer": "AB"}
    with pytest.raises(BadJudgements, match=told):
        judgement_given({**given, **cells})


def test_a_contradiction_that_the_answer_makes_is_told(root: Path) -> None:
    decisions = Decisions()
    record_judgements(decisions, [row(0, 3, "POSITIVE"), row(1, 3, "POSITIVE")], "the desk")
    told = record_judgements(decisions, [row(0, 1, "NEGATIVE")], "the desk").notices
    assert any("contradiction" in notice for notice in told)
    assert not record_judgements(decisions, [row(2, 5, "NEGATIVE")], "the desk").notices  # it is none of this one's
