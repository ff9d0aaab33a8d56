"""People's judgements: which are in force, and which contradict each other or speak of nobody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import duckdb
import pyarrow as pa

LONGEST_CHAIN = 12
"""Links of a chain of judgements that a report names; of a longer one it says that it is there."""


@dataclass(frozen=True)
class Judgement:
    """One judgement in force, its records in order; verdict POSITIVE, NEGATIVE or MOVED."""

    left: str
    right: str
    verdict: str
    reviewer: str
    decided_at: datetime | None

    @property
    def is_same(self) -> bool:
        """Whether it says that the two are one site."""
        return self.verdict == "POSITIVE"

    def __str__(self) -> str:
        """The judgement in words, for a report."""
        when = f" on {self.decided_at:%Y-%m-%d}" if self.decided_at else ""
        return f"{self.left} and {self.right}: {self.verdict} by {self.reviewer or 'an unnamed reviewer'}{when}"


_Links = dict[str, list[tuple[str, Judgement]]]
"""For each record, the records that a POSITIVE connects it with."""
_Chains = dict[str, list[Judgement]]
"""For each record reached, the chain that leads to it."""


def put_judgements_in_force(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_judgements`` of ``input.judgements``, the latest of each pair, and ``matching.site_moves``.

    Judgements on records that are not there are kept, reported and not applied. Of two judgements of one pair at the
    same instant, the one that keeps apart counts. A MOVED says of its left record that it came before the right one.
    """
    con.execute(
        """
        create or replace temp table m_judgements as
        with ordered as (
            select
                least(record_id_left, record_id_right) as record_id_left,
                greatest(record_id_left, record_id_right) as record_id_right,
                judgement, reviewer, decided_at, moved_on, record_id_left as record_id_before
            from input.judgements
            where record_id_left is not null and record_id_right is not null and record_id_left <> record_id_right
        )
        select ordered.*, l.node_no as left_no, r.node_no as right_no
        from ordered
        left join m_records as l on l.record_id = ordered.record_id_left
        left join m_records as r on r.record_id = ordered.record_id_right
        qualify row_number() over (
            partition by record_id_left, record_id_right
            order by decided_at desc nulls last, judgement, reviewer, record_id_before
        ) = 1;
        create or replace table matching.site_moves as
        select record_id_before,
            if(record_id_before = record_id_left, record_id_right, record_id_left) as record_id_after,
            moved_on, reviewer, decided_at
        from m_judgements
        where judgement = 'MOVED' and left_no is not null and right_no is not null
        order by record_id_before, record_id_after
        """
    )


class Contradiction(NamedTuple):
    """A judgement that parts two records although a chain of POSITIVE connects them.

    ``chain`` is the shortest, and empty if it has more than ``LONGEST_CHAIN`` links.
    """

    negative: Judgement
    chain: list[Judgement]

    def told_chain(self) -> str:
        """The chain in words."""
        return "; ".join(map(str, self.chain)) or f"a chain of more than {LONGEST_CHAIN} judgements POSITIVE"


def find_contradictions(judgements: list[Judgement]) -> list[Contradiction]:
    """Every NEGATIVE or MOVED whose two records a chain of POSITIVE connects, with the shortest such chain.

    It holds: which of the links gives way is reported beside it, never decided in silence.
    """
    links: _Links = defaultdict(list)
    for judgement in judgements:
        if judgement.is_same:
            links[judgement.left].append((judgement.right, judgement))
            links[judgement.right].append((judgement.left, judgement))
    group = _groups(links)
    return [
        Contradiction(judgement, _shortest_chain(links, judgement.left, judgement.right))
        for judgement in judgements
        if not judgement.is_same and group.get(judgement.left, judgement) == group.get(judgement.right)
    ]


def _groups(links: _Links) -> dict[str, str]:
    """For each linked record, the first record of those that hang together with it."""
    group: dict[str, str] = {}
    for first in links:
        waiting = [] if first in group else [first]
        while waiting:
            here = waiting.pop()
            if here not in group:
                group[here] = first
                waiting += [there for there, _ in links[here]]
    return group


def _shortest_chain(links: _Links, start: str, goal: str) -> list[Judgement]:
    """The shortest chain between two records, sought from both ends; empty beyond ``LONGEST_CHAIN`` links."""
    chains: tuple[_Chains, _Chains] = ({start: []}, {goal: []})
    edges = ([start], [goal])
    for _ in range(LONGEST_CHAIN):
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        reached = _step(links, chains[side], edges[side])
        edges = (reached, edges[1]) if side == 0 else (edges[0], reached)
        met = [record for record in reached if record in chains[1 - side]]
        if met:
            return chains[0][met[0]] + chains[1][met[0]][::-1]
    return []


def _step(links: _Links, chains: _Chains, edge: list[str]) -> list[str]:
    """One link further from every record of ``edge``: the records reached for the first time."""
    reached = []
    for here in edge:
        for there, link in links[here]:
            if there not in chains:
                chains[there] = [*chains[here], link]
                reached.append(there)
    return reached


def write_conflicts(con: duckdb.DuckDBPyConnection) -> None:
    """``matching.conflicts``: judgements and identifiers that contradict each other, judgements on unknown records."""
    rows = con.execute(
        "select record_id_left, record_id_right, judgement, coalesce(reviewer, ''), decided_at "
        "from m_judgements where judgement <> 'UNSURE' and left_no is not null and right_no is not null "
        "order by record_id_left, record_id_right"
    ).fetchall()
    told = [
        (found.negative.left, found.negative.right, f"{found.negative}. Against it: {found.told_chain()}")
        for found in find_contradictions([Judgement(*row) for row in rows])
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
