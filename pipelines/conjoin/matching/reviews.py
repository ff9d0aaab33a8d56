"""People's judgements: which count, which contradict each other, and which pairs to ask about next."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Judgements:
    """Judgements in force, on nodes; ``same`` latest first.

    Attributes:
        same: Pairs of nodes judged POSITIVE.
        different: Pairs of nodes judged NEGATIVE.
    """

    same: tuple[tuple[int, int], ...]
    different: tuple[tuple[int, int], ...]


def judgements_in_force(con: duckdb.DuckDBPyConnection) -> Judgements:
    """Read ``input.judgements``: the latest of each pair counts; also makes ``m_judgements`` for the reports.

    Judgements on records that are not there are kept by their owner and reported, not applied. Of two judgements of
    one pair at the same instant, NEGATIVE counts.
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
    rows = con.execute(
        "select judgement, least(left_no, right_no), greatest(left_no, right_no) from m_judgements "
        "where left_no <> right_no "
        "order by decided_at desc nulls last, record_id_left, record_id_right"
    ).fetchall()
    pairs = {
        verdict: tuple((int(a), int(b)) for v, a, b in rows if v == verdict) for verdict in ("POSITIVE", "NEGATIVE")
    }
    return Judgements(pairs["POSITIVE"], pairs["NEGATIVE"])
