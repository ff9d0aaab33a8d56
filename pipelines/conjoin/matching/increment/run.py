"""A run that re-matches only what a delivery touches, with the result of a run over everything.

Scores follow from two records and the weights of words; sites follow from one component. So only pairs with a new or
reweighed end are compared, only components with a changed node, score, identifier or judgement are contracted, and
only their sites, links and questions are written. The rest stands as ``kept`` has it. Every step is the code of a
full run on a part of the tables (``kept_tables.load_world``).
"""

import duckdb

from conjoin.matching.increment.find_changes import find_changes, identify_touched, update_nodes, update_words
from conjoin.matching.increment.kept_tables import SCORED, is_kept, keep_state, load_world
from conjoin.matching.increment.update_pairs import update_pairs, update_scores
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.pairs.model import MatchModel, shipped_model
from conjoin.matching.run import Compare, MatchOptions, MatchSummary, drop_work, match_records, partition_nodes
from conjoin.matching.sites.judgements import put_judgements_in_force
from conjoin.matching.sites.results import decide_sites, sum_up
from conjoin.progress import stage

_SITE_RESULTS = ("site_memberships", "site_links", "weakest_links")


def match_changes(
    con: duckdb.DuckDBPyConnection,
    options: MatchOptions,
    stamp: str,
    model: MatchModel | None = None,
    compare: Compare = compare_pairs,
) -> MatchSummary | None:
    """Match as ``match_records`` does, re-matching only what differs from the run whose state is ``kept``.

    Without a state, or with one of another stamp, everything is matched. Either way ``kept`` then holds the state of
    this run; if this is interrupted, ``kept`` is worth nothing. If nothing differs, nothing is written and the answer
    is None.

    Args:
        con: As for ``match_records``, with a database attached as ``kept``. Where a state is kept, ``site_history``
            must be the journal that the run left.
        options: As for ``match_records``.
        stamp: Stands for code, model, options and whatever else a result hangs on beside records and judgements.
        model: As for ``match_records``.
        compare: Compares the pairs of a run over everything; an increment is small and stays in this process.
    """
    con.execute("create schema if not exists matching")
    _drop_views(con)
    unread = options.unread_sources
    if not is_kept(con, stamp):
        return match_records(con, options, model, compare, keep=lambda work: keep_state(work, stamp, unread))
    try:
        if not find_changes(con, unread):
            return None
        return _match(con, options, model or shipped_model())
    finally:
        drop_work(con)


def _drop_views(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what an earlier run on this connection made of ``kept``."""
    views = con.execute(
        "select view_name from duckdb_views() "
        "where schema_name = 'matching' and list_contains($1::varchar[], view_name)",
        [list(_SITE_RESULTS)],
    ).fetchall()
    for (name,) in views:
        con.execute(f"drop view matching.{name}")


def _match(con: duckdb.DuckDBPyConnection, options: MatchOptions, model: MatchModel) -> MatchSummary:
    with stage("Matching what has changed", 5) as told:
        told.now("reading names and addresses")
        update_nodes(con)
        update_words(con)
        identify_touched(con)
        told.now("comparing pairs")
        update_pairs(con)
        update_scores(con, model)
        told.now("putting sites together")
        _load_touched(con)
        put_judgements_in_force(con)
        partition = partition_nodes(con, options, model)
        told.now("writing sites and links")
        con.execute(_BEFORE)
        decide_sites(con, partition, model, options.recorded_at, options.unread_sources)
        _merge_results(con)
        told.now("writing questions and history")
        con.execute(_ALL)
        put_judgements_in_force(con)
        counts = sum_up(con, model)
    pair_count = int(con.execute("select count(*) from kept.pairs").fetchall()[0][0])
    return MatchSummary(candidate_pair_count=pair_count, model_version=model.version, **counts)


#: Components with a changed node, score, identifier or judgement, and those that a link connects to them.
_TOUCHED = """
create or replace temp table m_seeds as
select node_no from m_touched
union
select unnest([left_no, right_no]) from m_rescored
union
from m_relisted
union
select identifiers.node_no from (from kept.identifiers where is_site_level) as identifiers
semi join m_hit_identifiers using (id_scheme, id_value)
union
select records.node_no from kept.records as records semi join m_judged_anew using (record_id)
union
select records.node_no from kept.records as records
inner join kept.site_memberships as memberships using (record_id)
semi join (
    from kept.orphans semi join (from m_differing where is_here) using (record_id)
) as returned on returned.site_id = memberships.site_id;
create or replace temp table m_reached as
with hit as (select component_no from kept.components semi join m_seeds using (node_no))
select components.node_no from kept.components as components semi join hit using (component_no)
union
from m_seeds;
create or replace temp table m_around as
with ends as (
    select right_no as node_no from kept.scored semi join m_reached on node_no = left_no
    union
    select left_no from kept.scored semi join m_reached on node_no = right_no
), near as (
    select component_no from kept.components semi join ends using (node_no)
)
select components.node_no from kept.components as components semi join near using (component_no)
union
from m_reached;
create or replace temp table m_stale as
select record_id from m_differing
union
select record_id from kept.records semi join m_reached using (node_no)
"""


def _load_touched(con: duckdb.DuckDBPyConnection) -> None:
    """Load the world of all components that the change reaches, and those that a link connects to them.

    Makes ``m_reached`` and ``m_around`` (node_no, as kept) and ``m_stale`` (record_id): records whose rows in the
    results are written anew.
    """
    con.execute(_TOUCHED)
    load_world(con, "from m_around")
    con.execute(
        f"""
        create or replace temp table m_scored as
        select least(l.node_no, r.node_no) as left_no, greatest(l.node_no, r.node_no) as right_no, {SCORED}
        from kept.scored as scored
        inner join m_here as l on l.kept_no = scored.left_no
        inner join m_here as r on r.kept_no = scored.right_no
        """
    )


#: What ``inherit_site_ids`` needs of before, as far as this world reaches.
_BEFORE = """
create or replace temp table m_held as
select record_id, site_id from kept.site_memberships
semi join (select record_id from m_records union select record_id from m_differing) using (record_id)
union all
select record_id, site_id from kept.orphans;
create or replace temp view m_born as from kept.born;
create or replace temp table m_elsewhere as
with asked as (
    select site_id from m_held
    union
    select site_id from kept.born semi join m_records on record_id = founder
)
select distinct site_id from kept.site_memberships
semi join asked using (site_id)
anti join m_records using (record_id)
anti join m_differing using (record_id)
"""


def _merge_results(con: duckdb.DuckDBPyConnection) -> None:
    """Put the results of the world in the place of what ``kept`` held of it; neighbours only lent their facts."""
    con.execute(
        """
        create or replace temp table m_orphans as
        select distinct record_id, site_id from m_held
        anti join kept.records using (record_id)
        anti join (from matching.site_changes where event = 'left') using (record_id);
        delete from kept.orphans;
        insert into kept.orphans by name from m_orphans;
        insert into kept.born by name select site_id, founder, founded_on from m_new;
        delete from kept.components where node_no in (from m_reached union from m_gone);
        insert into kept.components by name
        select nodes.kept_no as node_no, firsts.kept_no as component_no
        from m_clusters as clusters
        inner join m_here as nodes on nodes.node_no = clusters.node_no
        inner join m_here as firsts on firsts.node_no = clusters.component_no
        semi join m_reached on m_reached.node_no = nodes.kept_no;
        create or replace table kept.judgements as from input.judgements;
        create or replace table kept.unread as from m_unread
        """
    )
    for kept, found, ends in (
        ("site_memberships", "matching.site_memberships", ("record_id",)),
        ("site_links", "matching.site_links", ("record_id_left", "record_id_right")),
        ("weakest_links", "matching.weakest_links", ("record_id_left",)),
        ("refusals", "m_refusals", ("record_id_left",)),
        ("asked", "m_asked", ("record_id_left", "record_id_right")),
    ):
        stale = " or ".join(f"{end} in (from m_stale)" for end in ends)
        con.execute(
            f"delete from kept.{kept} where {stale}; insert into kept.{kept} by name from {found} where {stale}"
        )


#: The results and records of everybody, where ``sum_up`` looks for them.
_ALL = "".join(
    f"drop table matching.{name}; create view matching.{name} as from kept.{name};" for name in _SITE_RESULTS
) + "".join(
    f"drop table m_{name}; create temp view m_{name} as from kept.{name};"
    for name in ("records", "identifiers", "refusals", "asked")
)
