"""What a run keeps for the next one: the tables of an attached database called ``kept``.

A run that finds them re-matches only what a delivery touches (``increment``). Nodes and words keep their numbers from
run to run, so these numbers follow the order of arrival and may decide nothing: wherever order matters, a *world* is
loaded, a part of the tables in which nodes are numbered by their first record, as in a run over everything.

The numbers of words and sources never change their meaning; those of nodes may be given again once nothing holds them.
"""

from collections.abc import Collection

import duckdb

from conjoin.matching.pairs.blocking import SIDES
from conjoin.matching.pairs.levels import TWINS
from conjoin.matching.pairs.nodes import CONTENT, NODE_FACTS, site_nodes_sql
from conjoin.sql import quote_literal

#: Tables with a ``node_no`` that a world can hold.
WORLD = ("contents", "records", "identifiers", *NODE_FACTS)

SCORED = "rules, pattern, match_weight, match_probability, is_match, has_same_identifier"
"""What a scored pair says beside its nodes."""

_KEPT = {
    **{name: f"from m_{name}" for name in ("contents", "identifiers", *NODE_FACTS)},
    "records": "select m_records.*, m_told.told from m_records inner join m_told using (record_id)",
    "words": "from m_words order by token_no",
    **{f"{side}_words": f"from m_{side}_words" for side in SIDES},
    "crowded": "from m_crowded",
    "sources": "from m_sources",
    "number_ranks": "from m_number_ranks",
    "namesakes": "from m_namesakes",
    "keys": "from m_keys",
    "pairs": "from m_supported",
    "twins": TWINS,
    "repeating": "select unnest(getvariable('repeating_sources')) as source_no",
    "scored": f"select left_no, right_no, {SCORED} from m_scored",
    "components": "select node_no, component_no from m_clusters",
    "judgements": "from input.judgements",
    "unread": "from m_unread",
    "site_memberships": "from matching.site_memberships",
    "site_links": "from matching.site_links",
    "weakest_links": "from matching.weakest_links",
    "refusals": "from m_refusals",
    "asked": "from m_asked",
    "born": "from m_born union all select site_id, founder, founded_on from m_new",
    "orphans": """
        select record_id, site_id from m_held
        anti join m_records using (record_id)
        anti join (from matching.site_changes where event = 'left') using (record_id)
    """,
}
"""Kept table to what it holds after a run over everything.

``orphans`` are records that stand in a site although they are missing, because their source could not be read.
"""


def tell_records(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_told`` (record_id, told): a number for all that matching reads of a record and its identifiers.

    DuckDB's own hash, five times as fast as one that other programs know, is enough to tell of change: the stamp of
    the state holds the version of DuckDB.
    """
    read = ["source_name", *(name for name in CONTENT.split(", ") if name != "own_content"), "first_delivered_at"]
    con.execute(
        f"""
        create or replace temp table m_told as
        with identified as (
            select site_record_id as record_id, sum(hash(id_scheme, id_value)::hugeint) as identifiers
            from input.site_identifiers group by site_record_id
        )
        select records.record_id, hash({", ".join(f"records.{name}" for name in read)}, identified.identifiers) as told
        from input.site_records as records left join identified using (record_id)
        """
    )


def keep_state(con: duckdb.DuckDBPyConnection, stamp: str, unread_sources: Collection[str]) -> None:
    """Fill ``kept`` after a run over everything, whose working tables are still there."""
    tell_records(con)
    tell_unread(con, unread_sources)
    for name, sql in _KEPT.items():
        con.execute(f"create or replace table kept.{name} as {sql}")
    con.execute(f"create or replace table kept.stamp as select {quote_literal(stamp)} as stamp")


def tell_unread(con: duckdb.DuckDBPyConnection, unread_sources: Collection[str]) -> None:
    """Make ``m_unread`` (source_name)."""
    con.execute(
        "create or replace temp table m_unread as select unnest($1::varchar[]) as source_name", [sorted(unread_sources)]
    )


def is_kept(con: duckdb.DuckDBPyConnection, stamp: str) -> bool:
    """Whether ``kept`` holds the state of a run with this stamp, complete."""
    found = con.execute("select table_name from duckdb_tables() where database_name = 'kept'").fetchall()
    if {name for (name,) in found} != {*_KEPT, "stamp"}:
        return False
    return con.execute("from kept.stamp").fetchall() == [(stamp,)]


def load_world(con: duckdb.DuckDBPyConnection, nodes: str, tables: tuple[str, ...] = WORLD) -> None:
    """Make a world of some nodes: the working tables of a run that sees only these.

    Args:
        con: Holds ``kept``.
        nodes: A query for their kept numbers, as ``node_no``.
        tables: Which of ``WORLD`` are needed.

    Makes ``m_here`` (kept_no, node_no), ``m_site_nodes`` and ``m_<table>`` of each table.
    """
    con.execute(
        "create or replace temp table m_here as select contents.node_no as kept_no, "
        "(row_number() over (order by contents.first_record_id) - 1)::integer as node_no "
        f"from kept.contents as contents semi join ({nodes}) as wanted using (node_no)"
    )
    for name in tables:
        con.execute(
            f"create or replace temp table m_{name} as select m_here.node_no, facts.* exclude (node_no) "
            f"from kept.{name} as facts inner join m_here on m_here.kept_no = facts.node_no"
        )
    con.execute(f"create or replace temp table m_site_nodes as {site_nodes_sql('m_nodes')}")
