"""What makes a published warehouse out of date, what a rebuild and a backup bring back, and what is told of it."""

from pathlib import Path

import pytest

from conjoin.errors import ModelError
from conjoin.keeping.backup import restore_backup, write_backup
from conjoin.settings import Settings
from conjoin.sources.decisions import DECISIONS
from conjoin.steps import build as warehouse
from conjoin.steps.match import match_sites
from conjoin.steps.rebuild import rebuild
from conjoin.tools.project import make_project
from conjoin.watch.doctor import examine
from support import quillhaven
from support.files import as_csv
from support.projects import Project, standing_in, tree

LOG = quillhaven.FILES["log"]


@pytest.fixture
def published(landed: Project) -> Project:
    """A project in which ten rows of every format are published."""
    match_sites(landed.settings)
    warehouse.build_warehouse(landed.settings)
    warehouse.publish_warehouse(landed.settings)
    assert warehouse.is_up_to_date(landed.settings)
    return landed


def test_a_judgement_and_a_lost_warehouse_make_work_for_the_next_night(published: Project) -> None:
    decisions = published.root / DECISIONS
    before = decisions.read_text(encoding="utf-8")
    decisions.write_text(before + "quillhaven:01,quillhaven:02,NEGATIVE,RK,,2026-03-01,,\n", encoding="utf-8")
    assert not warehouse.is_up_to_date(published.settings)
    decisions.write_text(before, encoding="utf-8")
    assert warehouse.is_up_to_date(published.settings)
    published.settings.warehouse.unlink()
    assert not warehouse.is_up_to_date(published.settings)


def test_the_pages_on_checks_tell_of_a_refused_file_and_late_is_no_fault(published: Project) -> None:
    published.deliver(LOG, as_csv(quillhaven.rows(5)))
    (refused,) = published.ingest().loads
    assert refused.load_status == "refused"
    warehouse.build_warehouse(published.settings)
    pages = warehouse.publish_warehouse(published.settings).pages
    assert refused.load_id in pages.read_text(encoding="utf-8")
    told = {found.state.split()[0]: found for found in examine(published.settings) if found.what == "Source quillhaven"}
    assert {kind: found.is_wrong for kind, found in told.items()} == {"refused": True, "late": False}


def test_a_rebuild_that_fails_leaves_matching_as_it_was(landed: Project) -> None:
    match_sites(landed.settings)
    landed.deliver(LOG, as_csv(quillhaven.rows(12)))
    landed.ingest()
    kept = {folder: tree(folder) for folder in (landed.settings.landing, landed.settings.matching)}
    rules = landed.root / "warehouse" / "rules"
    rules.mkdir(parents=True)
    (rules / "classes.toml").write_text("no rules at all", encoding="utf-8")  # so that the build fails, at the very end
    with pytest.raises(ModelError, match="classes"):
        rebuild(landed.settings, lambda _: None)
    assert {folder: tree(folder) for folder in kept} == kept


def test_a_rebuild_that_somebody_breaks_off_leaves_landing_and_matching_as_they_were(landed: Project) -> None:
    match_sites(landed.settings)
    kept = {folder: tree(folder) for folder in (landed.settings.landing, landed.settings.matching)}

    def break_off(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(landed.settings, break_off)
    assert {folder: tree(folder) for folder in kept} == kept


def test_judgements_come_back_with_a_backup(landed: Project, tmp_path: Path) -> None:
    decisions = landed.root / DECISIONS
    judged = decisions.read_text(encoding="utf-8") + "quillhaven:01,quillhaven:02,NEGATIVE,RK,,2026-03-01,,\n"
    decisions.write_text(judged, encoding="utf-8")
    write_backup(landed.settings, tmp_path / "copy.tar")
    other = make_project(tmp_path / "other")
    with standing_in(other):
        restore_backup(Settings(data=tmp_path / "restored"), tmp_path / "copy.tar")
    assert (other / DECISIONS).read_text(encoding="utf-8") == judged
