"""A nightly delivery is matched on top of the last run, with the result of a run over everything."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin import content
from conjoin.settings import Settings
from conjoin.sql import quote_literal
from conjoin.steps.match import match_sites, matching_files
from support import quillhaven
from support.files import as_csv
from support.projects import Project, forget_declarations, tree

FACTORIES = ["Alder Loom Works", "Birch Dyeing", "Cedar Knits", "Dogwood Denim", "Elm Embroidery", "Fir Footwear"]
FORMS, ROADS = ("Ltd.", "Limited", "", "Ltd. Sti.", "Unit 1"), ("Mill Road", "Mill Rd.", "Hill Street", "Hill St")
FIRST = [
    quillhaven.row(
        number,
        Factory=f"{FACTORIES[number % 6]} {FORMS[number % 5]}",
        Street=f"{number % 6 + 3}, {ROADS[number // 6 % 4]}",
    )
    for number in range(1, 60)
]
MORE = [
    quillhaven.row(number, Factory=f"{FACTORIES[number % 6]} Unit 2", Street=f"{number} Hill Rd")
    for number in range(70, 80)
]
MATCH = "import sys; from pathlib import Path; from conjoin.steps.match import match_sites; "
MATCH += "from conjoin.settings import Settings; match_sites(Settings(data=Path(sys.argv[1]), settle_seconds=0))"


def _deliver(project: Project, period: str, rows: list[dict[str, str]]) -> None:
    project.deliver(f"visits_{period}.csv", as_csv(rows))
    project.ingest()


def _result(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the last matching."""
    with duckdb.connect() as con:
        return {
            name: con.execute(f"from read_parquet({quote_literal(files[0])}) order by all").fetchall()
            for name, files in matching_files(settings).items()
            if files and name != "site_history"
        }


def _from_nothing(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    shutil.rmtree(settings.matching)
    match_sites(settings)
    assert not _is_built_on(settings)
    return _result(settings)


def _is_built_on(settings: Settings) -> bool:
    """Whether the last run built on one before it: numbers then follow the order of arrival, not of records."""
    with duckdb.connect(str(settings.matching / "state.duckdb"), read_only=True) as con:
        found = con.execute("select node_no from contents order by first_record_id").fetchall()
    return found != sorted(found)


@pytest.fixture
def matched(project: Project) -> Project:
    """A project whose first delivery is matched, with a second one landed."""
    _deliver(project, "2026-04", FIRST)
    match_sites(project.settings)
    _deliver(project, "2026-05", MORE)
    return project


def test_a_delivery_is_matched_on_top_of_the_last_run(matched: Project) -> None:
    settings = matched.settings
    assert match_sites(settings).record_count == len(FIRST) + len(MORE)
    assert _is_built_on(settings)
    found = _result(settings)
    assert len(found["site_links"]) > 20
    assert found == _from_nothing(settings)

    # A corrected delivery changes some records and takes others away.
    _deliver(matched, "2026-04", [*FIRST[3:], quillhaven.row(1, Factory="Gum Garments")])
    match_sites(settings)
    assert _is_built_on(settings)
    assert _result(settings) == _from_nothing(settings)


def test_a_killed_run_leaves_the_last_good_result_and_the_next_one_ends(matched: Project) -> None:
    settings = matched.settings
    before = tree(settings.matching) | tree(settings.archive)
    building = settings.matching.with_name(".matching.building")
    process = subprocess.Popen([sys.executable, "-c", MATCH, str(settings.data)], env=os.environ)
    while not (building / "state.duckdb").exists():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert tree(settings.matching) | tree(settings.archive) == before
    match_sites(settings)
    assert _is_built_on(settings)
    assert not building.exists()
    assert _result(settings) == _from_nothing(settings)


def _cut(state: Path) -> None:
    state.write_bytes(state.read_bytes()[: state.stat().st_size // 2])


def _overwrite(state: Path) -> None:
    whole = bytearray(state.read_bytes())
    whole[4096 * 4 :] = b"\x5a" * (len(whole) - 4096 * 4)
    state.write_bytes(whole)


def _replace(state: Path) -> None:
    state.write_text("no database")


@pytest.mark.parametrize("damage", [_cut, _overwrite, _replace, Path.unlink])
def test_a_damaged_state_costs_time_and_nothing_else(matched: Project, damage: Any) -> None:
    damage(matched.settings.matching / "state.duckdb")
    assert match_sites(matched.settings).record_count == len(FIRST) + len(MORE)
    assert not _is_built_on(matched.settings)
    assert _result(matched.settings) == _from_nothing(matched.settings)


def test_another_model_matches_everything_anew(matched: Project) -> None:
    shipped = content.find("schemas/matching/model.toml")
    version = json.dumps("another")
    own = matched.root / "schemas" / "matching" / "model.toml"
    own.parent.mkdir(parents=True)
    lines = [
        f"version = {version}" if line.startswith("version") else line for line in shipped.read_text().splitlines()
    ]
    own.write_text("\n".join(lines) + "\n", encoding="utf-8")
    forget_declarations()
    found = subprocess.run([sys.executable, "-c", MATCH, str(matched.settings.data)], env=os.environ, check=True)
    assert found.returncode == 0
    assert not _is_built_on(matched.settings)
    assert {row[9] for row in _result(matched.settings)["site_links"]} == {"another"}


def test_a_journal_that_has_moved_on_is_believed(matched: Project) -> None:
    """A run killed between the journal and its result has published ids; the state knows nothing of them."""
    settings = matched.settings
    last = tree(settings.matching)
    match_sites(settings)
    published = _result(settings)["site_memberships"]
    shutil.rmtree(settings.matching)
    for name, data in last.items():
        path = settings.matching / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    match_sites(settings)
    assert not _is_built_on(settings)
    assert _result(settings)["site_memberships"] == published
