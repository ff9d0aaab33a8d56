"""Matching in one call: site records in, sites, links and questions out.

Reads the schema ``input`` of an open connection, writes the schema ``matching``, and leaves nothing else behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from conjoin.matching.blocking import count_words, find_pairs, make_keys, number_pairs, weigh_tokens, weigh_words
from conjoin.matching.clustering import Edges, Partition, cluster_nodes
from conjoin.matching.comparing import CROWDED, compare_pairs
from conjoin.matching.constraining import collect_constraints
from conjoin.matching.identifiers import collect_identifiers
from conjoin.matching.model import MatchModel, shipped_model
from conjoin.matching.preparing import collapse_records, normalise_contents
from conjoin.matching.results import write_results
from conjoin.matching.reviews import put_judgements_in_force
from conjoin.matching.scoring import score_pairs
from conjoin.matching.words import word_lists


@dataclass(frozen=True)
class MatchOptions:
    """How one run matches.

    Attributes:
        unique_sources: Sources that list every site once; two of their rows are never one site.
        unique_all: Every source is such a list.
        threads: Threads of DuckDB; None leaves the connection as it is.
        recorded_at: When the run concludes, UTC: the date of what it writes into the site history.
        unread_sources: Sources whose deliveries could not all be read: their missing records are not withdrawn.
    """

    unique_sources: frozenset[str] = frozenset()
    unique_all: bool = False
    threads: int | None = None
    recorded_at: datetime = datetime(1970, 1, 1)
    unread_sources: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MatchSummary:
    """What one run found."""

    record_count: int
    candidate_pair_count: int
    link_count: int
    site_count: int
    review_count: int
    conflict_count: int
    model_version: str


Compare = Callable[[duckdb.DuckDBPyConnection], None]


def match_records(
    con: duckdb.DuckDBPyConnection,
    options: MatchOptions,
    model: MatchModel | None = None,
    compare: Compare = compare_pairs,
) -> MatchSummary:
    """Decide which records of ``input.site_records`` speak of one site.

    Records of level ``office`` or ``organisation`` never link sites: each is a site of its own in the result, so that
    every record stands in exactly one.

    Args:
        con: Holds ``input.site_records``, ``input.site_identifiers``, ``input.judgements`` and, where there was an
            earlier run, its journal as ``input.site_history``.
        options: Which sources list every site once.
        model: Weights and calibration; the shipped model if None.
        compare: Turns ``m_pairs`` into ``m_patterns``; another one may spread the work, with the same result.

    Returns:
        Figures of the run. The tables of the schema ``matching`` are replaced: ``site_memberships``, ``site_links``,
        ``pattern_evidence``, ``weakest_links``, ``site_groups``, ``site_changes``, ``site_history``, ``site_aliases``,
        ``refused_merges``, ``review_queue`` and ``conflicts``.

    Raises:
        ModelMismatch: The model belongs to another version of the normalisation.
    """
    chosen = model or shipped_model()
    if options.threads:
        con.execute(f"set threads = {int(options.threads)}")
    con.execute("create schema if not exists matching")
    try:
        candidate_count = prepare_pairs(con, compare)
        score_pairs(con, chosen)
        put_judgements_in_force(con)
        partition = _partition(con, options, chosen)
        counts = write_results(con, partition, chosen, options.recorded_at, options.unread_sources)
    finally:
        _drop_work(con)
    return MatchSummary(candidate_pair_count=candidate_count, model_version=chosen.version, **counts)


def prepare_pairs(con: duckdb.DuckDBPyConnection, compare: Compare = compare_pairs) -> int:
    """Records to compared candidate pairs (``m_patterns``); the number of candidate pairs."""
    collapse_records(con)
    normalise_contents(con)
    _register_common_words(con)
    collect_identifiers(con)
    con.execute(
        "create or replace temp table m_sources as "
        "select source_name, (row_number() over (order by source_name))::integer as source_no "
        "from (select distinct source_name from m_records)"
    )
    con.execute(
        "create or replace temp table m_site_nodes as select node_no from m_nodes "
        "where coalesce(site_level, 'site') not in ('office', 'organisation')"
    )
    count_words(con)
    weigh_words(con)
    con.execute(f"create or replace temp table m_crowded as {CROWDED.format(nodes='m_nodes')}")
    weigh_tokens(con)
    make_keys(con)
    find_pairs(con)
    count = number_pairs(con)
    compare(con)
    return count


def _register_common_words(con: duckdb.DuckDBPyConnection) -> None:
    for side, words in (("name", word_lists().trade), ("address", word_lists().place)):
        con.register("m_chunk", pa.table({"word": pa.array(sorted(words), pa.string())}))
        con.execute(f"create or replace temp table m_common_{side} as select * from m_chunk")
        con.unregister("m_chunk")


def _partition(con: duckdb.DuckDBPyConnection, options: MatchOptions, model: MatchModel) -> Partition:
    node_count = int(con.execute("select count(*) from m_nodes").fetchall()[0][0])
    scored = con.execute("select left_no, right_no, match_weight from m_scored order by left_no, right_no").fetchnumpy()
    edges = Edges(*(np.asarray(scored[name], dtype=np.int64) for name in ("left_no", "right_no", "match_weight")))
    constraints = collect_constraints(con, options.unique_sources, options.unique_all)
    return cluster_nodes(node_count, edges, constraints, model.missing_weight, model.margin)


def _drop_work(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table of matching."""
    names = con.execute(
        "select table_name from duckdb_tables() where temporary and starts_with(table_name, 'm_') order by table_name"
    ).fetchall()
    for (name,) in names:
        con.execute(f'drop table temp."{name}"')
