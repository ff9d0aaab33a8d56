"""A brand, a rule and a question are added by doing what the pages say, and nothing else."""

import csv
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from support import warm
from support.guide import ROOT, Block, blocks, section
from support.once import made_once
from support.reading import dicts

GUIDE = blocks(section("CONTRIBUTING.md", "### The same, once through"))
#: The page that goes on where that one ends.
NEXT = blocks((ROOT / "docs" / "FIRST_HOUR.md").read_text(encoding="utf-8"))
NAME = "fjord_wool"
PROJECT = "overlap"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the guide was followed, and all that its commands printed."""
    folder = made_once(tmp_path_factory, "new_brand", _follow_all)
    return folder, (folder / "printed.txt").read_text(encoding="utf-8")


def _follow_all(folder: Path) -> None:
    command = folder / "bin" / "conjoin"
    command.parent.mkdir()
    warm.write_command(command)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONJOIN_")}
    environment |= {"PATH": f"{command.parent}{os.pathsep}{environment['PATH']}", "COLUMNS": "200"}
    printed = "".join(_follow(block, folder, environment) for block in GUIDE)
    (folder / "printed.txt").write_text(printed, encoding="utf-8")
    shown = ""
    for block in NEXT:
        if block.language == "text":
            assert _words(shown).endswith(_words(block.text)), f"the page says\n{block.text}\nbut it is\n{shown}"
        else:
            shown = _follow(block, folder, environment) or shown
    (folder / "followed").touch()


def _words(table: str) -> str:
    """A table without what its width decides."""
    return " ".join(table.replace("─", "").split())


def _follow(block: Block, folder: Path, environment: dict[str, str]) -> str:
    """Write the block's file, or run its commands; a reader who is in the project folder stays there."""
    here = folder / PROJECT if (folder / PROJECT).exists() else folder
    if block.language != "sh":
        target = here / block.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")
        os.utime(target, (0, 0))  # written long ago, as an export is
        return ""
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", block.text], cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _delivered() -> list[dict[str, str]]:
    export = next(block for block in GUIDE if block.language == "csv")
    return list(csv.DictReader(export.text.splitlines(), delimiter=";"))


def _warehouse(folder: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(folder / PROJECT / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        return dicts(con, query)


@pytest.mark.slow
def test_the_brands_rows_end_in_the_warehouse(followed: tuple[Path, str]) -> None:
    delivered = _delivered()
    records = _warehouse(
        followed[0], f"select site_name, source_name from marts.site_records_at_sites where source_name = '{NAME}'"
    )
    assert {row["site_name"] for row in records} == {row["Fabrikk"] for row in delivered}
    events = _warehouse(
        followed[0], "select strftime(visit_start, '%d.%m.%Y') as day, auditor_days from marts.audit_events"
    )
    assert sorted((row["day"], row["auditor_days"]) for row in events) == sorted(
        (row["Fra"], float(row["Dagsverk"].replace(",", "."))) for row in delivered
    )


@pytest.mark.slow
def test_the_last_command_shows_what_the_reader_delivered(followed: tuple[Path, str]) -> None:
    last = followed[1].splitlines()
    for name in {row["Fabrikk"] for row in _delivered()}:
        assert any(name in line for line in last)


@pytest.mark.slow
def test_a_rule_and_a_question_need_the_files_that_the_page_names_and_no_other(followed: tuple[Path, str]) -> None:
    project = followed[0] / PROJECT
    assert (followed[0] / "followed").exists()
    page = (ROOT / "docs" / "FIRST_HOUR.md").read_text(encoding="utf-8")
    made = {
        path.relative_to(project).as_posix()
        for folder in ("schemas", "warehouse", "sources")
        for path in (project / folder).rglob("*")
        if path.is_file() and "reviews" not in path.parts
    }
    unnamed = {
        path for path in made if f"`{path}`" not in page and not path.startswith(f"sources/brands/{NAME}/expected/")
    }
    assert unnamed == set()


@pytest.mark.slow
def test_trying_shows_the_refused_row_and_accepting_writes_it_down(followed: tuple[Path, str]) -> None:
    expected = followed[0] / PROJECT / "sources" / "brands" / NAME / "expected"
    rejected = (expected / "rejected.csv").read_text(encoding="utf-8")
    assert "31.02.2025" in rejected
    assert "31.02.2025" in followed[1]
    assert {path.stem for path in expected.iterdir()} >= {"audit_records", "site_records", "rejected"}


@pytest.mark.slow
def test_no_person_and_no_python_came_in(followed: tuple[Path, str]) -> None:
    project = followed[0] / PROJECT
    assert list(project.rglob("*.py")) == []
    landed = [str(path) for path in (project / ".data" / "landing").rglob("*.parquet")]
    assert landed
    for path in landed:
        with duckdb.connect() as con:
            assert "someone@example.org" not in str(dicts(con, f"from read_parquet('{path}')"))


@pytest.mark.slow
def test_nothing_of_the_project_stands_in_the_package(followed: tuple[Path, str]) -> None:
    assert (followed[0] / PROJECT / "sources" / "brands" / NAME / "source.toml").is_file()
    assert not (ROOT / "sources" / "brands" / NAME).exists()
