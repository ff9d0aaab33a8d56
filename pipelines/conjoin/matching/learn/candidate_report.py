"""What the candidate rules find and what their caps cost: pairs, labelled pairs, the fullest and the dropped buckets.

Counted from the keys of a run that ends before pairs are compared.
"""

from dataclasses import dataclass

import duckdb
import pandas as pd

from conjoin.matching.linkage import candidate_index
from conjoin.matching.pairs.blocking import RULES, Rule
from conjoin.matching.pairs.records import prepare_records

LISTED_BUCKETS = 20


@dataclass(frozen=True)
class RuleCount:
    """What one rule, or all of them, yields.

    Attributes:
        name: The rule in words.
        pair_count: Candidate pairs.
        only_count: Candidate pairs that no other rule makes.
        found_count: Labelled true pairs among the candidates.
        only_found_count: Labelled true pairs that no other rule makes.
        dropped_count: Buckets over the cap, which make no pairs.
        lost_count: Labelled true pairs that are no candidates and share a dropped bucket: what the cap costs.
    """

    name: str
    pair_count: int
    only_count: int
    found_count: int
    only_found_count: int
    dropped_count: int
    lost_count: int


@dataclass(frozen=True)
class CandidateReport:
    """Candidate pairs of one set of records.

    Attributes:
        rules: One per rule, then one for all of them.
        true_count: Labelled true pairs whose records differ in content; equal ones need no candidate pair.
        largest: The fullest buckets that make pairs: rule, country, key, records, cap; fullest first.
        dropped: The fullest buckets over their cap, likewise.
    """

    rules: list[RuleCount]
    true_count: int
    largest: pd.DataFrame
    dropped: pd.DataFrame


def report_candidates(con: duckdb.DuckDBPyConnection, true_pairs: pd.DataFrame) -> CandidateReport:
    """Count candidate pairs and buckets of the records in the schema ``input``.

    Args:
        con: Holds the schema ``input``; keeps temporary tables ``m_...`` afterwards.
        true_pairs: record_id_left, record_id_right of pairs known to be one site; unknown records are left out.
    """
    candidate_index().index(prepare_records(con, is_kept=True))
    con.register("given_pairs", true_pairs)
    con.execute(_LABELLED)
    con.unregister("given_pairs")
    dropped = [_count_lost(con, rule) for rule in RULES]
    every = sum(rule.bit for rule in RULES)
    rules = [
        RuleCount(rule.name, *_count_pairs(con, rule.bit, every - rule.bit), *lost)
        for rule, lost in zip(RULES, dropped, strict=True)
    ]
    lost_count = _number(con, "select count(distinct (left_no, right_no)) from m_lost_pairs")
    rules.append(RuleCount("all rules", *_count_pairs(con, every, 0), sum(count for count, _ in dropped), lost_count))
    return CandidateReport(
        rules,
        _number(con, "select count(*) from m_labelled"),
        _buckets(con, "between 2 and {cap}"),
        _buckets(con, "> {cap}"),
    )


_LABELLED = """
create or replace temp table m_labelled as
select distinct least(l.node_no, r.node_no) as left_no, greatest(l.node_no, r.node_no) as right_no, pairs.rules
from given_pairs as given
inner join m_records as l on l.record_id = given.record_id_left
inner join m_records as r on r.record_id = given.record_id_right and r.node_no <> l.node_no
left join m_pairs as pairs
    on pairs.left_no = least(l.node_no, r.node_no) and pairs.right_no = greatest(l.node_no, r.node_no);
create or replace temp table m_lost_pairs (left_no integer, right_no integer)
"""


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def _count_pairs(con: duckdb.DuckDBPyConnection, bits: int, others: int) -> tuple[int, int, int, int]:
    """Pairs that carry any of ``bits`` and, of those, pairs that carry none of ``others``; then labelled ones."""
    counts = "count(*) filter (rules & $1 > 0), count(*) filter (rules & $1 > 0 and rules & $2 = 0)"
    rows = [con.execute(f"select {counts} from {t}", [bits, others]).fetchall()[0] for t in ("m_pairs", "m_labelled")]
    return rows[0][0], rows[0][1], rows[1][0], rows[1][1]


def _count_lost(con: duckdb.DuckDBPyConnection, rule: Rule) -> tuple[int, int]:
    """How many buckets of a rule are over the cap, and how many labelled pairs only such a bucket holds."""
    con.execute(
        f"create or replace temp table m_dropped as select {rule.key} from {rule.source} group by {rule.key} "
        f"having count(*) > {rule.cap}"
    )
    con.execute(
        f"""
        create or replace temp table m_lost_here as
        with crowded as (
            select distinct node_no, {rule.key}
            from {rule.source} inner join m_dropped using ({rule.key})
            where node_no in (select unnest([left_no, right_no]) from m_labelled where rules is null)
        )
        select distinct pairs.left_no, pairs.right_no
        from m_labelled as pairs
        inner join crowded as l on l.node_no = pairs.left_no
        inner join (from crowded select node_no as other_no, * exclude (node_no)) as r
            on r.other_no = pairs.right_no and {" and ".join(f"l.{name} = r.{name}" for name in rule.key.split(", "))}
        where pairs.rules is null
        """
    )
    con.execute("insert into m_lost_pairs from m_lost_here")
    return _number(con, "select count(*) from m_dropped"), _number(con, "select count(*) from m_lost_here")


def _buckets(con: duckdb.DuckDBPyConnection, size: str) -> pd.DataFrame:
    """The fullest buckets, over all rules, whose size fulfils a condition."""
    parts = []
    for rule in RULES:
        country = "country_code" if "country_code" in rule.key else "'any'"
        parts.append(
            f"""
            select '{rule.name}' as rule, coalesce(nullif({country}, ''), 'none') as country, {rule.told} as key,
                records, {rule.cap} as cap
            from (
                select {rule.key}, count(*) as records from {rule.source} group by {rule.key}
                having count(*) {size.format(cap=rule.cap)} order by records desc, {rule.key} limit {LISTED_BUCKETS}
            )
            """
        )
    listed = f"select * from ({' union all '.join(parts)}) order by records desc, rule, country, key"
    return con.execute(f"{listed} limit {LISTED_BUCKETS}").df()
