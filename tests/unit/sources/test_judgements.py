from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from conjoin.errors import BadJudgements
from conjoin.sources.judgements import COLUMNS, read_judgements

A, B, C = "northwind:7f3a9c2112345678", "oshub:1b2c3d4e12345678", "wrap:0000000000000001"
HEADER = ",".join(COLUMNS)


def _file(folder: Path, *lines: str, header: str = HEADER, name: str = "filled.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_judgement_is_read_with_its_records_in_order(tmp_path: Path) -> None:
    (row,) = read_judgements(_file(tmp_path, f"{B},{A},different,RK,brand,2026-03-01,two gates"))
    assert (row.line, row.pair, row.judgement) == (2, (A, B), "NEGATIVE")
    assert row.decided_at == datetime(2026, 3, 1)
    assert row.cells() == [A, B, "NEGATIVE", "RK", "brand", "2026-03-01", "two gates", ""]


def test_an_instant_of_another_zone_is_kept_in_utc(tmp_path: Path) -> None:
    (row,) = read_judgements(_file(tmp_path, f"{A},{B},NEGATIVE,RK,,2026-03-01T01:00:00+03:00,"))
    assert row.decided_at == datetime(2026, 2, 28, 22)


@pytest.mark.parametrize(("before", "after"), [(A, B), (B, A)])
def test_a_move_keeps_its_direction_and_its_day(tmp_path: Path, before: str, after: str) -> None:
    (row,) = read_judgements(_file(tmp_path, f"{before},{after},relocated,RK,,2026-03-01,,2025-12-31"))
    assert (row.left, row.right, row.pair, row.judgement) == (before, after, (A, B), "MOVED")
    assert row.cells() == [before, after, "MOVED", "RK", "", "2026-03-01", "", "2025-12-31"]


def test_a_file_from_before_moves_had_a_day_is_read(tmp_path: Path) -> None:
    (row,) = read_judgements(_file(tmp_path, f"{A},{B},MOVED,RK,,,", header=",".join(COLUMNS[:-1])))
    assert row.moved_on is None


@pytest.mark.parametrize("verdict", ["POSITIVE", "positive", "Same"])
def test_verdicts_in_any_known_spelling(tmp_path: Path, verdict: str) -> None:
    assert read_judgements(_file(tmp_path, f"{A},{B},{verdict},RK,,,"))[0].judgement == "POSITIVE"


def test_a_sheet_a_semicolon_file_and_further_columns_are_read_alike(tmp_path: Path) -> None:
    cells = {"question": "merge", "record_id_left": A, "record_id_right": B, "judgement": "UNSURE", "reviewer": "RK"}
    pd.DataFrame([cells]).to_excel(tmp_path / "filled.xlsx", index=False)
    pd.DataFrame([cells]).to_csv(tmp_path / "filled.csv", index=False, sep=";", encoding="utf-8-sig")
    assert read_judgements(tmp_path / "filled.xlsx") == read_judgements(tmp_path / "filled.csv")


def test_rows_without_a_verdict_wait_in_a_sheet_but_not_in_decisions(tmp_path: Path) -> None:
    path = _file(tmp_path, f"{A},{B},,,,,", ",,,,,,", f"{A},{C},NEGATIVE,RK,,,")
    assert [row.line for row in read_judgements(path, skip_undecided=True)] == [4]
    with pytest.raises(BadJudgements, match="line 2, column judgement: '' is no verdict"):
        read_judgements(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{A},nobody,NEGATIVE,RK,,,", r"line 2, column record_id_right: 'nobody' is no record id"),
        (f"{A},{A},NEGATIVE,RK,,,", r"line 2, column record_id_right: the same record stands on both sides"),
        (f"{A},{B},perhaps,RK,,,", r"line 2, column judgement: 'perhaps' is no verdict; write same site, different"),
        (f"{A},{B},NEGATIVE,,,,", r"line 2, column reviewer: say who judged"),
        (f"{A},{B},NEGATIVE,rk@example.org,,,", r"line 2, column reviewer: write initials"),
        (f"{A},{B},NEGATIVE,RK,,31.02.2026,", r"line 2, column decided_at: '31.02.2026' is no date; write it as"),
        (f"{A},{B},MOVED,RK,,,,31.02.2026", r"line 2, column moved_on: '31.02.2026' is no date; write it as"),
        (f"{A},{B},NEGATIVE,RK,,,,2026-02-01", r"line 2, column moved_on: only a factory judged MOVED has moved"),
        (f"{A}", r"line 2, column record_id_right: '' is no record id"),
    ],
)
def test_a_bad_cell_is_told_with_file_line_column_and_advice(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(BadJudgements, match=r"filled\.csv was not used\. ") as caught:
        read_judgements(_file(tmp_path, line))
    assert caught.match(told)


def test_all_problems_are_told_at_once_up_to_twenty(tmp_path: Path) -> None:
    with pytest.raises(BadJudgements, match=r"line 21, column judgement.*; and 5 more$"):
        read_judgements(_file(tmp_path, *[f"{A},{B},maybe,RK,,,"] * 25))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("filled.csv", b"record_id_left,verdict\n", "the header lacks record_id_right, judgement, reviewer"),
        ("filled.csv", b"", "the header lacks"),
        ("filled.csv", b"\xff\xfe\x00", "cannot be read as .csv"),
        ("filled.xlsx", b"no workbook", "cannot be read as .xlsx"),
        ("filled.txt", b"", "read from .csv and .xlsx files"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadJudgements, match=told):
        read_judgements(tmp_path / name)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadJudgements, match=r"gone\.csv cannot be read"):
        read_judgements(tmp_path / "gone.csv")
