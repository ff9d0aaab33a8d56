"""Which site keeps which id, and what changed: clusters of today against the site history of before.

Reads ``input.site_history``, the journal of every earlier run. Two passes give one answer: each id goes to one cluster
(the part with more judged records, then more records, then the founder), then each cluster that received several ids
keeps the one with the oldest founder. A cluster without an id gets back the id that one of its records once founded,
or mints one. The founder of a site is the member delivered first, by day, then the smallest record id: the day of
first delivery is archive data, and files of one day have no order.
"""

from collections.abc import Collection
from datetime import datetime

import duckdb
import pyarrow as pa

from conjoin.matching.sites.site_ids import mint_untaken

_HISTORY_COLUMNS = (
    "recorded_at timestamp, event varchar, site_id varchar, record_id varchar, other_site_id varchar, founded_on date"
)

_JOURNAL = """
create or replace temp table m_held as
select record_id, site_id from input.site_history where event in ('joined', 'left')
qualify row_number() over (partition by record_id order by recorded_at desc, event = 'joined' desc) = 1
    and event = 'joined';
create or replace temp table m_born as
select site_id, record_id as founder, founded_on from input.site_history where event = 'minted';
create or replace temp table m_elsewhere (site_id varchar)
"""

_CLAIMS = """
create or replace temp table m_placed as
select records.record_id, clusters.cluster_no, records.first_delivered_at::date as delivered_on
from m_records as records inner join m_clusters as clusters using (node_no);
create or replace temp table m_claims as
with judged as (
    select record_id_left as record_id from m_judgements where judgement <> 'UNSURE'
    union select record_id_right from m_judgements where judgement <> 'UNSURE'
)
select held.site_id, placed.cluster_no
from m_held as held
inner join m_placed as placed using (record_id)
inner join m_born as born using (site_id)
left join judged using (record_id)
group by held.site_id, placed.cluster_no
qualify row_number() over (
    partition by held.site_id order by count(judged.record_id) desc, count(*) desc,
        bool_or(held.record_id = born.founder) desc, min(held.record_id)
) = 1;
create or replace temp table m_kept as
select claims.cluster_no, claims.site_id from m_claims as claims inner join m_born as born using (site_id)
qualify row_number() over (
    partition by claims.cluster_no order by born.founded_on nulls last, born.founder, claims.site_id
) = 1;
insert into m_kept
select placed.cluster_no, born.site_id
from m_born as born
inner join m_placed as placed on placed.record_id = born.founder
anti join m_kept as kept on kept.cluster_no = placed.cluster_no
anti join m_kept as living on living.site_id = born.site_id
anti join m_elsewhere as elsewhere on elsewhere.site_id = born.site_id
qualify row_number() over (
    partition by placed.cluster_no order by born.founded_on nulls last, born.founder, born.site_id
) = 1
"""

_NEW = """
select placed.cluster_no, first(placed.record_id order by placed.delivered_on nulls last, placed.record_id) as founder,
    min(placed.delivered_on) as founded_on
from m_placed as placed anti join m_kept as kept using (cluster_no)
group by placed.cluster_no order by placed.cluster_no
"""

_EVENTS = """
create or replace table matching.site_changes as
with now as (
    select placed.record_id, sites.site_id from m_placed as placed inner join m_sites as sites using (cluster_no)
), living as (
    select distinct site_id from m_held
), waiting as (
    select record_id, site_id from m_held where list_contains($2::varchar[], split_part(record_id, ':', 1))
), ended as (
    select site_id from living anti join m_sites using (site_id) anti join m_elsewhere using (site_id)
), moved as (
    select held.record_id, held.site_id as old_id, now.site_id as new_id
    from m_held as held inner join now using (record_id) where held.site_id <> now.site_id
)
select $1::timestamp as recorded_at, 'minted' as event, site_id, founder as record_id,
    null::varchar as other_site_id, founded_on
from m_new
union all
select $1, 'revived', sites.site_id, null, null, null
from m_sites as sites inner join m_born using (site_id) anti join living using (site_id)
union all
select $1, 'joined', now.site_id, now.record_id, held.site_id, null
from now left join m_held as held using (record_id) where held.site_id is distinct from now.site_id
union all
select $1, 'left', held.site_id, held.record_id, null, null
from m_held as held anti join now using (record_id) anti join waiting using (record_id)
union all
select $1, 'merged', ended.site_id, null, sites.site_id, null
from ended inner join m_claims as claims using (site_id) inner join m_sites as sites using (cluster_no)
union all
select $1, 'withdrawn', ended.site_id, null, null, null
from ended anti join m_claims using (site_id) anti join waiting using (site_id)
union all
select distinct $1, 'split', moved.old_id, null, moved.new_id, null
from moved anti join ended on ended.site_id = moved.old_id
order by all
"""


def read_journal(con: duckdb.DuckDBPyConnection) -> None:
    """What the journal ``input.site_history`` says of before.

    Makes ``m_held`` (record_id, site_id) of records that stood in a site, ``m_born`` (site_id, founder, founded_on) of
    every id ever minted, and ``m_elsewhere``: living sites out of reach of this run, none where it sees all records.
    """
    con.execute(f"create table if not exists input.site_history ({_HISTORY_COLUMNS})")
    con.execute(_JOURNAL)


def inherit_site_ids(
    con: duckdb.DuckDBPyConnection, recorded_at: datetime, unread_sources: Collection[str] = ()
) -> None:
    """Give every cluster its site id (``m_sites``) and write what changed (``matching.site_changes``).

    Args:
        con: Holds ``m_records``, ``m_clusters``, ``m_judgements``, ``m_held``, ``m_born`` and ``m_elsewhere``.
        recorded_at: When the run concluded, UTC; the date of the changes.
        unread_sources: Sources whose deliveries could not be read; records of theirs that are missing are not gone.
    """
    con.execute(_CLAIMS)
    fresh = con.sql(_NEW).to_arrow_table()
    minted = mint_untaken(fresh["founder"].to_pylist(), lambda wanted: _minted_before(con, wanted))
    ids = pa.array([minted[founder] for founder in fresh["founder"].to_pylist()], pa.string())
    con.register("m_chunk", fresh.append_column("site_id", ids))
    con.execute("create or replace temp table m_new as select * from m_chunk")
    con.unregister("m_chunk")
    con.execute(
        "create or replace temp table m_sites as "
        "select cluster_no, site_id from m_kept union all select cluster_no, site_id from m_new"
    )
    con.execute(_EVENTS, [recorded_at, sorted(unread_sources)])


def _minted_before(con: duckdb.DuckDBPyConnection, wanted: list[str]) -> list[str]:
    con.register("m_chunk", pa.table({"site_id": pa.array(wanted, pa.string())}))
    found = con.execute("select site_id from m_chunk semi join m_born using (site_id)").fetchall()
    con.unregister("m_chunk")
    return [site_id for (site_id,) in found]


def write_history(con: duckdb.DuckDBPyConnection) -> None:
    """``matching.site_history``, old and new, and ``matching.site_aliases``: where ids that ended lead today."""
    con.execute(
        "create or replace view matching.site_history as "
        "select recorded_at, event, site_id, record_id, other_site_id, founded_on from input.site_history union all "
        "select recorded_at, event, site_id, record_id, other_site_id, founded_on from matching.site_changes"
    )
    con.execute(
        """
        create or replace table matching.site_aliases as
        with recursive ended as (
            select site_id, recorded_at, event, other_site_id
            from matching.site_history
            where event in ('merged', 'withdrawn')
                and site_id not in (select site_id from matching.site_memberships)
            qualify row_number() over (partition by site_id order by recorded_at desc) = 1
        ), reach as (
            select site_id as alias_site_id, other_site_id as site_id, recorded_at, event from ended
            union
            select reach.alias_site_id, ended.other_site_id, reach.recorded_at, ended.event
            from reach inner join ended on ended.site_id = reach.site_id
        )
        select reach.alias_site_id, reach.site_id, reach.recorded_at, reach.event as reason
        from reach
        where reach.site_id is null or reach.site_id in (select site_id from matching.site_memberships)
        order by reach.alias_site_id
        """
    )
