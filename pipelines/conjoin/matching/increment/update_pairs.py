"""Candidate pairs and their scores brought up to date: only buckets and pairs that a change reaches.

A pair stands in ``kept.pairs`` with the number of buckets that support it under each rule. A bucket that gained or
lost members takes its old pairs away and brings its new ones, so that a pair goes when its last bucket goes.
"""

import duckdb

from conjoin.matching.increment.kept_tables import SCORED, load_world
from conjoin.matching.linkage import PatternClassifier, distinct_patterns, score_patterns
from conjoin.matching.pairs.blocking import (
    PREFIX_CAP,
    PREFIX_LETTERS,
    START_LETTERS,
    SeenBy,
    find_pairs,
    make_keys,
    make_other_keys,
    rules_sql,
    weigh_tokens,
)
from conjoin.matching.pairs.levels import NAMESAKES, TWINS, find_repeating_sources, fold_patterns, set_repeating_sources
from conjoin.matching.pairs.model import MatchModel
from conjoin.matching.pairs.nodes import NODE_FACTS, site_nodes_sql
from conjoin.matching.pairs.similarities import compute_similarities, describe_nodes


def update_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """Bring keys and pairs of ``kept`` up to date, and drop the facts of nodes that are gone.

    Makes ``m_paired`` (left_no, right_no, old_rules, new_rules): pairs that came, went or are found by other rules.
    """
    _find_new_keys(con)
    con.execute(_HIT)
    _fill_buckets(con, is_before=True)
    find_pairs(con)
    con.execute("create or replace temp table m_lost as from m_supported")
    con.execute(_SWAP_KEYS)
    for name in NODE_FACTS:
        con.execute(f"delete from kept.{name} where node_no in (from m_gone)")
    _fill_buckets(con, is_before=False)
    find_pairs(con)
    con.execute(_PAIRED.format(old_rules=rules_sql("old_support"), new_rules=rules_sql("new_support")))


def _find_new_keys(con: duckdb.DuckDBPyConnection) -> None:
    """``m_new_keys``: the keys of the nodes whose words moved; ``m_new_identifiers``: those of touched nodes."""
    con.execute("create or replace temp table m_new_identifiers as from m_identifiers")
    load_world(con, "from m_rekeyed", NODE_FACTS)
    weigh_tokens(con)
    make_keys(con)
    con.execute(
        "create or replace temp table m_new_keys as select keys.country_code, m_here.kept_no as node_no, keys.key "
        "from m_keys as keys inner join m_here using (node_no)"
    )


#: The keys of buckets that gained or lost members.
_HIT = f"""
create or replace temp table m_key_changes as
with moved as (
    select country_code, node_no, key, 1 as change from m_new_keys
    union all
    select country_code, node_no, key, -1 from kept.keys semi join (from m_rekeyed union from m_gone) using (node_no)
)
select node_no, key from moved group by country_code, node_no, key having sum(change) <> 0;
create or replace temp table m_hit_keys as select distinct key from m_key_changes;
create or replace temp table m_moving as
select nodes.* from kept.nodes as nodes semi join (from m_touched where is_fresh or is_gone) using (node_no);
create or replace temp table m_hit_bearers as
select distinct country_code, squashed_name from kept.nodes semi join m_touched using (node_no);
create or replace temp table m_hit_names as
select country_code, squashed_name as name_key from m_moving where squashed_name <> ''
union
select country_code, native_name from m_moving where native_name <> '';
create or replace temp table m_hit_starts as
select distinct country_code, left(squashed_name, {START_LETTERS}) as prefix from m_moving where squashed_name <> '';
create or replace temp table m_hit_prefixes as
with hit as (
    select distinct country_code, left(squashed_name, {PREFIX_LETTERS}) as prefix from m_moving
), sized as (
    select hit.country_code, hit.prefix, count(*) as node_count, count(*) filter (touched.is_fresh) as fresh_count,
        count(*) filter (touched.is_gone) as gone_count
    from kept.nodes as nodes
    inner join hit on hit.country_code = nodes.country_code
        and hit.prefix = left(nodes.squashed_name, {PREFIX_LETTERS})
    left join m_touched as touched on touched.node_no = nodes.node_no
    where length(nodes.squashed_name) >= {PREFIX_LETTERS}
    group by hit.country_code, hit.prefix
)
select country_code, prefix from sized
where node_count - greatest(fresh_count, gone_count) <= {PREFIX_CAP};
create or replace temp table m_hit_places as select distinct country_code, postcode from m_moving where postcode <> '';
create or replace temp table m_hit_identifiers as
select id_scheme, id_value from m_new_identifiers where is_site_level
union
select id_scheme, id_value from kept.identifiers semi join m_touched using (node_no) where is_site_level
"""


def _fill_buckets(con: duckdb.DuckDBPyConnection, is_before: bool) -> None:
    """Make the key tables that ``find_pairs`` reads, with the hit buckets alone, each of them whole."""
    seen = f"from kept.nodes{' anti join (from m_touched where is_fresh) using (node_no)' if is_before else ''}"
    con.execute(
        f"""
        create or replace temp table m_keys as from kept.keys semi join m_hit_keys using (key);
        create or replace temp view m_seen as {seen};
        create or replace temp table m_name_nodes as
        with hit as (
            select node_no from m_seen semi join m_hit_names as hit
            on hit.country_code = m_seen.country_code and hit.name_key = m_seen.squashed_name
            union
            select node_no from m_seen semi join m_hit_names as hit
            on hit.country_code = m_seen.country_code and hit.name_key = m_seen.native_name
        )
        from m_seen semi join hit using (node_no);
        create or replace temp table m_prefix_nodes as
        from m_seen semi join m_hit_prefixes as hit
        on hit.country_code = m_seen.country_code and hit.prefix = left(m_seen.squashed_name, {PREFIX_LETTERS});
        create or replace temp table m_start_nodes as
        from m_seen semi join m_hit_starts as hit
        on hit.country_code = m_seen.country_code and hit.prefix = left(m_seen.squashed_name, {START_LETTERS});
        create or replace temp table m_place_nodes as from m_seen semi join m_hit_places using (country_code, postcode);
        create or replace temp table m_spread_nodes as
        from m_seen semi join (from m_moving where squashed_name <> '') as moving using (squashed_name);
        create or replace temp table m_numbers as from kept.numbers semi join (
            select node_no from m_place_nodes
            union select node_no from m_start_nodes
            union select node_no from m_spread_nodes
        ) using (node_no);
        create or replace temp table m_identifiers as
        from kept.identifiers semi join m_hit_identifiers using (id_scheme, id_value);
        create or replace temp table m_site_nodes as {site_nodes_sql("kept.nodes")}
        """
    )
    make_other_keys(con, SeenBy("m_name_nodes", "m_prefix_nodes", "m_start_nodes", "m_place_nodes", "m_spread_nodes"))


_SWAP_KEYS = """
create or replace temp table m_swapped as select distinct node_no from m_key_changes;
delete from kept.keys where node_no in (from m_swapped);
insert into kept.keys by name from m_new_keys semi join m_swapped using (node_no);
delete from kept.identifiers where node_no in (select node_no from m_touched);
insert into kept.identifiers by name from m_new_identifiers
"""

_PAIRED = """
create or replace temp table m_shifted as
with moved as (
    select left_no, right_no, support from m_supported
    union all
    select left_no, right_no, -support from m_lost
), summed as (
    select left_no, right_no, sum(support)::hugeint as change from moved group by left_no, right_no having change <> 0
)
select left_no, right_no, coalesce(pairs.support, 0)::hugeint as old_support,
    (coalesce(pairs.support, 0) + change)::hugeint as new_support
from summed left join kept.pairs as pairs using (left_no, right_no);
delete from kept.pairs as pairs using m_shifted as moved
where pairs.left_no = moved.left_no and pairs.right_no = moved.right_no;
insert into kept.pairs by name select left_no, right_no, new_support as support from m_shifted where new_support > 0;
create or replace temp table m_paired as
with ruled as (
    select left_no, right_no, {old_rules} as old_rules, {new_rules} as new_rules from m_shifted
)
from ruled where old_rules <> new_rules;
drop table m_lost; drop table m_supported; drop table m_shifted; drop table m_new_keys;
drop table m_key_changes; drop table m_moving; drop table m_keys
"""


def update_scores(con: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Compare what is new or reads otherwise, and bring ``kept.scored`` up to date.

    Makes ``m_rescored`` (left_no, right_no), pairs whose score came, went or changed, and ``m_relisted`` (node_no),
    nodes of sources that have begun or ceased to repeat themselves.
    """
    con.execute("create or replace temp view m_sources as from kept.sources")
    con.execute("create or replace temp table m_relisted (node_no integer)")
    set_repeating_sources(con, _repeating_before(con))
    con.execute(_BEARERS)
    con.execute(_DUE.format(rules=rules_sql()))
    _compare_due(con)
    if flipped := _flipped_sources(con):
        con.execute("create or replace temp table m_flipped as select unnest($1::integer[]) as source_no", [flipped])
        con.execute(_ALL_BEARERS + _BEARERS + _FLIPPED_ENDS)
        con.execute(_DUE.format(rules=rules_sql()))
        _compare_due(con)
    con.execute("create or replace temp view m_namesakes as from kept.namesakes")
    fold_patterns(con)
    score_patterns(con, distinct_patterns(con), PatternClassifier(model))
    con.execute(_RESCORED.format(columns=SCORED))


def _repeating_before(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [number for (number,) in con.execute("select source_no from kept.repeating order by source_no").fetchall()]


def _flipped_sources(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Sources that have begun or ceased to list one site several times."""
    before = _repeating_before(con)
    now = find_repeating_sources(con, twins="from kept.twins", records="kept.records")
    con.execute("create or replace table kept.repeating as select unnest($1::integer[]) as source_no", [now])
    return sorted(set(before) ^ set(now))


_NAMES_HIT = "(from kept.nodes semi join m_hit_bearers using (country_code, squashed_name))"
#: How many rows of one list bear a name is counted anew for the names in ``m_hit_bearers``.
_BEARERS = f"""
create or replace temp table m_bearers as {NAMESAKES.format(nodes=_NAMES_HIT, records="kept.records")};
create or replace temp table m_old_bearers as
from kept.namesakes semi join m_hit_bearers using (country_code, squashed_name);
insert into m_reweighed
select node_no from kept.nodes semi join (
    (from m_bearers except from m_old_bearers) union all (from m_old_bearers except from m_bearers)
) using (country_code, squashed_name);
delete from kept.namesakes as old using m_hit_bearers as hit
where old.country_code = hit.country_code and old.squashed_name = hit.squashed_name;
insert into kept.namesakes by name from m_bearers;
drop table m_bearers;
drop table m_old_bearers
"""
_ALL_BEARERS = """
create or replace temp table m_hit_bearers as select distinct country_code, squashed_name from kept.nodes;
"""

_DUE = """
create or replace temp table m_due as
with ends as (
    select left_no, right_no, support from kept.pairs semi join m_reweighed on node_no = left_no
    union
    select left_no, right_no, support from kept.pairs semi join m_reweighed on node_no = right_no
    union
    select left_no, right_no, support from kept.pairs semi join m_paired using (left_no, right_no)
)
select left_no, right_no, {rules} as rules from ends
"""

#: Nodes of a source that lists one site several times since today, or no longer does: whom it tells apart differs, even
#: where no score does.
_FLIPPED_ENDS = """;
insert into m_relisted
select records.node_no from kept.records as records
inner join m_sources using (source_name) semi join m_flipped using (source_no);
insert into m_reweighed from m_relisted
"""


def _compare_due(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_similarities`` of the pairs in ``m_due``, as a world, and bring ``kept.twins`` up to date."""
    ends = "select left_no as node_no from m_due union select right_no from m_due"
    load_world(con, ends, ("records", "identifiers", *NODE_FACTS))
    con.execute(
        "create or replace temp table m_pairs as "
        "select (row_number() over () - 1)::integer as pair_no, least(l.node_no, r.node_no) as left_no, "
        "greatest(l.node_no, r.node_no) as right_no, rules "
        "from m_due inner join m_here as l on l.kept_no = m_due.left_no "
        "inner join m_here as r on r.kept_no = m_due.right_no"
    )
    weigh_tokens(con)
    describe_nodes(con)
    compute_similarities(con)
    con.execute(
        f"""
        delete from kept.twins as twins using (select left_no, right_no from m_due union all
            select left_no, right_no from m_paired where new_rules = 0) as due
        where twins.left_no = due.left_no and twins.right_no = due.right_no;
        insert into kept.twins by name
        select source_no, least(l.kept_no, r.kept_no) as left_no, greatest(l.kept_no, r.kept_no) as right_no
        from ({TWINS}) as twins
        inner join m_here as l on l.node_no = twins.left_no
        inner join m_here as r on r.node_no = twins.right_no
        """
    )


_RESCORED = """
create or replace temp table m_now as
select least(l.kept_no, r.kept_no) as left_no, greatest(l.kept_no, r.kept_no) as right_no,
    {columns}
from m_scored as scored
inner join m_here as l on l.node_no = scored.left_no
inner join m_here as r on r.node_no = scored.right_no;
create or replace temp table m_before as
from kept.scored semi join (
    select left_no, right_no from m_due union all select left_no, right_no from m_paired
) using (left_no, right_no);
create or replace temp table m_rescored as
select left_no, right_no from (from m_now except from m_before)
union
select left_no, right_no from (from m_before except from m_now);
delete from kept.scored as scored using m_rescored as due
where scored.left_no = due.left_no and scored.right_no = due.right_no;
insert into kept.scored by name from m_now semi join m_rescored using (left_no, right_no);
drop table m_now; drop table m_before; drop table m_due; drop table m_paired
"""
