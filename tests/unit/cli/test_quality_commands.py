"""Reports on matching can be read on a screen of 80 columns."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from conjoin.cli import app, output

RECORDS = """record_id,source,name,address,country
a:1,a,Zephyrine Garments Ltd,"12 Harbour Road, Seaview",BD
b:1,b,Zephyrine Garments,"12 Harbour Rd, Seaview",BD
c:1,c,Quillon Fashions,"7 Hill Street, Otherton",TR
"""
PAIRS = "id_a,id_b,label,grade,country\na:1,b:1,1,gold,BD\na:1,c:1,0,silver,\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of a command: labelled pairs and records."""
    monkeypatch.setenv("CONJOIN_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(output.console, "_width", 80)
    pairs, records = tmp_path / "pairs.csv", tmp_path / "records.csv"
    pairs.write_text(PAIRS, encoding="utf-8")
    records.write_text(RECORDS, encoding="utf-8")
    return [str(pairs), "--records", str(records)]


def _printed(*arguments: str) -> list[str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None, result.output
    lines: list[str] = result.output.splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def _cells(lines: list[str], start: str) -> list[str]:
    return next(line for line in lines if line.startswith(f" {start} ")).split()


def test_candidates_tell_what_each_rule_finds_and_costs(files: list[str]) -> None:
    lines = _printed("candidates", *files, "--report")
    assert _cells(lines, "same name") == ["same", "name", "1", "0", "1/1", "1.000", "0", "0", "0"]
    assert _cells(lines, "all rules")[2:5] == ["1", "1", "1/1"]
    assert any(line.split() == ["same", "name", "BD", "zephyrinegarment", "2", "30"] for line in lines)


def test_pairs_without_their_records_are_refused_in_words(files: list[str]) -> None:
    result = CliRunner().invoke(app, ["candidates", files[0]])
    assert "together with --records" in str(result.exception)


def test_an_evaluation_shows_rates_with_intervals_per_grade_and_country(files: list[str]) -> None:
    lines = _printed("evaluate", *files)
    assert _cells(lines, "gold") == ["gold", "1/1", "1.000", "1/1", "1.000", "1.000"]
    assert _cells(lines, "silver") == ["silver", "0/1", "0.000"]
    assert _cells(lines, "BD") == ["BD", "1/1", "1.000", "1/1", "1.000", "1.000"]
    below = lines[next(n for n, line in enumerate(lines) if line.startswith(" gold ")) + 1]
    assert below.split() == ["0.21-1.00"] * 2, "one pair tells little, however well it went"
    assert "The surest of 0 listed mistakes" in lines


def test_mistakes_stand_side_by_side_with_what_speaks_for_and_against(files: list[str], tmp_path: Path) -> None:
    Path(files[0]).write_text("id_a,id_b,label\na:1,b:1,0\na:1,c:1,1\n", encoding="utf-8")
    lines = _printed("evaluate", *files, "--errors-to", str(tmp_path / "errors.csv"))
    start = next(n for n, line in enumerate(lines) if line.startswith("Two sites, made one; probability"))
    told = [line.split() for line in lines[start:] if line.strip()]
    assert ["record", "a:1", "b:1"] in told
    assert ["name", "Zephyrine", "Garments", "Ltd", "Zephyrine", "Garments"] in told
    assert any(line.startswith("For one site: same ") for line in lines)
    assert any(line.startswith("One site, kept apart; probability 0.00") for line in lines)
    assert any(line.startswith("No link between these two") for line in lines)
    assert len((tmp_path / "errors.csv").read_text(encoding="utf-8").splitlines()) == 3
