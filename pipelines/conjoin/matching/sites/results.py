"""What a run leaves in the schema ``matching``: memberships, links with their evidence, weakest links, groups."""

from collections.abc import Collection
from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from conjoin.matching.pairs.blocking import rule_names
from conjoin.matching.pairs.model import MatchModel
from conjoin.matching.pairs.nodes import NAME_SIDE, VAGUENESS
from conjoin.matching.pairs.scoring import explain_pattern, waterfall
from conjoin.matching.sites.clustering import Partition
from conjoin.matching.sites.judgements import write_conflicts
from conjoin.matching.sites.merging import CAMPUS_REASONS
from conjoin.matching.sites.refusals import write_refusals, write_verdicts
from conjoin.matching.sites.review_queue import weigh_questions, write_queue
from conjoin.matching.sites.site_history import inherit_site_ids, read_journal, write_history
from conjoin.matching.text.designator_words import VALUE_TEXT, designator_words
from conjoin.matching.text.vagueness import NOBODY, STREET

_SHOWN_WEIGHT = -3_000
_NATS_PER_BIT = 0.6931471805599453
_MILLI_NATS_PER_BIT = 1000 * _NATS_PER_BIT


def write_results(
    con: duckdb.DuckDBPyConnection,
    partition: Partition,
    model: MatchModel,
    recorded_at: datetime,
    unread_sources: Collection[str],
) -> dict[str, int]:
    """Write all result tables and return their counts."""
    read_journal(con)
    decide_sites(con, partition, model, recorded_at, unread_sources)
    return sum_up(con, model)


def decide_sites(
    con: duckdb.DuckDBPyConnection,
    partition: Partition,
    model: MatchModel,
    recorded_at: datetime,
    unread_sources: Collection[str],
) -> None:
    """Write what follows from each site and its neighbours alone.

    Makes ``site_changes``, ``site_memberships``, ``site_links`` and ``weakest_links`` of the schema ``matching``, and
    the temporary tables ``m_clusters``, ``m_refusals`` and ``m_asked``.
    """
    columns = {
        "node_no": pa.array(np.arange(len(partition.cluster)), pa.int32()),
        "cluster_no": pa.array(partition.cluster.astype(np.int32)),
        "component_no": pa.array(partition.component.astype(np.int32)),
    }
    _table(con, "m_clusters", columns)
    inherit_site_ids(con, recorded_at, unread_sources)
    _write_tree(con)
    con.execute(_MEMBERSHIPS, [NAME_SIDE, designator_words().unit])
    write_refusals(con, partition.refusals)
    write_verdicts(con, model)
    _write_links(con, model)
    con.execute(_WEAKEST_LINKS)
    weigh_questions(con)


def sum_up(con: duckdb.DuckDBPyConnection, model: MatchModel) -> dict[str, int]:
    """Write what needs all sites, links, refusals and questions at once, and return the counts of the result."""
    write_history(con)
    _write_evidence(con, model)
    con.execute(
        "create or replace table matching.refused_merges as "
        "select record_id_left, record_id_right, asked_by, said as reason from m_refusals order by all"
    )
    write_conflicts(con)
    _write_groups(con)
    write_queue(con)
    figures = {
        "record_count": "select count(*) from matching.site_memberships",
        "link_count": "select count(*) from matching.site_links where is_accepted",
        "site_count": "select count(distinct site_id) from matching.site_memberships",
        "review_count": "select count(*) from matching.review_queue",
        "conflict_count": "select count(*) from matching.conflicts",
        "vague_count": "select count(*) from matching.site_memberships where too_little_said is not null",
    }
    return {name: int(con.execute(sql).fetchall()[0][0]) for name, sql in figures.items()}


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.Array]) -> None:
    """A temporary table of Arrow columns."""
    con.register("m_chunk", pa.table(columns))
    con.execute(f"create or replace temp table {name} as select * from m_chunk")
    con.unregister("m_chunk")


def _write_tree(con: duckdb.DuckDBPyConnection) -> None:
    """``m_tree``: the strongest links that hold each site together, one fewer than it has nodes at most."""
    rows = con.execute(
        """
        select scored.left_no, scored.right_no
        from m_scored as scored
        inner join m_clusters as l on l.node_no = scored.left_no
        inner join m_clusters as r on r.node_no = scored.right_no
        where l.cluster_no = r.cluster_no
        order by scored.match_weight desc, scored.left_no, scored.right_no
        """
    ).fetchnumpy()
    left, right = (np.asarray(rows[name], dtype=np.int64) for name in ("left_no", "right_no"))
    count = int(con.execute("select count(*) from m_clusters").fetchall()[0][0])
    cost = np.arange(1, len(left) + 1, dtype=np.float64)  # no two alike: the tree of a site depends on that site alone
    tree = minimum_spanning_tree(coo_array((cost, (left, right)), shape=(count, count)).tocsr()).tocoo()
    pairs = {"left_no": pa.array(tree.row.astype(np.int32)), "right_no": pa.array(tree.col.astype(np.int32))}
    _table(con, "m_tree", pairs)


_MEMBERSHIPS = f"""
create or replace table matching.site_memberships as
with ends as (
    select unnest([scored.left_no, scored.right_no]) as node_no, scored.match_probability, scored.has_same_identifier
    from m_scored as scored
    inner join m_clusters as l on l.node_no = scored.left_no
    inner join m_clusters as r on r.node_no = scored.right_no and r.cluster_no = l.cluster_no
), linked as (
    select node_no, max(match_probability) as match_probability, bool_or(has_same_identifier) as by_identifier
    from ends group by node_no
), judged as (
    select distinct unnest([judgements.left_no, judgements.right_no]) as node_no
    from m_judgements as judgements
    inner join m_clusters as l on l.node_no = judgements.left_no
    inner join m_clusters as r on r.node_no = judgements.right_no and r.cluster_no = l.cluster_no
    where judgements.judgement = 'POSITIVE'
), sizes as (
    select cluster_no, count(*) as node_count from m_clusters group by cluster_no
), twins as (
    select node_no, count(*) as record_count from m_records group by node_no
), named_units as (
    select node_no, list_sort(list(distinct {VALUE_TEXT})) as site_units
    from m_designators where side = $1 and kind = $2 group by node_no
)
select
    records.record_id, sites.site_id,
    case
        when sizes.node_count = 1 or judged.node_no is not null then 1.0
        else coalesce(linked.match_probability, 0.5)
    end as match_probability,
    case
        when sizes.node_count > 1 and judged.node_no is not null then 'judgement'
        when sizes.node_count > 1 and linked.by_identifier then 'identifier'
        when sizes.node_count > 1 then 'comparison'
        when twins.record_count > 1 then 'same content'
        else 'single'
    end as method,
    named_units.site_units,
    case
        when nodes.name_kind = {NOBODY} and nodes.place_kind < {STREET} then 'names nobody'
        when {VAGUENESS} = 2 then 'says no place'
    end as too_little_said
from m_records as records
inner join m_clusters as clusters using (node_no)
inner join m_nodes as nodes using (node_no)
inner join m_sites as sites using (cluster_no)
inner join sizes using (cluster_no)
inner join twins using (node_no)
left join linked using (node_no)
left join judged using (node_no)
left join named_units using (node_no)
order by records.record_id
"""


def _write_links(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Links between the first records of two nodes, and of each further record to the first of its node.

    ``lot``, a number as good as random that follows from the two records, is what the review queue draws by.
    """
    shown = con.execute(
        f"select distinct pattern, rules from m_scored where match_weight > {_SHOWN_WEIGHT} or has_same_identifier "
        "order by all"
    ).fetchall()
    sentences = {pattern: explain_pattern(model, pattern) for pattern, _ in shown}
    _table(
        con,
        "m_said",
        {
            "pattern": pa.array([pattern for pattern, _ in shown], pa.int32()),
            "rules": pa.array([rules for _, rules in shown], pa.uint8()),
            "rule_names": pa.array([", ".join(rule_names(rules)) for _, rules in shown], pa.string()),
            "explanation": pa.array([sentences[pattern] for pattern, _ in shown], pa.string()),
        },
    )
    con.execute(
        f"""
        create or replace table matching.site_links as
        select
            least(l.first_record_id, r.first_record_id) as record_id_left,
            greatest(l.first_record_id, r.first_record_id) as record_id_right,
            scored.match_weight / {_MILLI_NATS_PER_BIT} as match_weight,
            scored.match_probability,
            lc.cluster_no = rc.cluster_no as is_accepted,
            verdicts.decided_by as pair_decided_by,
            verdicts.veto,
            said.rule_names as rules,
            scored.pattern,
            $1 as model_version,
            said.explanation,
            md5_number_lower(l.first_record_id || ' ' || r.first_record_id) as lot
        from m_scored as scored
        inner join m_said as said on said.pattern = scored.pattern and said.rules = scored.rules
        inner join m_contents as l on l.node_no = scored.left_no
        inner join m_contents as r on r.node_no = scored.right_no
        inner join m_clusters as lc on lc.node_no = scored.left_no
        inner join m_clusters as rc on rc.node_no = scored.right_no
        inner join m_verdicts as verdicts on verdicts.left_no = scored.left_no and verdicts.right_no = scored.right_no
        union all
        select contents.first_record_id, records.record_id, null, 1.0, true, 'content', null, 'same content', null, $1,
            'The two rows say the same in every field.', null
        from m_records as records
        inner join m_contents as contents using (node_no)
        where records.record_id <> contents.first_record_id
        order by record_id_left, record_id_right
        """,
        [model.version],
    )


def _write_evidence(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """``matching.pattern_evidence``: the waterfall of every pattern that a link shows, one row per step."""
    patterns = con.execute(
        "select distinct pattern from matching.site_links where pattern is not null order by pattern"
    ).fetchall()
    steps = [
        (pattern, number, name, finding, weight / _MILLI_NATS_PER_BIT)
        for (pattern,) in patterns
        for number, (name, finding, weight) in enumerate(waterfall(model, pattern))
    ]
    columns = list(zip(*steps, strict=True)) or [()] * 5
    _table(
        con,
        "m_steps",
        {
            "pattern": pa.array(columns[0], pa.int32()),
            "step_number": pa.array(columns[1], pa.int32()),
            "comparison": pa.array(columns[2], pa.string()),
            "finding": pa.array(columns[3], pa.string()),
            "evidence_weight": pa.array(columns[4], pa.float64()),
        },
    )
    con.execute("create or replace table matching.pattern_evidence as from m_steps order by pattern, step_number")


_WEAKEST_LINKS = """
create or replace table matching.weakest_links as
with held as (
    select sites.site_id, links.record_id_left, links.record_id_right, links.match_probability, links.explanation
    from m_tree as tree
    inner join m_contents as l on l.node_no = least(tree.left_no, tree.right_no)
    inner join m_contents as r on r.node_no = greatest(tree.left_no, tree.right_no)
    inner join m_clusters as clusters on clusters.node_no = tree.left_no
    inner join m_sites as sites using (cluster_no)
    inner join matching.site_links as links
        on links.record_id_left = least(l.first_record_id, r.first_record_id)
        and links.record_id_right = greatest(l.first_record_id, r.first_record_id)
)
select * from held
qualify row_number() over (partition by site_id order by match_probability, record_id_left, record_id_right) = 1
order by site_id
"""


def _write_groups(con: duckdb.DuckDBPyConnection) -> None:
    """Campuses: sites that only units, plots or buildings part. Organisations: sites with one organisation's id."""
    rows = con.execute(
        """
        select distinct l.site_id as site_a, r.site_id as site_b
        from m_refusals
        inner join matching.site_memberships as l on l.record_id = record_id_left
        inner join matching.site_memberships as r on r.record_id = record_id_right
        where list_contains($1::varchar[], reason) and l.site_id <> r.site_id
        order by site_a, site_b
        """,
        [list(CAMPUS_REASONS)],
    ).fetchnumpy()
    sites, campuses = _connected(np.asarray(rows["site_a"], dtype=str), np.asarray(rows["site_b"], dtype=str))
    _table(con, "m_campuses", {"site_id": pa.array(sites), "campus_id": pa.array(campuses)})
    con.execute(
        """
        create or replace table matching.site_groups as
        select 'campus:' || campus_id as group_id, 'campus' as group_kind, site_id from m_campuses
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


def _connected(left: npt.NDArray[np.str_], right: npt.NDArray[np.str_]) -> tuple[list[str], list[str]]:
    """Every site of some pairs, and the first site of those that it hangs together with."""
    names, numbers = np.unique(np.concatenate((left, right)), return_inverse=True)
    if len(names) == 0:
        return [], []
    ones = np.ones(len(left), dtype=np.int8)
    graph = coo_array((ones, (numbers[: len(left)], numbers[len(left) :])), shape=(len(names), len(names)))
    labels = connected_components(graph, directed=False)[1]
    _, first = np.unique(labels, return_index=True)
    return names.tolist(), names[first[labels]].tolist()
