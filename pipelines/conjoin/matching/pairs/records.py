"""The site records of one run, made ready: what candidate rules, comparisons and recordlinkage's objects work on."""

from dataclasses import dataclass

import duckdb

from conjoin.matching.pairs.blocking import count_words, make_keys, make_other_keys, weigh_tokens, weigh_words
from conjoin.matching.pairs.identifiers import collect_identifiers
from conjoin.matching.pairs.nodes import collapse_records, normalise_contents, site_nodes_sql
from conjoin.matching.pairs.similarities import CROWDED
from conjoin.matching.text.word_lists import register_common_words


@dataclass(frozen=True)
class Records:
    """What a frame is to recordlinkage, in DuckDB: records that say the same are one node, and only nodes are compared.

    Attributes:
        con: Holds the working tables.
        is_kept: Whether tables that served only to find pairs stay, for a report or for the next run.
    """

    con: duckdb.DuckDBPyConnection
    is_kept: bool = False

    def __len__(self) -> int:
        """How many nodes."""
        return int(self.con.execute("select count(*) from m_nodes").fetchall()[0][0])


def prepare_records(con: duckdb.DuckDBPyConnection, is_kept: bool = False) -> Records:
    """Collapse the records of ``input`` to nodes, read their names and addresses, and make the keys of all rules."""
    collapse_records(con)
    normalise_contents(con)
    register_common_words(con)
    collect_identifiers(con)
    con.execute(
        "create or replace temp table m_sources as "
        "select source_name, (row_number() over (order by source_name))::integer as source_no "
        "from (select distinct source_name from m_records)"
    )
    con.execute(f"create or replace temp table m_site_nodes as {site_nodes_sql('m_nodes')}")
    count_words(con)
    weigh_words(con)
    con.execute(f"create or replace temp table m_crowded as {CROWDED.format(nodes='m_nodes')}")
    weigh_tokens(con)
    make_keys(con)
    make_other_keys(con)
    return Records(con, is_kept)
