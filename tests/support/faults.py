"""Projects that are attacked: what happens to them, what they publish, what they leave behind."""

import csv
import os
import signal
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from conjoin.keeping.run_lock import run_lock
from conjoin.settings import Settings, load_settings
from conjoin.steps import build as warehouse
from conjoin.steps import deliveries, ingest, match
from support import quillhaven
from support.processes import Office, office
from support.projects import standing_in
from support.story import DECLARATIONS, SOURCES, Act

Marts = dict[str, list[tuple[Any, ...]]]

#: What holds the second of a run, or follows from it: of files that one run archived, none is the last. Two projects
#: are not run in the same second; everything else in all marts must agree.
WALL_CLOCK = {"source_freshness": ("last_landed_at", "last_landed_file_name")}
#: ``conjoin run`` over the two sources of a story alone: the packaged ones deliver nothing.
RUN = ("run", *(part for name in SOURCES for part in ("--source", name)))
_PASSING = (".incoming-*", ".*.building", ".*.old", ".*.built", ".*.html.*", "*.wal", "replay-*", "shards-*")


def project_of(folder: Path) -> Office:
    """A new project with the two sources of a story."""
    folder.mkdir(parents=True, exist_ok=True)
    place = office(folder)
    pages = "answers = []\nbriefings = [{ notebook = 'overlap_briefing' }]\n"
    run = "[run]\nsettle_seconds = 0\nthreads = 2\npdf = false\n"
    (place.root / "conjoin.toml").write_text(pages + run, encoding="utf-8")
    for name, text in DECLARATIONS.items():
        quillhaven.write_declaration(place.root, text, name)
    return place


def data_of(place: Office) -> Settings:
    """Where a project keeps its data."""
    return Settings(data=place.root / ".data", settle_seconds=0, threads=2)


def perform(place: Office, act: Act) -> None:
    """Let an act happen to a project. Nothing runs meanwhile."""
    if act.kind in ("new", "corrected"):
        place.deliver(act.source_name, act.file_name, act.content)
    elif act.kind == "withdrawn":
        (place.root / ".data" / "inbox" / act.source_name / act.file_name).unlink()
        deliveries.withdraw(data_of(place), act.source_name, act.file_name, "delivered by mistake")
    else:
        left, right = (_record_id(place, told) for told in act.sites)
        with (place.root / "sources" / "reviews" / "decisions.csv").open("a", encoding="utf-8") as file:
            csv.writer(file).writerow([left, right, "NEGATIVE", "RK", "brand", "2026-01-01", "seen", ""])


def _record_id(place: Office, told: str) -> str:
    source_name, _, code = told.partition("/")
    sql = "select record_id from landing.site_records where source_name = $1 and site_id_source = $2 limit 1"
    with duckdb.connect(str(data_of(place).warehouse), read_only=True) as con:
        found = con.execute(sql, [source_name, code]).fetchall()
    return str(found[0][0]) if found else f"{source_name}:{'0' * 16}"


def run_here(place: Office) -> None:
    """What ``conjoin run`` does, in this process and without Prefect and the briefing: a fraction of its time."""
    with standing_in(place.root):
        settings = load_settings()
        with run_lock(settings, "a run of the tests"):
            for name in SOURCES:
                ingest.ingest_source(settings, name)
            match.match_sites(settings)
            warehouse.build_warehouse(settings)
            warehouse.publish_warehouse(settings)


def published_marts(place: Office) -> Marts:
    """Every row of every published mart, without the columns that hold the time of a run."""
    with duckdb.connect(str(data_of(place).warehouse), read_only=True) as con:
        names = [row[0] for row in con.execute("select table_name from duckdb_tables() where schema_name = 'marts'"
                                               " union all select view_name from duckdb_views() "
                                               "where schema_name = 'marts' order by all").fetchall()]  # fmt: skip
        return {
            name: con.execute(f"select {_columns(name)} from marts.{name} order by all").fetchall() for name in names
        }


def _columns(mart: str) -> str:
    hidden = WALL_CLOCK.get(mart)
    return f"* exclude ({', '.join(hidden)})" if hidden else "*"


def differences(left: Marts, right: Marts) -> list[str]:
    """In which marts two projects differ, with a row of each."""
    found = [f"only one has {name}" for name in sorted(left.keys() ^ right.keys())]
    for name in sorted(left.keys() & right.keys()):
        mine = [row for row in left[name] if row not in right[name]]
        yours = [row for row in right[name] if row not in left[name]]
        if left[name] != right[name]:
            found.append(f"{name}: {len(mine)} rows against {len(yours)}, such as {mine[:1]} against {yours[:1]}")
    return found


def leftovers(place: Office) -> list[str]:
    """What a finished run should have cleared away, by its path below the data folder."""
    data = place.root / ".data"
    found = {path for pattern in _PASSING for path in data.rglob(pattern)}
    found |= set((data / "tmp").glob("*"))
    return sorted(path.relative_to(data).as_posix() for path in found if "prefect" not in path.parts)


def still_running(place: Office) -> list[str]:
    """Processes of the project that outlived their run, by their command lines."""
    return sorted((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:100] for folder in _processes(place))


def end_what_runs(place: Office) -> None:
    """End whatever a project left running, so that a test leaves nothing behind itself."""
    for folder in _processes(place):
        os.kill(int(folder.name), signal.SIGKILL)


def _processes(place: Office) -> list[Path]:
    mark = f"CONJOIN_TEST_CALLS={place.calls}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0") and folder.name != str(os.getpid()):
                found.append(folder)
        except OSError:  # it has just ended
            continue
    return found


def keep_clear_of_midnight(seconds: float) -> None:
    """Wait if the day (UTC) ends within that time: two projects must get a delivery on the same day."""
    clock = datetime.now(UTC)
    left = 86_400 - (clock.hour * 3600 + clock.minute * 60 + clock.second)
    if left < seconds:
        time.sleep(left + 1)


def told(faults: Iterable[str]) -> str:
    """Faults as an assertion shows them."""
    return "\n" + "\n".join(faults)
