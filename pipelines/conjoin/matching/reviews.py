"""People's judgements: which are in force, and which contradict each other or speak of nobody."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa


@dataclass(frozen=True)
class Judgement:
    """One judgement in force, its records in order."""

    left: str
    right: str
    is_same: bool
    reviewer: str
    decided_at: datetime | None

    def __str__(self) -> str:
        """The judgement in words, for a report."""
        verdict = "POSITIVE" if self.is_same else "NEGATIVE"
        when = f" on {self.decided_at:%Y-%m-%d}" if self.decided_at else ""
        return f"{self.left} and {self.right}: {verdict} by {self.reviewer or 'an unnamed reviewer'}{when}"


def put_judgements_in_force(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_judgements`` of ``input.judgements``: the latest of each pair counts.

    Judgements on records that are not there are kept, reported and not applied. Of two judgements of one pair at the
    same instant, NEGATIVE counts.
    """
    con.execute(
        """
        create or replace temp table m_judgements as
        with ordered as (
            select
                least(record_id_left, record_id_right) as record_id_left,
                greatest(record_id_left, record_id_right) as record_id_right,
                judgement, reviewer, decided_at
            from input.judgements
            where record_id_left is not null and record_id_right is not null and record_id_left <> record_id_right
        )
        select ordered.*, l.node_no as left_no, r.node_no as right_no
        from ordered
        left join m_records as l on l.record_id = ordered.record_id_left
        left join m_records as r on r.record_id = ordered.record_id_right
        qualify row_number() over (
            partition by record_id_left, record_id_right order by decided_at desc nulls last, judgement, reviewer
        ) = 1
        """
    )


def find_contradictions(judgements: list[Judgement]) -> list[tuple[Judgement, list[Judgement]]]:
    """Every NEGATIVE whose two records a chain of POSITIVE connects, with the shortest such chain.

    The NEGATIVE holds: which of the links gives way is reported beside it, never decided in silence.
    """
    links: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if judgement.is_same:
            links[judgement.left].append(judgement)
            links[judgement.right].append(judgement)
    found = []
    for judgement in judgements:
        if not judgement.is_same and judgement.left in links and judgement.right in links:
            chain = _shortest_chain(links, judgement.left, judgement.right)
            if chain:
                found.append((judgement, chain))
    return found


def _shortest_chain(links: dict[str, list[Judgement]], start: str, goal: str) -> list[Judgement]:
    came_by: dict[str, Judgement | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came_by:
        here = waiting.popleft()
        for link in links[here]:
            there = link.right if link.left == here else link.left
            if there not in came_by:
                came_by[there] = link
                waiting.append(there)
    chain, here = [], goal
    while (step := came_by.get(here)) is not None:
        chain.append(step)
        here = step.right if step.left == here else step.left
    return chain[::-1]


def write_conflicts(con: duckdb.DuckDBPyConnection) -> None:
    """``matching.conflicts``: judgements and identifiers that contradict each other, judgements on unknown records."""
    rows = con.execute(
        "select record_id_left, record_id_right, judgement = 'POSITIVE', coalesce(reviewer, ''), decided_at "
        "from m_judgements where judgement <> 'UNSURE' and left_no is not null and right_no is not null "
        "order by record_id_left, record_id_right"
    ).fetchall()
    told = [
        (negative.left, negative.right, f"{negative}. Against it: {'; '.join(map(str, chain))}")
        for negative, chain in find_contradictions([Judgement(*row) for row in rows])
    ]
    columns = list(zip(*told, strict=True)) or [(), (), ()]
    names = ("record_id_left", "record_id_right", "detail")
    con.register(
        "m_chunk",
        pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}),
    )
    con.execute(_CONFLICTS)
    con.unregister("m_chunk")


_CONFLICTS = """
create or replace table matching.conflicts as
select 'judgements_contradict' as kind, record_id_left, record_id_right, detail from m_chunk
union all
select 'judgement_on_unknown_record', record_id_left, record_id_right,
    'no such record: ' || case when left_no is null and right_no is null
        then record_id_left || ' and ' || record_id_right
        when left_no is null then record_id_left else record_id_right end
    || '; the judgement by ' || coalesce(reviewer, 'an unnamed reviewer') || ' is kept and waits'
from m_judgements where left_no is null or right_no is null
union all
select 'positive_not_applied', record_id_left, record_id_right,
    'judged the same, but kept apart: ' || said || ' through other records of their sites'
from m_refusals where asked_by = 'judgement'
union all
select 'identifier_against_constraint', record_id_left, record_id_right, 'same identifier, but ' || said
from m_refusals where asked_by = 'identifier'
order by all
"""
