"""A pack: the folder that one reader gets. Warehouse, workbook, briefing, the policy in words, and a manifest."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from conjoin import __version__, content
from conjoin.briefings.answering.whose import READER_TABLE
from conjoin.errors import PackError
from conjoin.keeping.folders import make_private
from conjoin.keeping.handed_out import packs_folder, remember_handed_out
from conjoin.packs.build_pack import Built, build_pack
from conjoin.packs.policy_text import policy_page
from conjoin.packs.reader import Reader, reader_of_totals
from conjoin.packs.release import make_release, releases
from conjoin.packs.release_grid import Release
from conjoin.packs.totals import load_audits
from conjoin.progress import stage
from conjoin.schemas.policy import policy
from conjoin.settings import Settings
from conjoin.sheets import write_sheets
from conjoin.sql import quote_literal
from conjoin.steps.brief import BriefingParameters, render_briefing
from conjoin.steps.landed import LandedState
from conjoin.warehouse.connection import reader as read_only
from conjoin.warehouse.publish import publish_folder

WAREHOUSE, WORKBOOK, MANIFEST = "conjoin.duckdb", "overlap.xlsx", "manifest.json"
_RULES = (("warehouse", "**/*"), ("schemas", "**/*"))
#: Sheets of the workbook: title to the select that fills it.
_SHEETS = {
    "Sites": "from marts.sites order by site_id",
    "Audits": "from marts.audit_events order by event_id",
    "Repeats": "from marts.audit_pairs order by event_id_a, event_id_b",
    "Sources": "from marts.data_coverage order by all",
    "Totals": "from released.totals order by breakdown, value, audit_class",
    "Columns": "from dictionary where table_name like 'marts.%' order by all",
}


@dataclass(frozen=True)
class Pack:
    """What was packed: the folder, for whom, and its manifest."""

    folder: Path
    reader: Reader
    manifest: dict[str, Any]


def make_pack(settings: Settings, state: LandedState, reader: Reader, out: Path) -> Pack:
    """Make a reader's pack; an earlier pack at that place is replaced at the end.

    Args:
        settings: Where everything is; whoever calls it holds the run lock.
        state: What had landed by the reader's day.
        reader: Who it is for.
        out: The folder to write.

    Raises:
        PackError: The place holds something else, the reader may see nothing yet, or the pack would fail a check.
    """
    day = reader.day
    _refuse_other(out)
    building = out.with_name(f".{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    make_private(building)
    try:
        with stage(f"Packing for {reader.party.title}", 3) as told:
            told.now("warehouse")
            built = build_pack(settings, state, reader, building / WAREHOUSE)
            if not any(built.delivered.values()):
                raise PackError(
                    f"by {day} nothing had been delivered that {reader.party.title} may see; name a later --day"
                )
            release = _last_release(settings, day)
            _write_totals(building / WAREHOUSE, release)
            write_reader(building / WAREHOUSE, reader)
            told.now("workbook")
            _write_workbook(building)
            told.now("briefing")
            render_briefing(settings, BriefingParameters(), building / WAREHOUSE)
        intro = f"Pack for {reader.party.title}, {day}. It was built from what its reader may see, and nothing else."
        (building / "who_sees_what.html").write_text(policy_page(intro), encoding="utf-8")
        manifest = _manifest(building, reader, built, release)
        (building / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _keep_crosswalk(settings, reader, built)
        remember_handed_out(
            settings, {"event": "pack", "for": reader.name, "day": str(day), "files": manifest["files"]}
        )
        publish_folder(building, out)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return Pack(out, reader, manifest)


def release_totals(settings: Settings, state: LandedState, day: date) -> Release:
    """Release the totals of a day: the same for every reader, and told again by every later release.

    Args:
        settings: Where everything is; whoever calls it holds the run lock.
        state: What had landed by that day.
        day: A day of release.

    Raises:
        PackError: It is no day of release, or no release can be made safe.
    """
    file = packs_folder(settings) / ".totals.building"
    file.unlink(missing_ok=True)
    try:
        build_pack(settings, state, reader_of_totals(day), file)
        with duckdb.connect() as con:
            load_audits(con, file, policy().release)
            release = make_release(con, settings, day)
    finally:
        file.unlink(missing_ok=True)
    remember_handed_out(settings, {"event": "release", "number": release.number, "day": str(day)})
    return release


def release_frame(release: Release | None) -> pd.DataFrame:
    """A release as its readers see it: one row per cell; '' stands for all.

    ``is_current`` says that the count is that of this release; else it is what was told last, or nothing is. A value of
    which nothing is told is not listed: that somebody has audits there, or plans some, would be told by its name.
    """
    cells = release.cells if release else []
    told = {(one.cell.breakdown, one.cell.value) for one in cells if one.shown is not None}
    rows = [
        (*vars(one.cell).values(), one.shown, one.as_of, one.is_current)
        for one in cells
        if (one.cell.breakdown, one.cell.value) in told
    ]
    columns = ["breakdown", "value", "audit_class", "audit_count", "as_of_release", "is_current"]
    return pd.DataFrame(rows, columns=columns).astype({"audit_count": "Int64", "as_of_release": "Int64"})


def _refuse_other(out: Path) -> None:
    if out.exists() and not (out / MANIFEST).is_file():
        raise PackError(f"{out} is there and is no pack; name a folder that does not exist, or an earlier pack")
    if not out.parent.is_dir():
        raise PackError(f"{out}: there is no folder {out.parent}; make it first")


def _last_release(settings: Settings, day: date) -> Release | None:
    return max((one for one in releases(settings) if one.day <= day), key=lambda one: one.number, default=None)


def _write_totals(file: Path, release: Release | None) -> None:
    frame = release_frame(release)  # noqa: F841 - DuckDB reads it by name
    with duckdb.connect(str(file)) as con:
        con.execute("create schema released")
        con.execute("create table released.totals as from frame")
        told = f"release {release.number} of {release.day}" if release else "no release yet"
        con.execute(f"comment on table released.totals is {quote_literal(f'Audits by cell: {told}.')}")


def write_reader(file: Path, reader: Reader) -> None:
    """Write into a pack for whom it is: what it may be asked hangs on that."""
    with duckdb.connect(str(file)) as con:
        con.execute(
            f"create table {READER_TABLE} as select $1::varchar as reader_name, $2::varchar as reader_title, "
            "$3::varchar as reader_kind, $4::date as pack_date, $5::varchar[] as opened",
            [reader.name, reader.party.title, reader.party.kind, reader.day, sorted(reader.opened)],
        )
        con.execute(f"comment on table {READER_TABLE} is 'One row: for whom this file was made, and on which day.'")


def _write_workbook(folder: Path) -> None:
    with read_only(folder / WAREHOUSE) as con:
        write_sheets({title: con.execute(select).df() for title, select in _SHEETS.items()}, folder / WORKBOOK)


def _manifest(folder: Path, reader: Reader, built: Built, release: Release | None) -> dict[str, Any]:
    """What the pack is, in a form that a program can check; it names nothing that the reader may not see."""
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != WAREHOUSE  # DuckDB writes a random number into each file: its tables are hashed instead
    }
    return {
        "conjoin": __version__,
        "for": reader.name,
        "title": reader.party.title,
        "kind": reader.party.kind,
        "day": str(reader.day),
        "release": {"number": release.number, "day": str(release.day)} if release else None,
        "rules": _hash_of_content(),
        "rows_delivered": built.delivered,
        "rows": built.row_counts,
        "files": files,
        "tables": hashes_of_tables(folder / WAREHOUSE),
    }


def _hash_of_content() -> str:
    digest = hashlib.sha256()
    for folder, pattern in _RULES:
        for relative, path in content.files(folder, pattern):
            digest.update(relative.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def hashes_of_tables(file: Path) -> dict[str, str]:
    """Each table of the file to a hash of its rows, in whatever order."""
    hashed = "select sha256(coalesce(string_agg(told::varchar, chr(10) order by told::varchar), '')) from {} as told"
    with read_only(file) as con:
        tables = "select schema_name || '.' || table_name from duckdb_tables() where not internal order by all"
        names = [str(name) for (name,) in con.execute(tables).fetchall()]
        return {name: str(con.execute(hashed.format(name)).fetchall()[0][0]) for name in names}


def _keep_crosswalk(settings: Settings, reader: Reader, built: Built) -> None:
    """Which record of the pack is which: the coordinator's alone."""
    folder = make_private(packs_folder(settings) / "crosswalks")
    frame = pd.DataFrame(built.crosswalk, columns=["record_id_in_pack", "record_id", "site_id_in_pack"])
    frame.to_csv(folder / f"{reader.name}_{reader.day}.csv", index=False)
