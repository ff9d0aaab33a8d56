from pathlib import Path

import pandas as pd

from conjoin.simulate.writing.workbooks import write_workbook
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.read_workbook import read_workbook


def _write(path: Path) -> None:
    cells = pd.DataFrame(
        {"Name": ["A & B <1>", "Çınar", None], "Day": ["2026-02-03", "typed 4 Feb", None], "X": [None, "z", "y"]}
    )
    write_workbook(path, "Audits", [["Title"], ["Name", "Day", "X"]], cells, {"Day"}, [["Total: 3"]])


def test_what_is_written_is_read(tmp_path):
    _write(tmp_path / "book.xlsx")

    read, _ = read_workbook(tmp_path / "book.xlsx", "book.xlsx", Reader(sheet="Audits", skip_rows=1, stop_at="Total"))

    assert read.select(["Name", "Day", "X"]).to_pydict() == {
        "Name": ["A & B <1>", "Çınar", None],
        "Day": ["2026-02-03", "typed 4 Feb", None],
        "X": [None, "z", "y"],
    }


def test_the_day_is_a_real_date(tmp_path):
    _write(tmp_path / "book.xlsx")

    book = pd.read_excel(tmp_path / "book.xlsx", header=None)

    assert str(book.iloc[2, 1]) == "2026-02-03 00:00:00"


def test_the_same_cells_give_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        _write(tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
