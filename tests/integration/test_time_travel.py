"""A warehouse and a briefing of an earlier day are made again, whatever has been delivered and judged since."""

import csv
import io
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import duckdb
import pytest

from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sources.decisions import DECISIONS
from conjoin.sources.judgements import COLUMNS
from conjoin.steps import ingest
from conjoin.steps.brief import BriefingParameters, render_briefing
from conjoin.steps.build import build_warehouse
from conjoin.steps.deliveries import withdraw
from conjoin.steps.landed import landed_state
from conjoin.steps.match import match_sites
from conjoin.steps.replay import replay_matching
from conjoin.warehouse.publish import publish_file
from support import quillhaven
from support.files import as_csv
from support.projects import Project

DAY = date(2026, 3, 2)
FIRST, LATER = ("northwind", "harbour_pine", "mavi_deniz"), "atelier_sorel"


def _deliver(settings: Settings, name: str) -> None:
    shutil.copytree(registry.folders()[name] / "sample", settings.inbox / name)
    ingest.ingest_source(settings, name)


def _archived_then(settings: Settings, name: str, file_name: str, stream: IO[bytes]) -> None:
    """Archive a file as delivered on ``DAY``."""
    archive = Archive(settings.archive)
    content_hash, byte_count = archive.store(stream)
    told = {"source_name": name, "file_name": file_name, "content_hash": content_hash, "byte_count": byte_count}
    archive.record([LedgerEntry(event="delivered", recorded_at=datetime(2026, 3, 2, 9, tzinfo=UTC), **told)])


def _delivered_then(settings: Settings, name: str) -> None:
    """Archive a sample as delivered on ``DAY``, and read it."""
    for path in sorted((registry.folders()[name] / "sample").iterdir()):
        with path.open("rb") as stream:
            _archived_then(settings, name, path.name, stream)
    ingest.ingest_source(settings, name)


def _publish(settings: Settings, recorded_at: datetime | None = None) -> None:
    match_sites(settings, recorded_at)
    publish_file(build_warehouse(settings).file, settings.warehouse)


def _tables(warehouse: Path) -> dict[str, list[str]]:
    """Every table and view of the marts and of matching, row by row as text."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'matching') order by all"
        ).fetchall()
        return {
            name: [row for (row,) in con.execute(f"select told::varchar from {name} as told order by all").fetchall()]
            for (name,) in names
        }


def _judge_one_site(project: Project) -> None:
    """A person says that two records at two sites are one site."""
    with duckdb.connect(str(project.settings.warehouse), read_only=True) as con:
        pair = con.execute(
            "select l.record_id, r.record_id from marts.site_records_at_sites as l "
            "inner join marts.site_records_at_sites as r using (country_code) "
            "where l.site_id < r.site_id and l.source_name <> r.source_name order by all limit 1"
        ).fetchall()[0]
    with (project.root / DECISIONS).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, (*sorted(pair), "POSITIVE", "RK", "brand", "2026-05-01", "one gate")])


@pytest.mark.slow
def test_an_old_warehouse_and_its_briefing_are_made_again(project: Project, tmp_path: Path) -> None:
    settings = project.settings
    for name in FIRST:
        _delivered_then(settings, name)
    _publish(settings, datetime(2026, 3, 2, 10, tzinfo=UTC))
    then = _tables(settings.warehouse)
    page = render_briefing(settings, BriefingParameters()).read_bytes()
    assert len(then["marts.audit_pairs"]) > 5

    _judge_one_site(project)
    _deliver(settings, LATER)
    withdrawn = next(entry.file_name for entry in Archive(settings.archive).entries() if entry.source_name == FIRST[0])
    withdraw(settings, FIRST[0], withdrawn, "sent by mistake")
    _publish(settings)
    now = _tables(settings.warehouse)
    changed = {name for name in then if then[name] != now[name]}
    assert {"marts.audit_events", "marts.audit_pairs", "marts.sites", "matching.site_aliases"} <= changed

    again = build_warehouse(settings, DAY, tmp_path / "then.duckdb").file
    made = _tables(again)
    assert {name for name in then if then[name] != made[name]} == set()
    assert render_briefing(settings, BriefingParameters(), again).read_bytes() == page
    assert _tables(settings.warehouse) == now


@pytest.mark.parametrize("is_left_first", [False, True], ids=["the right record was there first", "the left record"])
def test_sites_are_those_of_the_day_where_matching_would_now_decide_otherwise(
    project: Project, tmp_path: Path, is_left_first: bool
) -> None:
    """A judgement that is no longer on file stands for a version of the code that parted the two."""
    settings = project.settings
    older, newer = quillhaven.row(1), quillhaven.row(2, Factory="Alder Loom Works Ltd.")
    if is_left_first:
        older, newer = newer, older
    _archived_then(settings, quillhaven.NAME, "visits_2026-02.csv", io.BytesIO(as_csv([older])))
    project.deliver("visits_2026-04.csv", as_csv([newer]))
    project.ingest()
    records = {row["site_id_source"]: row["record_id"] for row in project.rows("site_records")}
    pair = sorted(records.values())
    assert pair == [records["Q02"], records["Q01"]], "the site that both would share is named by one of them"
    parted = ",".join([*pair, "NEGATIVE", "RK", "", "2026-03-01", "", ""])
    (project.root / DECISIONS).write_text(",".join(COLUMNS) + "\n" + parted + "\n", encoding="utf-8")
    match_sites(settings)
    (project.root / DECISIONS).write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    (tmp_path / "then").mkdir()
    state, today = landed_state(settings), datetime.now(UTC).date()
    files = replay_matching(settings, state, today, tmp_path / "then", compare_pairs)
    with duckdb.connect() as con:
        members, links, weakest = (
            con.read_parquet(files[name]) for name in ("site_memberships", "site_links", "weakest_links")
        )
        assert len(set(members.project("site_id").fetchall())) == 2
        assert links.project("is_accepted").fetchall() == [(False,)]
        assert weakest.fetchall() == []
