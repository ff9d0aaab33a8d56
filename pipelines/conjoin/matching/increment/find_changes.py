"""What differs from the last run: records, the nodes they collapse to, and the words whose rank moved.

What a word weighs never moves (``blocking.weigh_words``); how common it is among the records at hand says which pairs
are looked at.

Reads ``input`` and ``kept``; numbers of nodes and words are those of ``kept``.
"""

from collections.abc import Collection

import duckdb

from conjoin.matching.increment.kept_tables import tell_records, tell_unread
from conjoin.matching.pairs.blocking import SIDES, counts_sql, number_ranks_sql, sizes_sql, weigh_words
from conjoin.matching.pairs.identifiers import collect_identifiers
from conjoin.matching.pairs.nodes import CONTENT, NODE_FACTS, SAME_CONTENT, normalise_contents, read_records
from conjoin.matching.pairs.similarities import CROWDED
from conjoin.matching.text.word_lists import register_common_words

_JUDGED = "record_id_left, record_id_right, judgement, reviewer, decided_at, moved_on"

_CHANGES = f"""
create or replace temp table m_differing as
with before as (
    select unnest([record_id_left, record_id_right]) as record_id from kept.judgements where judgement <> 'UNSURE'
), after as (
    select unnest([record_id_left, record_id_right]) as record_id from input.judgements where judgement <> 'UNSURE'
), standing as (
    (from before except from after) union all (from after except from before)
)
select record_id, now.told, old.node_no, now.told is not null as is_here, old.told is not null as was_here
from m_told as now full join kept.records as old using (record_id)
where now.told is distinct from old.told or record_id in (from standing);
create or replace temp table m_judged_anew as
with told as (
    (select {_JUDGED} from input.judgements except select {_JUDGED} from kept.judgements)
    union all
    (select {_JUDGED} from kept.judgements except select {_JUDGED} from input.judgements)
    union all
    select {_JUDGED} from input.judgements
    where record_id_left in (select record_id from m_differing)
        or record_id_right in (select record_id from m_differing)
)
select distinct unnest([record_id_left, record_id_right]) as record_id from told;
drop table m_told
"""


def find_changes(con: duckdb.DuckDBPyConnection, unread_sources: Collection[str]) -> bool:
    """Whether any record or judgement, or the list of unread sources, differs from the last run.

    Makes ``m_differing``, records that came, went or say something else, or that stand for themselves now because
    somebody judged them, and ``m_judged_anew`` (record_id), both ends of judgements that came or went, or that speak of
    such a record: a judgement on a record that is not there waits, and reaches the other end when the record comes.
    """
    tell_records(con)
    con.execute(_CHANGES)
    tell_unread(con, unread_sources)
    found = con.execute(
        "select exists (from m_differing) or exists (from m_judged_anew) "
        "or exists ((from m_unread except from kept.unread) union all (from kept.unread except from m_unread))"
    ).fetchall()
    return bool(found[0][0])


def update_nodes(con: duckdb.DuckDBPyConnection) -> None:
    """Bring records and contents of ``kept`` up to date and normalise what is new.

    Makes ``m_touched`` (node_no, is_gone, is_fresh): nodes that gained or lost a record; of those that are gone,
    ``kept`` still holds the facts. ``m_<fact>`` holds the facts of fresh nodes, and so does ``kept``.
    """
    read_records(con, "(from input.site_records semi join (from m_differing where is_here) using (record_id))")
    first_no = int(con.execute("select coalesce(max(node_no) + 1, 0) from kept.contents").fetchall()[0][0])
    con.execute(
        f"""
        create or replace temp table m_arrived as
        with grouped as (
            select {CONTENT}, min(record_id) as first_record_id from m_numbered group by {CONTENT}
        ), known as (
            select l.first_record_id, r.node_no from grouped as l inner join kept.contents as r on {SAME_CONTENT}
        ), numbered as (
            select first_record_id,
                ({first_no} + row_number() over (order by first_record_id) - 1)::integer as node_no
            from grouped anti join known using (first_record_id)
        )
        select grouped.*, coalesce(known.node_no, numbered.node_no) as node_no
        from grouped left join known using (first_record_id) left join numbered using (first_record_id);
        delete from kept.records where record_id in (select record_id from m_differing where was_here);
        insert into kept.records by name
        select l.record_id, l.source_name, l.first_delivered_at, l.site_level, r.node_no, m_differing.told
        from m_numbered as l inner join m_arrived as r on {SAME_CONTENT}
        inner join m_differing using (record_id);
        create or replace temp table m_touched as
        with nodes as (select node_no from m_arrived union select node_no from m_differing where was_here)
        select node_no, not exists (from kept.records as records where records.node_no = nodes.node_no) as is_gone,
            node_no >= {first_no} as is_fresh
        from nodes;
        create or replace temp table m_contents as
        select node_no, {CONTENT}, first_record_id from m_arrived where node_no >= {first_no};
        delete from kept.contents where node_no in (select node_no from m_touched where is_gone);
        insert into kept.contents by name from m_contents;
        update kept.contents as contents set first_record_id = found.first_record_id
        from (
            select node_no, min(record_id) as first_record_id from kept.records
            semi join m_touched using (node_no) group by node_no
        ) as found
        where found.node_no = contents.node_no and found.first_record_id <> contents.first_record_id;
        drop table m_numbered;
        drop table m_arrived
        """
    )
    words = [word for (word,) in con.execute("select word from kept.words order by token_no").fetchall()]
    normalise_contents(con, first_no, words)
    con.execute("insert into kept.words from m_words where token_no >= $1", [len(words)])
    for name in NODE_FACTS:
        con.execute(f"insert into kept.{name} by name from m_{name}")
    con.execute(
        "insert into kept.sources select source_name, ((select coalesce(max(source_no), 0) from kept.sources) "
        "+ row_number() over (order by source_name))::integer "
        "from (select distinct source_name from kept.records) anti join kept.sources using (source_name)"
    )


def update_words(con: duckdb.DuckDBPyConnection) -> None:
    """Count the words anew, and find the nodes that the change reaches.

    Makes ``m_<side>_words`` and ``m_sizes`` of all nodes, ``m_rekeyed`` (node_no): nodes whose keys may differ, and
    ``m_reweighed`` (node_no): nodes whose similarity to others may differ.
    """
    register_common_words(con)
    con.execute(
        f"""
        create or replace temp view m_gone as select node_no from m_touched where is_gone;
        create or replace temp table m_sizes as {sizes_sql("(from kept.nodes anti join m_gone using (node_no))")};
        create or replace temp table m_rekeyed as
        with before as ({sizes_sql("(from kept.nodes anti join (from m_touched where is_fresh) using (node_no))")})
        select node_no from kept.nodes
        semi join (
            select country_code, most_meetings from m_sizes except select country_code, most_meetings from before
        ) using (country_code)
        union
        select node_no from m_touched where is_fresh;
        create or replace temp table m_reweighed as select node_no from m_touched where not is_gone
        """
    )
    for side in SIDES:
        con.execute(
            f"""
            create or replace temp table m_{side}_counts as
            with counted as (
                select country_code, token_no, df from kept.{side}_words
                union all
                {counts_sql(side)}
                union all
                select country_code, token_no, -count(*)
                from kept.{side}_tokens inner join kept.nodes using (node_no) semi join m_gone using (node_no)
                group by country_code, token_no
            )
            select country_code, token_no, sum(df)::integer as df from counted
            group by country_code, token_no having sum(df) > 0
            """
        )
    weigh_words(con)
    for side in SIDES:
        con.execute(_MOVED.format(side=side))
    alive = "(from kept.nodes anti join m_gone using (node_no))"
    con.execute(_RERANKED.format(ranks=number_ranks_sql("kept.numbers", alive)))
    con.execute(_RECROWDED.format(crowded=CROWDED.format(nodes=alive)))


_MOVED = """
create or replace temp table m_moved as
select country_code, token_no
from m_{side}_words as new inner join kept.{side}_words as old using (country_code, token_no)
where new.rarity >> 56 <> old.rarity >> 56;
insert into m_rekeyed
select distinct tokens.node_no
from kept.{side}_tokens as tokens
inner join kept.nodes as nodes using (node_no)
inner join m_moved as moved
    on moved.token_no = tokens.token_no and moved.country_code = nodes.country_code;
create or replace temp table m_recounted as
select country_code, token_no
from m_{side}_words as new full join kept.{side}_words as old using (country_code, token_no)
where new.df is distinct from old.df;
delete from kept.{side}_words as old using m_recounted as new
where old.country_code = new.country_code and old.token_no = new.token_no;
insert into kept.{side}_words by name from m_{side}_words semi join m_recounted using (country_code, token_no);
drop table m_moved; drop table m_recounted
"""

_RERANKED = """
create or replace temp table m_number_ranks as {ranks};
insert into m_rekeyed
select numbers.node_no from kept.numbers as numbers
inner join kept.nodes as nodes using (node_no)
semi join (
    from m_number_ranks as new inner join kept.number_ranks as old using (country_code, number_value)
    where new.rarity <> old.rarity
) as moved on moved.country_code = nodes.country_code and moved.number_value = numbers.number_value;
create or replace table kept.number_ranks as from m_number_ranks
"""

_RECROWDED = """
create or replace temp table m_crowded as {crowded};
insert into m_reweighed
select node_no from kept.nodes semi join (
    (from m_crowded except from kept.crowded) union all (from kept.crowded except from m_crowded)
) using (latitude, longitude);
create or replace table kept.crowded as from m_crowded
"""


def identify_touched(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_identifiers`` of the touched nodes that are left, and bring ``m_records`` of these along."""
    con.execute(
        "create or replace temp table m_records as from kept.records "
        "semi join (from m_touched where not is_gone) using (node_no)"
    )
    collect_identifiers(con)
