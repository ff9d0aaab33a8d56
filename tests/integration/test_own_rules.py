"""A coordinator adds a class and a reason in a private project, by TOML alone, and finds them from mart to briefing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conjoin import content
from conjoin.briefings import figures, overlap
from conjoin.errors import ModelError
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.tools.project import make_project
from conjoin.warehouse.connection import reader
from conjoin.warehouse.rules import pair_rules
from support.once import made_once
from support.projects import standing_in
from support.published import SOURCES, publish_inbox

pytestmark = pytest.mark.slow

CLASS = """[[class]]
name  = "second_opinion"
title = "a second opinion within the year"
is_repeat  = true
has_reason = true

"""
RULE = """[[rule]]
rule_id    = "another_orderer_within_a_year"
version    = "1"
pair_class = "second_opinion"
valid_from = 1990-01-01
says       = "Somebody else came within a year, whatever they would accept."
when       = "pairs.is_other_commissioner and pairs.gap_days <= 365"

"""
REASON = """
[[reason]]
reason     = "no_headcount"
version    = "1"
valid_from = 1990-01-01
says       = "The earlier audit does not say how many people work there."
when       = ["earlier.worker_count_min is null"]

[[reason]]
reason     = "long_before"
version    = "1"
valid_from = 1990-01-01
says       = "There were more than 100 days between them."
when       = ["later.visit_start - earlier.visit_end > 100"]
"""


def packaged(name: str) -> str:
    return (content.packaged_root() / "warehouse" / "rules" / f"{name}.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A project with rules of its own, published once over the samples of a few sources."""
    folder = made_once(tmp_path_factory, "own_rules", _publish)
    with standing_in(folder / "project"):
        yield _settings(folder)


def _settings(folder: Path) -> Settings:
    return Settings(data=folder / "data", settle_seconds=0, threads=2)


def _publish(folder: Path) -> None:
    root = make_project(folder / "project")
    rules = root / "warehouse" / "rules"
    rules.mkdir(parents=True)
    first, rest = packaged("classes").split("# The first rule that holds decides.\n\n")
    declared = f"{first}{CLASS}# The first rule that holds decides.\n\n{RULE}{rest}"
    (rules / "classes.toml").write_text(declared, encoding="utf-8")
    (rules / "reasons.toml").write_text(packaged("reasons") + REASON, encoding="utf-8")
    made = _settings(folder)
    with standing_in(root):
        for name in SOURCES:
            shutil.copytree(registry.folders()[name] / "sample", made.inbox / name)
        publish_inbox(made)


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with reader(settings.warehouse) as opened:
        yield opened


def test_the_class_stands_in_the_mart_and_every_check_holds(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "select count(*), count_if(is_other_commissioner and gap_days <= 365), count_if(avoidable_if_shared) "
        "from marts.audit_pairs where pair_class = 'second_opinion'"
    ).fetchall()
    assert rows[0][0] > 0
    assert rows[0][0] == rows[0][1]
    assert rows[0][2] == 0
    assert con.execute("select check_name from marts.failed_checks where severity = 'refuse'").fetchall() == []


def test_the_ninth_reason_has_its_bit_and_is_told_with_the_others(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("select count(*), max(reason_mask) from intermediate.reason_sets").fetchall() == [(511, 511)]
    found = con.execute(
        "select distinct unnest(reasons) from marts.audit_pairs where pair_class = 'second_opinion' "
        "and list_contains(reasons, 'long_before')"
    ).fetchall()
    assert ("long_before",) in found


def test_no_pair_of_a_year_is_left_to_the_rules_behind_the_new_one(con: duckdb.DuckDBPyConnection) -> None:
    earlier_rules = ("pilot", "joint_visit", "complaint_triggered")
    found = con.execute(
        "select distinct pair_class from marts.audit_pairs where is_other_commissioner and gap_days <= 365"
    ).fetchall()
    assert {name for (name,) in found} - {"second_opinion"} <= set(earlier_rules) | {"second_opinion"}


def test_the_briefing_knows_it_by_its_title(settings: Settings) -> None:
    classes = overlap.Scope(settings.warehouse).ask("classes_of_pairs")
    assert "a second opinion within the year" in set(classes["class_title"])
    labels = [text.get_text() for text in figures.draw_pair_classes(classes).figure.axes[0].get_yticklabels()]
    assert "a second opinion within the year" in labels


def test_a_rule_that_gives_an_undeclared_class_is_refused_by_name(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    (root / "warehouse" / "rules").mkdir(parents=True)
    wrong = packaged("classes").replace('pair_class = "renewal"', 'pair_class = "renewel"')
    (root / "warehouse" / "rules" / "classes.toml").write_text(wrong, encoding="utf-8")
    with (
        standing_in(root),
        pytest.raises(ModelError, match=r"classes\.toml: rule same_scheme_near_expiry gives 'renewel'"),
    ):
        pair_rules()
