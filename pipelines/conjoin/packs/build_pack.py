"""One reader's warehouse: ``build(rows that the reader may see)``.

What the reader may not see is left out before anything is concluded, so adding, changing or removing it changes nothing
in the pack (the law of tests/attacks/test_non_interference.py). Every pack is matched and built for itself.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from uuid import uuid4

import duckdb

from conjoin import content
from conjoin.errors import PackError
from conjoin.keeping.landing import REJECTED_ROWS
from conjoin.keeping.leftovers import scratch_folder
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.pairs.model import SHIPPED_MODEL, read_model
from conjoin.matching.run import Compare, MatchOptions, match_records
from conjoin.packs.reader import Reader
from conjoin.packs.shown import write_shown
from conjoin.packs.visible import VisibleState, reader_secret, replaced_id, write_visible
from conjoin.packs.withheld import needed_models, pack_loads, pack_sources, write_withheld
from conjoin.progress import stage
from conjoin.schemas.policy import policy
from conjoin.schemas.tables import system_tables
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.steps.build import BuildInputs, conclude, load_inputs
from conjoin.steps.landed import LandedState, source_rows
from conjoin.steps.lateness import feed_rows
from conjoin.steps.match import write_results
from conjoin.steps.match_input import fill_input
from conjoin.warehouse.build import load_content, load_rows, run_models
from conjoin.warehouse.connection import workbench
from conjoin.warehouse.reference import reference_tables


@dataclass(frozen=True)
class Built:
    """A reader's warehouse.

    Attributes:
        row_counts: Rows of each mart.
        delivered: Delivered table to rows that the reader may see.
        crosswalk: Record id in the pack, in the coordinator's warehouse, and site id in the pack.
    """

    row_counts: dict[str, int]
    delivered: dict[str, int]
    crosswalk: list[tuple[str, str, str]]


def build_pack(
    settings: Settings, state: LandedState, reader: Reader, file: Path, compare: Compare = compare_pairs
) -> Built:
    """Build the reader's warehouse into ``file``.

    Args:
        settings: Where everything is.
        state: What had landed by the reader's day.
        reader: Who it is for.
        file: The file to write; it must not exist.
        compare: Compares the pairs of records.

    Raises:
        PackError: A check that forbids publishing fails.
    """
    with stage("Rows that the reader may see", 4) as told, _scratch(settings) as folder:
        visible, withheld, matched = (folder / name for name in ("visible", "withheld", "matched"))
        for each in (visible, withheld, matched):
            each.mkdir()
        with workbench(settings) as con:
            told.now("choosing them")
            seen = write_visible(con, settings, state, reader, visible)
            told.now("matching them")
            _match(con, settings, seen, matched, compare)
            told.now("withholding what is others' alone")
            write_withheld(con, reader, withheld)
            delivered = {
                name: int(con.execute(f"select count(*) from visible.{name}").fetchall()[0][0])
                for name in policy().table
            }
            crosswalk = _crosswalk(con, settings, reader)
        told.now("building their warehouse")
        with workbench(settings, folder / "built.duckdb") as con:
            _build(con, settings, seen, withheld, matched)
            counts = write_shown(con, reader, file)
    return Built(counts, delivered, crosswalk)


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    folder = scratch_folder(settings) / f"pack-{uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _match(
    con: duckdb.DuckDBPyConnection, settings: Settings, state: VisibleState, folder: Path, compare: Compare
) -> None:
    """Find the sites of visible records alone. The journal of site ids is not read: it rests on everybody's records."""
    reader = state.reader
    fill_input(con, [], state, reader.day)
    _own_judgements(con, settings, reader)
    load_content(con)
    load_rows(con, "landing.sources", system_tables()["sources"], source_rows(settings, reader.day))
    load_rows(con, "landing.reckoning", system_tables()["reckoning"], [{"as_of_date": reader.day}])
    run_models(con, needed_models())
    unique = frozenset(name for name, source in registry.sources().items() if source.unique_sites)
    options = MatchOptions(
        unique_sources=unique, recorded_at=datetime.combine(reader.day, time(), UTC).replace(tzinfo=None)
    )
    match_records(con, options, read_model(content.find(SHIPPED_MODEL)), compare=compare)
    con.execute("create or replace table matching.judgements as from input.judgements")
    write_results(con, folder)


def _own_judgements(con: duckdb.DuckDBPyConnection, settings: Settings, reader: Reader) -> None:
    """What people decided about two visible records stands; who decided it, and what he noted, is the coordinator's."""
    secret = reader_secret(settings, reader)
    left, right = (replaced_id(f"record_id_{side}", reader, secret) for side in ("left", "right"))
    con.execute(
        f"update input.judgements set record_id_left = {left}, record_id_right = {right}, "
        "reviewer = 'reviewer', role = null, note = null"
    )
    con.execute(
        "delete from input.judgements where record_id_left not in (select record_id from landing.site_records) "
        "or record_id_right not in (select record_id from landing.site_records)"
    )


def _crosswalk(con: duckdb.DuckDBPyConnection, settings: Settings, reader: Reader) -> list[tuple[str, str, str]]:
    shown = replaced_id("records.record_id", reader, reader_secret(settings, reader))
    return con.execute(
        f"select {shown} as shown_id, records.record_id, memberships.site_id from visible.site_records as records "
        f"join matching.site_memberships as memberships on memberships.record_id = {shown} group by all order by all"
    ).fetchall()


def _build(
    con: duckdb.DuckDBPyConnection, settings: Settings, state: VisibleState, withheld: Path, matched: Path
) -> None:
    reader = state.reader
    inputs = BuildInputs(
        files=lambda table: [str(withheld / f"{table}.parquet")],
        rejected=_own_rejected(state),
        loads=[],
        sources=[],
        feeds=[row for row in feed_rows(settings, state, reader.day) if row["source_name"] in reader.own_sources],
        matched={path.stem: [str(path)] for path in sorted(matched.glob("*.parquet"))},
        as_of=reader.day,
    )
    load_inputs(con, inputs)
    system = system_tables()
    load_rows(con, "landing.loads", system["loads"], pack_loads(con, state.own_load_rows, reader.day))
    load_rows(con, "landing.sources", system["sources"], pack_sources(con, reader, source_rows(settings, reader.day)))
    narrow_reference(con, reader)
    own_checks = [row for row in state.check_rows if row["source_name"] in reader.own_sources]
    failed = [result for result in conclude(con, own_checks) if not result.is_passed and result.severity == "refuse"]
    if failed:
        told = "; ".join(f"{result.target}: {result.check_name}" for result in failed)
        raise PackError(f"the pack for {reader.party.title} fails checks that the warehouse must pass: {told}")


def _own_rejected(state: VisibleState) -> list[str]:
    reader = state.reader
    own = [load for load, is_current in state.loads if load.source_name in reader.own_sources and is_current]
    return state.landing.parquet_files(own, REJECTED_ROWS)


def narrow_reference(con: duckdb.DuckDBPyConnection, reader: Reader) -> None:
    """Leave of the reference tables what the policy opens; a table that it does not name is emptied."""
    if not reader.is_withheld_from:
        return
    for name in reference_tables():
        opened = policy().reference.get(name, "none")
        if opened == "none":
            con.execute(f"delete from reference.{name}")
        elif opened == "reader":
            about = " or ".join(reader.is_its_name(column) for column in _naming(name))
            con.execute(f"delete from reference.{name} where not ({about})")


def _naming(table: str) -> list[str]:
    """The columns of a reference table that name an organisation."""
    return [name for name in reference_tables()[table].columns if name in ("buyer_name", "party_name")]
