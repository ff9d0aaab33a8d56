"""What cells are understood as, through the engine that reads them; nothing is guessed."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.errors import DeclarationError
from conjoin.schemas.tables import tables
from conjoin.sources.conversions import end_of_period
from support import quillhaven
from support.files import as_csv
from support.reading import DELIVERED, Read, read

Con = duckdb.DuckDBPyConnection


def read_rows(con: Con, folder: Path, rows: list[dict[str, str]], **changes: Any) -> Read:
    """Rows of Quillhaven's CSV, read."""
    return read(con, folder, quillhaven.source(**changes), quillhaven.FILES["log"], as_csv(rows))


def told(made: Read) -> list[tuple[str, str | None, str]]:
    """Column, value and reason of every refusal, in order of line."""
    return [reason[1:] for reason in made.reasons]


def with_each(column: str, values: list[str], **changes: str) -> list[dict[str, str]]:
    """One row per value of a column."""
    return [quillhaven.row(number, **{column: value, **changes}) for number, value in enumerate(values, start=1)]


# --- dates ---------------------------------------------------------------------------------------------------


def test_formats_are_tried_as_declared(con: Con, tmp_path: Path) -> None:
    audit = read_rows(con, tmp_path, [quillhaven.row(First_Day="02.03.2026", Last_Day="2026-03-04")])
    first = audit.tables["audit_records"][0]
    assert (first["visit_start"], first["visit_end"]) == (date(2026, 3, 2), date(2026, 3, 4))


def test_impossible_and_undeclared_dates_refuse_the_row(con: Con, tmp_path: Path) -> None:
    written = ["31.02.2026", "2026-02-30", "03/04/2026", "02.03.26", "0026-03-02", "March 2026", "45000"]
    made = read_rows(con, tmp_path, with_each("First_Day", written, Last_Day=""))
    assert told(made) == [("First Day", value, "not a date written as %Y-%m-%d or %d.%m.%Y") for value in written]
    assert {row["advice"] for row in made.refused} == {
        "correct the date (years from 1900 to 2100), or add its format to dates.formats in "
        "sources/brands/quillhaven/source.toml, feed.log"
    }


def test_dates_that_cannot_be_true_refuse_the_row(con: Con, tmp_path: Path) -> None:
    cases = [
        ("2026-06-01", "2026-06-02", "an audit that is done has a date after the delivery"),
        ("2026-03-05", "2026-03-04", "the visit ends before it starts"),
        ("1926-03-02", "1926-03-02", "the date lies before 1990"),
        ("2025-03-02", "2026-03-02", "the visit lasts more than 60 days"),
        ("", "", "the audit has no date at all"),
    ]
    rows = [quillhaven.row(n, First_Day=first, Last_Day=last) for n, (first, last, _) in enumerate(cases, start=1)]
    made = read_rows(con, tmp_path, rows)
    found = {line: reason for line, _, _, reason in made.reasons if "missing" not in reason}
    assert found == {line: reason for line, (_, _, reason) in enumerate(cases, start=2)}
    assert made.tables["audit_records"] == []
    assert all(row["advice"] for row in made.refused)


def test_years_of_two_digits_lie_in_the_hundred_years_from_the_declared_one_on(con: Con, tmp_path: Path) -> None:
    rows = with_each("First_Day", ["02.03.99", "02.03.95", "02.03.94"], Last_Day="")
    changes: dict[str, Any] = {"constants": {"audit_status": "planned"}}
    made = read_rows(con, tmp_path, rows, dates={"formats": ["%d.%m.%y"], "century": 1995}, **changes)
    assert [row["visit_start"] for row in made.tables["audit_records"]] == [date(1999, 3, 2), date(1995, 3, 2)]
    ahead = "the visit lies more than ten years ahead"
    assert made.reasons == [(4, "First Day + Last Day", "2094-03-02 | 2094-03-02", ahead)]


def test_the_last_day_of_a_visit_alone_is_its_day(con: Con, tmp_path: Path) -> None:
    (audit,) = read_rows(con, tmp_path, [quillhaven.row(First_Day="", Last_Day="2026-03-04")]).tables["audit_records"]
    day = date(2026, 3, 4)
    assert (audit["visit_start"], audit["visit_end"], audit["date_kind"]) == (day, day, "visit")


@pytest.mark.parametrize("day", ["2228-08-14", "1026-03-02", "9999-12-31", "2101-01-01"])
def test_a_day_of_another_age_is_no_day(con: Con, tmp_path: Path, day: str) -> None:
    """A damaged digit makes one: an audit that held for two hundred years would cover every later one."""
    made = read_rows(con, tmp_path, [quillhaven.row(First_Day=day, Last_Day="")])
    assert made.tables["audit_records"] == []
    assert made.reasons[0][:3] == (2, "First Day", day)
    assert "years from 1900 to 2100" in made.refused[0]["advice"]


@pytest.mark.parametrize("table", ["audit_records", "certificates"])
@pytest.mark.parametrize(("day", "is_refused"), [("2046-10-31", False), ("2046-11-01", True), ("2099-12-31", True)])
def test_validity_ends_within_twenty_years(con: Con, table: str, day: str, is_refused: bool) -> None:
    (rule,) = [rule for rule in tables()[table].rule if rule.name == "valid_beyond_reason"]
    row = f"select date '{day}' as valid_to, null::date as valid_from, date '2026-10-31' as delivered_date"
    assert con.execute(f"select {rule.sql} from ({row})").fetchall() == [(is_refused,)]


def test_a_planned_visit_may_lie_ahead(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row(First_Day="2026-06-01", Last_Day="")
    made = read_rows(con, tmp_path, [row], constants={"audit_status": "planned"})
    assert made.tables["audit_records"][0]["visit_start"] > DELIVERED


# --- places --------------------------------------------------------------------------------------------------


def test_countries_are_known_by_their_names_and_no_others(con: Con, tmp_path: Path) -> None:
    known = ["TR", "tr", "Turkey", "TÜRKİYE", "türkiye", " Türkei "]
    made = read_rows(con, tmp_path, with_each("Country", [*known, "Atlantis", "TRX"]))
    assert [row["country_code"] for row in made.tables["site_records"]] == ["TR"] * len(known)
    assert made.reasons == [
        (8, "Country", "Atlantis", "an unknown country"),
        (9, "Country", "TRX", "an unknown country"),
    ]


def test_coordinates_that_cannot_be_true_refuse_the_row(con: Con, tmp_path: Path) -> None:
    swapped = "the point lies outside its country, and inside once latitude and longitude change places"
    cases = [
        ("27.14", "38.42", ("Lat + Lon", "27.14 | 38.42", swapped)),
        ("0", "0.000", ("Lat + Lon", "0.0 | 0.0", "coordinates 0, 0 lie in the ocean")),
        ("38.42", "", ("Lat + Lon", "38.42", "only one of latitude and longitude is given")),
        ("91", "27.14", ("Lat", "91", "not a number from -90 to 90")),
        ("38,42", "27.14", ("Lat", "38,42", "not a number from -90 to 90")),
        ("38.42", "1e2", ("Lon", "1e2", "not a number from -180 to 180")),
    ]
    rows = [quillhaven.row(number, Lat=lat, Lon=lon) for number, (lat, lon, _) in enumerate(cases, start=1)]
    made = read_rows(con, tmp_path, rows)
    assert {(line, *refusal) for line, (_, _, refusal) in enumerate(cases, start=2)} <= set(made.reasons)
    assert made.tables["site_records"] == []


def test_coordinates_may_be_left_out(con: Con, tmp_path: Path) -> None:
    site = read_rows(con, tmp_path, [quillhaven.row(Lat="", Lon="")]).tables["site_records"][0]
    assert (site["latitude"], site["longitude"]) == (None, None)


# --- numbers and words ---------------------------------------------------------------------------------------


def test_worker_numbers_and_bands(con: Con, tmp_path: Path) -> None:
    bands = {
        "5300": (5300, 5300),
        "1001-5000": (1001, 5000),
        "1001 – 5000": (1001, 5000),
        "<1000": (0, 999),
        "≤1000": (0, 1000),
        ">5000": (5001, None),
        "5000+": (5000, None),
        "0": (0, 0),
        "": (None, None),
    }
    sites = read_rows(con, tmp_path, with_each("Workers", list(bands))).tables["site_records"]
    assert [(site["worker_count_min"], site["worker_count_max"]) for site in sites] == list(bands.values())


def test_other_worker_numbers_refuse_the_row(con: Con, tmp_path: Path) -> None:
    written = ["-5", "about 300", "1e3", "12.5", "1,000", "9999999", "<100-200", "5000+-", "1-2-3"]
    reason = "neither a number of workers nor a band such as 1001-5000, <1000 or 5000+"
    made = read_rows(con, tmp_path, with_each("Workers", written))
    assert told(made) == [("Workers", value, reason) for value in written]


def test_a_band_upside_down_names_its_column(con: Con, tmp_path: Path) -> None:
    made = read_rows(con, tmp_path, [quillhaven.row(Workers="500-100")])
    assert made.reasons == [(2, "Workers", "500", "the lower end of the band is above its upper end")]


def test_numbers_are_read_as_declared(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row(Lat="38,42", Lon="27,14", Workers="1.340")
    site = read_rows(con, tmp_path, [row], numbers={"decimal": ",", "thousands": "."}).tables["site_records"][0]
    assert (site["latitude"], site["worker_count_max"]) == (38.42, 1340)


def test_yes_no_and_neither(con: Con, tmp_path: Path) -> None:
    meant = {"YES": True, "n": False, "1": True, "False": False, "": None}
    made = read_rows(con, tmp_path, with_each("Shareable", [*meant, "perhaps"]))
    assert [row["is_report_shareable"] for row in made.tables["audit_records"]] == list(meant.values())
    assert told(made) == [("Shareable", "perhaps", "neither yes nor no")]


def test_a_value_declared_empty_is_null(con: Con, tmp_path: Path) -> None:
    audit = read_rows(con, tmp_path, [quillhaven.row(Result="n/a")]).tables["audit_records"][0]
    assert (audit["grade_raw"], audit["severity_band"]) == (None, None)


def test_lists_are_split_known_sorted_and_without_repeats(con: Con, tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "columns": {"Result": "topics_in_scope"},
        "list_separator": ";",
        "values": {"topics_in_scope": {"Pay": "wages", "Full": "wages|osh"}},
    }
    made = read_rows(con, tmp_path, with_each("Result", ["Full; pay;;OSH", "Full;Magic"]), **changes)
    assert [row["topics_in_scope"] for row in made.tables["audit_records"]] == [["osh", "wages"]]
    assert told(made) == [("Result", "Full;Magic", "an unknown topic")]


# --- periods -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "last"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2024-02-03", date(2024, 2, 3)),
        ("2024-Q1", date(2024, 3, 31)),
        ("2024q4", date(2024, 12, 31)),
    ],
)
def test_the_last_day_of_a_period(period: str, last: date) -> None:
    assert end_of_period(period) == last


@pytest.mark.parametrize("period", ["24", "2024-13", "2024-02-30", "2024-Q5", "spring"])
def test_other_periods_are_refused(period: str) -> None:
    with pytest.raises(DeclarationError, match="period"):
        end_of_period(period)
