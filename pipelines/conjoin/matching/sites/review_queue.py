"""The review queue: pairs whose judgement would change a site, those that change most first.

A question is worth p (1 - p) times the pairs of records that would come together or part: what a judgement changes, as
often as it comes as a surprise. Two rows of one list count unless the list was said to hold every site once; what parts
them for certain, as units do, is no question within one list. Only questions worth asking are put, one per site or pair
of sites, since one answer settles the rest. One tenth is drawn at random from all compared pairs instead, so that the
calibration has a part that no ranking has chosen.
"""

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from conjoin.matching.pairs.levels import level_of_pattern
from conjoin.matching.sites.merging import BARE, COMPOSITE, DESIGNATORS, IDENTIFIER, SISTERS, UNIQUE_SOURCE, VAGUE
from conjoin.matching.text.designator_words import LETTERS

QUEUE_LENGTH = 2_000
DOUBTFUL = 0.1, 0.9
"""Between these probabilities a link, or a pair that was not linked, is worth a person's time."""

WORTH_ASKING = 0.1
"""Least worth of a question."""

RANDOM_SHARE = 0.1
CONFLICT_PROBABILITY, ASKED_CONFLICT_PROBABILITY, EVEN = 0.15, 0.3, 0.5
"""How often two rows with different units are one site all the same: numbers are mistyped, lists are cut short. More
often where floors or gates differ than where units or plots do; nobody knows it of one identifier on unlike rows."""
ALIKE_BITS, COUNTRY_BITS = 4, 8
"""Two rows of two countries are asked about if all else weighs more than this; the country weighs this at least."""
LEAST_SURPRISE = 0.2
"""A score that something else overruled is no surer than this, or its opposite: the two contradict each other."""


def weigh_questions(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_asked``: what is worth asking of each site and pair of sites, without what people have answered."""
    _write_halves(con)
    con.execute(_SITE_SIZES)
    con.execute(_QUESTIONS)
    con.execute(_ANSWERED)
    con.execute(_ASKED, [*DOUBTFUL, WORTH_ASKING])


def write_queue(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``matching.review_queue`` of ``m_asked``, one row per question, and some drawn at random."""
    con.execute(
        "create or replace table matching.review_queue as "
        "from m_asked order by priority desc, record_id_left, record_id_right limit $1",
        [QUEUE_LENGTH],
    )
    con.execute(_RANDOM, [RANDOM_SHARE])


def _write_halves(con: duckdb.DuckDBPyConnection) -> None:
    """``m_halves``: every node with the part of its site that remains if the weakest link of the site is cut."""
    rows = con.execute(
        """
        select tree.left_no, tree.right_no
        from m_tree as tree
        inner join m_contents as l on l.node_no = least(tree.left_no, tree.right_no)
        inner join m_contents as r on r.node_no = greatest(tree.left_no, tree.right_no)
        anti join matching.weakest_links as weakest
            on weakest.record_id_left = least(l.first_record_id, r.first_record_id)
            and weakest.record_id_right = greatest(l.first_record_id, r.first_record_id)
        order by tree.left_no, tree.right_no
        """
    ).fetchnumpy()
    left, right = (np.asarray(rows[name], dtype=np.int64) for name in ("left_no", "right_no"))
    count = int(con.execute("select count(*) from m_clusters").fetchall()[0][0])
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    half = connected_components(graph, directed=False)[1] if count else np.zeros(0)
    con.register("m_chunk", pa.table({"node_no": np.arange(count, dtype=np.int32), "half_no": half.astype(np.int32)}))
    con.execute("create or replace temp table m_halves as select * from m_chunk")
    con.unregister("m_chunk")


#: Records per source of each site, and of each half of a site; ``part`` numbers both alike.
_SITE_SIZES = """
create or replace temp table m_parts as
select memberships.record_id, memberships.site_id, records.source_name, halves.half_no
from matching.site_memberships as memberships
inner join m_records as records using (record_id)
inner join m_halves as halves using (node_no)
"""

IS_ABROAD = f"({level_of_pattern('country')} = 1)"

_QUESTIONS = f"""
create or replace temp table m_questions as
with refused as (
    select record_id_left, record_id_right, said,
        case when asked_by = '{IDENTIFIER}' then 'identifier' when reason = '{BARE}' then 'no_unit'
            when reason = '{VAGUE}' then 'too_little_said' when reason = '{SISTERS}' then 'sisters'
            else 'unit_conflict' end as question,
        case when asked_by = '{IDENTIFIER}' or reason in ('{BARE}', '{VAGUE}') then {EVEN}
            when reason in ('{SISTERS}', '{COMPOSITE}') or not is_certain then {ASKED_CONFLICT_PROBABILITY}
            else {CONFLICT_PROBABILITY} end as p
    from m_refusals
    where asked_by = '{IDENTIFIER}'
        or reason in ('{BARE}', '{DESIGNATORS}', '{UNIQUE_SOURCE}', '{VAGUE}', '{SISTERS}', '{COMPOSITE}')
), asked as (
    select record_id_left, record_id_right, 'bridge' as question,
        if(match_probability < 0.5, greatest(match_probability, {LEAST_SURPRISE}), match_probability) as p, explanation
    from matching.weakest_links
    union all
    select record_id_left, record_id_right, 'merge',
        if(match_probability > 0.5, least(match_probability, 1 - {LEAST_SURPRISE}), match_probability), explanation
    from matching.site_links anti join m_refusals using (record_id_left, record_id_right)
    where not is_accepted
    union all
    select record_id_left, record_id_right, 'other_country', {CONFLICT_PROBABILITY},
        'The rows name two countries. ' || explanation
    from matching.site_links
    where not is_accepted and match_weight > {ALIKE_BITS} - {COUNTRY_BITS} and {IS_ABROAD}
    union all
    select refused.record_id_left, refused.record_id_right, refused.question, refused.p,
        'Kept apart: ' || refused.said || '. ' || coalesce(links.explanation, '')
    from refused left join matching.site_links as links using (record_id_left, record_id_right)
)
select asked.*, l.site_id as left_site, r.site_id as right_site,
    if(asked.question = 'bridge', 'half ' || l.half_no, l.site_id) as left_part,
    if(asked.question = 'bridge', 'half ' || r.half_no, r.site_id) as right_part
from asked
inner join m_parts as l on l.record_id = record_id_left
inner join m_parts as r on r.record_id = record_id_right
where (l.site_id = r.site_id) = (asked.question = 'bridge')
"""

#: A merge that unit, plot or building numbers or a declared list forbid is no question, unless the rows look alike.
_ANSWERED = f"""
delete from m_questions where question = 'merge' and p < 0.5 and (left_site, right_site) in (
    with asked as (
        select distinct left_site, right_site, unnest([left_site, right_site]) as site_id
        from m_questions where question = 'merge'
    ), facts as (
        select asked.left_site, asked.right_site, asked.site_id = asked.left_site as is_left,
            designators.side, designators.kind, designators.value // {LETTERS} as value
        from asked
        inner join m_sites as sites using (site_id)
        inner join m_clusters as clusters using (cluster_no)
        inner join m_forbidding as designators using (node_no)
        union all
        select asked.left_site, asked.right_site, asked.site_id = asked.left_site, 0, listed.source_no, 0
        from asked
        inner join m_sites as sites using (site_id)
        inner join m_clusters as clusters using (cluster_no)
        inner join m_unique_sources as listed using (node_no)
    ), compared as (
        select left_site, right_site, side, list(distinct value) filter (is_left) as ours,
            list(distinct value) filter (not is_left) as theirs
        from facts group by left_site, right_site, side, kind
    )
    select left_site, right_site from compared
    where ours is not null and theirs is not null and (side = 0 or not list_has_any(ours, theirs))
)
"""

_ASKED = """
create or replace temp table m_asked as
with best as (
    select * from m_questions
    where question not in ('bridge', 'merge') or p between $1 and $2
    qualify row_number() over (
        partition by least(left_part, right_part), greatest(left_part, right_part)
        order by question = 'identifier' desc, p * (1 - p) desc, record_id_left, record_id_right
    ) = 1
), parts as (
    select site_id as part, source_name, count(*) as record_count from m_parts group by all
    union all
    select 'half ' || half_no, source_name, count(*) from m_parts group by all
), totals as (
    select part, sum(record_count)::bigint as record_count from parts group by part
), shared as (
    select best.record_id_left, best.record_id_right, sum(l.record_count * r.record_count)::bigint as same_source_count
    from best
    inner join parts as l on l.part = best.left_part
    inner join parts as r on r.part = best.right_part and r.source_name = l.source_name
    where best.question not in ('bridge', 'merge', 'too_little_said')
        or l.source_name in (select source_name from m_sources semi join m_unique_sources using (source_no))
    group by all
), weighed as (
    select best.*, l.record_count as left_count, r.record_count as right_count,
        round(best.p * (1 - best.p) * (l.record_count * r.record_count - coalesce(shared.same_source_count, 0)), 6)
            as priority
    from best
    inner join totals as l on l.part = best.left_part
    inner join totals as r on r.part = best.right_part
    left join shared using (record_id_left, record_id_right)
)
select record_id_left, record_id_right, p as match_probability, priority, question, false as is_random,
    explanation as reason,
    if(question = 'bridge', 'Nothing moves; the doubt is gone.',
        left_count || ' and ' || right_count || ' records become one site.') as if_same,
    if(question = 'bridge', 'The site parts into ' || left_count || ' and ' || right_count || ' records.',
        'Nothing moves; the pair is not asked again.') as if_different
from weighed
anti join m_judgements using (record_id_left, record_id_right)
where priority >= $3
"""

_RANDOM = """
insert into matching.review_queue
select record_id_left, record_id_right, match_probability, 0, 'calibration', true, explanation,
    if(is_accepted, 'Nothing moves.', 'Their records become one site.'),
    if(is_accepted, 'They part.', 'Nothing moves.')
from matching.site_links
anti join matching.review_queue using (record_id_left, record_id_right)
anti join m_judgements using (record_id_left, record_id_right)
where pattern is not null
order by lot, record_id_left, record_id_right
limit (select ceil(count(*) * $1)::bigint from matching.review_queue)
"""
