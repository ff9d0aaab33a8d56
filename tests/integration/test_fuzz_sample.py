"""A small part of `make fuzz`, always the same: what an attack once found, and a hundred inputs made by chance."""

import sys
from pathlib import Path

import pytest

from support.attack.report import attacked

COUNT, SEED = 120, 8


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux keeps them")
def test_damaged_files_are_read_whole_or_refused_in_words(tmp_path: Path) -> None:
    report = attacked(COUNT, SEED, tmp_path / "attack")
    told = report.told()
    assert not told, "\n".join(told)
    assert sum(sum(endings.values()) for endings in report.endings.values()) == COUNT
    assert {reader.split()[0] for reader in report.endings} == {"feed", "link", "reference", "judgements"}
    assert {reader.removeprefix("feed ") for reader in report.endings if reader.startswith("feed ")} == {
        "csv", "json", "json lines", "ods", "xls", "xlsb", "xlsx",
    }  # fmt: skip
