"""Matching in one call: site records in, sites, links and questions out.

Reads the schema ``input`` of an open connection, writes the schema ``matching``, and leaves nothing else behind.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from conjoin.matching.blocking import make_candidates, weigh_tokens
from conjoin.matching.clustering import Constraints, Edges, Partition, cluster_nodes
from conjoin.matching.comparing import compare_pairs
from conjoin.matching.designators import designator_words
from conjoin.matching.identifiers import collect_identifiers
from conjoin.matching.model import MatchModel, shipped_model
from conjoin.matching.preparing import collapse_records, normalise_contents
from conjoin.matching.results import write_results
from conjoin.matching.reviews import Judgements, judgements_in_force
from conjoin.matching.scoring import score_pairs
from conjoin.matching.words import word_lists


@dataclass(frozen=True)
class MatchOptions:
    """How one run matches.

    Attributes:
        unique_sources: Sources that list every site once; two of their rows are never one site.
        unique_all: Every source is such a list.
        threads: Threads of DuckDB; None leaves the connection as it is.
    """

    unique_sources: frozenset[str] = frozenset()
    unique_all: bool = False
    threads: int | None = None


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


def match_records(
    con: duckdb.DuckDBPyConnection, options: MatchOptions, model: MatchModel | None = None
) -> MatchSummary:
    """Decide which records of ``input.site_records`` speak of one site.

    Records of level ``office`` or ``organisation`` never link sites: each is a site of its own in the result, so that
    every record stands in exactly one.

    Args:
        con: Holds ``input.site_records``, ``input.site_identifiers`` and ``input.judgements``.
        options: Which sources list every site once.
        model: Weights and calibration; the shipped model if None.

    Returns:
        Figures of the run. The tables ``matching.site_memberships``, ``site_links``, ``review_queue``, ``conflicts``
        and ``site_groups`` are replaced.

    Raises:
        ModelMismatch: The model belongs to another version of the normalisation.
    """
    chosen = model or shipped_model()
    if options.threads:
        con.execute(f"set threads = {int(options.threads)}")
    con.execute("create schema if not exists matching")
    try:
        candidate_count = prepare_pairs(con)
        score_pairs(con, chosen)
        judgements = judgements_in_force(con)
        partition = _partition(con, options, chosen, judgements)
        counts = write_results(con, partition, chosen)
    finally:
        _drop_work(con)
    return MatchSummary(candidate_pair_count=candidate_count, model_version=chosen.version, **counts)


def prepare_pairs(con: duckdb.DuckDBPyConnection) -> int:
    """Records to compared candidate pairs (``m_patterns``); the number of candidate pairs."""
    collapse_records(con)
    normalise_contents(con)
    _register_common_words(con)
    collect_identifiers(con)
    con.execute(
        "create or replace temp table m_site_nodes as select node_no from m_nodes "
        "where coalesce(site_level, 'site') not in ('office', 'organisation')"
    )
    weigh_tokens(con)
    count = make_candidates(con)
    compare_pairs(con)
    return count


def _register_common_words(con: duckdb.DuckDBPyConnection) -> None:
    for side, words in (("name", word_lists().trade), ("address", word_lists().place)):
        con.register("m_chunk", pa.table({"word": pa.array(sorted(words), pa.string())}))
        con.execute(f"create or replace temp table m_common_{side} as select * from m_chunk")
        con.unregister("m_chunk")


def _partition(
    con: duckdb.DuckDBPyConnection, options: MatchOptions, model: MatchModel, judgements: Judgements
) -> Partition:
    node_count = int(con.execute("select count(*) from m_nodes").fetchall()[0][0])
    scored = con.execute("select left_no, right_no, match_weight from m_scored order by left_no, right_no").fetchnumpy()
    edges = Edges(*(np.asarray(scored[name], dtype=np.int64) for name in ("left_no", "right_no", "match_weight")))
    constraints = Constraints(
        designators=_designators(con),
        unique_sources=_unique_sources(con, options),
        same=judgements.same,
        different=judgements.different,
        identified=_identified(con),
    )
    return cluster_nodes(node_count, edges, constraints, model.missing_weight, model.margin)


def _designators(con: duckdb.DuckDBPyConnection) -> dict[int, dict[tuple[int, int], frozenset[int]]]:
    """Forbidding designators of the nodes that some positive edge or judgement may merge."""
    forbidding = ", ".join(str(kind) for kind in sorted(designator_words().forbidding))
    rows = con.execute(
        f"""
        with reached as (
            select left_no as node_no from m_scored where match_weight > 0 or has_same_identifier
            union select right_no from m_scored where match_weight > 0 or has_same_identifier
        )
        select node_no, side, kind, list(distinct value order by value)
        from m_designators where kind in ({forbidding}) and node_no in (from reached)
        group by node_no, side, kind order by node_no, side, kind
        """
    ).fetchall()
    found: dict[int, dict[tuple[int, int], frozenset[int]]] = {}
    for node, side, kind, values in rows:
        found.setdefault(node, {})[(side, kind)] = frozenset(values)
    return found


def _unique_sources(con: duckdb.DuckDBPyConnection, options: MatchOptions) -> dict[int, frozenset[str]]:
    if not options.unique_all and not options.unique_sources:
        return {}
    rows = con.execute(
        "select node_no, list(distinct source_name order by source_name) from m_records "
        "where $1 or list_contains($2::varchar[], source_name) group by node_no order by node_no",
        [options.unique_all, sorted(options.unique_sources)],
    ).fetchall()
    return {node: frozenset(sources) for node, sources in rows}


def _identified(con: duckdb.DuckDBPyConnection) -> tuple[tuple[int, int], ...]:
    """Each node with the first node of the same site-level identifier."""
    rows = con.execute(
        """
        with firsts as (
            select node_no, min(node_no) over (partition by id_scheme, id_value) as first_no
            from m_identifiers where is_site_level and node_no in (from m_site_nodes)
        )
        select distinct first_no, node_no from firsts where first_no < node_no order by all
        """
    ).fetchall()
    return tuple((int(a), int(b)) for a, b in rows)


def _drop_work(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table of matching."""
    names = con.execute(
        "select table_name from duckdb_tables() where temporary and starts_with(table_name, 'm_') order by table_name"
    ).fetchall()
    for (name,) in names:
        con.execute(f'drop table temp."{name}"')
