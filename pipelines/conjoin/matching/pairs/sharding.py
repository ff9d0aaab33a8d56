"""Comparing in shards: pairs by country and number, each shard computed by itself, Parquet in and Parquet out.

A similarity follows from its two nodes alone, so where and in which order shards are computed changes nothing. What
needs all pairs at once (candidates, which lists repeat themselves, clustering) stays in one process: it is small.
"""

from pathlib import Path

import duckdb

from conjoin.matching.pairs.similarities import compute_similarities
from conjoin.sql import quote_literal

_SHARED_TABLES = ("m_compared_nodes", "m_name", "m_address", "m_name_joins", "m_address_joins", "m_identifiers")


def write_shards(con: duckdb.DuckDBPyConnection, folder: Path, pairs_per_shard: int) -> list[int]:
    """Write the inputs of all shards below ``folder``; return the numbers of the shards.

    Args:
        con: Holds ``m_pairs``, ``m_nodes`` and the tables that comparing reads.
        folder: An existing, empty folder that every worker sees.
        pairs_per_shard: A country with more pairs is cut into several shards.
    """
    for name in (*_SHARED_TABLES, "m_words"):
        _copy(con, f"from {name} order by all", folder / f"{name}.parquet")
    con.execute(
        """
        create or replace temp table m_shards as
        with placed as (
            select pairs.*, nodes.country_code,
                row_number() over (partition by nodes.country_code order by pairs.pair_no) - 1 as number
            from m_pairs as pairs inner join m_nodes as nodes on nodes.node_no = pairs.left_no
        )
        select pair_no, left_no, right_no, rules,
            dense_rank() over (order by country_code, number // $1)::integer as shard_no
        from placed
        """,
        [pairs_per_shard],
    )
    numbers = [int(n) for (n,) in con.execute("select distinct shard_no from m_shards order by shard_no").fetchall()]
    for number in numbers:
        pairs = f"select pair_no, left_no, right_no, rules from m_shards where shard_no = {number} order by pair_no"
        _copy(con, pairs, folder / f"pairs_{number}.parquet")
    con.execute("drop table m_shards")
    return numbers


def compare_shard(con: duckdb.DuckDBPyConnection, folder: Path, number: int) -> None:
    """Compute the similarities of one shard and write them beside its input; a repetition writes the same."""
    con.execute(f"create temp table m_pairs as {_read(folder / f'pairs_{number}.parquet')}")
    con.execute("create temp table m_here as select left_no as node_no from m_pairs union select right_no from m_pairs")
    for name in _SHARED_TABLES:
        con.execute(f"create temp table {name} as {_read(folder / f'{name}.parquet')} semi join m_here using (node_no)")
    con.execute(f"create temp view m_words as {_read(folder / 'm_words.parquet')}")
    compute_similarities(con)
    building = folder / f".similarities_{number}.building"
    _copy(con, "from m_similarities order by pair_no", building)
    building.replace(folder / f"similarities_{number}.parquet")


def gather_shards(con: duckdb.DuckDBPyConnection, folder: Path, numbers: list[int]) -> None:
    """Make ``m_similarities`` of what the shards wrote."""
    if not numbers:
        compute_similarities(con)
        return
    files = ", ".join(quote_literal(str(folder / f"similarities_{number}.parquet")) for number in numbers)
    con.execute(f"create or replace temp table m_similarities as from read_parquet([{files}])")


def _read(path: Path) -> str:
    return f"from read_parquet({quote_literal(str(path))})"


def _copy(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    con.execute(f"copy ({select}) to {quote_literal(str(path))} (format parquet)")
