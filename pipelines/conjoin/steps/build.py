"""Build, check and publish the warehouse."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from conjoin.briefings.queries import headlines
from conjoin.errors import ConjoinError
from conjoin.keeping.archive import Archive
from conjoin.keeping.erasure import erased_hashes
from conjoin.keeping.folders import open_to_readers
from conjoin.keeping.leftovers import scratch_folder
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.run import Compare
from conjoin.progress import counted, stage
from conjoin.schemas.check_pages import write_check_pages
from conjoin.schemas.expectations import CheckResult, judge
from conjoin.schemas.tables import system_tables
from conjoin.settings import Settings
from conjoin.steps.fingerprint import build_inputs
from conjoin.steps.landed import LandedState, landed_state, source_rows
from conjoin.steps.lateness import feed_rows
from conjoin.steps.match import matching_files
from conjoin.steps.replay import replay_matching
from conjoin.warehouse import build, checks
from conjoin.warehouse.connection import reader, workbench
from conjoin.warehouse.publish import publish_folder, refuse_if_failed
from conjoin.warehouse.versions import (
    Version,
    drop_versions_holding,
    publish_version,
    published_version,
    versions,
)


@dataclass(frozen=True)
class BuildSummary:
    """A built and checked warehouse that is not published yet: its file and the rows of each mart."""

    file: Path
    row_counts: dict[str, int]


@dataclass(frozen=True)
class Published:
    """What was published: the version, and the index of the pages on its checks."""

    version: Version
    pages: Path


def is_up_to_date(settings: Settings) -> bool:
    """Whether the version published last was built from exactly what there is now: then nothing needs to be done.

    A version that somebody went back from counts as well: otherwise the next night would publish it again.
    """
    known = versions(settings)
    if not known or not settings.warehouse.is_file() or not matching_files(settings):
        return False
    return known[-1].inputs == build_inputs(settings, landed_state(settings))


def published_headlines(settings: Settings) -> dict[str, int]:
    """The first figures of what is published; none where nothing is, or where somebody else put it there."""
    version = published_version(settings)
    return version.headlines if version else {}


def build_warehouse(
    settings: Settings, as_of: date | None = None, out: Path | None = None, compare: Compare = compare_pairs
) -> BuildSummary:
    """Build the warehouse beside its place and check it; what is published stays as it is.

    Args:
        settings: Where everything is.
        as_of: Reckon from this day: with what had been delivered and judged by then, the sites held then, and the
            rules, overrides and validity in force then. None for the day of the newest delivery.
        out: Build this file instead.
        compare: Compares the pairs of records where an earlier day must be matched again.

    Raises:
        ModelError: A model or a check cannot be run.
    """
    built, file = out or build.built_path(settings.warehouse), build.building_path(out or settings.warehouse)
    file.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (file, file.with_name(file.name + ".wal"), built):
        leftover.unlink(missing_ok=True)
    state = landed_state(settings, as_of)
    inputs = build_inputs(settings, state)
    with (
        stage("Building the warehouse", 4) as told,
        _matched(settings, state, as_of, compare) as matched,
        workbench(settings, file) as con,
    ):
        told.now("loading what has landed")
        load_inputs(con, inputs_of(settings, state, matched, as_of))
        told.now("working out and checking its tables")
        conclude(con, state.check_rows)
        told.now("saying what columns mean")
        build.comment_everything(con)
        counts = _row_counts(con)
        told.now("writing it to the disk")
        con.execute("checkpoint")
    if out is None:
        _inputs_file(settings).write_text(inputs, encoding="utf-8")
    file.replace(built)  # only what came to its end gets the name that publishing looks for
    return BuildSummary(built, counts)


@contextmanager
def _matched(
    settings: Settings, state: LandedState, as_of: date | None, compare: Compare
) -> Iterator[dict[str, list[str]]]:
    """What matching left, table name to Parquet files: of the last run, or made again as of a day."""
    if as_of is None:
        yield matching_files(settings)
        return
    folder = scratch_folder(settings) / f"replay-{uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield replay_matching(settings, state, as_of, folder, compare)
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class BuildInputs:
    """What a warehouse is built from beside the content: rows of ``landing`` and what matching concluded.

    Attributes:
        files: Gives the Parquet files of a delivered table.
        rejected: Parquet files of refused rows.
        loads: Rows of ``landing.loads``.
        sources: Rows of ``landing.sources``.
        feeds: Rows of ``landing.feeds``.
        matched: Table of ``matching`` to Parquet files.
        as_of: The day of reckoning; None for the day of the newest delivery.
    """

    files: Callable[[str], list[str]]
    rejected: list[str]
    loads: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    feeds: list[dict[str, Any]]
    matched: dict[str, list[str]]
    as_of: date | None = None


def inputs_of(
    settings: Settings, state: LandedState, matched: dict[str, list[str]], as_of: date | None = None
) -> BuildInputs:
    """All that has landed, and what matching concluded from it."""
    return BuildInputs(
        files=state.current_files,
        rejected=state.rejected_files(),
        loads=state.load_rows,
        sources=source_rows(settings, as_of),
        feeds=feed_rows(settings, state, as_of),
        matched=matched,
        as_of=as_of,
    )


def load_inputs(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    """Fill the schemas that models read from: landing, matching, reference, vocabulary."""
    con.begin()  # one write to the disk instead of one for each of hundreds of rows
    build.create_schemas(con)
    build.load_landing(con, inputs.files)
    system = system_tables()
    reckoning: list[dict[str, object]] = [] if inputs.as_of is None else [{"as_of_date": inputs.as_of}]
    build.load_rows(con, "landing.loads", system["loads"], inputs.loads)
    build.load_rows(con, "landing.sources", system["sources"], inputs.sources)
    build.load_rows(con, "landing.feeds", system["feeds"], inputs.feeds)
    build.load_parquet(con, "landing.rejected_rows", system["rejected_rows"], inputs.rejected)
    build.load_rows(con, build.CHECK_RESULTS, system["check_results"], [])
    build.load_rows(con, "landing.reckoning", system["reckoning"], reckoning)
    for name in (name for name in system if build.system_schema(name) == "matching"):
        build.load_parquet(con, f"matching.{name}", system[name], inputs.matched.get(name, []))
    build.load_content(con)
    con.commit()


def conclude(con: duckdb.DuckDBPyConnection, landed_checks: list[dict[str, Any]]) -> list[CheckResult]:
    """Run every model on loaded inputs and check them; return what the checks found.

    Args:
        con: The warehouse in the making, its inputs loaded.
        landed_checks: What the checks of the deliveries found, as rows of ``landing.check_results``.
    """
    build.run_models(con, build.models_before_checks())
    results = check_models(con)
    told = [*landed_checks, *(result.as_dict() for result in results)]
    build.load_rows(con, build.CHECK_RESULTS, system_tables()["check_results"], told)
    build.run_models(con, build.models_after_checks())
    return results


def check_models(con: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """Run the checks of every model: SQL counts offending rows, Great Expectations judges the counts."""
    counts: dict[str, dict[str, float | None]] = {
        model.name: checks.count_offending(con, model) for model in counted("Checks", build.models_before_checks())
    }
    bounds = [check for model in build.models_before_checks() for check in checks.bounds(model)]
    return judge("warehouse", counts, bounds)


def publish_warehouse(settings: Settings) -> Published:
    """Publish the built warehouse, then the pages on its checks.

    Raises:
        ConjoinError: Nothing is built.
        CheckFailed: A check forbids it; what is published stays as it is.
    """
    file = build.built_path(settings.warehouse)
    if not file.exists():
        raise ConjoinError("nothing is built; run `conjoin build` first")
    with reader(file) as con:
        results = _model_results(con)
        refuse_if_failed(results, partial(checks.offending_rows, con))
    version = publish_version(settings, file, _inputs_file(settings).read_text(encoding="utf-8"), headlines(file))
    drop_versions_holding(settings, erased_hashes(Archive(settings.archive).entries()))
    return Published(version, _publish_check_pages(settings, results))


def _inputs_file(settings: Settings) -> Path:
    """What the warehouse that waits to be published was built from."""
    return settings.warehouse.with_name(f".{settings.warehouse.name}.inputs")


def _model_results(con: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """What the build found when it checked its models."""
    rows = con.execute(
        "select target, check_name, is_passed, severity, observed_value, expected_value, note "
        "from landing.check_results where load_id is null order by target, check_name"
    ).fetchall()
    return [
        CheckResult(target, name, passed, severity, observed, expected, note, min_value=0, max_value=0)
        for target, name, passed, severity, observed, expected, note in rows
    ]


def _publish_check_pages(settings: Settings, results: list[CheckResult]) -> Path:
    """Pages on the checks of current and refused loads and of the models."""
    loads = [load for load, is_current in landed_state(settings).loads if is_current or load.refusal]
    landed = [CheckResult(**check) for load in loads for check in load.checks]
    building = settings.checks.with_name(f".{settings.checks.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    write_check_pages(building, {"landing": landed, "warehouse": results}, kept_from=settings.checks)
    open_to_readers(building, settings.reader_mode)
    publish_folder(building, settings.checks)
    return settings.checks / "index.html"


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    ).fetchall()
    return {name: int(con.execute(f"select count(*) from marts.{name}").fetchall()[0][0]) for (name,) in found}
