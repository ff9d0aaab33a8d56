from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.levels import count_namesakes, find_repeating_sources, fold_patterns
from conjoin.matching.pairs.sharding import compare_shard, gather_shards, write_shards
from conjoin.matching.pairs.similarities import describe_nodes
from conjoin.matching.run import MatchOptions, match_records
from support.bulk import site_lists

NAMES = {"name": "site_name", "address": "site_address", "city": "city_name", "region": "region_name"} | {
    "country": "country_code",
    "lat": "latitude",
    "lon": "longitude",
    "source": "source_name",
}


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return site_lists(300, 3).rename(columns=NAMES)


def _results(records: pd.DataFrame, folder: Path | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the result; in shards if there is a folder for them."""

    def compare_in_shards(con: duckdb.DuckDBPyConnection) -> None:
        assert folder is not None
        describe_nodes(con)
        numbers = write_shards(con, folder, pairs_per_shard=50)
        assert len(numbers) > 3
        for number in reversed(numbers):
            with duckdb.connect() as worker:
                compare_shard(worker, folder, number)
        gather_shards(con, folder, numbers)
        find_repeating_sources(con)
        count_namesakes(con)
        fold_patterns(con)

    with duckdb.connect() as con:
        load_input(con, records)
        more = {"compare": compare_in_shards} if folder else {}
        match_records(con, MatchOptions(), **more)
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'matching'").fetchall()
        return {name: con.execute(f"from matching.{name} order by all").fetchall() for (name,) in tables}


def test_shards_in_any_order_give_what_one_process_gives(records: pd.DataFrame, tmp_path: Path) -> None:
    whole, sharded = _results(records), _results(records, tmp_path)
    assert len(whole["site_links"]) > 100
    assert sharded == whole


def test_no_pairs_make_no_shards(tmp_path: Path) -> None:
    one = pd.DataFrame([{"record_id": "a:1", "source_name": "a", "site_name": "Zephyrine", "country_code": "BD"}])

    def compare(con: duckdb.DuckDBPyConnection) -> None:
        describe_nodes(con)
        assert write_shards(con, tmp_path, pairs_per_shard=10) == []
        gather_shards(con, tmp_path, [])
        find_repeating_sources(con)
        count_namesakes(con)
        fold_patterns(con)

    with duckdb.connect() as con:
        load_input(con, one)
        assert match_records(con, MatchOptions(), compare=compare).site_count == 1
