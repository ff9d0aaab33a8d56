"""Comparing pairs on a Dask cluster through Prefect, by configuration alone: ``[run] dask`` in conjoin.toml.

The result is the same as in one process. Workers must see the data folder and have this version of Conjoin.
"""

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from conjoin.errors import SettingsError
from conjoin.keeping.leftovers import scratch_folder
from conjoin.matching.pairs.levels import compare_pairs, count_namesakes, find_repeating_sources, fold_patterns
from conjoin.matching.pairs.sharding import compare_shard, gather_shards, write_shards
from conjoin.matching.pairs.similarities import describe_nodes
from conjoin.matching.run import Compare
from conjoin.settings import Settings
from conjoin.warehouse.connection import workbench

LOCAL = "local"


def comparing(settings: Settings) -> Compare:
    """How this run compares pairs: in this process, or on the Dask cluster that the settings name."""
    if not settings.dask:
        return compare_pairs

    def compare(con: duckdb.DuckDBPyConnection) -> None:
        describe_nodes(con)
        folder = scratch_folder(settings) / f"shards-{uuid4().hex}"
        folder.mkdir(parents=True)
        try:
            numbers = write_shards(con, folder, settings.pairs_per_shard)
            compare_shards(settings, folder, numbers)
            gather_shards(con, folder, numbers)
        finally:
            shutil.rmtree(folder)
        find_repeating_sources(con)
        count_namesakes(con)
        fold_patterns(con)

    return compare


def compare_one_shard(settings: Settings, folder: Path, number: int) -> None:
    """Compare one shard, on whichever machine this runs."""
    with workbench(settings) as con:
        compare_shard(con, folder, number)


def compare_shards(settings: Settings, folder: Path, numbers: list[int]) -> None:
    """Compare all shards on the cluster; raises what the first failing shard raised."""
    from prefect import flow, task, unmapped

    shard_task = task(name="compare shard", task_run_name="compare shard {number}", retries=1)(compare_one_shard)

    @flow(name="compare", validate_parameters=False)
    def compare_all() -> None:
        for future in shard_task.map(unmapped(settings), unmapped(folder), numbers):
            future.result()

    compare_all.with_options(task_runner=_task_runner(settings))()


def _task_runner(settings: Settings) -> Any:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise SettingsError(
            f"[run] dask = {settings.dask!r}: Dask is not installed; install conjoin[dask], or remove the setting"
        ) from error
    if settings.dask != LOCAL:
        return DaskTaskRunner(address=settings.dask)
    return DaskTaskRunner(cluster_kwargs={"threads_per_worker": 1, "dashboard_address": None})
