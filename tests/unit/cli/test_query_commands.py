"""Answers that are empty say so on the screen, and beside a file that holds nothing but its header."""

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from conjoin.cli import app
from conjoin.schemas.tables import system_tables
from conjoin.settings import load_settings
from conjoin.warehouse import build
from conjoin.warehouse.models import models_for

MARTS = ["marts.sites", "marts.planned_overlaps", "marts.records_set_aside"]
NONE = "There are no planned visits still to come in the warehouse: none has been delivered."


@pytest.fixture
def without_deliveries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A published warehouse of a project to which nobody has delivered."""
    monkeypatch.setenv("CONJOIN_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    path = load_settings().warehouse
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as con:
        build.create_schemas(con)
        build.load_landing(con, lambda _: [])
        for name, table in system_tables().items():
            build.load_parquet(con, f"{build.system_schema(name)}.{name}", table, [])
        build.load_content(con)
        build.run_models(con, models_for(MARTS))


@pytest.mark.usefixtures("without_deliveries")
@pytest.mark.parametrize("command", [["ask", "9"], ["joint-visits"]])
def test_an_empty_answer_says_why(command: list[str]) -> None:
    shown = CliRunner().invoke(app, command)
    written = CliRunner().invoke(app, [*command, "--format", "csv"])

    assert shown.exit_code == written.exit_code == 0
    assert shown.stdout.count("\n") == 1
    assert NONE in shown.stdout
    assert written.stdout.startswith(("visit_month,", "site_id,"))
    assert written.stdout.count("\n") == 1
    assert NONE in written.stderr
