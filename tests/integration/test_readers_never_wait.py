"""Publishing under readers' eyes: who reads goes on reading, who comes next sees the new warehouse."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from conjoin import content
from conjoin.errors import CheckFailed, ConjoinError, ModelError
from conjoin.settings import Settings
from conjoin.steps.build import build_warehouse, inputs_of, load_inputs, publish_warehouse
from conjoin.steps.landed import landed_state
from conjoin.steps.match import matching_files
from conjoin.tools.project import make_project
from conjoin.warehouse.build import building_path, built_path
from conjoin.warehouse.publish import publish_file
from support import projects
from support.projects import standing_in
from support.published import published_warehouse

_READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(con.execute("select count(*) from marts.sites").fetchall()[0][0], flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of a published warehouse, that a test may replace."""
    made = published_warehouse(tmp_path_factory)
    settings = Settings(data=tmp_path / "data", threads=2)
    settings.warehouse.parent.mkdir(parents=True)
    shutil.copy(made.warehouse, settings.warehouse)
    return settings


def built_anew(settings: Settings, change: str) -> Path:
    """A built warehouse beside the published one, that differs in one statement."""
    file = built_path(settings.warehouse)
    shutil.copy(settings.warehouse, file)
    with duckdb.connect(str(file)) as con:
        con.execute(change)
    return file


def ask(reader: "subprocess.Popen[str]") -> int:
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write("\n")
    reader.stdin.flush()
    return int(reader.stdout.readline())


def reading(settings: Settings) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _READER, str(settings.warehouse)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_an_open_reader_keeps_the_old_and_the_next_one_gets_the_new(settings: Settings) -> None:
    with reading(settings) as early:
        count = ask(early)
        assert count > 0
        publish_file(built_anew(settings, "delete from marts.sites"), settings.warehouse)
        assert ask(early) == count
        with reading(settings) as late:
            assert ask(late) == 0
            assert ask(early) == count


def test_a_failed_check_leaves_what_is_published(settings: Settings) -> None:
    before = settings.warehouse.read_bytes()
    failed = (
        "insert into landing.check_results by name select 'marts.sites' as target, 'key_is_unique' as check_name, "
        "false as is_passed, 'refuse' as severity, '3' as observed_value, '0' as expected_value, 'unique' as note"
    )
    built_anew(settings, failed)
    with pytest.raises(CheckFailed, match=r"1 checks forbid publishing \(key_is_unique: 3 offending rows\)"):
        publish_warehouse(settings)
    assert settings.warehouse.read_bytes() == before


def test_two_policies_of_one_day_are_told_with_the_names_under_which_they_stand(
    settings: Settings, tmp_path: Path
) -> None:
    """A coordinator who declared an alias learns which two names now speak for one buyer."""
    root = make_project(tmp_path / "project")
    reference = root / "schemas" / "reference"
    reference.mkdir(parents=True)
    (reference / "acceptance_policies.csv").write_text(
        "buyer_name,scheme,max_age_months,source\nBirch,bsci,12,x\nBirch Retail,bsci,6,x\n", encoding="utf-8"
    )
    (reference / "party_aliases.csv").write_text(
        "alias_name,party_name,source\nBirch Retail,Birch,x\n", encoding="utf-8"
    )
    before = settings.warehouse.read_bytes()
    with standing_in(root):
        build_warehouse(settings)
        told = r"one_policy_a_day: \d+ offending rows, such as policies_of Birch and Birch Retail, scheme bsci"
        with pytest.raises(CheckFailed, match=told):
            publish_warehouse(settings)
    assert settings.warehouse.read_bytes() == before


def test_a_build_that_did_not_come_to_its_end_cannot_be_published(settings: Settings, tmp_path: Path) -> None:
    before = settings.warehouse.read_bytes()
    built_anew(settings, "delete from marts.sites")  # an earlier build, which the failing one supersedes
    root = make_project(tmp_path / "project")
    spoilt = root / "warehouse" / "marts"
    spoilt.mkdir(parents=True)
    (spoilt / "sites.sql").write_text("select nothing from nowhere\n", encoding="utf-8")
    shutil.copy(content.find("warehouse/marts/sites.toml"), spoilt)
    with projects.standing_in(root), pytest.raises(ModelError, match="nowhere"):
        build_warehouse(settings)
    with pytest.raises(ConjoinError, match="nothing is built; run `conjoin build` first"):
        publish_warehouse(settings)
    assert settings.warehouse.read_bytes() == before


def test_a_build_that_was_killed_cannot_be_published(settings: Settings) -> None:
    before = settings.warehouse.read_bytes()
    with duckdb.connect(str(building_path(settings.warehouse))) as con:  # as a kill before the checks leaves it
        load_inputs(con, inputs_of(settings, landed_state(settings), matching_files(settings)))
    with pytest.raises(ConjoinError, match="nothing is built; run `conjoin build` first"):
        publish_warehouse(settings)
    assert settings.warehouse.read_bytes() == before
