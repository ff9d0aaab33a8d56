"""Rule files become SQL: versions by day of reckoning, reasons in order, and no block of an unknown name."""

from pathlib import Path

import duckdb
import pytest

from conjoin.errors import ModelError
from conjoin.warehouse import rule_blocks

PARAMETERS = """
[[parameter]]
name = "renewal_days"
value = 90
valid_from = 1990-01-01
why = "First."

[[parameter]]
name = "renewal_days"
value = 60
valid_from = 2026-01-01
why = "Then."
"""

CLASSES = """
[[class]]
name = "renewal"
title = "Again, near the end"

[[class]]
name = "repeat_justified"
title = "All others"
has_reason = true

[[rule]]
rule_id = "old"
version = "1"
pair_class = "renewal"
valid_from = 1990-01-01
valid_to = 2025-12-31
says = "Until the end of 2025."
when = "pairs.is_renewal"

[[rule]]
rule_id = "rest"
version = "1"
pair_class = "repeat_justified"
valid_from = 1990-01-01
says = "All others."
when = "true"
"""


@pytest.fixture
def own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project folder with rule files of its own."""
    (tmp_path / "conjoin.toml").touch()
    folder = tmp_path / "warehouse" / "rules"
    folder.mkdir(parents=True)
    (folder / "parameters.toml").write_text(PARAMETERS)
    (folder / "classes.toml").write_text(CLASSES)
    monkeypatch.setenv("CONJOIN_PROJECT", str(tmp_path))


def _block(name: str) -> str:
    return rule_blocks.compiled(f"-- rules: {name}\n-- rules: end\n")


@pytest.mark.usefixtures("own_rules")
@pytest.mark.parametrize(("day", "days"), [("2025-12-31", 90), ("2026-01-01", 60), ("1985-01-01", 90)])
def test_the_parameter_in_force_on_the_day_of_reckoning_counts(
    con: duckdb.DuckDBPyConnection, day: str, days: int
) -> None:
    sql = f"select {_block('parameters')} from (select date '{day}' as as_of_date) as build_date"
    assert con.execute(sql).fetchall() == [(days,)]


@pytest.mark.usefixtures("own_rules")
@pytest.mark.parametrize(("day", "rule"), [("2025-12-31", 1), ("2026-01-01", 2)])
def test_a_rule_ends_with_its_last_day(con: duckdb.DuckDBPyConnection, day: str, rule: int) -> None:
    sql = (
        f"select {_block('classes')} 0 as zero from (select date '{day}' as as_of_date) as build_date "
        "cross join (select true as is_renewal) as pairs"
    )
    assert con.execute(sql).fetchall() == [(rule, 0)]


def test_compiling_again_changes_nothing() -> None:
    once = _block("reason_mask")
    assert "scope_missing" in once
    assert rule_blocks.compiled(once) == once


def test_an_unknown_block_is_refused() -> None:
    with pytest.raises(ModelError, match="no such block"):
        _block("colours")
