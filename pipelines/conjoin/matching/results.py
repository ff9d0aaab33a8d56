"""What a run leaves in the schema ``matching``: memberships, links, questions, conflicts, groups."""

import duckdb
import numpy as np
import pyarrow as pa

from conjoin.matching.blocking import rule_names
from conjoin.matching.clustering import Partition
from conjoin.matching.model import MatchModel
from conjoin.matching.scoring import explain_pattern
from conjoin.matching.site_ids import mint_all

QUEUE_LENGTH = 2_000
_SHOWN_WEIGHT = -3_000


def write_results(con: duckdb.DuckDBPyConnection, partition: Partition, model: MatchModel) -> dict[str, int]:
    """Write all result tables and return their counts."""
    _write_memberships(con, partition)
    _write_links(con, model)
    _write_refusals(con, partition)
    _write_queue(con)
    _write_conflicts(con)
    _write_groups(con)
    figures = {
        "record_count": "select count(*) from matching.site_memberships",
        "link_count": "select count(*) from matching.site_links where is_accepted",
        "site_count": "select count(distinct site_id) from matching.site_memberships",
        "review_count": "select count(*) from matching.review_queue",
        "conflict_count": "select count(*) from matching.conflicts",
    }
    return {name: int(con.execute(sql).fetchall()[0][0]) for name, sql in figures.items()}


def _write_memberships(con: duckdb.DuckDBPyConnection, partition: Partition) -> None:
    table = pa.table(
        {"node_no": pa.array(np.arange(len(partition.cluster)), pa.int32()), "cluster_no": partition.cluster}
    )
    con.register("m_chunk", table)
    con.execute(
        "create or replace temp table m_clusters as select node_no, cluster_no::integer as cluster_no from m_chunk"
    )
    con.unregister("m_chunk")
    founders = con.sql(
        """
        select cluster_no,
            first(record_id order by first_delivered_at nulls last, record_id) as founder
        from m_records inner join m_clusters using (node_no) group by cluster_no order by cluster_no
        """
    ).to_arrow_table()
    site_ids = mint_all(founders["founder"].to_pylist())
    con.register("m_chunk", founders.append_column("site_id", pa.array(site_ids, pa.string())))
    con.execute("create or replace temp table m_sites as select * from m_chunk")
    con.unregister("m_chunk")
    con.execute(
        """
        create or replace table matching.site_memberships as
        with linked as (
            select node_no, max(match_probability) as match_probability, bool_or(has_same_identifier) as by_identifier
            from (
                select l.node_no, scored.match_probability, scored.has_same_identifier
                from m_scored as scored
                inner join m_clusters as l on l.node_no = scored.left_no
                inner join m_clusters as r on r.node_no = scored.right_no and r.cluster_no = l.cluster_no
                union all
                select r.node_no, scored.match_probability, scored.has_same_identifier
                from m_scored as scored
                inner join m_clusters as l on l.node_no = scored.left_no
                inner join m_clusters as r on r.node_no = scored.right_no and r.cluster_no = l.cluster_no
            ) group by node_no
        ), judged as (
            select left_no as node_no from m_judgements where judgement = 'POSITIVE'
            union select right_no from m_judgements where judgement = 'POSITIVE'
        ), sizes as (
            select cluster_no, count(*) as node_count from m_clusters group by cluster_no
        )
        select
            records.record_id, sites.site_id,
            case
                when sizes.node_count = 1 then 1.0
                when judged.node_no is not null then 1.0
                else coalesce(linked.match_probability, 0.5)
            end as match_probability,
            case
                when sizes.node_count > 1 and judged.node_no is not null then 'judgement'
                when sizes.node_count > 1 and linked.by_identifier then 'identifier'
                when sizes.node_count > 1 then 'comparison'
                when sum(1) over (partition by records.node_no) > 1 then 'same content'
                else 'single'
            end as method
        from m_records as records
        inner join m_clusters as clusters using (node_no)
        inner join m_sites as sites using (cluster_no)
        inner join sizes using (cluster_no)
        left join linked on linked.node_no = records.node_no
        left join judged on judged.node_no = records.node_no
        order by records.record_id
        """
    )


def _write_links(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Links between the first records of two nodes, and of each further record to the first of its node."""
    shown = con.execute(
        f"select distinct pattern, rules from m_scored where match_weight > {_SHOWN_WEIGHT} or has_same_identifier "
        "order by all"
    ).fetchall()
    sentences = {pattern: explain_pattern(model, pattern) for pattern, _ in shown}
    table = pa.table(
        {
            "pattern": pa.array([pattern for pattern, _ in shown], pa.int32()),
            "rules": pa.array([rules for _, rules in shown], pa.uint8()),
            "rule_names": pa.array([", ".join(rule_names(rules)) for _, rules in shown], pa.string()),
            "explanation": pa.array([sentences[pattern] for pattern, _ in shown], pa.string()),
        }
    )
    con.register("m_chunk", table)
    con.execute(
        """
        create or replace table matching.site_links as
        select
            least(l.first_record_id, r.first_record_id) as record_id_left,
            greatest(l.first_record_id, r.first_record_id) as record_id_right,
            scored.match_weight / 1000.0 as match_weight,
            scored.match_probability,
            lc.cluster_no = rc.cluster_no as is_accepted,
            said.rule_names as rules,
            scored.pattern,
            $1 as model_version,
            said.explanation
        from m_scored as scored
        inner join m_chunk as said on said.pattern = scored.pattern and said.rules = scored.rules
        inner join m_contents as l on l.node_no = scored.left_no
        inner join m_contents as r on r.node_no = scored.right_no
        inner join m_clusters as lc on lc.node_no = scored.left_no
        inner join m_clusters as rc on rc.node_no = scored.right_no
        union all
        select contents.first_record_id, records.record_id, null, 1.0, true, 'same content', null, $1,
            'The two rows say the same in every field.'
        from m_records as records
        inner join m_contents as contents using (node_no)
        where records.record_id <> contents.first_record_id
        order by record_id_left, record_id_right
        """,
        [model.version],
    )
    con.unregister("m_chunk")


def _write_refusals(con: duckdb.DuckDBPyConnection, partition: Partition) -> None:
    refusals = partition.refusals
    table = pa.table(
        {
            "left_no": pa.array([refusal.left for refusal in refusals], pa.int32()),
            "right_no": pa.array([refusal.right for refusal in refusals], pa.int32()),
            "reason": pa.array([refusal.reason for refusal in refusals], pa.string()),
            "gain": pa.array([refusal.gain for refusal in refusals], pa.int64()),
        }
    )
    con.register("m_chunk", table)
    con.execute(
        """
        create or replace temp table m_refusals as
        select l.first_record_id as record_id_left, r.first_record_id as record_id_right, reason, gain,
            left_no, right_no
        from m_chunk
        inner join m_contents as l on l.node_no = left_no
        inner join m_contents as r on r.node_no = right_no
        """
    )
    con.unregister("m_chunk")


def _write_queue(con: duckdb.DuckDBPyConnection) -> None:
    """Pairs worth a person's look: refused merges first, then by doubt times records that would move."""
    con.execute(
        f"""
        create or replace table matching.review_queue as
        with sizes as (
            select cluster_no, count(*) as record_count
            from m_records inner join m_clusters using (node_no) group by cluster_no
        ), doubtful as (
            select record_id_left, record_id_right, match_probability, is_accepted, explanation
            from matching.site_links where match_probability between 0.1 and 0.9 and rules <> 'same content'
        ), refused as (
            select record_id_left, record_id_right, any_value(reason order by reason) as reason, max(gain) as gain
            from m_refusals group by all
        ), asked as (
            select
                coalesce(doubtful.record_id_left, refused.record_id_left) as record_id_left,
                coalesce(doubtful.record_id_right, refused.record_id_right) as record_id_right,
                coalesce(doubtful.match_probability, links.match_probability, 0.5) as match_probability,
                coalesce(doubtful.is_accepted, false) as is_accepted,
                refused.reason as refused_because,
                coalesce(doubtful.explanation, links.explanation, '') as explanation
            from doubtful
            full outer join refused using (record_id_left, record_id_right)
            left join matching.site_links as links
                on links.record_id_left = refused.record_id_left and links.record_id_right = refused.record_id_right
        ), placed as (
            select asked.*, ls.record_count as left_count, rs.record_count as right_count,
                lc.cluster_no = rc.cluster_no as is_together
            from asked
            inner join m_records as l on l.record_id = asked.record_id_left
            inner join m_records as r on r.record_id = asked.record_id_right
            inner join m_clusters as lc on lc.node_no = l.node_no
            inner join m_clusters as rc on rc.node_no = r.node_no
            inner join sizes as ls on ls.cluster_no = lc.cluster_no
            inner join sizes as rs on rs.cluster_no = rc.cluster_no
        ), unanswered as (
            select placed.* from placed
            anti join m_judgements as judged
                on judged.record_id_left = placed.record_id_left and judged.record_id_right = placed.record_id_right
        )
        select
            record_id_left, record_id_right, match_probability,
            round(
                (match_probability * (1 - match_probability) + case when refused_because is null then 0 else 0.5 end)
                * case when is_together then left_count - 1 else left_count * right_count end, 6
            ) as priority,
            coalesce('Kept apart: ' || refused_because || '. ', '') || explanation as reason,
            case when is_together then 'Same: nothing moves, the doubt is gone.'
                else 'Same: ' || left_count || ' and ' || right_count || ' records become one site.' end as if_same,
            case when is_together then 'Different: the site of ' || left_count || ' records is parted.'
                else 'Different: nothing moves, the pair is not asked again.' end as if_different
        from unanswered
        where not (is_together and refused_because is not null)
        order by priority desc, record_id_left, record_id_right
        limit {QUEUE_LENGTH}
        """
    )


def _write_conflicts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        create or replace table matching.conflicts as
        select 'judgement_on_unknown_record' as kind, record_id_left, record_id_right,
            'no such record: ' || case when left_no is null and right_no is null
                then record_id_left || ' and ' || record_id_right
                when left_no is null then record_id_left else record_id_right end
            || '; the judgement by ' || coalesce(reviewer, 'an unnamed reviewer') || ' is kept and waits' as detail
        from m_judgements where left_no is null or right_no is null
        union all
        select case when starts_with(reason, 'judged the same') then 'judgements_contradict'
                else 'identifier_against_constraint' end,
            record_id_left, record_id_right, reason
        from m_refusals where starts_with(reason, 'judged the same') or starts_with(reason, 'same identifier')
        order by all
        """
    )


def _write_groups(con: duckdb.DuckDBPyConnection) -> None:
    """Campuses: sites that only a unit, plot or building parts. Organisations: sites with one organisation id."""
    con.execute(
        """
        create or replace temp table m_campus_pairs as
        with apart as (
            select record_id_left, record_id_right from m_refusals where contains(reason, 'unit')
            union select record_id_right, record_id_left from m_refusals where contains(reason, 'unit')
        )
        select distinct l.site_id as site_a, r.site_id as site_b
        from apart
        inner join matching.site_memberships as l on l.record_id = record_id_left
        inner join matching.site_memberships as r on r.record_id = record_id_right
        where l.site_id <> r.site_id
        """
    )
    con.execute(
        """
        create or replace table matching.site_groups as
        with recursive reach as (
            select distinct site_a as site_id, site_a as root from m_campus_pairs
            union
            select pairs.site_b, reach.root
            from reach inner join m_campus_pairs as pairs on pairs.site_a = reach.site_id
        )
        select 'campus:' || min(root) as group_id, 'campus' as group_kind, site_id from reach group by site_id
        union all
        select distinct 'organisation:' || identifiers.id_scheme || ':' || identifiers.id_value, 'organisation',
            memberships.site_id
        from m_identifiers as identifiers
        inner join m_records as records using (node_no)
        inner join matching.site_memberships as memberships using (record_id)
        where not identifiers.is_site_level
        qualify count(distinct memberships.site_id)
            over (partition by identifiers.id_scheme, identifiers.id_value) > 1
        order by all
        """
    )
