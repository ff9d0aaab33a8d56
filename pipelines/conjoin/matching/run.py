"""Matching in one call: site records in, sites, links and questions out.

Reads the schema ``input`` of an open connection, writes the schema ``matching``, and leaves nothing else behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np

from conjoin.matching.linkage import LevelCompare, PatternClassifier, Work, candidate_index, score_patterns
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.pairs.model import MatchModel, shipped_model
from conjoin.matching.pairs.records import prepare_records
from conjoin.matching.sites.clustering import Edges, Partition, cluster_nodes
from conjoin.matching.sites.constraints import collect_constraints
from conjoin.matching.sites.judgements import put_judgements_in_force
from conjoin.matching.sites.results import write_results
from conjoin.progress import stage


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
    """What one run found; ``vague_count`` records say too little to join another by evidence."""

    record_count: int
    candidate_pair_count: int
    link_count: int
    site_count: int
    review_count: int
    conflict_count: int
    vague_count: int
    model_version: str


Compare = Work
Keep = Callable[[duckdb.DuckDBPyConnection], None]


def match_records(
    con: duckdb.DuckDBPyConnection,
    options: MatchOptions,
    model: MatchModel | None = None,
    compare: Compare = compare_pairs,
    keep: Keep | None = None,
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
        keep: Called at the end, while the working tables are there: keeps what the next run can build on.

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
        with stage("Matching", 5 if keep is None else 6) as told:
            told.now("reading names and addresses")
            records = prepare_records(con, is_kept=keep is not None)
            told.now(f"finding pairs among {len(records):,} different rows")
            candidates = candidate_index().index(records)
            told.now(f"comparing {len(candidates):,} pairs")
            features = LevelCompare(work=compare).compute(candidates, records)
            score_patterns(con, features, PatternClassifier(chosen))
            put_judgements_in_force(con)
            told.now("putting sites together")
            partition = partition_nodes(con, options, chosen)
            told.now("writing sites, links and questions")
            counts = write_results(con, partition, chosen, options.recorded_at, options.unread_sources)
            if keep:
                told.now("keeping what the next run builds on")
                keep(con)
    finally:
        drop_work(con)
    return MatchSummary(candidate_pair_count=len(candidates), model_version=chosen.version, **counts)


def partition_nodes(con: duckdb.DuckDBPyConnection, options: MatchOptions, model: MatchModel) -> Partition:
    """The sites of all nodes, out of ``m_scored`` and what constrains them."""
    node_count = int(con.execute("select count(*) from m_nodes").fetchall()[0][0])
    columns = "left_no, right_no, match_weight, is_match"
    scored = con.execute(f"select {columns} from m_scored order by left_no, right_no").fetchnumpy()
    left, right, weight = (np.asarray(scored[name], np.int64) for name in ("left_no", "right_no", "match_weight"))
    edges = Edges(left, right, weight, np.asarray(scored["is_match"], np.bool_))
    constraints = collect_constraints(con, options.unique_sources, options.unique_all)
    return cluster_nodes(node_count, edges, constraints, model.missing_weight, model.margin)


def drop_work(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table and view of matching."""
    names = con.execute(
        "select 'view', view_name from duckdb_views() where temporary and starts_with(view_name, 'm_') "
        "union all "
        "select 'table', table_name from duckdb_tables() where temporary and starts_with(table_name, 'm_') order by all"
    ).fetchall()
    for kind, name in names:
        con.execute(f'drop {kind} temp."{name}"')
