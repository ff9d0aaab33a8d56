"""What commands print can be read on a narrow screen."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from conjoin.cli import output

COLUMNS = ("site_id", "commissioner_count", "avoidable_audit_count")


def printed(monkeypatch: pytest.MonkeyPatch, width: int, columns: tuple[str, ...], row: tuple[object, ...]) -> str:
    monkeypatch.setattr(output.console, "_width", width)
    with output.console.capture() as capture:
        output.show_rows("Sites", columns, [row])
    return capture.get()


@pytest.mark.parametrize("width", [120, 45])
def test_a_table_breaks_names_at_underscores_only(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    text = printed(monkeypatch, width, COLUMNS, ("CJ1", 12, 3))
    words = {part for line in text.splitlines() for part in line.split()}
    whole = set(COLUMNS) if width == 120 else {"site_", "id", "commissioner_", "avoidable_", "audit_", "count"}
    assert whole <= words


def test_where_no_table_fits_a_row_becomes_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 30, COLUMNS, ("CJ1", 12, 3)).splitlines()
    assert [line.split() for line in lines if line] == [
        ["Sites"],
        ["site_id", "CJ1"],
        ["commissioner_count", "12"],
        ["avoidable_audit_count", "3"],
    ]


def test_values_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    row = (pd.Timestamp(datetime(2026, 3, 18)), ["a", "b"], 62.99559471365639, None, "[bold]", False, np.True_)
    text = printed(monkeypatch, 120, ("day", "parts", "share", "none", "name", "is_a", "is_b"), row)
    assert text.split("\n")[-3].split() == ["2026-03-18", "a,", "b", "63", "[bold]", "no", "yes"]
