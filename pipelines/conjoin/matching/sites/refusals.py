"""Merges that were refused and what decided each pair: in words, so that nobody has to guess.

A pair may look alike and be two sites, or look unlike and be one, because something stronger than its score decided:
a judgement, an identifier, a designator, a list, the other records of the site. ``decided_by`` says which.
"""

import duckdb
import pyarrow as pa

from conjoin.matching.pairs.model import MatchModel
from conjoin.matching.pairs.nodes import NAME_SIDE
from conjoin.matching.sites.merging import (
    BARE,
    COMPOSITE,
    COUNTRY,
    DESIGNATORS,
    DOUBTED,
    IDENTIFIER,
    JUDGED_DIFFERENT,
    JUDGEMENT,
    REASONS,
    SISTERS,
    UNIQUE_SOURCE,
    VAGUE,
    Refusal,
)
from conjoin.matching.text.designator_words import LETTERS, OTHER_LETTERS, VALUE_TEXT, designator_words

#: What decided a pair that was kept apart, by the reason of the refusal.
DECIDED_BY = {
    JUDGED_DIFFERENT: "judgement",
    DESIGNATORS: "designator",
    COMPOSITE: "designator",
    BARE: "designator",
    UNIQUE_SOURCE: "unique list",
    SISTERS: "list",
    VAGUE: "too little said",
    COUNTRY: "country",
    DOUBTED: "identifier",
}
SCORE, CLUSTER = "score", "cluster"


def write_refusals(con: duckdb.DuckDBPyConnection, refusals: list[Refusal]) -> None:
    """Make ``m_refusals``: refused merges by the first records of the two nodes, with the reason in words.

    ``said`` names what differs ("building 3 against 5"); ``is_certain`` is false where only designators differ whose
    class asks a person.
    """
    columns = {
        "left_no": pa.array([refusal.left for refusal in refusals], pa.int32()),
        "right_no": pa.array([refusal.right for refusal in refusals], pa.int32()),
        "asked_by": pa.array([refusal.asked_by for refusal in refusals], pa.string()),
        "reason": pa.array([refusal.reason for refusal in refusals], pa.string()),
        "said": pa.array([REASONS[refusal.reason] for refusal in refusals], pa.string()),
        "gain": pa.array([refusal.gain for refusal in refusals], pa.int64()),
    }
    _table(con, "m_refused_nodes", columns)
    _table(con, "m_decided_by", {"reason": list(DECIDED_BY), "decided_by": list(DECIDED_BY.values())})
    words = designator_words()
    kinds = range(1, len(words.classes) + 1)
    _table(
        con,
        "m_classes",
        {
            "kind": pa.array(kinds, pa.int32()),
            "class": list(words.classes),
            "is_certain": [kind in words.apart for kind in kinds],
            "is_one_sided": [kind in words.one_sided for kind in kinds],
        },
    )
    named = {(kind, value): text for kind, value, (text, *_), _ in reversed(words.meanings)}
    named |= {(words.craft, value): text for (kind, value), text in named.items() if kind == words.number("process")}
    _table(
        con,
        "m_meanings",
        {
            "kind": pa.array([kind for kind, _ in named], pa.int32()),
            "meaning": pa.array([value for _, value in named], pa.int64()),
            "text": list(named.values()),
        },
    )
    con.execute(_DIFFERING)
    con.execute(_REFUSALS)


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, object]) -> None:
    con.register("m_chunk", pa.table(columns))
    con.execute(f"create or replace temp table {name} as select * from m_chunk")
    con.unregister("m_chunk")


#: Which designators differ between the two sites of a refused merge, in words.
_DIFFERING = f"""
create or replace temp table m_differing_units as
with sides as (
    select distinct left_no, right_no, reason = '{BARE}' as is_bare, unnest([left_no, right_no]) as end_no
    from m_refused_nodes where reason in ('{DESIGNATORS}', '{COMPOSITE}', '{BARE}')
), facts as (
    select sides.left_no, sides.right_no, sides.is_bare, sides.end_no = sides.left_no as is_left,
        forbidding.side, forbidding.kind,
        case when meanings.text is not null then meanings.text
            when value // {LETTERS} >= {OTHER_LETTERS} then 'letter ' || (value // {LETTERS} - {OTHER_LETTERS} + 1)
            else upper({VALUE_TEXT}) end as said
    from sides
    inner join m_clusters as ends on ends.node_no = sides.end_no
    inner join m_clusters as members on members.cluster_no = ends.cluster_no
    inner join m_forbidding as forbidding on forbidding.node_no = members.node_no
    left join m_meanings as meanings on meanings.kind = forbidding.kind and meanings.meaning = value // {LETTERS}
), compared as (
    select left_no, right_no, side, kind, bool_or(is_bare) as is_bare,
        list_sort(list(distinct said) filter (is_left)) as ours,
        list_sort(list(distinct said) filter (not is_left)) as theirs
    from facts group by left_no, right_no, side, kind
)
select left_no, right_no, bool_or(classes.is_certain) as is_certain,
    string_agg(
        classes.class || ' ' || coalesce(array_to_string(ours, ' and '), 'not named') || ' against '
            || coalesce(array_to_string(theirs, ' and '), 'none'),
        '; ' order by compared.kind, compared.side
    ) as differing
from compared inner join m_classes as classes using (kind)
where not list_has_any(ours, theirs)
    or ((ours is null or theirs is null) and (is_one_sided or (is_bare and side = {NAME_SIDE})))
group by left_no, right_no
"""

_REFUSALS = f"""
create or replace temp table m_refusals as
select least(l.first_record_id, r.first_record_id) as record_id_left,
    greatest(l.first_record_id, r.first_record_id) as record_id_right,
    refused.asked_by, refused.reason, refused.said || coalesce(': ' || units.differing, '') as said,
    coalesce(units.is_certain, true) as is_certain, refused.gain
from m_refused_nodes as refused
inner join m_contents as l on l.node_no = refused.left_no
inner join m_contents as r on r.node_no = refused.right_no
left join m_differing_units as units on units.left_no = refused.left_no and units.right_no = refused.right_no
qualify row_number() over (
    partition by record_id_left, record_id_right
    order by refused.asked_by = '{JUDGEMENT}' desc, refused.asked_by = '{IDENTIFIER}' desc, refused.gain desc,
        refused.reason, units.differing
) = 1
"""


def write_verdicts(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Make ``m_verdicts``: what decided each scored pair, and what kept it apart in words (``veto``)."""
    identifier = max(model.weights["identifier"])
    con.execute(
        f"""
        create or replace temp table m_verdicts as
        with refused as (
            select lc.cluster_no as left_site, rc.cluster_no as right_site,
                arg_max(refusals.reason, (refusals.gain, refusals.reason)) as reason,
                arg_max(refusals.said, (refusals.gain, refusals.reason)) as said
            from m_refusals as refusals
            inner join m_contents as l on l.first_record_id = record_id_left
            inner join m_contents as r on r.first_record_id = record_id_right
            inner join m_clusters as lc on lc.node_no = l.node_no
            inner join m_clusters as rc on rc.node_no = r.node_no
            where lc.cluster_no <> rc.cluster_no
            group by left_site, right_site
        ), both_ways as (
            from refused
            union all by name
            select right_site as left_site, left_site as right_site, reason, said from refused
            anti join refused as known
                on known.left_site = refused.right_site and known.right_site = refused.left_site
        ), judged as (
            select least(left_no, right_no) as left_no, greatest(left_no, right_no) as right_no,
                bool_or(judgement = 'POSITIVE') as is_same
            from m_judgements where judgement <> 'UNSURE' group by all
        )
        select scored.left_no, scored.right_no,
            case
                when judged.left_no is not null and judged.is_same = (lc.cluster_no = rc.cluster_no)
                    then '{JUDGEMENT}'
                when lc.cluster_no = rc.cluster_no and has_same_identifier and match_weight <= {identifier}
                    then '{IDENTIFIER}'
                when lc.cluster_no = rc.cluster_no and is_match then '{SCORE}'
                when lc.cluster_no = rc.cluster_no then '{CLUSTER}'
                when not is_match and not has_same_identifier then '{SCORE}'
                else coalesce(decided.decided_by, '{CLUSTER}')
            end as decided_by,
            case when lc.cluster_no <> rc.cluster_no and (is_match or has_same_identifier)
                then coalesce(said, 'the other records of their sites speak against it') end as veto
        from m_scored as scored
        inner join m_clusters as lc on lc.node_no = scored.left_no
        inner join m_clusters as rc on rc.node_no = scored.right_no
        left join judged on judged.left_no = scored.left_no and judged.right_no = scored.right_no
        left join both_ways as refused on refused.left_site = lc.cluster_no and refused.right_site = rc.cluster_no
        left join m_decided_by as decided on decided.reason = refused.reason
        """
    )
